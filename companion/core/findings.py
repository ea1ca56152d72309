"""What a verification can find: each finding's code, what it says, and what to do about it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from companion.core.answers import Answer, Observed, error_from, message_in
from companion.core.connection import Connection, Finding, Severity


class Check(StrEnum):
    """What is proven one by one."""

    TOKEN = "token"  # noqa: S105  a check's name
    STORE_HASH = "store-hash"
    STOREFRONT_SCOPE = "storefront-scope"
    IMPERSONATION_SCOPE = "impersonation-scope"
    GRAPHQL = "graphql"
    SUBDOMAIN = "subdomain"


_NEW_ACCOUNT = "Make a new API account with `companion connect NAME --replace`"

TOKEN_REFUSED = Finding(
    "token-refused",
    "BigCommerce does not know the access token for this store (401).",
    f"{_NEW_ACCOUNT}: the old one was deleted, or the token is not the one of this store.",
    Severity.BROKEN,
)
HASH_OR_SCOPES = Finding(
    "hash-or-scopes",
    "BigCommerce knows the access token, but refuses every call (403): the store hash is wrong, or both OAuth scopes "
    "are missing. The two cannot be told apart.",
    "Compare the store hash with the control panel's address. If it is right, make a new API account with "
    '"Storefront API tokens" and "Storefront API customer impersonation tokens" set to Manage.',
    Severity.BROKEN,
)
NO_STOREFRONT_SCOPE = Finding(
    "scope-missing-storefront-tokens",
    'The API account lacks the OAuth scope "Storefront API tokens" (Manage), so no storefront token can be minted.',
    f"{_NEW_ACCOUNT}; scopes of an existing one cannot be changed.",
    Severity.BROKEN,
)
NO_IMPERSONATION_SCOPE = Finding(
    "scope-missing-customer-impersonation",
    'The API account lacks the OAuth scope "Storefront API customer impersonation tokens" (Manage).',
    f"{_NEW_ACCOUNT} where customers have to be impersonated; all else works.",
)
IMPERSONATION_UNPROVEN = Finding(
    "scope-unproven-customer-impersonation",
    'BigCommerce does not tell whether the OAuth scope "Storefront API customer impersonation tokens" is set.',
    "Look at the API account in the control panel where customers have to be impersonated.",
    Severity.NOTE,
)
TOKEN_AUTH_ENDS = Finding(
    "token-auth-ends",
    "The auth type is `token`: its storefront token serves servers until 2027-03-31 and no longer.",
    "Reauthorize it before that, for private tokens (auth type `custom`): `companion reauthorize NAME`.",
)


def reauthorize_needed(message: str) -> Finding:
    """A `token` connection that servers cannot use."""
    return Finding(
        "reauthorize-needed",
        f"The auth type is `token`. {message}",
        "Reauthorize it, for private tokens (auth type `custom`): `companion reauthorize NAME`.",
        Severity.BROKEN,
    )


def mint_refused(answer: Observed | None, connection: Connection) -> Finding:
    """BigCommerce would not mint a private token; `answer` is what it said."""
    said = message_in(answer) if isinstance(answer, Answer) else ""
    if isinstance(answer, Answer) and answer.status == 422:
        return Finding(
            "channel-or-scopes-refused",
            f"BigCommerce mints no private token for channel {connection.channel_id} with these scopes (422)"
            + (f": {said}" if said else "."),
            "Correct the channel ID or the scopes with `companion edit NAME`; 1 is the store's default channel.",
            Severity.BROKEN,
        )
    status = f" ({answer.status})" if isinstance(answer, Answer) else ""
    return Finding(
        "private-token-not-minted",
        f"BigCommerce minted no private token{status}" + (f": {said}" if said else "."),
        "Check in the control panel that the store has the Storefront API; older themes (Blueprint) have none.",
        Severity.BROKEN,
    )


def graphql_wrong_channel(connection: Connection) -> Finding:
    """The permanent address is another channel's."""
    return Finding(
        "graphql-wrong-channel",
        f"The storefront's permanent address belongs to another channel than {connection.channel_id}.",
        "Correct the channel ID with `companion edit NAME`.",
        Severity.BROKEN,
    )


