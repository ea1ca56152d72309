"""Guided retrievals from end to end, with a service: what a person is asked where the credentials are lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from fake_service import FakeService
from persons import Person, Seen
from playwright.sync_api import Page

from automation.core.errors import CredentialsLost
from automation.core.request import RetrievalRequest
from automation.jobs.account_names import api_account_name_from
from automation.jobs.hand_over import WantedConnection
from automation.jobs.rehearsal import rehearse
from automation.jobs.reports import RehearsalReport, RetrievalReport
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import GuideSettings, RunOptions
from automation.runners.guided import GuidedHands
from automation.runners.unattended import SignIn
from companion.core.errors import ServiceUnreachable
from companion.core.secret import Secret
from companion.settings import load_settings
from simulated_store.serving.server import RunningStore
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = pytest.mark.browser

T = TypeVar("T")
AGAIN, LEAVE = "Delete it and try again", "Leave it and stop"


def retrieved(
    served: RunningStore,
    monkeypatch: pytest.MonkeyPatch,
    on_turn: Callable[[Person, Seen, Page], bool],
    service: FakeService | None = None,
    meanwhile: Callable[[Seen], None] = lambda _seen: None,
) -> RetrievalReport:
    return _with_a_person(served, monkeypatch, on_turn, service, meanwhile, retrieve_and_hand_over)


def rehearsed(
    served: RunningStore,
    monkeypatch: pytest.MonkeyPatch,
    on_turn: Callable[[Person, Seen, Page], bool],
    service: FakeService,
) -> RehearsalReport:
    return _with_a_person(served, monkeypatch, on_turn, service, lambda _seen: None, rehearse)


def _with_a_person(
    served: RunningStore,
    monkeypatch: pytest.MonkeyPatch,
    on_turn: Callable[[Person, Seen, Page], bool],
    service: FakeService | None,
    meanwhile: Callable[[Seen], None],
    job: Callable[[RetrievalRequest, WantedConnection, Any, RunOptions], T],
) -> T:
    owner = served.state.owner
    person = Person(lambda: None, owner, plan=lambda _step, _what: "rest")
    person.on_turn = lambda seen, page: on_turn(person, seen, page)
    pause = GuidedHands.pause

    def with_a_person(hands: GuidedHands) -> None:
        person.page_of = lambda: hands._inner.page(0)
        person.turn()
        pause(hands)

    go_on = GuidedHands._go_on

    def watched(hands: GuidedHands) -> None:
        seen = person.look()
        if seen is not None:
            meanwhile(seen)
        go_on(hands)

    monkeypatch.setattr(GuidedHands, "pause", with_a_person)
    monkeypatch.setattr(GuidedHands, "_go_on", watched)
    return job(
        RetrievalRequest(api_account_name_from("Companion"), patience=10.0),
        WantedConnection("shop"),
        service or FakeService(),
        RunOptions(
            load_settings(host_map=served.host_map, ca_file=served.ca_file),
            SignIn(owner.email, Secret(owner.password)),
            guide=GuideSettings(),
        ),
    )


@pytest.mark.sampled(1)
@pytest.mark.parametrize("answer", [AGAIN, LEAVE])
def test_the_person_says_what_becomes_of_an_account_without_credentials(
    served: RunningStore, bigcommerce: SimulatedBigCommerce, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    bigcommerce.variants = Variants(window="never", txt="never")
    asked: list[str] = []

    def answered(person: Person, seen: Seen, page: Page) -> bool:
        if answer not in seen.buttons:
            return False
        asked.append(seen.what)
        bigcommerce.variants = Variants()
        person.press(seen, page, answer)
        return True

    if answer == LEAVE:
        with pytest.raises(CredentialsLost) as failure:
            retrieved(served, monkeypatch, answered)
        [account] = bigcommerce.store.api_accounts
        assert [made.name for made in failure.value.created] == [account.name]
    else:
        report = retrieved(served, monkeypatch, answered)
        [account] = bigcommerce.store.api_accounts
        assert report.created[0].name == account.name
        assert len(bigcommerce.store.deleted_api_accounts) == 1
        assert account.name not in asked[0]
        assert report.human_actions == 0
    assert "again, and try once more?" in asked[0]


@pytest.mark.sampled(1, group="guided hand-over")
def test_a_service_that_is_away_is_told_in_the_page_until_it_takes_the_connection(
    served: RunningStore, bigcommerce: SimulatedBigCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    class Away(FakeService):
        """Does not answer before the person has read so."""

        def hand_over(self, *arguments: Any, **options: Any) -> Any:
            if not told:
                raise ServiceUnreachable("The service does not answer.")
            return super().hand_over(*arguments, **options)

    def read(seen: Seen) -> None:
        if seen.texts["alert"]:
            told.append(seen.texts["alert"])

    report = retrieved(served, monkeypatch, lambda *_: False, Away(), read)
    [account] = bigcommerce.store.api_accounts
    assert report.created[0].name == account.name
    assert told[0].startswith("The service does not answer. The credentials are kept in memory")


def test_a_dry_run_with_a_person_fills_the_form_in_and_makes_nothing(
    served: RunningStore, bigcommerce: SimulatedBigCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = FakeService()

    report = rehearsed(served, monkeypatch, lambda *_: False, service)
    statuses = {str(step.id): step.status for step in report.steps}
    assert {statuses[step] for step in ("sign-in", "enter-name", "set-scopes")} <= {"done", "by-user"}
    assert [statuses[step] for step in ("save", "read-credentials", "hand-over", "verify")] == ["skipped"] * 4
    assert (bigcommerce.store.api_accounts, bigcommerce.store.deleted_api_accounts) == ([], [])
    assert (service.stored, service.handed) == ([], [])
    assert not any(
        each.method == "POST" and each.path == "/admin/app-api/api-accounts" for each in bigcommerce.requests
    )
