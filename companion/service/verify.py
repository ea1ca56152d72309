"""Prove a connection by using it. Asks in the order of the rules in `core.verification`; revokes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from companion.core.answers import Minted, NoAnswer, Observed, date_of
from companion.core.audit_actions import AuditAction
from companion.core.connection import STOREFRONT_SCOPES, AuthType, Connection, Finding, Status
from companion.core.errors import BigCommerceUnreachable, NotProven
from companion.core.findings import TRY_LATER_CODES
from companion.core.secret import Secret
from companion.core.standing import Standing, StorefrontAnswer, standing, storefront, storefront_hosts, subdomain_host
from companion.core.storefront_token import ServerUse
from companion.core.verification import (
    IMPERSONATION_TOKENS_READ,
    OTHER_READS,
    PRIVATE_TOKENS_READ,
    SHORT_LIFE,
    VERIFYING_QUERY,
    Evidence,
    Verdict,
    expected_checks,
    may_mint,
    minting_tells,
    needs_other_reads,
    nothing_proven,
    verdict,
)
from companion.ports.bigcommerce import BigCommerce
from companion.ports.connections import SecretField
from companion.service.audit import attempted
from companion.service.parts import Parts
from companion.service.storefront_token import carried_token_use, opened_access_token


def verify_connection(parts: Parts, connection_id: str) -> Connection:
    """Prove each thing by using it, keep the findings with the connection and return it.

    Raises:
        NotFound: no such connection.
        WrongWorld: made in the other world; nothing was sent.
        BigCommerceUnreachable: nothing could be proven now; the connection is as it was.
        StaleRevision: it was changed meanwhile, so the findings are about something else.
        Tampered, KeysUnavailable: its access token does not open.
    """
    stored = parts.repository.get_with_secrets(connection_id)
    connection = stored.connection
    parts.check_world(connection)
    with attempted(parts, AuditAction.VERIFY, connection):
        access_token = opened_access_token(parts, stored)
        carried = parts.open_secret(stored, SecretField.STOREFRONT_TOKEN) if _may_carry(connection) else None
        weighed = _weighed(parts, connection, access_token, carried)
        return parts.repository.save_verification(
            connection_id,
            expected_revision=connection.revision,
            status=weighed.status,
            findings=weighed.findings,
            verified_at=parts.clock(),
        )


def proven_connection(
    parts: Parts, connection: Connection, access_token: Secret, storefront_token: Secret | None
) -> Connection:
    """Prove credentials that are not stored yet; returns the connection with its status and findings.

    Raises:
        NotProven: they do not do all that they are to do; of the OAuth scopes those count that the connection records.
        BigCommerceUnreachable: not everything could be asked now.
    """
    weighed = _weighed(parts, connection, access_token, storefront_token)
    unproven = expected_checks(connection) - weighed.proven
    if unproven or weighed.status is Status.BROKEN:
        found = {each.code: each for each in weighed.findings if each not in connection.findings}
        later = next((found[code] for code in TRY_LATER_CODES if code in found), None)
        if later is not None and weighed.status is not Status.BROKEN:
            raise BigCommerceUnreachable("Nothing was stored.", why=later.message, next_step="Try again later.")
        raise _not_proven("The new credentials were not proven, so they were not stored.", found.values())
    return replace(connection, status=weighed.status, findings=weighed.findings, verified_at=parts.clock())


def working_connection(
    parts: Parts, connection: Connection, access_token: Secret, storefront_token: Secret | None
) -> Connection:
    """Try a connection that is not stored yet; returns it with its status and findings, unless it does not work.

    Less is asked than for `proven_connection`: what only needs attention may be what its owner wants.

    Raises:
        NotProven: it would be broken.
        BigCommerceUnreachable: nothing could be tried now.
    """
    weighed = _weighed(parts, connection, access_token, storefront_token)
    if weighed.status is Status.BROKEN:
        new = [each for each in weighed.findings if each not in connection.findings]
        raise _not_proven("The connection would not work like that, so it was left as it was.", new)
    return replace(connection, status=weighed.status, findings=weighed.findings, verified_at=parts.clock())


def _not_proven(what: str, found: Iterable[Finding]) -> NotProven:
    given = tuple(found)
    return NotProven(
        what,
        why=" ".join(each.message for each in given),
        next_step=next((each.action for each in given if each.action), ""),
    )


def _weighed(parts: Parts, connection: Connection, access_token: Secret, storefront_token: Secret | None) -> Verdict:
    evidence = _observe_rest(parts, connection, access_token)
    passing = nothing_proven(evidence)
    if passing is not None:
        raise passing
    evidence = _observe_storefront(parts.bigcommerce, connection, evidence)
    if _may_carry(connection):
        evidence = _observe_carried_token(parts, connection, storefront_token, evidence)
    return verdict(evidence, connection)


def _may_carry(connection: Connection) -> bool:
    return connection.auth_type is AuthType.TOKEN


def _observe_rest(parts: Parts, connection: Connection, access_token: Secret) -> Evidence:
    bigcommerce, store_hash = parts.bigcommerce, connection.store_hash
    read = bigcommerce.get(store_hash, access_token, PRIVATE_TOKENS_READ)
    evidence = Evidence(private_read=read, clock_skew=_skew(read, parts.clock()))
    if isinstance(read, NoAnswer) or read.status in {429, 503}:
        return evidence  # out of reach, limited or down as a whole: more calls would only take longer
    impersonation_read = bigcommerce.get(store_hash, access_token, IMPERSONATION_TOKENS_READ)
    evidence = replace(evidence, impersonation_read=impersonation_read)
    # By BigCommerce's clock: with ours behind by more than its life, a token would be born expired.
    ends = int((parts.clock() + (evidence.clock_skew or timedelta()) + SHORT_LIFE).timestamp())
    if may_mint(read):
        minted = bigcommerce.mint_private_token(
            store_hash,
            access_token,
            channel_id=connection.channel_id,
            scopes=connection.scopes or STOREFRONT_SCOPES[:1],
            expires_at=ends,
        )
        evidence = replace(evidence, private_mint=minted)
    if minting_tells(impersonation_read):
        impersonating = bigcommerce.mint_impersonation_token(
            store_hash, access_token, channel_id=connection.channel_id, expires_at=ends
        )
        evidence = replace(evidence, impersonation_mint=impersonating)
    for path in OTHER_READS:
        if not needs_other_reads(evidence):
            break
        observed = bigcommerce.get(store_hash, access_token, path)
        evidence = replace(evidence, other_reads=(*evidence.other_reads, observed))
        if standing(observed) is Standing.LATER:
            break  # limited or down: more calls would not help
    return evidence


def _observe_storefront(bigcommerce: BigCommerce, connection: Connection, evidence: Evidence) -> Evidence:
    asked: tuple[Observed, ...] = ()
    if isinstance(evidence.private_mint, Minted):
        for host in storefront_hosts(connection):
            observed = bigcommerce.graphql(host, evidence.private_mint.token, VERIFYING_QUERY)
            asked = (*asked, observed)
            if storefront(observed) is StorefrontAnswer.ANSWERS:
                break
    evidence = replace(evidence, graphql=asked)
    told = storefront(asked[0]) if asked else StorefrontAnswer.SILENT
    if told in {StorefrontAnswer.ANSWERS, StorefrontAnswer.OTHER_STORE}:
        return evidence
    return replace(evidence, oauth_info=bigcommerce.oauth_info(subdomain_host(connection)))


def _observe_carried_token(
    parts: Parts, connection: Connection, carried: Secret | None, evidence: Evidence
) -> Evidence:
    if carried is None:
        return evidence
    use = carried_token_use(carried, parts.clock())
    evidence = replace(evidence, own_token_use=use)
    if use is not ServerUse.UNTIL_END:
        return evidence
    for host in storefront_hosts(connection):
        observed = parts.bigcommerce.graphql(host, carried, VERIFYING_QUERY)
        evidence = replace(evidence, own_token_graphql=observed)
        if storefront(observed) in {StorefrontAnswer.ANSWERS, StorefrontAnswer.REFUSED, StorefrontAnswer.OTHER_STORE}:
            break
    return evidence


def _skew(observed: Observed, now: datetime) -> timedelta | None:
    told = date_of(observed)
    return None if told is None else told - now
