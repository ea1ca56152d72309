"""What each event makes of a retrieval, and what is told of the changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from automation.core.flows.retrieval import STEP_IDS
from companion.core.retrieval import (
    Retrieval,
    RetrievalState,
    after,
    lost,
    over,
    stopping,
    what_to_do,
)
from companion.core.retrieval_changes import ChangeKind, Changes
from companion.core.retrieval_events import (
    Ended,
    Event,
    Failure,
    Heeds,
    MayExist,
    Ready,
    Says,
    Sees,
    StepOver,
    ToDo,
)
from companion.core.retrieval_order import RetrievalMode, WantedRetrieval
from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=3)
CONNECTION = "01a204ff-9355-7472-b89f-73702f86e0a4"
READY = Ready("BigCommerce Companion k3v9q2x7ab", ("store_storefront_api",))


def begun(mode: RetrievalMode = RetrievalMode.UNATTENDED) -> Retrieval:
    return Retrieval("ab" * 16, WantedRetrieval("shop", mode), NOW)


def told(*events: Event, mode: RetrievalMode = RetrievalMode.UNATTENDED) -> Retrieval:
    retrieval = begun(mode)
    for event in events:
        retrieval = after(retrieval, event, LATER)
    return retrieval


def up_to(step: str) -> list[Event]:
    """The events of a retrieval that has come up to, and not into, a step."""
    done = RETRIEVAL_STEP_IDS[: RETRIEVAL_STEP_IDS.index(step)]
    return [READY, Sees("sign-in", "An empty window."), *(StepOver(each, "done", 1.0) for each in done)]


def test_the_steps_are_those_of_the_program():
    assert RETRIEVAL_STEP_IDS == STEP_IDS


def test_it_starts_runs_and_names_the_account_that_it_will_make():
    assert begun().state is RetrievalState.STARTING
    assert "being started" in what_to_do(begun())
    running = told(READY)
    assert running.state is RetrievalState.RUNNING
    assert (running.api_account, running.oauth_scopes) == (READY.api_account, READY.oauth_scopes)
    assert running.created == ()


def test_what_is_seen_first_begins_the_first_step_and_a_step_that_is_over_the_next():
    retrieval = told(READY, Sees("sign-in", "An empty window."))
    assert (retrieval.step_under_way, retrieval.step_since, retrieval.sees) == ("sign-in", LATER, "An empty window.")
    retrieval = after(retrieval, StepOver("sign-in", "by-user", 12.5), LATER)
    assert (retrieval.status_of("sign-in"), retrieval.step_under_way) == ("by-user", "open-storefront")
    assert retrieval.steps[0].seconds == 12.5


def test_what_is_seen_of_a_later_step_takes_none_back():
    retrieval = told(*up_to("save"), Sees("read-credentials", "The window."))
    assert retrieval.step_under_way == "save"
    assert [step.status for step in retrieval.steps][:9] == ["done"] * 9


def test_a_connection_that_is_handed_over_is_proven_next():
    retrieval = told(*up_to("verify"), Ended(None, None, CONNECTION, (READY.api_account,), 1))
    assert retrieval.state is RetrievalState.RUNNING
    assert (retrieval.step_under_way, retrieval.connection_id) == ("verify", CONNECTION)
    assert "being proven" in what_to_do(retrieval)
    ended = over(after(retrieval, StepOver("verify", "done", 0.3), LATER), LATER)
    assert (ended.state, ended.created, ended.human_actions) == (RetrievalState.DONE, (READY.api_account,), 1)
    assert {step.status for step in ended.steps} == {"done"}


def test_a_failure_is_at_its_step_and_what_comes_after_is_skipped():
    failure = Failure("control-missing", "It is not there.", next_step="Look for it.")
    retrieval = told(*up_to("create-api-account"), Ended(failure, "create-api-account"))
    assert retrieval.state is RetrievalState.FAILED
    assert retrieval.status_of("create-api-account") == "failed"
    assert {step.status for step in retrieval.steps[6:]} == {"skipped"}
    assert what_to_do(retrieval) == "Look for it."
    assert after(retrieval, Sees("save", "Anything."), LATER) == retrieval


def test_one_that_was_told_to_stop_is_cancelled_and_takes_a_pause_back():
    retrieval = stopping(told(*up_to("save"), Heeds(paused=True, mine=None)))
    assert (retrieval.state, retrieval.paused) == (RetrievalState.STOPPING, False)
    assert "taken back first" in what_to_do(retrieval)
    ended = after(retrieval, Ended(Failure("interrupted", "The retrieval was interrupted.")), LATER)
    assert ended.state is RetrievalState.CANCELLED
    assert stopping(ended) == ended


def test_one_that_begins_only_after_it_was_told_to_stop_goes_on_stopping():
    assert after(stopping(begun()), READY, LATER).state is RetrievalState.STOPPING


def test_what_a_process_may_have_left_is_named_when_it_is_lost():
    failure = lost(told(*up_to("save"), MayExist(READY.api_account)))
    assert repr(READY.api_account) in failure.why
    assert "Delete it" in failure.next_step
    assert lost(told(MayExist("x"), MayExist(None))).why.startswith("Nothing was made")


def test_what_the_person_is_told_in_the_browser_is_what_is_to_do_until_the_step_is_over():
    guided = told(
        *up_to("enter-name"),
        ToDo("enter-name", "Enter the name.", "It is yours.", "“Save” waits."),
        mode=RetrievalMode.GUIDED,
    )
    assert what_to_do(guided) == "“Save” waits. Enter the name. It is yours."
    assert "look there" in what_to_do(after(guided, StepOver("enter-name", "by-user", 2.0), LATER))
    assert "paused" in what_to_do(after(guided, Heeds(paused=True, mine=None), LATER))


def test_a_step_that_was_left_to_the_person_is_the_helpers_again_once_it_is_over():
    retrieval = told(*up_to("save"), Heeds(paused=False, mine="save"))
    assert retrieval.mine == "save"
    assert after(retrieval, StepOver("save", "by-user", 2.0), LATER).mine is None


def test_only_so_many_lines_are_kept():
    retrieval = told(*(Says(f"line {number}") for number in range(80)))
    assert (len(retrieval.lines), retrieval.lines[-1]) == (50, "line 79")


# What is told of it


@pytest.fixture
def changes() -> Changes:
    return Changes(begun())


def test_who_comes_first_is_told_everything_in_order_and_who_comes_late_the_last_of_each(changes: Changes):
    seen = 0
    numbers: list[int] = []
    for event in (*up_to("save"), Sees("save", "The form.")):
        changes.become(after(changes.retrieval, event, LATER))
        new = changes.since(seen)
        numbers += [each.number for each in new]
        seen = numbers[-1]
    assert numbers == sorted(set(numbers))
    late = changes.since(0)
    assert [each.step for each in late if each.kind is ChangeKind.STEP] == list(RETRIEVAL_STEP_IDS[:10])
    assert len([each for each in late if each.kind is ChangeKind.NOW]) == 1
    assert changes.since(seen) == []


def test_what_changes_nothing_is_not_told(changes: Changes):
    assert changes.become(after(changes.retrieval, READY, LATER)) is True
    before = changes.since(0)
    assert changes.become(changes.retrieval) is False
    assert changes.since(0) == before


def test_the_end_is_told_last(changes: Changes):
    changes.become(after(changes.retrieval, READY, LATER))
    changes.become(over(changes.retrieval, LATER, Failure("interrupted", "It was stopped.")))
    assert changes.since(0)[-1].kind is ChangeKind.STATE
