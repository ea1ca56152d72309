"""The files in which other tools keep credentials: how each reads them, what they hold, and how to take secrets out.

stencil-cli 10 reads `secrets.stencil.json` (`accessToken`) over `config.stencil.json`, which must have `normalStoreUrl`
and `customLayouts` and may name another file of secrets; an old `.stencil` takes the place of both. Catalyst's CLI 1.4
reads `.bigcommerce/project.json` below the flags and the environment, the Catalyst storefront reads `.env.local`;
`create-catalyst` kept a `.catalyst` in TOML. Everything else that is called `.env…` is a list of variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from companion.core.child_environment import (
    ACCESS_TOKEN,
    CHANNEL_ID,
    STORE_HASH,
    STOREFRONT_TOKEN,
    VARIABLES,
    ChildValues,
    storefront_url,
    variables_of,
)
from companion.core.entropy import Entropy
from companion.core.errors import Conflict, InvalidInput
from companion.core.secret import Secret

DOTENV = ".env"
DOTENV_LOCAL = ".env.local"
STENCIL_CONFIG = "config.stencil.json"
STENCIL_SECRETS = "secrets.stencil.json"
STENCIL_OLD = ".stencil"
CATALYST_PROJECT = ".bigcommerce/project.json"
CATALYST_OLD = ".catalyst"

SECRET_VARIABLES = (
    *(ACCESS_TOKEN, STOREFRONT_TOKEN, "CATALYST_ACCESS_TOKEN"),
    *("BIGCOMMERCE_STORE_API_TOKEN", "BIGCOMMERCE_STOREFRONT_API_TOKEN"),
    *("BC_ACCESS_TOKEN", "BIGCOMMERCE_API_TOKEN"),
    *("BIGCOMMERCE_CLIENT_SECRET", "BIGCOMMERCE_STORE_API_CLIENT_SECRET"),
)
"""The variables of an `.env` file that hold a secret of BigCommerce's, under the names that tools gave them."""

_NO_LAYOUTS: dict[str, dict[str, str]] = {"brand": {}, "category": {}, "page": {}, "product": {}}
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@%+,-]*")
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=")
_COMMENT_OR_NOTHING = re.compile(r"\s*(#.*)?")


class ToolFormat(StrEnum):
    """Whose files."""

    DOTENV = "dotenv"
    STENCIL = "stencil"
    CATALYST = "catalyst"


@dataclass(frozen=True)
class ToolFile:
    """One file of a tool, ready to be written.

    Attributes:
        name: below the project's folder, with `/`.
        content: all of it.
        has_access_token: it holds the connection's access token.
        has_storefront_token: it holds a storefront token.
    """

    name: str
    content: Secret
    has_access_token: bool = False
    has_storefront_token: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether it holds anything that has to be kept secret."""
        return self.has_access_token or self.has_storefront_token


def file_names(tool: ToolFormat, present: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of a tool's files below the project's folder.

    Args:
        present: the text of each file that is there, by name.

    Raises:
        Conflict: an old file of the tool would take the place of what is written.
        InvalidInput: the tool's own file names a place for secrets that is none of this folder's.
    """
    match tool:
        case ToolFormat.DOTENV:
            return (DOTENV,)
        case ToolFormat.CATALYST:
            return (CATALYST_PROJECT, DOTENV_LOCAL)
        case ToolFormat.STENCIL:
            if STENCIL_OLD in present:
                raise Conflict(
                    f"There is an old {STENCIL_OLD} file, which stencil-cli puts in place of the newer ones.",
                    next_step="Move it away or delete it, then try again.",
                )
            return (_stencil_secrets_name(present), STENCIL_CONFIG)


def wanted_of(tool: ToolFormat) -> frozenset[str]:
    """Return which variables' values a tool's files need; all for `dotenv`."""
    match tool:
        case ToolFormat.DOTENV:
            return frozenset(VARIABLES)
        case ToolFormat.STENCIL:
            return frozenset({ACCESS_TOKEN})
        case ToolFormat.CATALYST:
            return frozenset({STORE_HASH, ACCESS_TOKEN, CHANNEL_ID, STOREFRONT_TOKEN})


