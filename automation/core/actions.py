"""What `decide` can ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from automation.core.errors import AutomationError
from automation.core.extract.api_accounts import AccountRow
from automation.core.extract.element import Control
from automation.core.flows.retrieval import StepId
from automation.core.request import Captured, Sighting


@dataclass(frozen=True)
class Open:
    """Load an address in a tab; `tab` None opens a new one."""

    url: str
    tab: int | None = 0


@dataclass(frozen=True)
class CloseTab:
    """Close a tab."""

    tab: int


@dataclass(frozen=True)
class Press:
    """Click a control.

    Attributes:
        forced: whether it is clicked through whatever lies over it.
        aside: whether it is no part of a step, but puts aside what lies in the way.
    """

    control: Control
    tab: int = 0
    forced: bool = False
    aside: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Type:
    """Replace what stands in a field."""

    control: Control
    text: str
    tab: int = 0


@dataclass(frozen=True)
class Choose:
    """Choose an option of a native select by its text."""

    control: Control
    option: str
    tab: int = 0


@dataclass(frozen=True)
class Scroll:
    """Scroll a box, so that what it draws only when it is in view can be read; a document's body means the document.

    Attributes:
        to: `end`, or a little `down` or `up`.
    """

    control: Control
    to: str
    tab: int = 0


@dataclass(frozen=True)
class EnterSignIn:
    """Fill in e-mail address and password, which only the hands know, and submit."""

    email: Control | None
    password: Control | None
    submit: Control | None


@dataclass(frozen=True)
class EnterCode:
    """Fill in a one-time code, which only the hands can get, and submit.

    Attributes:
        boxes: one for each digit, where the page has them so.
    """

    field: Control
    submit: Control | None
    from_authenticator: bool
    boxes: tuple[Control, ...] = ()


@dataclass(frozen=True)
class CheckBeforeSave:
    """Make sure that the hand-over will be taken, before something is created that is shown once."""


@dataclass(frozen=True)
class ByHand:
    """Leave to a person what nothing here knows how to do; only where there is one.

    Attributes:
        error: what would end the run without a person.
    """

    error: AutomationError


Action = Open | CloseTab | Press | Type | Choose | Scroll | EnterSignIn | EnterCode | CheckBeforeSave | ByHand


@dataclass(frozen=True)
class Do:
    """Carry out one action.

    Attributes:
        look: False where nothing that matters for the next decision can have changed on the page.
    """

    step: StepId
    action: Action
    look: bool = True


@dataclass(frozen=True)
class Wait:
    """Look again when something may have changed."""

    step: StepId


@dataclass(frozen=True)
class Stop:
    """Give up."""

    error: AutomationError


@dataclass(frozen=True)
class Done:
    """Everything is captured."""

    captured: Captured


class Removal(StrEnum):
    """What became of an API account that was to be deleted again."""

    DELETED = "deleted"
    NEVER_THERE = "never-there"
    LEFT = "left"


@dataclass(frozen=True)
class Removed:
    """The deletion is over."""

    outcome: Removal


@dataclass(frozen=True)
class Listed:
    """The list of API accounts was read to its end.

    Attributes:
        rows: every account, in the order of the list.
    """

    rows: tuple[AccountRow, ...]


@dataclass(frozen=True)
class Surveyed:
    """The documented controls were looked for, and the form was left.

    Attributes:
        sightings: those that were found.
    """

    sightings: tuple[Sighting, ...]


@dataclass(frozen=True)
class Rehearsed:
    """Everything was done up to Save, and the form was left; nothing was made.

    Attributes:
        subdomain: None where the storefront's host is not `SUBDOMAIN.mybigcommerce.com`.
        oauth_scopes: `WantedScope.grant` of the scopes that were read back from the form.
    """

    store_hash: str
    subdomain: str | None
    oauth_scopes: tuple[str, ...]


Command = Do | Wait | Stop | Done | Removed | Listed | Rehearsed | Surveyed
