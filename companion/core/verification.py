"""What a verification proves: observed answers in, findings out. No call is made here.

What each answer by itself says is in `companion.core.standing`.

How findings make a status: any `broken` one makes a connection broken, else any `attention` one makes it attention,
else it is ready. What could not be asked for a passing reason leaves what was known of it as it was, and never makes a
connection broken. Findings that do not come from verification, such as those of the retrieval, stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from companion.core.answers import (
    Minted,
    Observed,
    error_from,
    is_transient,
)
from companion.core.connection import AuthType, Connection, Finding, Severity, Status, status_from_findings
from companion.core.errors import BigCommerceUnreachable, CompanionError
from companion.core.findings import (
    CHECK_OF_CODE,
    HASH_OR_SCOPES,
    IMPERSONATION_UNPROVEN,
    NO_IMPERSONATION_SCOPE,
    NO_STOREFRONT_SCOPE,
    TOKEN_AUTH_ENDS,
    TOKEN_REFUSED,
    Check,
    clock_skew,
    graphql_refused,
    graphql_unproven,
    graphql_wrong_channel,
    mint_refused,
    reauthorize_needed,
    subdomain_of_another_channel,
    subdomain_of_another_store,
    subdomain_unproven,
    unproven_for_now,
)
from companion.core.standing import (
    Standing,
    StorefrontAnswer,
    standing,
    store_hash_in,
    storefront,
    storefront_hosts,
    subdomain_host,
)
from companion.core.store_urls import canonical_hosts
from companion.core.storefront_token import ServerUse

MAX_CLOCK_SKEW = timedelta(seconds=60)

VERIFYING_QUERY = "query CompanionVerify { site { settings { storeName } } }"
"""The smallest query with a certain answer (GraphQL Storefront API overview); needs the scope `Unauthenticated`."""

PRIVATE_TOKENS_READ = "v3/storefront/api-token-private?limit=1"
IMPERSONATION_TOKENS_READ = "v3/storefront/api-token-customer-impersonation?limit=1"

OTHER_READS = (
    "v2/time",
    "v3/settings/store/profile",
    "v3/channels?limit=1",
    "v3/sites?limit=1",
    "v3/catalog/summary",
)
"""Known routes under other scopes: one success among them proves the store hash."""

SHORT_LIFE = timedelta(minutes=10)
"""How long a token lives that is minted only to prove something."""


@dataclass(frozen=True)
class Evidence:
    """Everything that was observed; None and empty where it was not asked.

    Attributes:
        graphql: answers of the storefront hosts to a short private token, the one of the subdomain first.
        oauth_info: `/admin/oauth/info` on the subdomain's host.
        own_token_use: what the storefront token that a `token` connection carries is good for; None without one.
        own_token_graphql: the answer to that token.
        clock_skew: BigCommerce's clock minus ours.
    """

    private_read: Observed
    impersonation_read: Observed | None = None
    private_mint: Minted | Observed | None = None
    impersonation_mint: Minted | Observed | None = None
    other_reads: tuple[Observed, ...] = ()
    graphql: tuple[Observed, ...] = ()
    oauth_info: Observed | None = None
    own_token_use: ServerUse | None = None
    own_token_graphql: Observed | None = None
    clock_skew: timedelta | None = None

    @property
    def rest(self) -> tuple[Observed, ...]:
        """Every REST answer."""
        given = (self.private_read, self.impersonation_read, self.private_mint, self.impersonation_mint)
        return (*(_observed(each) for each in given if each is not None), *self.other_reads)


@dataclass(frozen=True)
class Verdict:
    """What a verification makes of a connection.

    Attributes:
        proven: the checks that passed.
    """

    findings: tuple[Finding, ...]
    status: Status
    proven: frozenset[Check]


def minting_tells(read: Observed) -> bool:
    """Say whether minting tells about the scope what reading did not."""
    return standing(read) in {Standing.SILENT, Standing.VALIDATED}


def may_mint(read: Observed) -> bool:
    """Say whether a mint can succeed after this reading."""
    return standing(read) is Standing.GRANTED or minting_tells(read)


def expected_checks(connection: Connection) -> frozenset[Check]:
    """Return what credentials have to prove before they take the place of others that work.

    Of the scopes those of which the connection says that its API account has them; both where it says nothing.
    """
    expected = {Check.TOKEN, Check.STORE_HASH}
    grants = connection.oauth_scopes
    if grants is None or "store_storefront_api" in grants:
        expected |= {Check.STOREFRONT_SCOPE, Check.GRAPHQL}
    if grants is None or "store_storefront_api_customer_impersonation" in grants:
        expected.add(Check.IMPERSONATION_SCOPE)
    return frozenset(expected)


def needs_other_reads(evidence: Evidence) -> bool:
    """Say whether the store hash is unproven while the token may well be known."""
    standings = {standing(each) for each in evidence.rest}
    return Standing.GRANTED not in standings and bool(
        standings & {Standing.FORBIDDEN, Standing.VALIDATED, Standing.SILENT}
    )


def nothing_proven(evidence: Evidence) -> CompanionError | None:
    """Return the error to report where the token could be neither proven nor refused; None where it could."""
    standings = [standing(each) for each in evidence.rest]
    if any(each not in {Standing.SILENT, Standing.LATER} for each in standings):
        return None
    passing = [each for each in evidence.rest if is_transient(each)]
    if passing:
        return error_from(passing[0], "answer, so nothing could be proven")
    return BigCommerceUnreachable(
        "Nothing could be proven: what answers does not know BigCommerce's routes.",
        why=f"All {len(standings)} calls were answered, none in a way that says anything about the token.",
        next_step="Check the network and the proxy (HTTPS_PROXY), and try again.",
    )


def verdict(evidence: Evidence, connection: Connection) -> Verdict:
    """Weigh the evidence. Call `nothing_proven` first.

    Args:
        connection: as stored; its earlier findings count where something could not be asked now.
    """
    findings: list[Finding] = []
    proven: set[Check] = set()
    unproven: set[Check] = set()

    def weigh(check: Check, found: Finding | None, later: bool = False) -> None:
        if later:
            unproven.add(check)
        elif found is None:
            proven.add(check)
        else:
            findings.append(found)

    standings = [standing(each) for each in evidence.rest]
    if not set(standings) & {Standing.GRANTED, Standing.FORBIDDEN, Standing.VALIDATED}:
        findings.append(TOKEN_REFUSED)
        return _closed(findings, proven, set(), evidence, connection)
    proven.add(Check.TOKEN)
    minted = _standing_of(evidence.private_mint)
    if Standing.GRANTED in standings:
        proven.add(Check.STORE_HASH)
        weigh(Check.STOREFRONT_SCOPE, *_storefront_scope(evidence, connection))
        weigh(Check.IMPERSONATION_SCOPE, *_impersonation_scope(evidence))
        if evidence.graphql:
            weigh(Check.GRAPHQL, *_graphql(evidence, connection))
        elif Check.STOREFRONT_SCOPE not in proven:
            unproven.add(Check.GRAPHQL)
    elif Standing.LATER in {standing(evidence.private_read), _standing_of(evidence.impersonation_read), minted}:
        unproven.update({Check.STORE_HASH, Check.STOREFRONT_SCOPE, Check.IMPERSONATION_SCOPE, Check.GRAPHQL})
    elif minted in {None, Standing.FORBIDDEN, Standing.UNKNOWN_TOKEN}:
        findings.append(HASH_OR_SCOPES)
    else:
        answer = evidence.private_mint
        findings.append(mint_refused(None if answer is None else _observed(answer), connection))
    about_subdomain, later = _subdomain(evidence, connection)
    # Beside an unproven hash, a subdomain that tells nothing is no finding of its own.
    if Check.STORE_HASH in proven or about_subdomain is None or about_subdomain.severity is Severity.BROKEN:
        weigh(Check.SUBDOMAIN, about_subdomain, later)
    if connection.auth_type is AuthType.TOKEN:
        findings.extend(_own_token(evidence))
    return _closed(findings, proven, unproven, evidence, connection)


def _closed(
    findings: list[Finding], proven: set[Check], unproven: set[Check], evidence: Evidence, connection: Connection
) -> Verdict:
    passing = [each for each in _everything(evidence) if is_transient(each)]
    if unproven and passing:
        findings.append(unproven_for_now(passing[0], unproven))
    if evidence.clock_skew is not None and abs(evidence.clock_skew) > MAX_CLOCK_SKEW:
        findings.append(clock_skew(evidence.clock_skew))
    findings.extend(_kept(connection.findings, unproven))
    kept = tuple({finding.code: finding for finding in findings}.values())
    return Verdict(kept, status_from_findings(kept), frozenset(proven))


def _kept(earlier: Iterable[Finding], unproven: set[Check]) -> list[Finding]:
    """Findings of others stay; those of checks that could not be made now stay too."""
    return [
        finding for finding in earlier if finding.code not in CHECK_OF_CODE or CHECK_OF_CODE[finding.code] in unproven
    ]


# -- the checks: each gives (finding or None, whether it has to be asked later) ----------------------------------------


def _storefront_scope(evidence: Evidence, connection: Connection) -> tuple[Finding | None, bool]:
    if standing(evidence.private_read) in {Standing.FORBIDDEN, Standing.UNKNOWN_TOKEN}:
        return NO_STOREFRONT_SCOPE, False
    minted = evidence.private_mint
    if isinstance(minted, Minted):
        return None, False
    if minted is None or is_transient(minted):
        return None, standing(evidence.private_read) is not Standing.GRANTED or minted is not None
    if standing(minted) in {Standing.FORBIDDEN, Standing.UNKNOWN_TOKEN}:
        return NO_STOREFRONT_SCOPE, False
    return mint_refused(minted, connection), False


def _impersonation_scope(evidence: Evidence) -> tuple[Finding | None, bool]:
    read = evidence.impersonation_read
    if read is None:
        return None, True
    if standing(read) is Standing.GRANTED or isinstance(evidence.impersonation_mint, Minted):
        return None, False
    told_by = _observed(evidence.impersonation_mint) if evidence.impersonation_mint is not None else read
    match standing(told_by):
        case Standing.FORBIDDEN | Standing.UNKNOWN_TOKEN:
            return NO_IMPERSONATION_SCOPE, False
        case Standing.LATER:
            return None, True
        case _:
            return IMPERSONATION_UNPROVEN, False


def _graphql(evidence: Evidence, connection: Connection) -> tuple[Finding | None, bool]:
    told = [(storefront(each), each) for each in evidence.graphql]
    verdicts = {each for each, _ in told}
    if StorefrontAnswer.ANSWERS in verdicts:
        return None, False
    permanent = canonical_hosts(connection.store_hash, connection.channel_id)
    on_permanent = {each for each, observed in told if observed.host in permanent}
    if StorefrontAnswer.LATER in on_permanent or (not on_permanent and StorefrontAnswer.LATER in verdicts):
        return None, True
    if StorefrontAnswer.OTHER_CHANNEL in on_permanent:
        return graphql_wrong_channel(connection), False
    if StorefrontAnswer.REFUSED in verdicts or StorefrontAnswer.OTHER_STORE in on_permanent:
        return graphql_refused(evidence.graphql), False
    return graphql_unproven(connection, storefront_hosts(connection)), False


def _subdomain(evidence: Evidence, connection: Connection) -> tuple[Finding | None, bool]:
    host = subdomain_host(connection)
    asked = [each for each in evidence.graphql if each.host == host]
    told = storefront(asked[0]) if asked else StorefrontAnswer.SILENT
    if told is StorefrontAnswer.ANSWERS:
        return None, False
    if told is StorefrontAnswer.OTHER_STORE:
        return subdomain_of_another_store(connection, host), False
    named = store_hash_in(evidence.oauth_info)
    if named is not None and named != connection.store_hash:
        return subdomain_of_another_store(connection, host), False
    if told is StorefrontAnswer.OTHER_CHANNEL:
        return (
            subdomain_of_another_channel(connection, host) if named else subdomain_unproven(connection, host)
        ), False
    if named is not None:
        return None, False
    # A name that cannot be looked up, and a proxy that knows it not, are passing as far as anyone can tell.
    later = told is StorefrontAnswer.LATER or (evidence.oauth_info is not None and is_transient(evidence.oauth_info))
    return (None, True) if later else (subdomain_unproven(connection, host), False)


def _own_token(evidence: Evidence) -> list[Finding]:
    match evidence.own_token_use:
        case None:
            return [reauthorize_needed("It carries no storefront token that works from servers.")]
        case ServerUse.BROWSERS_ONLY:
            return [
                reauthorize_needed("Its storefront token was created after 2026-06-30, so it works in browsers only.")
            ]
        case ServerUse.EXPIRED:
            return [reauthorize_needed("Its storefront token has expired.")]
        case ServerUse.ENDED:
            return [reauthorize_needed("Storefront tokens of auth type `token` ended for servers with 2027-03-31.")]
        case ServerUse.UNTIL_END:
            found = [TOKEN_AUTH_ENDS]
    if evidence.own_token_graphql is not None:
        told = storefront(evidence.own_token_graphql)
        if told in {StorefrontAnswer.REFUSED, StorefrontAnswer.OTHER_STORE}:
            found.append(reauthorize_needed("BigCommerce refuses its storefront token."))
    return found


def _observed(given: Minted | Observed) -> Observed:
    return given.answer if isinstance(given, Minted) else given


def _standing_of(given: Minted | Observed | None) -> Standing | None:
    return None if given is None else standing(_observed(given))


def _everything(evidence: Evidence) -> tuple[Observed, ...]:
    info = () if evidence.oauth_info is None else (evidence.oauth_info,)
    return (*evidence.rest, *evidence.graphql, *info)
