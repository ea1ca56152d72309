"""Hands that show a person what to press and wait, or do it for them when asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from automation.browser.fibers import in_thread
from automation.core.actions import (
    Action,
    ByHand,
    CheckBeforeSave,
    CloseTab,
    Command,
    EnterCode,
    EnterSignIn,
    Open,
    Press,
    Scroll,
)
from automation.core.decisions.form import CHECK_HOLDS
from automation.core.errors import AutomationError, CredentialsLost, Interrupted
from automation.core.extract.element import Control
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.guidance import (
    Guidance,
    Verb,
    control_of,
    handing_over,
    question,
    question_of_left,
    tab_of,
    to_do,
    told_of,
    under_way,
    with_loss,
)
from automation.core.guided import Guided, decide_guided, is_for_a_person, picks_from_what_was_opened
from automation.core.progress import Progress
from automation.core.snapshot import Observation, Tab
from automation.overlay.guide import Guide
from automation.pages.locate import announce
from automation.runners.credit import Credit
from automation.runners.heard import Heard
from automation.runners.questions import Questions
from automation.runners.tabs_of_the_run import TabsOfTheRun
from automation.runners.terminal import Terminal
from automation.runners.unattended import Downloads, SignIn, UnattendedHands

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

T = TypeVar("T")
_ORDER = tuple(step.id for step in STEPS)
# A person takes no notice of a fifth of a second, and a page that is looked at all the time has less for them.
_LOOK_AGAIN_MS = 200.0
_LISTEN_MS = 20.0
_SOON = 0.5  # seconds
# How long a page that did not load is left alone before it is asked for again: a network comes back unannounced.
_LOADS_AGAIN = 5.0


class GuidedHands:
    """Shows a person what to press, and does what they leave to it; see `UnattendedHands` for the rest.

    The browser's own questions are left to the person, too, as long as nothing is deleted.

    Its clock stands still while it waits for the person, so that nobody's patience is used up by somebody thinking.

    Args:
        sign_in: what the helper may type if it is asked to; all of it may be missing.
        cover: whether the values in the credentials window are covered.
        own_tab, check_page: as `UnattendedHands`.
        say: called with a line for what cannot be shown in the page.
        on_show: told what the panel shows from now on.
    """

    def __init__(
        self,
        context: BrowserContext,
        downloads: Downloads,
        sign_in: SignIn,
        *,
        check_before_save: Callable[[], None],
        cover: bool = True,
        own_tab: bool = False,
        check_page: Callable[[Page], None] = lambda _page: None,
        say: Callable[[str], None] = lambda _line: None,
        on_show: Callable[[Guidance], None] = lambda _guidance: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._guide = Guide(cover=cover, on_show=on_show)
        self._inner = UnattendedHands(
            context,
            downloads,
            sign_in,
            check_before_save=check_before_save,
            own_tab=own_tab,
            on_page=self._guide.meet,
            check_page=check_page,
            leaves_questions=True,
        )
        self._sign_in = sign_in
        self._heard = Heard(self._guide)
        self._terminal = Terminal(say)
        self._tabs = TabsOfTheRun(self._inner)
        self._clock = clock
        self._looked_at = clock()
        self._stood_still = 0.0
        self._waits = False
        self._loaded_at = 0.0
        self._at_work_since: float | None = None
        self._checked_at: float | None = None
        self._rest = False
        self._helped: tuple[StepId, Action] | None = None
        self._lost = False
        self._alert = ""
        self._tab: Tab | None = None
        self._progress: Progress | None = None
        self._guided: Guided | None = None
        self._left_so: Progress | None = None
        self._credit = Credit()

    @property
    def confirms(self) -> bool:
        """Whether the browser's own questions are answered with yes: only while something is deleted on purpose."""
        return self._inner.confirms

    @confirms.setter
    def confirms(self, wanted: bool) -> None:
        self._inner.confirms = wanted

    def decide(self, progress: Progress, observation: Observation) -> tuple[Progress, Command]:
        """Decide what to do next; Save is watched from the moment the form is there."""
        guided = self._guided = decide_guided(self._as_they_left_it(progress), observation)
        self._progress = guided.progress
        if guided.save is not None:
            self._point_at(guided.save, 0, "save")
        return guided.progress, guided.command

    def _as_they_left_it(self, progress: Progress) -> Progress:
        left, self._left_so = self._left_so, None
        return progress if left is None else replace(progress, kept=left.kept, unread_kept=left.unread_kept)

    def credited(self, step: StepId, status: str) -> str:
        """Return the status of a step that is over: `by-user` where the person had a hand in it."""
        return self._credit.status(step, status)

    @property
    def dealt_with(self) -> int:
        """How many codes, choices and challenges of the sign-in the person dealt with."""
        return self._credit.dealt_with

    def observe(self) -> Observation:
        """Return what the browser shows now, less the tabs that are the person's own."""
        now = self._clock()
        if self._waits:
            self._stood_still += now - self._looked_at
        self._looked_at = now
        self._listen()
        seen = self._inner.observe()
        opened = StepId.OPEN_STOREFRONT in self._credit.helper | self._credit.person
        tabs = tuple(tab for tab in seen.tabs if self._tabs.has(tab, storefront_opened=opened))
        self._tab = next((tab for tab in tabs if tab.number == 0), None)
        pressed = self._heard.take_pressed()
        if pressed:
            self._credit.the_person()
        blocked = seen.blocked or self._heard.covered
        return replace(seen, at=now - self._stood_still, tabs=tabs, done_by_person=pressed, blocked=blocked)

    def act(self, step: StepId, action: Action) -> bool:
        """Show one action to the person, or do it where it is not theirs or they asked for it.

        Raises:
            AutomationError: the person gave up, or it can never be carried out.
        """
        if self.confirms:
            return self._inner.act(step, action)
        if isinstance(action, CloseTab) and step is not StepId.READ_SUBDOMAIN:
            self._tabs.hide(action.tab)
            return True
        if self._guided is not None and self._guided.looks_through:
            return self._do(step, action, counts=False)
        if not is_for_a_person(step, action, self._tab):
            if not isinstance(action, CheckBeforeSave | CloseTab | Scroll):
                self._credit.turn_from(None)
            return self._do(step, action, counts=isinstance(action, Open) and action.tab is None)
        helped, self._helped = self._helped, None
        self._turn_to(step, action)
        if self._heard.save_held and step is StepId.SAVE and isinstance(action, Press) and not action.aside:
            self._credit.person.add(StepId.SAVE)
            return self._save_for_person(action)
        wish = self._heard.wish(step)
        if wish is Verb.STOP:
            raise self._given_up(action)
        if wish in {Verb.DO_REST, Verb.PAUSE}:
            self._rest = wish is Verb.DO_REST
        elif wish is Verb.CANNOT_FIND:
            self._lost = True
        elif wish is Verb.LEAVE_SO and self._guided is not None and self._guided.may_stay:
            self._left_so = self._guided.left_so()
            self._credit.person.add(step)
            return False
        wished = wish is Verb.DO_IT or picks_from_what_was_opened(helped, step, action)
        if (wished or self._rest) and self._can_help(action):
            self._helped = (step, action)
            return self._do(step, action)
        self._show(step, action)
        return False

    def wait(self) -> None:
        """Let the page go on for a moment."""
        if not self.confirms and self._progress is not None:
            step = self._step_under_way()
            wish = self._heard.wish(None)
            if wish is Verb.STOP:
                raise stopped()
            if wish is Verb.PAUSE:
                self._rest = False
            now = self._clock()
            if self._waits or self._at_work_since is None:
                self._at_work_since = now
            self._waits = False
            if now - self._at_work_since >= _SOON:  # else the panel would say so at every press
                self._guide.show(with_loss(under_way(step, helping=self._rest), self._lost_by_page()))
        self._inner.wait()

    def agrees_to_delete(self, failure: CredentialsLost, account: str, interrupted: Callable[[], bool]) -> bool:
        """Ask the person whether an account without credentials is to be deleted, and the run tried again.

        Where no page of BigCommerce's is open to ask in, it is: nobody could ever use that account.
        """
        asked = question(StepId.READ_CREDENTIALS, failure, account)
        return self._questions(interrupted).answer(asked) is not False

    def agrees_to_delete_left(self, account: str, interrupted: Callable[[], bool]) -> bool | None:
        """Ask the person whether an account that a killed run may have left is to be deleted; None is no answer."""
        return self._questions(interrupted).answer(question_of_left(account))

    def handing_over(self, deliver: Callable[[], T]) -> T:
        """Do the hand-over beside the page, in which it is told; where the service is away, it takes a minute."""
        self._guide.show(handing_over())
        with ThreadPoolExecutor(max_workers=1) as pool:
            return in_thread(pool, self._go_on, deliver)

    def tell_trouble(self, line: str) -> None:
        """Show in the page why the hand-over takes so long; may be called in any thread."""
        self._guide.show(handing_over(line))

    def _go_on(self) -> None:
        if self._inner.page(0) is None:
            time.sleep(_LISTEN_MS / 1000)
        else:
            self._inner.rest()

    def _questions(self, interrupted: Callable[[], bool]) -> Questions:
        return Questions(self._guide, self._heard, self._inner, self.pause, interrupted)

    def pause(self) -> None:
        """Wait a moment for the person; shorter where they ask for something."""
        for _ in range(int(_LOOK_AGAIN_MS / _LISTEN_MS)):
            self._inner.rest()
            self._listen()
            if self._heard.anything:
                return

    def leave(self) -> None:
        """Close the tabs of this run, where the browser is somebody's and goes on."""
        self._inner.leave()

    # Between the run and the person

    def _do(self, step: StepId, action: Action, *, counts: bool = True) -> bool:
        """Do it.

        Args:
            counts: whether the helper does by this what the step asks of a person.
        """
        if counts and not (isinstance(action, Press) and action.aside):
            self._credit.helper.add(step)
        control = control_of(action)
        if control is not None:
            self._point_at(control, tab_of(action), "helper")
            if control.frame:
                self._inner.announce_at_top("helper")
        if isinstance(action, EnterSignIn | EnterCode) and action.submit is not None:
            self._point_at(action.submit, 0, "helper")
        if isinstance(action, CheckBeforeSave):
            self._checked_at = self._clock()
        else:
            self._heard.save_held = False
        self._credit.nothing_shown()
        self._waits, self._lost = False, False
        self._at_work_since = self._clock()
        if control is not None:
            self._alert = ""
        return self._inner.act(step, action)

    def _save_for_person(self, action: Press) -> bool:
        """Carry out the press of Save that was held; what was checked before a long wait is checked again."""
        if self._checked_at is None or self._clock() - self._checked_at > CHECK_HOLDS:
            self._inner.act(StepId.SAVE, CheckBeforeSave())
        return self._do(StepId.SAVE, action, counts=False)

    def _turn_to(self, step: StepId, action: Action) -> None:
        """Notice whether what was shown before is no longer asked for: then the person has done it."""
        if self._heard.save_held and step is not StepId.SAVE:
            self._heard.save_held = False
            self._alert = "“Save” waits until this is done:"
        if self._credit.turn_to(step, action):
            self._lost = False

    def _show(self, step: StepId, action: Action) -> None:
        self._inner.check_page(action)
        self._waits = True
        self._credit.asked.add(step)
        if not self._credit.shown_aside:
            self._heard.covered = False  # told again where something still lies over it
        if isinstance(action, ByHand):
            self._rest = False  # what the helper cannot do it does not try again by itself
            if step is StepId.SAVE:
                self._alert = told_of(action.error)  # still there once the form is looked at again
        control = control_of(action)
        if control is not None:
            self._point_at(control, tab_of(action), "target")
        store_hash = self._progress.store_hash if self._progress is not None else None
        away = isinstance(action, ByHand) and self._tab is not None and self._tab.failure is not None
        guidance = to_do(
            step,
            action,
            can_help=self._can_help(action),
            lost=self._lost,
            alert=self._alert,
            store_hash=store_hash,
            besides=self._guided.progress.besides if self._guided is not None else None,
            may_stay=self._guided is not None and self._guided.may_stay,
        )
        if away:
            guidance = replace(guidance, alert=f"{guidance.alert} It is tried again every few seconds.")
        guidance = with_loss(guidance, self._lost_by_page())
        self._guide.show(guidance)
        self._terminal.tell(guidance, self._tab)
        self.pause()
        if away:
            self._load_again(step)

    def _load_again(self, step: StepId) -> None:
        """Ask again for a page that did not load for want of a network; where the answer was an error, nobody asks."""
        now = self._clock()
        if self._tab is not None and self._tab.url and now - self._loaded_at >= _LOADS_AGAIN:
            self._loaded_at = now
            self._inner.act(step, Open(self._tab.url))

    def _lost_by_page(self) -> str | None:
        """What the browser says of a network that is away; a page that did not load tells of it itself."""
        return self._tab.lost if self._tab is not None and self._tab.failure is None else None

    def _listen(self) -> None:
        self._heard.listen(self._credit.shown_step)

    def _can_help(self, action: Action) -> bool:
        match action:
            case ByHand():
                return False
            case EnterSignIn():
                return bool(self._sign_in.email and self._sign_in.password)
            case EnterCode():
                return self._sign_in.authenticator_code is not None or self._sign_in.emailed_code is not None
            case _:
                return True

    def _point_at(self, control: Control, tab: int, what: str) -> None:
        page = self._inner.page(tab)
        if page is not None:
            announce(page, control, what)

    def _step_under_way(self) -> StepId:
        if self._progress is None:
            return StepId.SIGN_IN
        if self._progress.save_pressed_at is not None:
            return StepId.READ_CREDENTIALS
        return next((step for step in _ORDER if step not in dict(self._progress.steps)), _ORDER[-1])

    def _given_up(self, action: Action) -> AutomationError:
        return action.error if isinstance(action, ByHand) else stopped()


def stopped() -> Interrupted:
    """Return what ends a run that the person has stopped."""
    return Interrupted("You stopped the retrieval.", next_step="Start it again when you are ready.")
