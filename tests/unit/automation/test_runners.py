"""The loop and the clean-up, driven by hands that only play a script."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pytest
from panel_pages import NAME, delete_question, form_page, home_page, list_page, panel_tab

from automation.core.actions import Action, Command, Do, Done, Open, Press, Removal, Removed, Stop, Wait
from automation.core.errors import AutomationError, BrowserUnavailable, CodeNeeded, Interrupted, StepFailed
from automation.core.extract.element import Control
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.core.snapshot import Observation, Tab
from automation.runners.clean_up import take_back
from automation.runners.loop import Run, StepReport
from companion.core.secret import Secret

CAPTURED = Captured("abc123", "maple", "maple.mybigcommerce.com", 1, Secret("made-up"), None, NAME, ())
SAVED = Progress(RetrievalRequest(NAME), now=0.0, store_hash="abc123", save_pressed_at=1.0, panel_seen=True)


@dataclass
class ScriptedHands:
    """Hands that show what a script says, and remember what they were asked to do.

    Attributes:
        shows: gives the tabs of the next observation; the last ones stay.
        failing: raised by the action whose number this is.
    """

    shows: list[tuple[Tab, ...]]
    failing: dict[int, Exception] = field(default_factory=dict)
    confirms: bool = False
    done: list[Action] = field(default_factory=list)
    now: float = 0.0
    waits: int = 0

    def observe(self) -> Observation:
        tabs = self.shows.pop(0) if len(self.shows) > 1 else self.shows[0]
        self.now += 0.5
        return Observation(self.now, tabs)

    def act(self, _step: StepId, action: Action) -> bool:
        self.done.append(action)
        error = self.failing.get(len(self.done))
        if error is not None:
            raise error
        return True

    def wait(self) -> None:
        self.waits += 1


def following(
    *commands: Command, over: Iterable[StepId] = ()
) -> Callable[[Progress, Observation], tuple[Progress, Command]]:
    """A rule that gives these commands one after another, with steps over as it goes."""
    left, steps = list(commands), list(over)

    def decide(progress: Progress, _seen: Observation) -> tuple[Progress, Command]:
        if steps:
            progress = progress.over(steps.pop(0))
        return progress, left.pop(0)

    return decide


def hands() -> ScriptedHands:
    return ScriptedHands([()])


def progress() -> Progress:
    return Progress(RetrievalRequest(NAME))


OPEN = Open("https://login.bigcommerce.com/login")


def test_what_is_decided_is_done_until_everything_is_captured():
    doing = hands()
    run = Run(
        following(Do(StepId.SIGN_IN, OPEN), Wait(StepId.SIGN_IN), Wait(StepId.SIGN_IN), Done(CAPTURED)),
        doing,
        progress(),
    )
    assert run.capture() is CAPTURED
    assert (doing.done, doing.waits) == ([OPEN], 2)


def test_a_stop_is_raised_as_it_is():
    error = StepFailed("No.", step=StepId.SIGN_IN)
    with pytest.raises(StepFailed) as raised:
        Run(following(Stop(error)), hands(), progress()).capture()
    assert raised.value is error


def test_what_the_hands_cannot_do_ends_the_run_and_the_progress_stays():
    doing = ScriptedHands([()], failing={1: CodeNeeded("No code.")})
    run = Run(following(Do(StepId.SIGN_IN, OPEN), over=[StepId.SIGN_IN]), doing, progress())
    with pytest.raises(CodeNeeded):
        run.capture()
    assert dict(run.progress.steps) == {StepId.SIGN_IN: "done"}


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_interruption_ends_the_run_before_the_next_look(after: int):
    doing = hands()
    looks = iter([False] * after + [True])
    run = Run(following(*[Wait(StepId.SIGN_IN)] * 5), doing, progress(), interrupted=lambda: next(looks))
    with pytest.raises(Interrupted):
        run.capture()
    assert doing.waits == after


def test_a_step_is_reported_once_and_with_the_time_it_took():
    reports: list[StepReport] = []
    waits = [Wait(StepId.SIGN_IN)] * 4
    rule = following(*waits, Done(CAPTURED), over=[StepId.SIGN_IN, StepId.SIGN_IN, StepId.READ_SUBDOMAIN])
    run = Run(rule, hands(), progress(), on_step=reports.append)
    run.capture()
    assert [(report.id, report.status) for report in reports] == [
        (StepId.SIGN_IN, "done"),
        (StepId.OPEN_STOREFRONT, "done"),
        (StepId.READ_SUBDOMAIN, "done"),
    ]
    assert [report.seconds for report in reports] == [0.0, 1.0, 0.0]
    assert run.reports == {report.id: report for report in reports}


def test_a_retrieval_that_ends_with_a_removal_is_a_mistake_of_ours():
    with pytest.raises(TypeError):
        Run(following(Removed(Removal.LEFT)), hands(), progress()).capture()


# Taking back


def test_nothing_is_looked_at_where_save_was_never_pressed():
    doing = hands()
    assert take_back(doing, replace(SAVED, save_pressed_at=None)) is Removal.NEVER_THERE
    assert (doing.now, doing.confirms) == (0.0, False)


def test_the_account_is_deleted_and_the_browsers_own_questions_are_answered():
    shown = [
        (panel_tab(form_page(NAME)),),
        (panel_tab(list_page(["ERP", NAME])),),
        (panel_tab(list_page(["ERP", NAME], menu=True)),),
        (panel_tab(list_page(["ERP", NAME], extra=delete_question(NAME))),),
        (panel_tab(list_page(["ERP"])),),
    ]
    doing = ScriptedHands(shown)
    assert take_back(doing, SAVED) is Removal.DELETED
    assert doing.confirms
    assert [type(action) for action in doing.done[:4]] == [Open, Press, Press, Press]
    assert pressed(doing)[-1].name == "Delete"


def test_a_page_that_never_comes_leaves_the_account_in_the_given_time():
    doing = ScriptedHands([(panel_tab(home_page(), pending=1),)])
    assert take_back(doing, SAVED, seconds=10.0) is Removal.LEFT
    assert doing.now <= 15.0


@pytest.mark.parametrize("error", [CodeNeeded("No code."), BrowserUnavailable("Gone."), AutomationError("What?")])
def test_an_error_meanwhile_leaves_the_account(error: AutomationError):
    doing = ScriptedHands([(panel_tab(form_page(NAME)),)], failing={1: error})
    assert take_back(doing, SAVED) is Removal.LEFT


def pressed(doing: ScriptedHands) -> list[Control]:
    return [action.control for action in doing.done if isinstance(action, Press)]