def graphql_refused(answers: tuple[Observed, ...]) -> Finding:
    """A token just minted is refused."""
    said = next((message_in(each) for each in answers if isinstance(each, Answer) and each.status == 401), "")
    return Finding(
        "graphql-refused",
        "The GraphQL Storefront API refuses a token that was minted a moment ago" + (f": {said}" if said else "."),
        "Try again in a minute; if it goes on, make a new API account with `companion connect NAME --replace`.",
        Severity.BROKEN,
    )


def graphql_unproven(connection: Connection, hosts: tuple[str, ...]) -> Finding:
    """None of the hosts answers GraphQL."""
    return Finding(
        "graphql-unproven",
        f"GraphQL does not answer at {' and '.join(hosts)}, so nothing is proven about it.",
        f"Check that channel {connection.channel_id} is a storefront and has a site.",
    )


def subdomain_of_another_store(connection: Connection, host: str) -> Finding:
    """The subdomain is another store's."""
    return Finding(
        "subdomain-of-another-store",
        f"{host} belongs to another store than {connection.store_hash}.",
        "Correct the subdomain or the store hash with `companion edit NAME`: both have to be of one store.",
        Severity.BROKEN,
    )


def subdomain_of_another_channel(connection: Connection, host: str) -> Finding:
    """The subdomain is this store's, but another channel's."""
    return Finding(
        "subdomain-of-another-channel",
        f"{host} is this store's, but not channel {connection.channel_id}'s; GraphQL goes to the "
        "channel's permanent address.",
        "Correct the subdomain or the channel ID with `companion edit NAME` if that is not meant.",
        Severity.NOTE,
    )


def subdomain_unproven(connection: Connection, host: str) -> Finding:
    """The subdomain tells nothing."""
    return Finding(
        "subdomain-unproven",
        f"Nothing proves that {host} is this store's: it gives no answer that tells.",
        f"Compare it with the address that View storefront opens; `store-{connection.store_hash}` serves in its place.",
    )


def unproven_for_now(observed: Observed, unproven: set[Check]) -> Finding:
    """What could not be asked for a passing reason."""
    error = error_from(observed, "answer every question")
    names = ", ".join(_CHECK_NAMES[check] for check in Check if check in unproven)
    return Finding(
        error.code,
        f"{error.explained.what} Not proven now: {names}. {error.explained.why}",
        f"{error.explained.next_step} Then run `companion verify NAME` again.",
    )


def clock_skew(skew: timedelta) -> Finding:
    """This machine's clock is off by `skew`."""
    seconds = round(abs(skew.total_seconds()))
    return Finding(
        "clock-skew",
        f"This machine's clock is {seconds} seconds {'behind' if skew > timedelta() else 'ahead of'} BigCommerce's.",
        "Set the clock: expiry of storefront tokens is judged by it.",
    )


_CHECK_NAMES = {
    Check.TOKEN: "the access token",
    Check.STORE_HASH: "the store hash",
    Check.STOREFRONT_SCOPE: 'the scope "Storefront API tokens"',
    Check.IMPERSONATION_SCOPE: 'the scope "Storefront API customer impersonation tokens"',
    Check.GRAPHQL: "GraphQL",
    Check.SUBDOMAIN: "the subdomain",
}

TRY_LATER_CODES = ("bigcommerce-unreachable", "bigcommerce-maintenance", "rate-limited")
"""Findings that say that something could not be asked now."""

# Which check an earlier finding belongs to; None for those that are found anew each time.
CHECK_OF_CODE: dict[str, Check | None] = {
    "token-refused": None,
    "hash-or-scopes": Check.STORE_HASH,
    "scope-missing-storefront-tokens": Check.STOREFRONT_SCOPE,
    "channel-or-scopes-refused": Check.STOREFRONT_SCOPE,
    "private-token-not-minted": Check.STOREFRONT_SCOPE,
    "scope-missing-customer-impersonation": Check.IMPERSONATION_SCOPE,
    "scope-unproven-customer-impersonation": Check.IMPERSONATION_SCOPE,
    "graphql-wrong-channel": Check.GRAPHQL,
    "graphql-refused": Check.GRAPHQL,
    "graphql-unproven": Check.GRAPHQL,
    "subdomain-of-another-store": Check.SUBDOMAIN,
    "subdomain-of-another-channel": Check.SUBDOMAIN,
    "subdomain-unproven": Check.SUBDOMAIN,
    "token-auth-ends": None,
    "reauthorize-needed": None,
    "clock-skew": None,
    "bigcommerce-unreachable": None,
    "bigcommerce-maintenance": None,
    "rate-limited": None,
}