def tool_files(
    tool: ToolFormat,
    values: ChildValues,
    *,
    present: Mapping[str, str],
    entropy: Entropy,
    wanted: frozenset[str] | None = None,
) -> tuple[ToolFile, ...]:
    """Return a tool's files for a connection. What a file that is there says besides stays in it.

    Args:
        present: the text of each of the tool's files that is there, by name.
        entropy: n -> n random bytes, for the session secret that Catalyst needs.
        wanted: for `dotenv`, the variables; all if None.

    Raises:
        Conflict, InvalidInput: as `file_names`; or a file that is there is not what the tool writes, or a value cannot
            be written so that every reader takes it for the same.
    """
    names = file_names(tool, present)
    access_token = "" if values.access_token is None else values.access_token.reveal()
    match tool:
        case ToolFormat.DOTENV:
            chosen = {name: value for name, value in variables_of(values).items() if wanted is None or name in wanted}
            text = with_variables(present.get(DOTENV, ""), chosen)
            return (ToolFile(DOTENV, Secret(text), ACCESS_TOKEN in chosen, STOREFRONT_TOKEN in chosen),)
        case ToolFormat.STENCIL:
            secrets_name, _ = names
            secrets = {**_object_in(present, secrets_name), "accessToken": access_token}
            config = {
                "customLayouts": _NO_LAYOUTS,
                "port": 3000,
                **_object_in(present, STENCIL_CONFIG),
                "normalStoreUrl": storefront_url(values.connection),
            }
            return (
                ToolFile(secrets_name, Secret(_json(secrets)), has_access_token=True),
                ToolFile(STENCIL_CONFIG, Secret(_json(config))),
            )
        case ToolFormat.CATALYST:
            project = {
                "framework": "catalyst",
                **_object_in(present, CATALYST_PROJECT),
                "storeHash": values.connection.store_hash,
                "accessToken": access_token,
            }
            before = present.get(DOTENV_LOCAL, "")
            chosen = {
                name: value
                for name, value in variables_of(values).items()
                if name in {STORE_HASH, CHANNEL_ID, STOREFRONT_TOKEN}
            }
            if "AUTH_SECRET" not in _names_in(before):
                chosen["AUTH_SECRET"] = entropy(32).hex()
            return (
                ToolFile(CATALYST_PROJECT, Secret(_json(project)), has_access_token=True),
                ToolFile(DOTENV_LOCAL, Secret(with_variables(before, chosen)), False, STOREFRONT_TOKEN in chosen),
            )


def with_variables(before: str, variables: Mapping[str, str]) -> str:
    """Return the text of an `.env` file with these variables; each stands where it stood, else at the end.

    Raises:
        InvalidInput: a value cannot be written so that all readers of such files take it for the same.
    """
    lines = {name: f"{name}={_quoted(name, value)}" for name, value in variables.items()}
    kept: list[str] = []
    written: set[str] = set()
    for statement in _statements(before):
        name = _name_of(statement)
        if name is None or name not in lines:
            kept.append(statement)
        elif name not in written:
            written.add(name)
            kept.append(lines[name])
    kept += [line for name, line in lines.items() if name not in written]
    return "\n".join(kept) + "\n"


def without_secrets(name: str, text: str) -> str | None:
    """Return what a tool's file says besides its secrets, None where nothing is left that anybody could miss.

    Args:
        name: the file's own name, without its folder.

    Raises:
        InvalidInput: it is not what the tool writes; nothing can be said of it.
    """
    if name == CATALYST_OLD:
        return None  # it holds nothing else
    if text.removeprefix("\ufeff").lstrip().startswith("{") or name.endswith(".json"):
        document = _object_in({name: text}, name)
        left = {key: value for key, value in document.items() if key != "accessToken"}
        # A store hash and the constant of every project are no more than what the connection knows.
        return _json(left) if set(left) - {"framework", "storeHash", "apiHost"} else None
    kept = [each for each in _statements(text) if _name_of(each) not in SECRET_VARIABLES]
    return None if all(_COMMENT_OR_NOTHING.fullmatch(each) for each in kept) else "\n".join(kept) + "\n"


def _stencil_secrets_name(present: Mapping[str, str]) -> str:
    named = _object_in(present, STENCIL_CONFIG).get("secretsFileName")
    if not isinstance(named, str) or not named:
        return STENCIL_SECRETS
    if "/" in named or "\\" in named or named in {".", "..", STENCIL_CONFIG} or not named.isprintable():
        raise InvalidInput(
            f"{STENCIL_CONFIG} names a file of secrets that is not one of this folder.",
            next_step="Correct its `secretsFileName`.",
        )
    return named


def _object_in(present: Mapping[str, str], name: str) -> dict[str, Any]:
    text = present.get(name)
    if text is None or not text.strip():
        return {}
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise InvalidInput(f"{name} is not a JSON object.", next_step="Correct it or move it away, then try again.")
    return document


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _quoted(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    # Within single quotes no reader takes anything for more than itself, but for the quote and, in some, `$` and `\`.
    if not set(value) & set("'$\\\n"):
        return f"'{value}'"
    raise InvalidInput(
        f"The value of {name} has characters that programs read differently in an .env file.",
        next_step="Run the program with `companion exec` instead, which writes no file.",
    )


def _statements(text: str) -> Iterable[str]:
    """Yield the lines of an `.env` file; a quoted value that goes over several lines stays together."""
    waiting: list[str] = []
    quote = ""
    for line in text.removeprefix("\ufeff").splitlines():
        if not waiting:
            found = _ASSIGNMENT.match(line)
            value = line[found.end() :].lstrip() if found else ""
            quote = value[0] if value[:1] in {"'", '"', "`"} else ""
            if quote and not _closes(value[1:], quote):
                waiting = [line]
                continue
            yield line
        else:
            waiting.append(line)
            if _closes(line, quote):
                yield "\n".join(waiting)
                waiting = []
    yield from waiting  # a quote that is never closed


def _closes(text: str, quote: str) -> bool:
    bare = text.replace("\\\\", "").replace(f"\\{quote}", "") if quote == '"' else text
    return quote in bare


def _name_of(statement: str) -> str | None:
    found = _ASSIGNMENT.match(statement)
    return None if found is None else found["name"]


def _names_in(text: str) -> frozenset[str]:
    return frozenset(filter(None, map(_name_of, _statements(text))))
