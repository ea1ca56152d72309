"""Verification, private tokens and GraphQL as use cases, with a clock that moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scripted import Clock, ScriptedBigCommerce, refused, storefront_token

from companion.core.answers import Answer
from companion.core.connection import Connection, Status, checked_draft
from companion.core.errors import BigCommerceRefused, ReauthorizeNeeded, StaleRevision, WrongWorld
from companion.core.secret import Secret
from companion.ports.connections import SecretField
from companion.service import add, edit, graphql, verify
from companion.service import replace as replacing
from companion.service import storefront_token as tokens
from companion.service.parts import Parts

QUERY = "{ site { settings { storeName } } }"


def draft(**changes: Any) -> Any:
    form = {"name": "Shop", "subdomain": "shop", "store_hash": "abc123", "access_token": Secret("t")}
    return checked_draft(**{**form, **changes})


@pytest.fixture
def shop(parts: Parts) -> Connection:
    return add.add_connection(parts, draft())


def private(parts: Parts, connection: Connection) -> str:
    return tokens.private_token(parts, connection.id).token.reveal()


def test_a_private_token_is_kept_sealed_and_given_again(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    first = private(parts, shop)
    assert private(parts, shop) == first
    sealed = parts.repository.get_with_secrets(shop.id).secrets[SecretField.MINTED_STOREFRONT_TOKEN]
    assert first.encode() not in sealed
    assert len(bigcommerce.minted) == 1


@pytest.mark.parametrize(("share", "mints"), [(0.79, 1), (0.80, 2), (1.5, 2)])
def test_a_private_token_is_renewed_with_a_fifth_of_its_life_left(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, clock: Clock, share: float, mints: int
) -> None:
    private(parts, shop)
    clock.move(tokens.LIFE * share)
    private(parts, shop)
    assert len(bigcommerce.minted) == mints


def test_its_end_is_taken_from_its_own_claim(
    parts: Parts, shop: Connection, monkeypatch: pytest.MonkeyPatch, bigcommerce: ScriptedBigCommerce, clock: Clock
) -> None:
    monkeypatch.setattr(tokens, "LIFE", timedelta(days=9))
    ends = tokens.private_token(parts, shop.id).expires_at
    assert ends == clock() + timedelta(days=9)
    assert ends.microsecond == 0


def test_a_cached_token_that_does_not_open_is_minted_anew(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    private(parts, shop)
    field = SecretField.MINTED_STOREFRONT_TOKEN
    sealed = parts.repository.get_with_secrets(shop.id).secrets[field]
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    parts.repository.put_secret(shop.id, field, changed, expected_revision=shop.revision)
    private(parts, shop)
    assert len(bigcommerce.minted) == 2


def test_a_form_that_changes_while_minting_gets_a_token_of_its_own(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    def change() -> None:
        bigcommerce.while_minting = None
        replacing.replace_connection(parts, shop.id, draft(channel_id=7), revision=shop.revision)

    bigcommerce.while_minting = change
    assert tokens.private_token(parts, shop.id).channel_id == 7
    assert len(bigcommerce.minted) == 2


def test_a_token_that_cannot_be_minted_is_explained(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    bigcommerce.mint_answer = Answer(403, "api.bigcommerce.com")
    with pytest.raises(BigCommerceRefused):
        graphql.run_graphql(parts, shop.id, QUERY)


@pytest.mark.parametrize("text", ["GraphQL invalid credentials. JWT is expired", "Unknown JWT token"])
def test_a_refused_token_is_minted_anew_once(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, text: str
) -> None:
    bigcommerce.refuses = [refused(text)]
    assert graphql.run_graphql(parts, shop.id, QUERY)["data"]
    assert len(bigcommerce.minted) == 2
    bigcommerce.refuses = [refused(text), refused(text)]
    with pytest.raises(BigCommerceRefused):
        graphql.run_graphql(parts, shop.id, QUERY)
    assert len(bigcommerce.minted) == 3


def test_with_a_clock_far_behind_the_next_token_ends_by_bigcommerces(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, clock: Clock
) -> None:
    ahead = Answer(401, "shop.mybigcommerce.com", {"date": "Tue, 24 Nov 2026 12:00:00 GMT"}, refused("expired").text)
    bigcommerce.refuses = [replace(ahead, text=refused("GraphQL invalid credentials. JWT is expired").text)]
    graphql.run_graphql(parts, shop.id, QUERY)
    assert tokens.claims_from_token(Secret(bigcommerce.minted[-1])).expires_at == datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_the_other_world_is_refused_before_anything_is_sent(
    parts: Parts, other_world: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    for call in (
        lambda: verify.verify_connection(other_world, shop.id),
        lambda: graphql.run_graphql(other_world, shop.id, QUERY),
        lambda: replacing.replace_connection(other_world, shop.id, draft(), revision=1),
    ):
        with pytest.raises(WrongWorld):
            call()
    assert bigcommerce.calls == []


@pytest.mark.parametrize("seconds", [-3600, -61, 61, 86400])
def test_a_clock_that_is_off_is_found_and_minting_goes_by_bigcommerces(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, clock: Clock, seconds: int
) -> None:
    bigcommerce.skew = timedelta(seconds=seconds)
    verified = verify.verify_connection(parts, shop.id)
    assert [finding.code for finding in verified.findings] == ["clock-skew"]
    ends = tokens.claims_from_token(Secret(bigcommerce.minted[-1])).expires_at
    assert ends == clock() + bigcommerce.skew + timedelta(minutes=10)


def test_a_clock_that_was_set_right_is_no_finding_any_more(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    bigcommerce.skew = timedelta(hours=1)
    assert verify.verify_connection(parts, shop.id).status is Status.ATTENTION
    bigcommerce.skew = timedelta()
    again = verify.verify_connection(parts, shop.id)
    assert (again.status, again.findings) == (Status.READY, ())


def test_a_clock_that_is_nearly_right_is_no_finding(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    bigcommerce.skew = timedelta(seconds=30)
    assert verify.verify_connection(parts, shop.id).status is Status.READY


def test_a_connection_that_is_limited_is_asked_once(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    from companion.core.errors import RateLimited
    from companion.core.verification import PRIVATE_TOKENS_READ

    bigcommerce.reads[PRIVATE_TOKENS_READ] = Answer(429, "api.bigcommerce.com")
    with pytest.raises(RateLimited):
        verify.verify_connection(parts, shop.id)
    assert len(bigcommerce.calls) == 1


def test_a_form_that_changes_while_verifying_keeps_no_findings_of_the_old(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    bigcommerce.while_minting = lambda: edit.edit_connection(parts, shop.id, revision=1, tags=["new"])
    with pytest.raises(StaleRevision):
        verify.verify_connection(parts, shop.id)
    assert parts.repository.get(shop.id).status is Status.UNVERIFIED


def old_kind(expires: datetime) -> Secret:
    return Secret(storefront_token(datetime(2026, 6, 30, 9, tzinfo=UTC), expires))


FAR = datetime(2028, 1, 1, tzinfo=UTC)
NEW_KIND = Secret(storefront_token(datetime(2026, 7, 2, tzinfo=UTC), FAR))


@pytest.mark.parametrize(
    ("carried", "now", "status", "codes"),
    [
        (None, None, Status.BROKEN, ["reauthorize-needed"]),
        (NEW_KIND, None, Status.BROKEN, ["reauthorize-needed"]),
        (Secret("not.a.jwt"), None, Status.BROKEN, ["reauthorize-needed"]),
        (old_kind(FAR), None, Status.ATTENTION, ["token-auth-ends"]),
        (old_kind(FAR), datetime(2027, 4, 1, tzinfo=UTC), Status.BROKEN, ["reauthorize-needed"]),
        (old_kind(datetime(2026, 8, 1, tzinfo=UTC)), None, Status.BROKEN, ["reauthorize-needed"]),
    ],
)
def test_a_token_connection_is_judged_by_the_token_it_carries(
    parts: Parts,
    clock: Clock,
    bigcommerce: ScriptedBigCommerce,
    carried: Secret | None,
    now: datetime | None,
    status: Status,
    codes: list[str],
) -> None:
    made = add.add_connection(parts, draft(auth_type="token", storefront_token=carried))
    clock.now = now or clock.now
    verified = verify.verify_connection(parts, made.id)
    assert (verified.status, [finding.code for finding in verified.findings]) == (status, codes)
    if status is Status.ATTENTION:
        assert graphql.run_graphql(parts, made.id, QUERY)["data"]
    else:
        with pytest.raises(ReauthorizeNeeded):
            graphql.run_graphql(parts, made.id, QUERY)


def test_a_token_connection_whose_token_is_refused_has_to_be_reauthorized(
    parts: Parts, bigcommerce: ScriptedBigCommerce
) -> None:
    made = add.add_connection(parts, draft(auth_type="token", storefront_token=old_kind(FAR)))
    bigcommerce.refuses = [refused("Unknown JWT token")]
    with pytest.raises(ReauthorizeNeeded):
        graphql.run_graphql(parts, made.id, QUERY)
    assert bigcommerce.minted == []
