"""Transcripts of decisions: what is seen on one line, what is to be done about it on the next.

    play = Play()
    play.sees(blank_tab()).does("sign-in: open https://login.bigcommerce.com/login")
    play.sees(login_tab(sign_in_page())).does("sign-in: enter e-mail address and password")

Time passes only in what is seen: `does` looks again and again at the same page, each time a little later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from panel_pages import NAME

from automation.core.actions import (
    Action,
    CheckBeforeSave,
    Choose,
    CloseTab,
    Command,
    Do,
    Done,
    EnterCode,
    EnterSignIn,
    Listed,
    Open,
    Press,
    Rehearsed,
    Removed,
    Scroll,
    Stop,
    Surveyed,
    Type,
    Wait,
)
from automation.core.decide import decide
from automation.core.errors import AutomationError
from automation.core.progress import Progress
from automation.core.request import Captured, RetrievalRequest
from automation.core.snapshot import DownloadedText, Observation, Tab

LOOK_EVERY = 0.25
"""Seconds between two looks of a play."""

_LONGEST = 600.0

Rule = Callable[[Progress, Observation], tuple[Progress, Command]]


class Play:
    """One run as it would go, without a browser."""

    def __init__(self, progress: Progress | None = None, rule: Rule = decide, **request: object) -> None:
        self.progress = progress or Progress(RetrievalRequest(**{"api_account_name": NAME, **request}))  # type: ignore[arg-type]
        self._rule = rule
        self.seen: tuple[Tab, ...] = ()
        self._downloads: tuple[DownloadedText, ...] = ()
        self._blocked = False
        self._last = Observation(0.0, ())
        self.now = 1000.0
        self.log: list[str] = []
        self.command: Command | None = None

    def sees(self, *tabs: Tab, blocked: bool = False) -> Self:
        """Show these tabs from now on; `blocked` tells that the last action did not reach its control."""
        self.seen, self._blocked = tabs, blocked
        return self

    def downloads(self, text: str) -> Self:
        """Let a text file arrive."""
        self._downloads = (*self._downloads, DownloadedText(text))
        return self

    def look(self) -> str:
        """Look once, a little later, and return what is to be done."""
        self.now += LOOK_EVERY
        self._last = Observation(self.now, self.seen, self._downloads, self._blocked)
        self._blocked = False
        return self._decide()

    def goes_on(self, expected: str) -> Self:
        """The last action needs no look, and without one this is done next."""
        assert isinstance(self.command, Do)
        assert not self.command.look
        assert self._decide() == expected
        return self

    def needs_a_look(self) -> Self:
        """What comes next depends on what the last action led to."""
        assert isinstance(self.command, Do)
        assert self.command.look
        return self

    def _decide(self) -> str:
        self.progress, self.command = self._rule(self.progress, self._last)
        text = told(self.command)
        if not isinstance(self.command, Wait):
            self.log.append(text)
        return text

    def acts(self, within: float = _LONGEST) -> str:
        """Look until something is to be done, and return it."""
        end = self.now + within
        while True:
            text = self.look()
            if not isinstance(self.command, Wait):
                return text
            assert self.now < end, f"only waits: {text}"

    def does(self, expected: str, within: float = _LONGEST) -> Self:
        """The next thing to be done is this one."""
        assert self.acts(within) == expected
        return self

    def does_at_once(self, expected: str) -> Self:
        """The first look gives this."""
        assert self.look() == expected
        return self

    def waits(self, seconds: float) -> Self:
        """Nothing is to be done for this long."""
        end = self.now + seconds
        while self.now < end:
            text = self.look()
            assert isinstance(self.command, Wait), text
        return self

    def stops(self, kind: type[AutomationError], within: float = _LONGEST) -> AutomationError:
        """Give up with this error, which is returned."""
        text = self.acts(within)
        assert isinstance(self.command, Stop), text
        assert type(self.command.error) is kind, text
        return self.command.error

    def through_to(self, kind: type[AutomationError], within: float = _LONGEST) -> AutomationError:
        """Give up with this error in the end, whatever is tried before; the same is seen all the time."""
        end = self.now + within
        while True:
            text = self.acts(max(0.0, end - self.now))
            if isinstance(self.command, Stop):
                assert type(self.command.error) is kind, text
                return self.command.error

    def captures(self, within: float = _LONGEST) -> Captured:
        """Be done, with what is returned."""
        text = self.acts(within)
        assert isinstance(self.command, Done), text
        return self.command.captured

    @property
    def presses_of_save(self) -> int:
        """How often Save was pressed."""
        return sum("press “Save”" in line for line in self.log)


def told(command: Command) -> str:
    """Return a command in words; secrets are no part of one."""
    match command:
        case Do(step, action, _):
            return f"{step}: {_told_action(action)}"
        case Wait(step):
            return f"{step}: wait"
        case Stop(error):
            return f"stop: {error.code}: {error}"
        case Done():
            return "done"
        case Removed(outcome):
            return f"removed: {outcome}"
        case Rehearsed(store_hash, subdomain, _):
            return f"rehearsed: {store_hash} {subdomain}"
        case Surveyed(sightings):
            return f"surveyed: {', '.join(each.control for each in sightings)}"
        case Listed(rows):
            return f"listed: {', '.join(row.name for row in rows)}"


def _told_action(action: Action) -> str:
    match action:
        case Open(url, None):
            return f"open {url} in a new tab"
        case Open(url):
            return f"open {url}"
        case CloseTab(number):
            return f"close tab {number}"
        case Press(control, _, forced):
            return f"press “{control.name}”{' through what lies over it' if forced else ''}"
        case Type(control, text):
            return f"type “{text}” into “{control.name}”"
        case Choose(control, option):
            return f"choose “{option}” of “{control.name}”"
        case Scroll(_, to):
            return f"scroll {to}"
        case EnterSignIn(email, password, _):
            parts = (*(["e-mail address"] if email else []), *(["password"] if password else []))
            return f"enter {' and '.join(parts)}"
        case EnterCode(_, _, from_authenticator, _):
            return f"enter the code of {'an authenticator' if from_authenticator else 'an e-mail'}"
        case CheckBeforeSave():
            return "check before save"
