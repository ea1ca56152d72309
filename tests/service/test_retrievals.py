"""Retrievals for the web page: what is refused, what is told, and what becomes of one that is cut short."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, replace
from typing import Any

import pytest
from played_jobs import ACCOUNT, LIMIT, PlayedJobs
from scripted import Clock

from companion.core.connection import Draft, checked_draft
from companion.core.errors import (
    Conflict,
    InvalidInput,
    NameTaken,
    NoDisplay,
    NotFound,
    NothingToSignInWith,
    RetrievalUnderWay,
    ServiceUnreachable,
    StorageFailed,
)
from companion.core.retrieval import Retrieval, RetrievalState
from companion.core.retrieval_events import Ended, Failure, Heeds, MayExist, Sees, StepOver
from companion.core.retrieval_order import (
    OrderWord,
    RetrievalMode,
    SignInAtHand,
    WantedRetrieval,
)
from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS
from companion.core.secret import Secret
from companion.ports.audit import AuditFilter
from companion.service import add, retrieval_run, tickets
from companion.service import retrievals as module
from companion.service.audit import Recorder
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.wiring.retrievals import stop_retrievals

A_TOKEN = Secret("a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p")
SIGNED_IN = SignInAtHand("o@shop.example", Secret("a password"))


@dataclass
class Played:
    """The retrievals with what a test holds of them."""

    retrievals: Retrievals
    jobs: PlayedJobs
    parts: Parts

    def start(self, mode: RetrievalMode = RetrievalMode.UNATTENDED, **wanted: Any) -> Retrieval:
        given: dict[str, Any] = {"name": "shop", "shown": False, **wanted}
        return self.retrievals.start(WantedRetrieval(mode=mode, **given))

    def hands_over(self, name: str = "shop", **changes: Any) -> str:
        """Spend the ticket as the process would, and tell of all steps up to that."""
        connection, _ = tickets.hand_over(self.parts, self.jobs.job.order.ticket.text, draft(name, **changes))
        for step in RETRIEVAL_STEP_IDS[:-1]:
            self.jobs.job.on_event(StepOver(step, "done", 1.0))
        return connection.id


def draft(name: str = "shop", **changes: Any) -> Draft:
    return checked_draft(
        **{"name": name, "subdomain": "celigo", "store_hash": "abc", "access_token": A_TOKEN, **changes}
    )


@pytest.fixture
def at_hand() -> dict[str, SignInAtHand]:
    return {"sign in": SIGNED_IN}


@pytest.fixture
def played(parts: Parts, at_hand: dict[str, SignInAtHand]) -> Played:
    jobs = PlayedJobs()
    retrievals = Retrievals(
        parts, jobs, lambda _mode: at_hand["sign in"], lambda: at_hand["sign in"].is_enough, {"data_dir": "folder"}
    )
    retrievals.service_url = "http://127.0.0.1:7467"
    return Played(retrievals, jobs, parts)


# Starting


def test_the_order_holds_a_ticket_for_this_connection_and_what_signs_in(played: Played, parts: Parts):
    retrieval = played.start(oauth_scopes=("Products=read-only",))
    order = played.jobs.job.order
    assert retrieval.state is RetrievalState.RUNNING
    assert (order.id, order.wanted.name, order.sign_in) == (retrieval.id, "shop", SIGNED_IN)
    assert order.settings == {"data_dir": "folder"}
    assert tickets.ticket_by_id(parts, order.ticket.id).name == "shop"
    key = played.retrievals.proof_key_of(retrieval.id)
    assert key is not None
    assert key.key == order.proof_key.reveal().encode()
    assert played.retrievals.proof_key_of("00" * 16) is None


def test_there_is_one_at_a_time_and_another_once_it_is_over(played: Played):
    first = played.start()
    with pytest.raises(RetrievalUnderWay, match="'shop' is under way"):
        played.start(name="other")
    played.jobs.job.ends(Ended(Failure("interrupted", "It was stopped.")))
    second = played.start(name="other")
    assert [each.id for each in played.retrievals.all()] == [second.id, first.id]


def test_two_that_start_at_the_same_moment_are_one(played: Played):
    answers: list[object] = []
    gate = threading.Barrier(4)

    def attempt() -> None:
        gate.wait()
        try:
            answers.append(played.start())
        except RetrievalUnderWay as refused:
            answers.append(refused)

    callers = [threading.Thread(target=attempt) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(LIMIT)
    assert len([each for each in answers if isinstance(each, Retrieval)]) == 1
    assert (len(answers), len(played.jobs.started)) == (4, 1)


def test_without_a_display_what_needs_a_window_is_refused_before_anything_is_made(played: Played):
    played.jobs.has_display = False
    with pytest.raises(NoDisplay) as refused:
        played.start(RetrievalMode.GUIDED)
    assert "DISPLAY" in refused.value.explained.why
    with pytest.raises(NoDisplay):
        played.start(shown=True)
    assert played.jobs.started == []
    played.start(RetrievalMode.GUIDED, attach="http://127.0.0.1:9222")  # joins one that is there


def test_unattended_with_nothing_to_sign_in_with_is_refused_and_guided_is_not(
    played: Played, at_hand: dict[str, SignInAtHand]
):
    at_hand["sign in"] = SignInAtHand("o@shop.example")
    assert not played.retrievals.can_sign_in()
    with pytest.raises(NothingToSignInWith) as refused:
        played.start()
    assert "never asks for them" in refused.value.explained.why
    played.start(RetrievalMode.GUIDED, shown=True)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"auth_type": "basic"}, "/auth_type"),
        ({"channel_id": 0}, "/channel_id"),
        ({"scopes": ("Everything",)}, "/scopes"),
        ({"tags": ("",)}, "/tags/0"),
        ({"store_hash": "-"}, "/store_hash"),
    ],
)
def test_what_does_not_fit_is_pointed_at_before_a_browser_is_started(
    played: Played, wanted: dict[str, Any], pointer: str
):
    with pytest.raises(InvalidInput) as refused:
        played.start(**wanted)
    assert [each.pointer for each in refused.value.fields] == [pointer]
    assert played.jobs.started == []


def test_what_the_process_refuses_before_it_begins_is_refused_and_not_remembered(played: Played):
    refusal = Failure("invalid-input", "There is no such scope.", "", "Choose one.", 2, (("/oauth_scopes/0", "None."),))
    played.jobs.first = (Ended(refusal),)
    with pytest.raises(InvalidInput, match="no such scope") as refused:
        played.start(oauth_scopes=("Everything",))
    assert [each.pointer for each in refused.value.fields] == ["/oauth_scopes/0"]
    assert played.retrievals.all() == ()


def test_a_taken_name_is_refused_unless_it_is_to_be_replaced(played: Played, parts: Parts):
    connection = add.add_connection(parts, draft("Shop"))
    with pytest.raises(NameTaken):
        played.start()
    played.start(replace=True)
    order = played.jobs.job.order
    assert (order.wanted.name, order.ticket.replaces) == ("Shop", connection.id)
    assert order.replaced is not None
    assert (order.replaced["id"], order.replaced["store_hash"]) == (connection.id, "abc")
    assert A_TOKEN.reveal() not in str(order.replaced)


def test_nothing_is_remembered_of_one_that_could_not_be_started(played: Played):
    played.jobs.failure = StorageFailed("It could not be started.")
    with pytest.raises(StorageFailed):
        played.start()
    assert played.retrievals.all() == ()
    played.jobs.failure = None
    played.start()


def test_a_service_that_does_not_answer_yet_or_any_more_starts_none(played: Played):
    played.retrievals.service_url = None
    with pytest.raises(ServiceUnreachable):
        played.start()
    played.retrievals.close()
    with pytest.raises(ServiceUnreachable, match="being stopped"):
        played.start()


# Orders


def test_orders_reach_the_process_and_what_it_heeds_is_told(played: Played):
    shown = played.start(shown=True)
    job = played.jobs.job
    job.on_event(Sees("sign-in", "The sign-in page of BigCommerce."))
    played.retrievals.tell(shown.id, OrderWord.PAUSE)
    played.retrievals.tell(shown.id, OrderWord.MINE)
    played.retrievals.tell(shown.id, OrderWord.MINE, "save")
    played.retrievals.tell(shown.id, OrderWord.RESUME)
    assert job.told == [
        (OrderWord.PAUSE, None),
        (OrderWord.MINE, "sign-in"),
        (OrderWord.MINE, "save"),
        (OrderWord.RESUME, None),
    ]
    job.on_event(Heeds(paused=True, mine="save"))
    now = played.retrievals.get(shown.id)
    assert (now.paused, now.mine) == (True, "save")


def test_a_step_cannot_be_left_to_a_person_who_has_no_window_or_after_it_is_over(played: Played):
    hidden = played.start()
    with pytest.raises(Conflict, match="no browser window"):
        played.retrievals.tell(hidden.id, OrderWord.MINE, "save")
    played.retrievals.tell(hidden.id, OrderWord.CANCEL)
    shown = played.start(shown=True)
    with pytest.raises(Conflict, match="This step is over"):
        played.retrievals.tell(shown.id, OrderWord.MINE)
    played.jobs.job.on_event(StepOver("sign-in", "done", 1.0))
    with pytest.raises(Conflict, match="This step is over"):
        played.retrievals.tell(shown.id, OrderWord.MINE, "sign-in")


def test_one_that_is_over_or_unknown_takes_no_orders(played: Played):
    retrieval = played.start()
    played.retrievals.cancel(retrieval.id)
    with pytest.raises(Conflict, match="no orders any more"):
        played.retrievals.tell(retrieval.id, OrderWord.PAUSE)
    assert played.retrievals.cancel(retrieval.id).state is RetrievalState.CANCELLED
    for ask in (played.retrievals.get, played.retrievals.cancel, played.retrievals.forget):
        with pytest.raises(NotFound):
            ask("x")
    with pytest.raises(NotFound):
        played.retrievals.changes("x", 0, 1)


def test_one_that_is_over_can_be_forgotten(played: Played):
    retrieval = played.start()
    assert played.retrievals.forget(retrieval.id) is False
    played.retrievals.cancel(retrieval.id)
    assert played.retrievals.forget(retrieval.id) is True
    assert played.retrievals.all() == ()


# Ending


def test_a_connection_that_is_handed_over_is_proven_by_the_service_itself(played: Played, parts: Parts):
    retrieval = played.start()
    connection_id = played.hands_over()
    played.jobs.job.ends(Ended(None, None, connection_id, (ACCOUNT,), 0))
    ended = played.retrievals.get(retrieval.id)
    assert (ended.state, ended.connection_id, ended.created) == (RetrievalState.DONE, connection_id, (ACCOUNT,))
    stored = parts.repository.get(connection_id)
    assert (stored.verified_at is not None) == (ended.status_of("verify") == "done")
    assert ended.status_of("verify") in {"done", "failed"}


def test_a_connection_that_cannot_be_proven_now_is_stored_all_the_same_and_that_is_said(
    played: Played, monkeypatch: pytest.MonkeyPatch
):
    def unreachable(*_: object) -> None:
        raise ServiceUnreachable("BigCommerce does not answer.")

    monkeypatch.setattr(retrieval_run.verify, "verify_connection", unreachable)
    retrieval = played.start()
    played.jobs.job.ends(Ended(None, None, played.hands_over(), (ACCOUNT,)))
    ended = played.retrievals.get(retrieval.id)
    assert (ended.state, ended.status_of("verify")) == (RetrievalState.DONE, "failed")
    assert "could not be proven now" in ended.lines[-1]


def test_a_process_that_is_lost_after_the_hand_over_has_stored_the_connection(played: Played):
    retrieval = played.start()
    connection_id = played.hands_over()
    played.jobs.job.ends()
    ended = played.retrievals.get(retrieval.id)
    assert (ended.state, ended.connection_id) == (RetrievalState.DONE, connection_id)


def test_a_process_that_is_lost_before_that_names_what_it_may_have_left(played: Played):
    retrieval = played.start()
    played.jobs.job.on_event(MayExist(ACCOUNT))
    played.jobs.job.ends()
    ended = played.retrievals.get(retrieval.id)
    assert (ended.state, ended.created) == (RetrievalState.FAILED, (ACCOUNT,))
    assert ended.failure is not None
    assert ACCOUNT in ended.failure.why


def test_one_that_is_cancelled_and_killed_before_it_made_anything_is_cancelled(played: Played):
    played.jobs.first = ()
    caller = threading.Thread(target=played.start)
    caller.start()
    while not played.jobs.started:
        assert caller.is_alive()
    played.jobs.job.ends_when_cancelled = False
    (retrieval,) = played.retrievals.all()
    played.retrievals.cancel(retrieval.id)
    assert played.jobs.job.cancelled.wait(LIMIT)
    played.jobs.job.kill()
    caller.join(LIMIT)
    assert played.retrievals.get(retrieval.id).state is RetrievalState.CANCELLED


def test_a_service_that_stops_cancels_and_then_kills(played: Played, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "STOP_SECONDS", 0.01)
    monkeypatch.setattr(module, "_LAST_SECONDS", 0.01)
    retrieval = played.start()
    job = played.jobs.job
    job.ends_when_cancelled = False
    played.retrievals.close()
    assert (job.cancelled.is_set(), job.killed) == (True, True)
    assert played.retrievals.get(retrieval.id).state.is_over


def test_a_second_wish_to_stop_kills_at_once_and_says_what_may_be_left(played: Played, monkeypatch: pytest.MonkeyPatch):
    played.start()
    job = played.jobs.job
    job.ends_when_cancelled = False
    job.on_event(MayExist(ACCOUNT))
    waits = iter([KeyboardInterrupt])

    def wait(_seconds: float) -> bool:
        for wish in waits:
            raise wish
        return True

    monkeypatch.setattr(job, "wait", wait)
    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        stop_retrievals(played.retrievals, out)
    assert job.killed
    assert f"The API account {ACCOUNT!r} may be left at BigCommerce." in out.getvalue()


def test_a_stop_says_nothing_of_retrievals_that_were_over_before(played: Played):
    played.start()
    played.jobs.job.on_event(MayExist(ACCOUNT))
    played.jobs.job.ends()
    out = io.StringIO()
    stop_retrievals(played.retrievals, out)
    assert out.getvalue() == ""


def test_how_it_ended_is_recorded_with_who_started_it(played: Played, parts: Parts):
    parts.repository.record_with(Recorder(parts.vault, parts.clock, "folder"))
    played.start()
    played.jobs.job.ends(Ended(Failure("sign-in-refused", "It was refused.", exit_code=3), "sign-in"))
    parts.noted.write()
    found = parts.repository.audit_page(AuditFilter(None, None, None), limit=10).entries
    (entry,) = [each for each in found if each.told.deed.action == "retrieve"]
    assert (entry.told.who, entry.told.deed.outcome, entry.told.deed.connection_name) == (
        "user",
        "sign-in-refused",
        "shop",
    )
    assert "a password" not in str(found)


# Following


def test_who_follows_sees_every_change_and_then_the_end(played: Played):
    retrieval = played.start()
    seen: list[Any] = []

    def follow() -> None:
        seen.extend(each for each in played.retrievals.changes(retrieval.id, 0, LIMIT) if each is not None)

    followers = [threading.Thread(target=follow) for _ in range(2)]
    for follower in followers:
        follower.start()
    played.jobs.job.on_event(Sees("sign-in", "An empty window."))
    played.jobs.job.on_event(StepOver("sign-in", "done", 1.0))
    played.retrievals.cancel(retrieval.id)
    for follower in followers:
        follower.join(LIMIT)
    ends = [each for each in seen if each.retrieval.state is RetrievalState.CANCELLED and each.kind.value == "state"]
    assert len(ends) == 2
    last = max(each.number for each in seen)
    assert list(played.retrievals.changes(retrieval.id, last, LIMIT)) == []
    again = list(played.retrievals.changes(retrieval.id, 0, LIMIT))
    assert [each.number for each in again if each is not None] == sorted(each.number for each in again if each)


def test_a_stream_ends_when_its_time_is_over_and_when_the_service_stops(played: Played):
    retrieval = played.start()
    numbers = [each.number for each in played.retrievals.changes(retrieval.id, 0, 0) if each is not None]
    assert numbers
    left = played.retrievals.changes(retrieval.id, numbers[-1], LIMIT)
    played.jobs.job.ends_when_cancelled = True
    stopping = threading.Thread(target=played.retrievals.close)
    stopping.start()
    list(left)
    stopping.join(LIMIT)
    assert not stopping.is_alive()


def test_only_the_last_few_are_remembered(played: Played, clock: Clock):
    del clock
    for number in range(15):
        played.retrievals.cancel(played.start(name=f"shop {number}").id)
    assert len(played.retrievals.all()) <= 12
    assert played.retrievals.all()[0].wanted.name == "shop 14"


def test_a_kept_session_that_has_ended_is_dropped(played: Played, parts: Parts, at_hand: dict[str, SignInAtHand]):
    dropped: list[str | None] = []

    class Sessions:
        def drop(self, email: str | None) -> None:
            dropped.append(email)

    object.__setattr__(parts, "sessions", Sessions())
    at_hand["sign in"] = replace(SIGNED_IN, kept_session=Secret("{}"))
    played.start()
    played.jobs.job.ends(Ended(Failure("sign-in-needed", "It has ended.", exit_code=3), "sign-in", session_over=True))
    assert dropped == [SIGNED_IN.email]
