"""Which row of the list is the API account that a connection recorded, and which scopes it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from automation.core.account_ends import has_end
from automation.core.errors import AccountNotFound, AccountUnclear
from automation.core.extract.api_accounts import AccountRow
from automation.core.extract.wording import normal
from automation.core.flows.retrieval import StepId
from automation.core.oauth_scopes import scope_of_grant, wanted_scope
from automation.core.request import WantedScope
from companion.core.oauth_scopes import SCOPES

_STEP = StepId.OPEN_API_ACCOUNTS
# Metafields Access has no "None" (BigCommerce's "API accounts" page, read 2026-04): every account has at least this.
_BY_DEFAULT = ("Metafields access", "standard")


@dataclass(frozen=True)
class KnownAccount:
    """An API account, as a connection recorded it.

    Attributes:
        oauth_scopes: the grants that were recorded, as `WantedScope.grant`; None where they are not known.
    """

    name: str
    client_id: str | None
    oauth_scopes: tuple[str, ...] | None


def row_of(account: KnownAccount, rows: Iterable[AccountRow]) -> AccountRow:
    """Return the one row that is this account.

    It bears the whole name, or shows the client ID, and nothing it shows speaks against what was recorded.

    Raises:
        AccountNotFound: there is none.
        AccountUnclear: there are several, or the one shows other scopes than were recorded.
    """
    rows = tuple(rows)
    named = [row for row in rows if _folded(row.name) == _folded(account.name)]
    if not named and has_end(_folded(account.name)):  # another, as “Orders”, may stand in any account's row
        named = [row for row in rows if row.bears(_folded(account.name))]
    shows = [row for row in rows if account.client_id and account.client_id in row.text.split()]
    fitting = shows or named
    if not fitting:
        raise AccountNotFound(
            f"The list of API accounts has none named “{account.name}”.",
            why=f"It has {len(rows)} account{'' if len(rows) == 1 else 's'}, and was read to its end.",
            next_step="Look for it by hand under Settings > API > Store-level API accounts: it may have been deleted "
            "already, or belong to another store.",
            step=_STEP,
        )
    if len(fitting) > 1 or sum(row.name == fitting[0].name for row in rows) > 1:
        raise AccountUnclear(
            f"The list of API accounts has several named “{account.name}”.",
            why="Which of them the access token belongs to cannot be told. None was touched.",
            next_step="Find out by hand which one it is, for example by its scopes and webhooks.",
            step=_STEP,
        )
    contradiction = _contradiction(fitting[0], account)
    if contradiction:
        raise AccountUnclear(
            f"The API account “{account.name}” is not the one that was recorded.",
            why=f"{contradiction} Scopes of an account never change. It was not touched.",
            next_step="Look at it by hand under Settings > API > Store-level API accounts.",
            step=_STEP,
        )
    return fitting[0]


def exact_scopes(row: AccountRow, recorded: tuple[str, ...] | None) -> tuple[WantedScope, ...] | None:
    """Return the scopes that make an account exactly like this one; None where they cannot be told for certain.

    Read from the row; an option that it leaves out comes from the record, or is the only one there is.
    """
    shown = listed_scopes(row.scopes)
    known = None if recorded is None else _known(recorded)
    if known is None and recorded is not None:
        return None
    if shown is None:
        return None if known is None else tuple(wanted_scope(*each) for each in known.items())
    exact: list[WantedScope] = []
    for label, shown_option in shown.items():
        option = shown_option or (known or {}).get(label) or _only_option(label)
        if option is None and label == _BY_DEFAULT[0] and known is not None:
            option = _BY_DEFAULT[1]
        if option is None:
            return None
        if (label, option) != _BY_DEFAULT:
            exact.append(wanted_scope(label, option))
    return tuple(exact)


def listed_scopes(text: str) -> Mapping[str, str | None] | None:
    """Read the column "Scopes": scope by its first name, and its option where the list tells.

    How an entry looks is not established: `Products`, `Products (read-only)`, `Products: read-only` and
    `Products read-only` are read.

    Returns:
        None where the column is empty, cut short, or has an entry that is not understood.
    """
    found: dict[str, str | None] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        read = _entry(normal(entry))
        if read is None or read[0] in found:
            return None
        found[read[0]] = read[1]
    return found or None


def _entry(entry: str) -> tuple[str, str | None] | None:
    best: tuple[str, tuple[str, ...], str] | None = None
    for names, options in SCOPES:
        for name in map(normal, names):
            if (entry == name or entry.startswith((f"{name} ", f"{name}:", f"{name}("))) and (
                best is None or len(name) > len(best[2])
            ):
                best = names[0], tuple(label for label, _ in options), name
    if best is None:
        return None
    label, options_of_it, name = best
    rest = entry.removeprefix(name).strip(" :()-=")
    if not rest:
        return label, None
    return next(((label, option) for option in options_of_it if normal(option) == rest), None)


def _contradiction(row: AccountRow, account: KnownAccount) -> str:
    shown = listed_scopes(row.scopes)
    known = None if account.oauth_scopes is None else _known(account.oauth_scopes)
    if shown is None or known is None:
        return ""
    for label, option in shown.items():
        if label == _BY_DEFAULT[0] and label not in known and option in {None, _BY_DEFAULT[1]}:
            continue
        if label not in known:
            return f"It has the scope “{label}”, which was not recorded."
        if option is not None and option != known[label]:
            return f"Its scope “{label}” is “{option}”; “{known[label]}” was recorded."
    for label in known:
        if label not in shown and label != _BY_DEFAULT[0]:
            return f"It lacks the scope “{label}”, which was recorded."
    return ""


def _known(grants: Iterable[str]) -> dict[str, str] | None:
    known: dict[str, str] = {}
    for grant in grants:
        found = scope_of_grant(grant)
        if found is None:
            return None
        known[found[0]] = found[1]
    return known


def _only_option(label: str) -> str | None:
    options = next((options for names, options in SCOPES if names[0] == label), ())
    return options[0][0] if len(options) == 1 else None


def _folded(name: str) -> str:
    return " ".join(name.split())
