"""What observed answers say about a connection, as a table of cases; no call is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companion.core.answers import Answer, Minted, NoAnswer, Observed, Silence
from companion.core.connection import AuthType, Connection, Finding, Severity, Status, World
from companion.core.errors import BigCommerceUnreachable, InMaintenance, RateLimited
from companion.core.secret import Secret
from companion.core.standing import Standing, StorefrontAnswer, standing, storefront, storefront_hosts
from companion.core.storefront_token import ServerUse
from companion.core.verification import (
    Check,
    Evidence,
    needs_other_reads,
    nothing_proven,
    verdict,
)

API = "api.bigcommerce.com"
VANITY = "shop.mybigcommerce.com"
PERMANENT = "store-abc123.mybigcommerce.com"
SUFFIXED = "store-abc123-1.mybigcommerce.com"

OK = Answer(200, API)
UNAUTHORIZED = Answer(401, API)
FORBIDDEN = Answer(403, API)
NOT_FOUND = Answer(404, API)
INVALID = Answer(422, API)
LIMITED = Answer(429, API)
BROKE = Answer(500, API)
MAINTENANCE = Answer(503, API)
OFFLINE = NoAnswer(Silence.NO_NETWORK, API)
MINTED = Minted(Secret("jwt"), 0, OK)

SHOP = Connection(
    id="id",
    name="Shop",
    subdomain="shop",
    auth_type=AuthType.CUSTOM,
    store_hash="abc123",
    channel_id=1,
    scopes=("Unauthenticated",),
    tags=(),
    api_account=None,
    oauth_scopes=None,
    world=World.REAL,
    status=Status.UNVERIFIED,
    findings=(),
    verified_at=None,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    revision=1,
)


def graphql(host: str, document: Mapping[str, Any] | str, status: int = 200) -> Answer:
    text = document if isinstance(document, str) else json.dumps(document)
    return Answer(status, host, {"content-type": "application/json"}, text)


def refusal(host: str, text: str) -> Answer:
    return graphql(host, {"errors": [{"message": text}]}, 401)


def answering(host: str) -> Answer:
    return graphql(host, {"data": {"site": {"settings": {"storeName": "Shop"}}}})


WRONG_STORE = "GraphQL invalid credentials. JWT store id doesn't match store id of the URL"
WRONG_CHANNEL = "GraphQL invalid credentials. JWT channel id doesn't match channel id of the URL"

INFO = graphql(VANITY, {"store_hash": "abc123"})

ALL_WELL = Evidence(private_read=OK, impersonation_read=OK, private_mint=MINTED, graphql=(answering(VANITY),))


def codes(evidence: Evidence, connection: Connection = SHOP) -> list[str]:
    return [finding.code for finding in verdict(evidence, connection).findings]


@pytest.mark.parametrize(
    ("observed", "says"),
    [
        (OK, Standing.GRANTED),
        (Answer(204, API), Standing.GRANTED),
        (UNAUTHORIZED, Standing.UNKNOWN_TOKEN),
        (FORBIDDEN, Standing.FORBIDDEN),
        (INVALID, Standing.VALIDATED),
        (NOT_FOUND, Standing.SILENT),
        (Answer(405, API), Standing.SILENT),
        (Answer(301, API), Standing.SILENT),
        (Answer(400, API), Standing.SILENT),
        (LIMITED, Standing.LATER),
        (BROKE, Standing.LATER),
        (MAINTENANCE, Standing.LATER),
        (OFFLINE, Standing.LATER),
        (NoAnswer(Silence.NOT_TLS, API), Standing.LATER),
    ],
)
def test_a_rest_answer_says_one_thing_of_the_token(observed: Observed, says: Standing) -> None:
    assert standing(observed) is says


@pytest.mark.parametrize(
    ("observed", "says"),
    [
        (answering(VANITY), StorefrontAnswer.ANSWERS),
        (
            graphql(VANITY, {"data": None, "errors": [{"extensions": {"code": "INSUFFICIENT_ACCESS_SCOPE"}}]}),
            StorefrontAnswer.ANSWERS,
        ),
        (refusal(VANITY, WRONG_STORE), StorefrontAnswer.OTHER_STORE),
        (refusal(VANITY, WRONG_CHANNEL), StorefrontAnswer.OTHER_CHANNEL),
        (refusal(VANITY, "GraphQL invalid credentials. JWT is expired"), StorefrontAnswer.REFUSED),
        (refusal(VANITY, "Unknown JWT token"), StorefrontAnswer.REFUSED),
        (graphql(VANITY, {"errors": [{"message": WRONG_STORE}]}, 200), StorefrontAnswer.OTHER_STORE),
        (Answer(401, VANITY, {}, "no"), StorefrontAnswer.REFUSED),
        (Answer(404, VANITY, {}, "<html>"), StorefrontAnswer.SILENT),
        (Answer(301, VANITY), StorefrontAnswer.SILENT),
        (Answer(200, VANITY, {"content-type": "text/html"}, "<html>coming soon</html>"), StorefrontAnswer.SILENT),
        (graphql(VANITY, {"data": None, "errors": [{"message": "boom"}]}), StorefrontAnswer.SILENT),
        (graphql(VANITY, "[" * 100_000), StorefrontAnswer.SILENT),
        (Answer(503, VANITY, {}, "<html>maintenance</html>"), StorefrontAnswer.LATER),
        (NoAnswer(Silence.UNKNOWN_HOST, VANITY), StorefrontAnswer.LATER),
    ],
)
def test_a_graphql_answer_says_one_thing_of_token_and_host(observed: Observed, says: StorefrontAnswer) -> None:
    assert storefront(observed) is says


def test_everything_proven_makes_a_ready_connection() -> None:
    weighed = verdict(ALL_WELL, SHOP)
    assert (weighed.status, weighed.findings, weighed.proven) == (Status.READY, (), frozenset(Check))


@pytest.mark.parametrize(
    ("name", "evidence", "expected", "status"),
    [
        ("401 everywhere", Evidence(UNAUTHORIZED, UNAUTHORIZED), ["token-refused"], Status.BROKEN),
        (
            "nothing but 403 is one finding",
            Evidence(FORBIDDEN, FORBIDDEN, other_reads=(FORBIDDEN,) * 5),
            ["hash-or-scopes"],
            Status.BROKEN,
        ),
        (
            "403 only, and the subdomain names another store",
            Evidence(FORBIDDEN, FORBIDDEN, oauth_info=graphql(VANITY, {"store_hash": "other1"})),
            ["hash-or-scopes", "subdomain-of-another-store"],
            Status.BROKEN,
        ),
        (
            "a success elsewhere proves the hash, so the scopes are missing",
            Evidence(FORBIDDEN, FORBIDDEN, other_reads=(FORBIDDEN, OK), oauth_info=INFO),
            ["scope-missing-storefront-tokens", "scope-missing-customer-impersonation"],
            Status.BROKEN,
        ),
        (
            "only the scope for customers is missing",
            replace(ALL_WELL, impersonation_read=FORBIDDEN),
            ["scope-missing-customer-impersonation"],
            Status.ATTENTION,
        ),
        (
            "only the scope for storefront tokens is missing",
            Evidence(FORBIDDEN, OK, oauth_info=INFO),
            ["scope-missing-storefront-tokens"],
            Status.BROKEN,
        ),
        (
            "reading is granted and minting is not",
            Evidence(OK, OK, private_mint=FORBIDDEN, oauth_info=INFO),
            ["scope-missing-storefront-tokens"],
            Status.BROKEN,
        ),
        (
            "no list in this store: minting tells",
            Evidence(NOT_FOUND, NOT_FOUND, MINTED, MINTED, graphql=(answering(VANITY),)),
            [],
            Status.READY,
        ),
        (
            "no list, and no scope",
            Evidence(NOT_FOUND, NOT_FOUND, MINTED, FORBIDDEN, graphql=(answering(VANITY),)),
            ["scope-missing-customer-impersonation"],
            Status.ATTENTION,
        ),
        (
            "reading says 422, minting succeeds",
            Evidence(INVALID, INVALID, MINTED, MINTED, graphql=(answering(VANITY),)),
            [],
            Status.READY,
        ),
        (
            "the channel is none of the store's",
            Evidence(OK, OK, private_mint=INVALID, oauth_info=INFO),
            ["channel-or-scopes-refused"],
            Status.BROKEN,
        ),
        (
            "the channel is none of the store's, and nothing else proves the hash",
            Evidence(NOT_FOUND, NOT_FOUND, INVALID, INVALID, (FORBIDDEN,) * 5),
            ["channel-or-scopes-refused"],
            Status.BROKEN,
        ),
        (
            "private tokens are not there",
            Evidence(OK, OK, private_mint=NOT_FOUND, oauth_info=INFO),
            ["private-token-not-minted"],
            Status.BROKEN,
        ),
        (
            "the subdomain is another store's, by GraphQL",
            replace(ALL_WELL, graphql=(refusal(VANITY, WRONG_STORE), answering(PERMANENT))),
            ["subdomain-of-another-store"],
            Status.BROKEN,
        ),
        (
            "the subdomain is another store's, by oauth info",
            replace(
                ALL_WELL,
                graphql=(Answer(404, VANITY), answering(PERMANENT)),
                oauth_info=graphql(VANITY, {"store_hash": "other1"}),
            ),
            ["subdomain-of-another-store"],
            Status.BROKEN,
        ),
        (
            "the subdomain does not answer GraphQL, but names the store",
            replace(
                ALL_WELL,
                graphql=(Answer(301, VANITY), answering(PERMANENT)),
                oauth_info=graphql(VANITY, {"store_hash": "ABC123"}),
            ),
            [],
            Status.READY,
        ),
        (
            "a subdomain that says nothing proves nothing",
            replace(ALL_WELL, graphql=(Answer(404, VANITY), answering(PERMANENT)), oauth_info=Answer(404, VANITY)),
            ["subdomain-unproven"],
            Status.ATTENTION,
        ),
        (
            "the subdomain is the store's, for another channel",
            replace(
                ALL_WELL,
                graphql=(refusal(VANITY, WRONG_CHANNEL), answering(PERMANENT)),
                oauth_info=INFO,
            ),
            ["subdomain-of-another-channel"],
            Status.READY,
        ),
        (
            "the permanent address is another channel's",
            replace(ALL_WELL, graphql=(refusal(VANITY, WRONG_CHANNEL), refusal(PERMANENT, WRONG_CHANNEL))),
            ["graphql-wrong-channel", "subdomain-unproven"],
            Status.BROKEN,
        ),
        (
            "no host answers GraphQL",
            replace(
                ALL_WELL,
                graphql=(Answer(404, VANITY), Answer(404, PERMANENT), Answer(404, SUFFIXED)),
                oauth_info=INFO,
            ),
            ["graphql-unproven"],
            Status.ATTENTION,
        ),
        (
            "a fresh token is refused",
            replace(
                ALL_WELL,
                graphql=tuple(refusal(host, "Unknown JWT token") for host in (VANITY, PERMANENT, SUFFIXED)),
                oauth_info=INFO,
            ),
            ["graphql-refused"],
            Status.BROKEN,
        ),
        (
            "the storefront is in maintenance",
            replace(
                ALL_WELL,
                graphql=tuple(Answer(503, host) for host in (VANITY, PERMANENT, SUFFIXED)),
                oauth_info=Answer(503, VANITY),
            ),
            ["bigcommerce-maintenance"],
            Status.ATTENTION,
        ),
        (
            "limited while minting",
            Evidence(OK, OK, private_mint=LIMITED, oauth_info=INFO),
            ["rate-limited"],
            Status.ATTENTION,
        ),
        (
            "one scope's route fails",
            replace(ALL_WELL, impersonation_read=BROKE),
            ["bigcommerce-unreachable"],
            Status.ATTENTION,
        ),
        (
            "the clock is off",
            replace(ALL_WELL, clock_skew=timedelta(seconds=-61)),
            ["clock-skew"],
            Status.ATTENTION,
        ),
        ("the clock is nearly right", replace(ALL_WELL, clock_skew=timedelta(seconds=60)), [], Status.READY),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_table_of_cases(name: str, evidence: Evidence, expected: list[str], status: Status) -> None:
    weighed = verdict(evidence, SHOP)
    assert ([finding.code for finding in weighed.findings], weighed.status) == (expected, status)


@pytest.mark.parametrize(
    ("evidence", "error"),
    [
        (Evidence(OFFLINE, OFFLINE), BigCommerceUnreachable),
        (Evidence(LIMITED, LIMITED), RateLimited),
        (Evidence(MAINTENANCE, MAINTENANCE), InMaintenance),
        (Evidence(BROKE, NOT_FOUND, None, NOT_FOUND), BigCommerceUnreachable),
        (Evidence(NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND, (NOT_FOUND,) * 5), BigCommerceUnreachable),
    ],
)
def test_answers_that_prove_nothing_are_an_error_to_try_later(evidence: Evidence, error: type[Exception]) -> None:
    found = nothing_proven(evidence)
    assert type(found) is error
    assert found.exit_code == 10


@pytest.mark.parametrize("read", [OK, UNAUTHORIZED, FORBIDDEN, INVALID])
def test_one_answer_that_tells_of_the_token_is_enough_to_go_on(read: Answer) -> None:
    assert nothing_proven(Evidence(read, OFFLINE)) is None


@pytest.mark.parametrize("passing", [LIMITED, BROKE, MAINTENANCE, OFFLINE])
@pytest.mark.parametrize("place", ["impersonation_read", "private_mint", "graphql"])
def test_a_passing_failure_never_makes_a_ready_connection_broken(passing: Observed, place: str) -> None:
    changes: dict[str, Any] = {place: passing}
    if place == "private_mint":
        changes["graphql"] = ()
    if place == "graphql":
        changes["graphql"] = tuple(replace(passing, host=host) for host in (VANITY, PERMANENT, SUFFIXED))
    ready = replace(SHOP, status=Status.READY)
    assert verdict(replace(ALL_WELL, **changes), ready).status is not Status.BROKEN


def test_what_cannot_be_asked_now_keeps_its_earlier_finding() -> None:
    other_store = verdict(replace(ALL_WELL, graphql=(refusal(VANITY, WRONG_STORE), answering(PERMANENT))), SHOP)
    broken = replace(SHOP, status=other_store.status, findings=other_store.findings)
    silent = replace(
        ALL_WELL, graphql=(Answer(503, VANITY), answering(PERMANENT)), oauth_info=NoAnswer(Silence.TIMED_OUT, VANITY)
    )
    assert "subdomain-of-another-store" in codes(silent, broken)
    assert verdict(silent, broken).status is Status.BROKEN


def test_a_finding_goes_when_the_check_passes() -> None:
    earlier = Finding("subdomain-of-another-store", "m", "a", Severity.BROKEN)
    assert codes(ALL_WELL, replace(SHOP, findings=(earlier,), status=Status.BROKEN)) == []


def test_a_finding_of_the_retrieval_stays() -> None:
    one_witness = Finding("one-witness", "m", "a", Severity.NOTE)
    weighed = verdict(ALL_WELL, replace(SHOP, findings=(one_witness,)))
    assert (weighed.findings, weighed.status) == ((one_witness,), Status.READY)


@pytest.mark.parametrize(
    ("use", "graphql_answer", "expected", "status"),
    [
        (None, None, ["reauthorize-needed"], Status.BROKEN),
        (ServerUse.BROWSERS_ONLY, None, ["reauthorize-needed"], Status.BROKEN),
        (ServerUse.ENDED, None, ["reauthorize-needed"], Status.BROKEN),
        (ServerUse.EXPIRED, None, ["reauthorize-needed"], Status.BROKEN),
        (ServerUse.UNTIL_END, answering(VANITY), ["token-auth-ends"], Status.ATTENTION),
        (ServerUse.UNTIL_END, OFFLINE, ["token-auth-ends"], Status.ATTENTION),
        (
            ServerUse.UNTIL_END,
            refusal(VANITY, "Unknown JWT token"),
            ["token-auth-ends", "reauthorize-needed"],
            Status.BROKEN,
        ),
    ],
)
def test_a_token_connection_is_attention_until_the_end_and_broken_after_it(
    use: ServerUse | None, graphql_answer: Observed | None, expected: list[str], status: Status
) -> None:
    evidence = replace(ALL_WELL, own_token_use=use, own_token_graphql=graphql_answer)
    weighed = verdict(evidence, replace(SHOP, auth_type=AuthType.TOKEN, scopes=()))
    assert ([finding.code for finding in weighed.findings], weighed.status) == (expected, status)


def test_other_reads_go_on_until_the_store_hash_is_proven() -> None:
    assert needs_other_reads(Evidence(FORBIDDEN, FORBIDDEN))
    assert not needs_other_reads(Evidence(FORBIDDEN, OK))
    assert not needs_other_reads(Evidence(UNAUTHORIZED, UNAUTHORIZED))


@pytest.mark.parametrize(
    ("subdomain", "channel_id", "hosts"),
    [
        ("shop", 1, (VANITY, PERMANENT, SUFFIXED)),
        ("store-abc123", 1, (PERMANENT, SUFFIXED)),
        ("shop", 664179, (VANITY, "store-abc123-664179.mybigcommerce.com")),
    ],
)
def test_hosts_are_tried_from_what_the_user_gave_to_the_permanent_ones(
    subdomain: str, channel_id: int, hosts: tuple[str, ...]
) -> None:
    assert storefront_hosts(replace(SHOP, subdomain=subdomain, channel_id=channel_id)) == hosts


def test_findings_say_what_to_do_and_hold_no_secret() -> None:
    echo = Answer(422, API, {}, json.dumps({"title": "bad token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJCQyJ9.c2ln here"}))
    for finding in verdict(Evidence(OK, OK, private_mint=echo), SHOP).findings:
        assert finding.action
        assert "eyJ" not in finding.message
