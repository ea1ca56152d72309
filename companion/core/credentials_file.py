"""Reads the text file that a browser downloads when an API account is created.

`LABEL: value`, mostly one on a line, in an order that has changed over the years; seen as well with all pairs on one
line. The labels are those of published files (an older official page, community threads, a Workato tutorial). Line
ends, byte-order mark and further labels are documented nowhere, so all are accepted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from companion.core.connection import checked_secret
from companion.core.errors import FieldError, InvalidInput
from companion.core.secret import Secret
from companion.core.store_urls import BIGCOMMERCE_DOMAINS, host_of, store_hash_from_text

MAX_FILE_BYTES = 64 * 1024

_ACCESS_TOKEN = "access token"  # noqa: S105  a label
_CLIENT_ID = "client id"
_CLIENT_SECRET = "client secret"  # noqa: S105  a label
_CLIENT_NAME = "client name"
_NAME = "name"
_API_PATH = "api path"
_STORE_HASH = "store hash"
_LABELS = (_ACCESS_TOKEN, _CLIENT_ID, _CLIENT_SECRET, _CLIENT_NAME, _NAME, _API_PATH, _STORE_HASH)
_FREE_TEXT = frozenset({_NAME, _CLIENT_NAME})

_QUOTES = "\"'`"
_SPELLINGS = "|".join(label.replace(" ", r"[\s_-]{1,8}") for label in _LABELS)
_LABEL = re.compile(
    rf"(?<![^\s,;|{_QUOTES}])[{_QUOTES}]?(?P<label>{_SPELLINGS})[{_QUOTES}]?[^\S\n]{{0,64}}:", re.IGNORECASE
)
_MACHINE_VALUE = re.compile(r"\s*(?P<value>\S+)")
_UNKNOWN_PAIR = re.compile(r"[^:]{1,200}:")
_MAX_LABELS_ON_A_LINE = 64

_Pairs = dict[str, str]


@dataclass(frozen=True)
class CredentialsFile:
    """What stood in the file; None for a label that did not.

    Attributes:
        name: the API account's name, as it was typed in the control panel.
        api_path: `https://api.bigcommerce.com/stores/HASH/v3/`.
        store_hash: from the API path, the label STORE HASH, or both where they agree.
    """

    access_token: Secret
    client_id: str | None
    client_secret: Secret | None
    name: str | None
    api_path: str | None
    store_hash: str | None


def credentials_from_bytes(content: bytes) -> CredentialsFile:
    """Read the file's bytes: UTF-8 or UTF-16 by their marks, UTF-8 without one, else Windows-1252.

    Raises:
        InvalidInput: not a credentials file; says what is missing or contradictory and repeats no value.
    """
    if len(content) > MAX_FILE_BYTES:
        raise _refused(f"It is larger than {MAX_FILE_BYTES // 1024} KiB, and a credentials file has less than one.")
    return credentials_from_text(text_from_bytes(content))


def credentials_from_text(text: str) -> CredentialsFile:
    """Read the file's text.

    Raises:
        InvalidInput: as `credentials_from_bytes`.
    """
    if len(text) > MAX_FILE_BYTES:
        raise _refused(f"It is larger than {MAX_FILE_BYTES // 1024} KiB, and a credentials file has less than one.")
    if "\0" in text:
        raise _refused("It is not a text file.")
    pairs = _pairs_of_text(text.removeprefix("\ufeff"))
    api_path = pairs.get(_API_PATH)
    return CredentialsFile(
        access_token=_access_token(pairs),
        client_id=_machine_value(pairs, _CLIENT_ID),
        client_secret=_secret(pairs, _CLIENT_SECRET),
        name=_name(pairs),
        api_path=api_path,
        store_hash=_store_hash(api_path, pairs.get(_STORE_HASH)),
    )


def _pairs_of_text(text: str) -> _Pairs:
    # Only these end a line: a name may hold other separators, such as U+2028, that must not start a pair.
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text)]
    starts = [_LABEL.match(line) for line in lines]
    labelled = [_label(start) for start in starts if start is not None]
    found: _Pairs = {}
    for position, (line, start) in enumerate(zip(lines, starts, strict=True)):
        if start is None:
            continue
        if _label(start) in _FREE_TEXT and _ACCESS_TOKEN in labelled:
            pairs = {_label(start): _unquoted(line[start.end() :])}
        else:
            pairs = _best_reading(line, elsewhere=frozenset(labelled) - {_label(start)})
        for label, value in pairs.items():
            given = value or _value_on_next_line(lines[position + 1 :])
            if given and found.setdefault(label, given) != given:
                raise _refused(f"It gives {label.upper()} twice, with different values.")
    return found


def _value_on_next_line(following: list[str]) -> str:
    line = next(filter(None, following), "")
    is_value = line and _LABEL.match(line) is None and (":" not in line or line.lower().startswith("https:"))
    return _unquoted(line) if is_value else ""


def _best_reading(line: str, *, elsewhere: frozenset[str]) -> _Pairs:
    """Return the reading of a line with several pairs that finds most labels.

    A name is free text: what looks like another label behind it may be one, or part of the name. A reading in which a
    label stands twice, or also on a line of its own, is no reading. Two readings that are equally good and differ are
    refused rather than guessed.
    """
    marks = list(_LABEL.finditer(line))
    if len(marks) > _MAX_LABELS_ON_A_LINE:
        raise _refused("One of its lines has more labels than any credentials file.")
    readings = [pairs for pairs in _readings(line, marks, elsewhere) if _names_agree(pairs)]
    if not readings:
        raise _refused(f"The value after {_label(marks[0]).upper()} has white space inside, or a label stands twice.")
    most = max(map(len, readings))
    best = [pairs for pairs in readings if len(pairs) == most]
    if any(pairs != best[0] for pairs in best):
        raise _refused("One of its lines can be read in more than one way.")
    return best[0]


def _readings(line: str, marks: list[re.Match[str]], taken: frozenset[str]) -> Iterator[_Pairs]:
    """Yield each way to read `line`, which starts (apart from separators) at the first of `marks`."""
    first, rest = marks[0], marks[1:]
    label = _label(first)
    if label in taken:
        return
    taken |= {label}
    if label in _FREE_TEXT:
        yield {label: _unquoted(line[first.end() :])}
        for number, mark in enumerate(rest):
            value = _unquoted(line[first.end() : mark.start()])
            yield from ({label: value, **others} for others in _readings(line, rest[number:], taken))
        return
    end_of_value = first.end()
    word = _MACHINE_VALUE.match(line, first.end(), rest[0].start() if rest else len(line))
    value = ""
    if word is not None:
        value, end_of_value = _unquoted(word["value"]), word.end()
    # Behind the value comes nothing, the next known label, or a label unknown to us, which is skipped with its value.
    after = [mark for mark in rest if mark.start() >= end_of_value]
    between = line[end_of_value : after[0].start() if after else len(line)].strip(" \t,;|}" + _QUOTES)
    if between and not _UNKNOWN_PAIR.match(between):
        return
    if not after:
        yield {label: value}
        return
    yield from ({label: value, **others} for others in _readings(line, after, taken))


def _names_agree(pairs: _Pairs) -> bool:
    return len({pairs[label] for label in _FREE_TEXT if label in pairs}) <= 1


def _access_token(pairs: _Pairs) -> Secret:
    token = _secret(pairs, _ACCESS_TOKEN)
    if token is None:
        raise _refused(
            "It has no ACCESS TOKEN. The file is the one that the browser downloads when an API account is created; "
            "its name begins with BigCommerceAPI-credentials-."
        )
    return token


def _secret(pairs: _Pairs, label: str) -> Secret | None:
    value = pairs.get(label)
    return checked_secret(Secret(value), _POINTER, f"The value after {label.upper()}") if value else None


def _machine_value(pairs: _Pairs, label: str) -> str | None:
    value = _secret(pairs, label)
    return None if value is None else value.reveal()


def _name(pairs: _Pairs) -> str | None:
    names = {pairs[label] for label in _FREE_TEXT if label in pairs}
    if len(names) > 1:
        raise _refused("It gives CLIENT NAME and NAME with different values.")
    name = next(iter(names), None)
    if name is not None and not name.isprintable():
        raise _refused("The name in it has characters that cannot be shown.")
    return name


def _store_hash(api_path: str | None, label: str | None) -> str | None:
    hashes = set()
    if api_path is not None:
        host = host_of(api_path) or ""
        if not any(host == domain or host.endswith("." + domain) for domain in BIGCOMMERCE_DOMAINS):
            raise _refused("Its API PATH does not lead to BigCommerce.")
        hashes.add(_read_store_hash(api_path))
    if label is not None:
        hashes.add(_read_store_hash(label))
    if len(hashes) > 1:
        raise _refused("Its API PATH and STORE HASH name different stores.")
    return next(iter(hashes), None)


def _read_store_hash(text: str) -> str:
    try:
        return store_hash_from_text(text)
    except InvalidInput as refusal:
        raise _refused(refusal.fields[0].detail) from None


def _label(mark: re.Match[str]) -> str:
    return re.sub(r"[\s_-]+", " ", mark["label"]).lower()


def _unquoted(value: str) -> str:
    bare = value.strip().rstrip(",;|").rstrip()
    if len(bare) >= 2 and bare[0] in _QUOTES and bare[-1] in _QUOTES:
        return bare[1:-1].strip()
    return bare


def text_from_bytes(content: bytes) -> str:
    """Read the text of a file: UTF-8 or UTF-16 by their marks, UTF-8 without one, else Windows-1252.

    Raises:
        InvalidInput: it is no text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused("It is not a text file.")


_POINTER = "/credentials_file"


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        "The credentials file was not accepted.",
        why=why,
        next_step="Choose the file of a store-level API account, unchanged, or type the fields in.",
        fields=(FieldError(_POINTER, why),),
    )
