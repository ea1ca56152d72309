"""The file of `companion connect --batch`: one store a row, and never a secret."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from companion.core.connection import (
    DEFAULT_CHANNEL_ID,
    AuthType,
    checked_auth_type,
    checked_name,
    checked_storefront_scopes,
    checked_tags,
    name_key,
)
from companion.core.errors import FieldError, InvalidInput
from companion.core.store_urls import channel_id_from_text, store_hash_from_text, subdomain_from_text

COLUMNS = ("name", "store_hash", "subdomain", "channel_id", "auth_type", "scopes", "email", "tags")
REQUIRED = COLUMNS[:2]
MOST_ROWS = 2000

_SECRETS = ("password", "passwort", "secret", "token", "totp", "otp", "pwd", "key")
_T = TypeVar("_T")
_LINE_ENDS = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_SEPARATORS = re.compile(r"[;,|]")


@dataclass(frozen=True)
class BatchRow:
    """One store to connect.

    Attributes:
        line: of the file, for messages; the heading is line 1.
        subdomain: None where it is to be found.
        scopes: of the private tokens; None takes the default.
        email: whose user signs in; None takes `BIGCOMMERCE_EMAIL`.
    """

    line: int
    name: str
    store_hash: str
    subdomain: str | None
    channel_id: int
    auth_type: AuthType | None
    scopes: tuple[str, ...] | None
    email: str | None
    tags: tuple[str, ...]


def template() -> str:
    """Return an empty file: its heading."""
    return ",".join(COLUMNS) + "\n"


def rows_from_csv(text: str) -> tuple[BatchRow, ...]:
    """Read the file, and say everything that is wrong with it at once.

    Several scopes or tags in a cell are separated by a semicolon. Columns may come in any order; empty lines are left
    out. A file whose columns are separated by semicolons is read, too.

    Raises:
        InvalidInput: with one entry in `fields` for each cell that is refused, as `/LINE/COLUMN`; values are not
            repeated, nor is the first line where it is no heading.
    """
    lines = _LINE_ENDS.split(text.removeprefix("\ufeff"))
    heading = lines[0]
    delimiter = ";" if ";" in heading and "," not in heading else ","
    table = _records(lines, delimiter)
    columns = [title.strip().lower() for title in table[0][1]] if table else []
    _check_columns(columns)
    problems: list[FieldError] = []
    rows: list[BatchRow] = []
    seen: dict[str, int] = {}
    for line, cells in table[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            problems.append(FieldError(f"/{line}", f"The row has {len(cells)} cells, the heading {len(columns)}."))
            continue
        row = _row(line, {title: cell.strip() for title, cell in zip(columns, cells, strict=False)}, problems)
        first = seen.setdefault(name_key(row.name), line)
        if row.name and first != line:
            problems.append(FieldError(f"/{line}/name", f"The same name stands in line {first}."))
        rows.append(row)
    if not rows and not problems:
        raise InvalidInput(
            "The file has no rows: it names no store. Nothing was connected.",
            next_step=f"Add a line for each store below the heading, {','.join(REQUIRED)} at least.",
        )
    if len(rows) > MOST_ROWS:
        problems.append(FieldError(f"/{MOST_ROWS + 2}", f"The file has more than {MOST_ROWS} rows; split it."))
    if problems:
        raise _refused(problems)
    return tuple(rows)


def _records(lines: list[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Return each record with the line on which it begins: a cell in quotation marks may hold line ends."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            records.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as malformed:
        raise _refused([FieldError(f"/{begins}", f"The file is no CSV: {malformed}.")]) from None
    return records


def _check_columns(columns: list[str]) -> None:
    # Without a heading the first line is a store, and what stands in it is nobody's to see.
    is_heading = set(REQUIRED) <= set(columns)
    shown = [
        title if is_heading or title in COLUMNS else f"column {number}" for number, title in enumerate(columns, start=1)
    ]
    secret = [
        name
        for name, title in zip(shown, columns, strict=True)
        if any(mark in re.split(r"[^a-z]+", title) for mark in _SECRETS)
    ]
    if secret:
        raise InvalidInput(
            f"The file has a column for a secret: {', '.join(map(repr, secret))}. Nothing was read of it.",
            why="A password or a token does not belong into a file that others may see.",
            next_step="Remove the column. BIGCOMMERCE_PASSWORD signs in the user that BIGCOMMERCE_EMAIL names; for "
            "others it is asked for on a terminal.",
            fields=tuple(FieldError(f"/1/{name}", "A secret does not belong into this file.") for name in secret),
        )
    problems = [FieldError(f"/1/{title}", "The column is missing.") for title in REQUIRED if title not in columns]
    problems += [
        FieldError(f"/1/{name}", f"There is no such column; there are {', '.join(COLUMNS)}.")
        for name, title in zip(shown, columns, strict=True)
        if title not in COLUMNS
    ]
    if len(set(columns)) < len(columns):
        problems.append(FieldError("/1", "A column stands there twice."))
    if problems:
        raise _refused(problems)


def _row(line: int, cells: dict[str, str], problems: list[FieldError]) -> BatchRow:
    def checked(column: str, rule: Callable[[str], _T], otherwise: _T, *, required: bool = False) -> _T:
        cell = cells.get(column, "")
        if not cell and not required:
            return otherwise
        try:
            return rule(cell)
        except InvalidInput as refusal:
            detail = " ".join(field.detail for field in refusal.fields) or refusal.explained.what
            problems.append(FieldError(f"/{line}/{column}", detail))
            return otherwise

    auth_type = checked("auth_type", checked_auth_type, None)
    return BatchRow(
        line=line,
        name=checked("name", checked_name, "", required=True),
        store_hash=checked("store_hash", store_hash_from_text, "", required=True),
        subdomain=checked("subdomain", subdomain_from_text, None),
        channel_id=checked("channel_id", channel_id_from_text, DEFAULT_CHANNEL_ID),
        auth_type=auth_type,
        scopes=checked(
            "scopes", lambda cell: checked_storefront_scopes(auth_type or AuthType.CUSTOM, _several(cell)), None
        ),
        email=checked("email", _checked_email, None),
        tags=checked("tags", lambda cell: checked_tags(_several(cell)), ()),
    )


def _checked_email(cell: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", cell):
        raise InvalidInput("It is no e-mail address.")
    return cell


def _several(cell: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]


def _refused(problems: list[FieldError]) -> InvalidInput:
    return InvalidInput(
        "The file was not accepted. Nothing was connected.",
        why="What is refused is named by its line, and its column where it is one cell.",
        next_step="Correct it; `companion connect --batch FILE --template` writes an empty one.",
        fields=tuple(problems),
    )
