"""What a connection can do, as far as it is known: what was granted, and what was proven by using it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, Finding
from companion.core.findings import CHECK_OF_CODE, TRY_LATER_CODES, Check
from companion.core.oauth_scopes import grants_in_words

# The OAuth scopes that verification proves (API Accounts & OAuth Scopes, read 2026-04), and what each is called there.
_PROVEN_SCOPES = {
    Check.STOREFRONT_SCOPE: ("store_storefront_api", "Storefront API tokens"),
    Check.IMPERSONATION_SCOPE: (
        "store_storefront_api_customer_impersonation",
        "Storefront API customer impersonation tokens",
    ),
}
_OTHERS = {
    Check.TOKEN: "Access token known to BigCommerce",
    Check.STORE_HASH: "Access token belongs to this store",
    Check.GRAPHQL: "GraphQL answers on this channel",
    Check.SUBDOMAIN: "Subdomain belongs to this store",
}
_BY_STOREFRONT_TOKEN = frozenset({AuditAction.GRAPHQL, AuditAction.STOREFRONT_TOKEN, AuditAction.EXEC})
# What each is used for. Storefront tokens of both kinds are minted with the first scope; of the second nothing is.
_USED_BY: Mapping[Check, frozenset[AuditAction]] = {
    Check.TOKEN: frozenset({*_BY_STOREFRONT_TOKEN, AuditAction.REST, AuditAction.EXPORT, AuditAction.COPY}),
    Check.STORE_HASH: frozenset({*_BY_STOREFRONT_TOKEN, AuditAction.REST, AuditAction.EXPORT}),
    Check.GRAPHQL: frozenset({AuditAction.GRAPHQL}),
    Check.SUBDOMAIN: frozenset(),
    Check.STOREFRONT_SCOPE: _BY_STOREFRONT_TOKEN,
    Check.IMPERSONATION_SCOPE: frozenset(),
}
_SPEAKS_OF_ALL = frozenset({"token-refused", *TRY_LATER_CODES})


@dataclass(frozen=True)
class Ability:
    """One thing that a connection should be able to do.

    Attributes:
        name: as BigCommerce calls it, or in our words.
        granted: whether its API account was given it; None where that is not recorded.
        proven_at: when it was last proven by using it; None where it was not.
        finding: what stands in the way, if anything is known of it.
        is_tried: whether verification tries it at all.
        used_at: when it was last used for somebody, other than for verifying; None where it was not.
        use_is_recorded: whether its uses can be told from those of others.
    """

    name: str
    granted: bool | None
    proven_at: datetime | None
    finding: Finding | None = None
    is_tried: bool = True
    used_at: datetime | None = None
    use_is_recorded: bool = True


def abilities_of(connection: Connection, uses: Mapping[AuditAction, datetime] | None = None) -> tuple[Ability, ...]:
    """Return what is known of each thing that verification tries, then of each further OAuth scope that is recorded.

    Args:
        uses: when the connection was last used, by the kind of use.
    """
    failed = {CHECK_OF_CODE.get(each.code): each for each in connection.findings}
    general = next((each for each in connection.findings if each.code in _SPEAKS_OF_ALL), None)
    recorded = None if connection.oauth_scopes is None else set(connection.oauth_scopes)

    def ability(check: Check, name: str, granted: bool | None) -> Ability:
        finding = failed.get(check) or general
        proven_at = connection.verified_at if finding is None else None
        known = True if proven_at is not None and granted is None else granted
        used = [at for action, at in (uses or {}).items() if action in _USED_BY[check]]
        return Ability(name, known, proven_at, finding, used_at=max(used, default=None))

    tried = [ability(check, name, None) for check, name in _OTHERS.items()]
    for check, (scope, name) in _PROVEN_SCOPES.items():
        tried.append(ability(check, name, None if recorded is None else scope in recorded))
    known = {scope for scope, _ in _PROVEN_SCOPES.values()}
    others = [each for each in connection.oauth_scopes or () if each not in known]
    further = [Ability(name, True, None, is_tried=False, use_is_recorded=False) for name in grants_in_words(others)]
    return (*tried, *further)
