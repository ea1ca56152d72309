"""What becomes of the API account when something fails after Save; a real browser, a service that is told to fail."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from fake_service import FakeService

from automation.browser.downloads import Downloads
from automation.core.actions import Action
from automation.core.errors import AutomationError, CredentialsLost, Interrupted, StepFailed, Unexpected
from automation.core.flows.retrieval import STEP_IDS, StepId
from automation.core.request import RetrievalRequest
from automation.core.snapshot import DownloadedText, PageSnapshot
from automation.jobs.account_names import api_account_name_from
from automation.jobs.hand_over import WantedConnection
from automation.jobs.interruption import Interruption
from automation.jobs.reports import RetrievalReport
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import RunOptions
from automation.runners.unattended import SignIn, UnattendedHands
from companion.core.errors import BigCommerceUnreachable, CompanionError, NameTaken, WrongKey
from companion.core.secret import Secret
from companion.settings import load_settings
from simulated_store.serving.server import RunningStore
from simulated_store.serving.site_faults import SAVE
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = [pytest.mark.browser, pytest.mark.sampled(3, group="retrieve and hand over")]


def retrieved(
    served: RunningStore,
    service: FakeService,
    interruption: Interruption | None = None,
    patience: float = 60.0,
    say: Callable[[str], None] = lambda _line: None,
) -> RetrievalReport:
    owner = served.state.owner
    return retrieve_and_hand_over(
        RetrievalRequest(api_account_name_from("Companion"), patience=patience),
        WantedConnection("shop"),
        service,
        RunOptions(
            load_settings(host_map=served.host_map, ca_file=served.ca_file),
            SignIn(owner.email, Secret(owner.password)),
            interruption=interruption or Interruption(),
            say=say,
        ),
    )


def failed(served: RunningStore, service: FakeService, kind: type[CompanionError], **others: object) -> CompanionError:
    with pytest.raises(kind) as failure:
        retrieved(served, service, **others)  # type: ignore[arg-type]
    return failure.value


def document_of(failure: CompanionError) -> dict[str, str]:
    document = vars(failure)["document"]
    assert [step["id"] for step in document["steps"]] == list(STEP_IDS)
    return {step["id"]: step["status"] for step in document["steps"]}


def test_a_hand_over_that_is_refused_takes_the_account_back(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    failure = failed(served, FakeService(failures=[WrongKey("Another key.")]), WrongKey)
    assert vars(failure)["step"] == "hand-over"
    assert vars(failure)["created"] == ()
    statuses = document_of(failure)
    assert (statuses["read-credentials"], statuses["hand-over"], statuses["verify"]) == ("done", "failed", "skipped")
    assert bigcommerce.store.api_accounts == []
    assert len(bigcommerce.store.deleted_api_accounts) == 1


def test_an_account_that_cannot_be_taken_back_is_named(served: RunningStore, bigcommerce: SimulatedBigCommerce) -> None:
    bigcommerce.owner.may_delete = False
    failure = failed(served, FakeService(failures=[WrongKey("Another key.")]), WrongKey, patience=10.0)
    [account] = bigcommerce.store.api_accounts
    [created] = vars(failure)["created"]
    assert (created.kind, created.name) == ("api-account", account.name)


def test_two_readings_that_disagree_store_nothing_and_leave_nothing(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.variants = Variants(wrong_window_token=True)
    service = FakeService()
    failure = failed(served, service, StepFailed)
    assert (failure.code, vars(failure)["created"]) == ("witnesses-disagree", ())
    assert service.stored == []
    assert bigcommerce.store.api_accounts == []


def test_a_name_taken_meanwhile_stops_before_save(served: RunningStore, bigcommerce: SimulatedBigCommerce) -> None:
    service = FakeService()
    taken = {"id": "id-9", "name": "Shop"}
    original = service.issue_ticket

    def issued(name: str, replace: bool = False):  # type: ignore[no-untyped-def]
        ticket = original(name, replace)
        service.stored = [taken]
        return ticket

    service.issue_ticket = issued  # type: ignore[method-assign]
    failure = failed(served, service, NameTaken)
    assert document_of(failure)["set-scopes"] == "done"
    assert document_of(failure)["save"] == "failed"
    assert not [each for each in bigcommerce.requests if (each.method, each.path) == ("POST", SAVE.rpartition(" ")[2])]


def test_what_nothing_foresaw_is_named_by_its_kind_alone_and_takes_the_account_back(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    failure = failed(served, FakeService(failures=[RuntimeError("with a secret")]), Unexpected)
    assert (failure.exit_code, vars(failure)["step"]) == (1, "hand-over")
    assert "RuntimeError" in str(failure)
    assert "with a secret" not in str(failure)
    assert bigcommerce.store.api_accounts == []


LOST = Variants(window="never", txt="never")


def test_lost_credentials_are_made_up_for_by_a_second_account_once_the_first_is_gone(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.variants = LOST
    said: list[str] = []

    def mend(line: str) -> None:
        said.append(line)
        bigcommerce.variants = Variants()

    report = retrieved(served, FakeService(), patience=8.0, say=mend)
    [account], [gone] = bigcommerce.store.api_accounts, bigcommerce.store.deleted_api_accounts
    assert account.name != gone.name
    assert account.name.split()[:-1] == gone.name.split()[:-1]
    assert [made.name for made in report.created] == [account.name]
    assert len([line for line in said if "trying once more" in line]) == 1
    assert {step.status for step in report.steps} == {"done"}


def test_credentials_lost_twice_say_what_became_of_both_accounts(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.variants = LOST
    failure = failed(served, FakeService(), CredentialsLost, patience=8.0)
    assert "second try" in failure.explained.why
    assert "of the first, nothing is left" in failure.explained.why
    assert vars(failure)["created"] == ()
    assert bigcommerce.store.api_accounts == []
    assert len(bigcommerce.store.deleted_api_accounts) == 2


def test_lost_credentials_whose_account_stays_are_not_tried_for_again(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.variants = LOST
    bigcommerce.owner.may_delete = False
    failure = failed(served, FakeService(), CredentialsLost, patience=8.0)
    [account] = bigcommerce.store.api_accounts
    assert [made.name for made in vars(failure)["created"]] == [account.name]


def test_a_run_that_is_over_keeps_neither_pages_nor_downloads(
    served: RunningStore, bigcommerce: SimulatedBigCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Downloads] = []
    watch = Downloads.watch
    monkeypatch.setattr(Downloads, "watch", lambda self, context: (kept.append(self), watch(self, context)))
    service = FakeService()
    retrieved(served, service)
    token = service.handed[0][2].reveal()
    assert [downloads.texts() for downloads in kept] == [()]
    gc.collect()
    held = [each for each in gc.get_objects() if isinstance(each, PageSnapshot | DownloadedText)]
    assert not [each for each in held if token in repr(vars(each))]


def test_a_connection_that_cannot_be_verified_now_stays_stored(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    service = FakeService(verify_failure=BigCommerceUnreachable("Maintenance."))
    report = retrieved(served, service)
    assert isinstance(report.unverified, BigCommerceUnreachable)
    assert report.steps[-1].status == "failed"
    assert len(service.stored) == len(bigcommerce.store.api_accounts) == 1


def test_ctrl_c_during_verification_keeps_the_connection_and_names_the_account(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    service = FakeService(verify_failure=KeyboardInterrupt())
    failure = failed(served, service, Interrupted)
    [account] = bigcommerce.store.api_accounts
    assert [made.name for made in vars(failure)["created"]] == [account.name]
    assert vars(failure)["step"] == "verify"
    assert len(service.stored) == 1


def test_an_interrupted_run_is_not_called_anything_else(
    served: RunningStore, bigcommerce: SimulatedBigCommerce
) -> None:
    interruption = Interruption()
    interruption.requested = True
    failure = failed(served, FakeService(), AutomationError, interruption=interruption)
    assert isinstance(failure, Interrupted)
    assert set(document_of(failure).values()) == {"failed", "skipped"}
    assert len(bigcommerce.requests) == 0


def test_what_is_at_stake_is_known_before_the_answer_to_save_is_seen(
    served: RunningStore, bigcommerce: SimulatedBigCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    interruption = Interruption()
    told: dict[str, list[str]] = {}
    act = UnattendedHands.act

    def listening(hands: UnattendedHands, step: StepId, action: Action) -> bool:
        done = act(hands, step, action)
        told[step] = [made.name for made in interruption.at_stake()]
        return done

    monkeypatch.setattr(UnattendedHands, "act", listening)
    retrieved(served, FakeService(), interruption)
    [account] = bigcommerce.store.api_accounts
    assert told["set-scopes"] == []
    assert told["save"] == [account.name]
    assert interruption.at_stake() == ()
