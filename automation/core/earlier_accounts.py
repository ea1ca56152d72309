"""API accounts that a connection used before and that are still alive, kept as findings of the connection.

A finding is made before the new credentials are handed over and dropped when the account is deleted, so that whatever
happens in between, the connection itself says what is left to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from companion.core.connection import Finding, Severity

_CODE = "earlier-api-account-"
_MESSAGE = re.compile(
    r"The API account “(?P<name>.*)”(?: \(client ID (?P<client_id>\S+)\))?, which this connection used before, "
    r"is still alive at BigCommerce\."
)


@dataclass(frozen=True)
class EarlierAccount:
    """An API account that a connection used before.

    Attributes:
        code: of the finding that says so.
    """

    name: str
    client_id: str | None
    code: str


def finding_of_earlier(name: str, client_id: str | None) -> Finding:
    """Return the finding that this account is still alive; `earlier_account` reads it back."""
    known = f" (client ID {client_id})" if client_id else ""
    return Finding(
        _code(name),
        f"The API account “{name}”{known}, which this connection used before, is still alive at BigCommerce.",
        "Once nothing uses its access token any more: `companion rotate NAME --finish`.",
        Severity.NOTE,
    )


def earlier_accounts(findings: Iterable[tuple[str, str]]) -> tuple[EarlierAccount, ...]:
    """Return the accounts that the findings, given as code and message, tell of."""
    found = []
    for code, message in findings:
        read = _MESSAGE.fullmatch(message) if code.startswith(_CODE) else None
        if read is not None and code == _code(read["name"]):
            found.append(EarlierAccount(read["name"], read["client_id"], code))
    return tuple(found)


def _code(name: str) -> str:
    return _CODE + hashlib.sha256(name.encode()).hexdigest()[:12]
