"""Handing a capture over to a service that is there, is away, or says no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import stamina
from fake_service import FakeService

from automation.core.request import Captured
from automation.jobs import hand_over as module
from automation.jobs.hand_over import HandOver, WantedConnection, verified
from companion.client import ConnectionDocument, ConnectionFields, Ticket
from companion.core.connection import Finding
from companion.core.errors import (
    CompanionError,
    KeysUnavailable,
    Locked,
    NameTaken,
    NotAuthorized,
    NotFound,
    NotProven,
    ServiceUnreachable,
    StorageFailed,
    WrongKey,
)
from companion.core.secret import Secret

CAPTURED = Captured(
    store_hash="ci4bzn8adz",
    subdomain="celigo",
    storefront_host="celigo.mybigcommerce.com",
    channel_id=1,
    access_token=Secret("made-up-access-token"),
    client_id="made-up-client-id",
    api_account_name="Companion x7k2p9",
    oauth_scopes=("store_storefront_api",),
)
OLD = {
    "id": "id-1", "name": "Shop", "auth_type": "custom", "channel_id": 7, "scopes": ["Customer"], "tags": ["live"],
    "api_account": {"name": "Companion old", "client_id": None}, "revision": 3,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_waiting_between_tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


def prepared(service: FakeService, wanted: WantedConnection | None = None, **others: Any) -> HandOver:
    hand_over = HandOver(service, wanted or WantedConnection("shop"), **others)
    hand_over.prepare()
    return hand_over


def away() -> ServiceUnreachable:
    return ServiceUnreachable("It does not answer.")


def test_a_capture_becomes_a_connection_with_every_field_of_the_form() -> None:
    service = FakeService()
    wanted = WantedConnection("shop", auth_type="custom", scopes=("Customer",), tags=("live",))
    prepared(service, wanted).deliver(CAPTURED)
    [(ticket, fields, access_token)] = service.handed
    assert ticket.ticket == Secret("made-up-ticket")
    assert access_token == CAPTURED.access_token
    assert fields == {
        "name": "shop",
        "subdomain": "celigo",
        "auth_type": "custom",
        "store_hash": "ci4bzn8adz",
        "channel_id": 1,
        "scopes": ["Customer"],
        "tags": ["live"],
        "api_account": {"name": "Companion x7k2p9", "client_id": "made-up-client-id"},
        "oauth_scopes": ["store_storefront_api"],
        "findings": [],
    }


def test_a_taken_name_is_refused_before_anything() -> None:
    with pytest.raises(NameTaken):
        prepared(FakeService([OLD]))


def test_a_replaced_connection_keeps_what_was_not_asked_for_anew() -> None:
    service = FakeService([OLD])
    hand_over = prepared(service, WantedConnection("shop", replace=True))
    assert hand_over.superseded == {"name": "Companion old", "client_id": None}
    assert hand_over.channel_id == 7
    hand_over.deliver(replace(CAPTURED, channel_id=hand_over.channel_id))
    fields = service.handed[0][1]
    assert (fields["name"], fields["channel_id"]) == ("Shop", 7)
    assert (fields["scopes"], fields["tags"]) == (["Customer"], ["live"])


def test_what_is_asked_for_anew_counts_before_what_the_replaced_connection_had() -> None:
    service = FakeService([OLD])
    wanted = WantedConnection("shop", replace=True, auth_type="token", channel_id=2, tags=())
    hand_over = prepared(service, wanted)
    fields = hand_over.fields(CAPTURED)
    assert (fields["auth_type"], fields["tags"], hand_over.channel_id) == ("token", [], 2)
    assert "scopes" not in fields


def test_a_connection_can_be_replaced_by_its_id() -> None:
    service = FakeService([OLD])
    prepared(service, WantedConnection("id-1", replace=True))
    assert service.issued == [("Shop", True)]


def test_where_there_is_nothing_to_replace_a_connection_is_created() -> None:
    service = FakeService()
    assert prepared(service, WantedConnection("shop", replace=True)).superseded is None
    assert service.issued == [("shop", False)]


def test_without_a_subdomain_the_permanent_name_serves_and_a_finding_says_so() -> None:
    captured = replace(
        CAPTURED, subdomain=None, storefront_host="shop.example", findings=(Finding("one-witness", "m", "a"),)
    )
    fields = prepared(FakeService()).fields(captured)
    assert fields["subdomain"] == "store-ci4bzn8adz"
    assert [finding["code"] for finding in fields["findings"]] == ["one-witness", "subdomain-not-found"]
    assert "shop.example" in fields["findings"][1]["message"]


def test_a_subdomain_that_was_looked_up_serves_without_a_finding() -> None:
    fields = prepared(FakeService()).fields(replace(CAPTURED, subdomain=None), subdomain="celigo")
    assert (fields["subdomain"], fields["findings"]) == ("celigo", [])


def test_a_service_that_is_away_for_a_moment_gets_the_capture_when_it_is_back() -> None:
    service = FakeService(failures=[away(), Locked("The keys are locked."), away()])
    said: list[str] = []
    assert prepared(service, say=said.append).deliver(CAPTURED)["id"] == "id-2"
    assert len(said) == 1
    assert said[0].startswith("It does not answer.")


def test_a_service_that_stays_away_is_given_up() -> None:
    service = FakeService(failures=[away() for _ in range(20)])
    with pytest.raises(ServiceUnreachable):
        prepared(service).deliver(CAPTURED)
    assert not service.handed


def test_what_trying_again_cannot_mend_is_not_tried_again() -> None:
    service = FakeService(failures=[WrongKey("Another key.")])
    with pytest.raises(WrongKey):
        prepared(service).deliver(CAPTURED)
    assert not service.handed


def test_an_interrupted_run_does_not_try_again() -> None:
    service = FakeService(failures=[away()])
    with pytest.raises(ServiceUnreachable):
        prepared(service, interrupted=lambda: True).deliver(CAPTURED)
    assert not service.handed


def test_a_hand_over_whose_answer_was_lost_is_recognised_by_its_api_account() -> None:
    service = FakeService(lost_answers=1)
    hand_over = prepared(service)
    service.failures = []
    original = service.hand_over

    def taken_once(
        ticket: Ticket, fields: ConnectionFields, access_token: Secret, *, prove: bool = False
    ) -> ConnectionDocument:
        if service.handed:
            raise NotAuthorized("The ticket is spent and has expired.")
        return original(ticket, fields, access_token)

    service.hand_over = taken_once  # type: ignore[method-assign]
    assert hand_over.deliver(CAPTURED)["id"] == "id-2"
    assert len(service.handed) == 1


def test_a_ticket_that_ran_out_meanwhile_is_replaced_by_a_new_one() -> None:
    service = FakeService(failures=[NotAuthorized("The ticket has expired.")])
    prepared(service).deliver(CAPTURED)
    assert [ticket.id for ticket, _, _ in service.handed] == ["ticket-2"]


def test_another_connection_that_took_the_name_meanwhile_is_left_alone() -> None:
    service = FakeService()
    hand_over = prepared(service)
    service.stored = [OLD]
    service.failures = [NameTaken("shop")]
    with pytest.raises(NameTaken):
        hand_over.deliver(CAPTURED)
    assert service.stored == [OLD]


def test_before_save_the_name_is_checked_again() -> None:
    service = FakeService()
    hand_over = prepared(service)
    service.stored = [OLD]
    with pytest.raises(NameTaken):
        hand_over.check_before_save()


def test_before_save_the_connection_to_replace_has_to_be_there_still() -> None:
    service = FakeService([OLD])
    hand_over = prepared(service, WantedConnection("shop", replace=True))
    service.stored = []
    with pytest.raises(NotFound):
        hand_over.check_before_save()


def test_before_save_locked_keys_stop_the_run() -> None:
    service = FakeService()
    hand_over = prepared(service)
    service.renewals = [Locked("The keys are locked.")]
    with pytest.raises(KeysUnavailable):
        hand_over.check_before_save()


def test_a_ticket_is_renewed_once_half_its_life_is_gone() -> None:
    now = [1000.0]
    service = FakeService()
    hand_over = prepared(service, clock=lambda: now[0])
    service.renewals = [None]
    now[0] += 440
    hand_over.keep_alive()
    assert service.renewals == [None]
    now[0] += 20
    hand_over.keep_alive()
    assert service.renewals == []


@pytest.mark.parametrize(
    "failure", [ServiceUnreachable("Away."), StorageFailed("The disk is full."), Locked("The keys are locked.")]
)
def test_a_ticket_that_cannot_be_renewed_now_is_renewed_later(failure: CompanionError) -> None:
    now = [1000.0]
    service = FakeService()
    hand_over = prepared(service, clock=lambda: now[0])
    service.renewals = [failure, None]
    now[0] += 460
    hand_over.keep_alive()
    hand_over.keep_alive()
    assert service.renewals == [None]
    now[0] += 31
    hand_over.keep_alive()
    assert service.renewals == []


def test_a_renewal_that_trying_again_cannot_mend_ends_the_run() -> None:
    now = [1000.0]
    service = FakeService()
    hand_over = prepared(service, clock=lambda: now[0])
    service.renewals = [WrongKey("Another key."), None]
    now[0] += 460
    with pytest.raises(WrongKey):
        hand_over.keep_alive()


def test_a_ticket_that_ran_out_while_the_machine_slept_is_replaced_before_save() -> None:
    service = FakeService()
    hand_over = prepared(service)
    service.renewals = [NotAuthorized("It has expired.")]
    hand_over.check_before_save()
    assert len(service.issued) == 2


# A token that was just made may be unknown for a moment


@pytest.fixture
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNKNOWN_YET", (0.0, 0.0, 0.0))


def verifying(refusals: int) -> tuple[FakeService, list[str]]:
    service = FakeService(stored=[{"id": "id-2", "name": "shop"}])
    codes = ["token-refused"] * refusals

    def verify(connection_id: str) -> ConnectionDocument:
        connection = service.connection(connection_id)
        findings = [{"code": codes.pop(), "message": "", "action": ""}] if codes else []
        connection.update(findings=findings, status="broken" if findings else "ready")  # type: ignore[typeddict-item]
        return connection

    service.verify = verify  # type: ignore[method-assign]
    return service, codes


@pytest.mark.usefixtures("_no_pause")
@pytest.mark.parametrize(("refusals", "status"), [(0, "ready"), (2, "ready"), (9, "broken")])
def test_a_token_that_is_not_known_yet_is_tried_again_a_few_times(refusals: int, status: str) -> None:
    service, left = verifying(refusals)
    assert verified(service, "id-2")["status"] == status
    assert len(left) == max(0, refusals - 4)


@pytest.mark.usefixtures("_no_pause")
@pytest.mark.parametrize(("refusals", "taken"), [(1, 1), (4, 0)])
def test_what_is_to_be_proven_is_offered_again_before_it_is_given_up(refusals: int, taken: int) -> None:
    service = FakeService(failures=[NotProven("It does not work.") for _ in range(refusals)])
    try:
        prepared(service, WantedConnection("shop", prove=True)).deliver(CAPTURED)
    except NotProven:
        assert not taken
    assert len(service.handed) == taken
