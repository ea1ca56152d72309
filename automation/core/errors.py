"""The errors of the automation.

They hold names, ids and addresses, never a `Secret` and never a page's HTML.

    AutomationError
    ├── SignInNeeded         no session, and nothing to sign in with
    ├── SignInRefused        the password was refused; it is tried once
    ├── CodeNeeded           a one-time code is asked for and none can be had, or it was refused
    ├── UserLocked           the user is locked
    │   └── PasswordExpired  the user has to set a new password first
    ├── PersonNeeded         the sign-in asks for something that only a person can do
    ├── StoreChoiceNeeded    several stores or accounts, and none was named
    ├── StepFailed           a step could not be done
    │   ├── ControlMissing   a documented control is not on the page
    │   ├── NotPermitted     this user may not do this step
    │   ├── ScopeNotOffered  the form does not offer a scope that is needed
    │   │   └── ScopesUnread not every scope that the form would set can be read
    │   ├── WitnessesDisagree two readings of the same value differ
    │   ├── PanelRefused     the control panel answered with a message of its own
    │   ├── ApiAccountNameTaken  an API account of the name is there already
    │   ├── CredentialsLost  the API account may exist, but its credentials were not shown
    │   ├── AccountNotFound  the API account that was recorded is not in the list
    │   └── AccountUnclear   which API account in the list is the recorded one cannot be told, or what it may do
    ├── PanelUnreachable     a page does not load: no network, server error, maintenance
    │   └── SignInUnanswered the password was sent, and what came of it is not known
    ├── BrowserUnavailable   no browser could be found, installed or started, or it was closed
    ├── Interrupted          the person stopped the run
    └── Unexpected           something happened that nothing foresaw
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from companion.core.errors import CompanionError, FieldError


@dataclass(frozen=True)
class Created:
    """Something that now exists at BigCommerce because of this run."""

    kind: str
    name: str


class AutomationError(CompanionError):
    """Root of the automation's errors.

    Attributes:
        step: id of the step that was under way, where one was.
        created: what now exists at BigCommerce because of the run.
    """

    code = "automation-failed"
    exit_code = 4

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next_step: str = "",
        fields: tuple[FieldError, ...] = (),
        step: str | None = None,
        created: tuple[Created, ...] = (),
    ) -> None:
        super().__init__(what, why=why, next_step=next_step, fields=fields)
        self.step = step
        self.created = created


class SignInNeeded(AutomationError):
    """There is no session, and nothing to sign in with."""

    code = "sign-in-needed"
    exit_code = 3


class SignInRefused(AutomationError):
    """BigCommerce refused e-mail address or password; they are tried once, since six refusals lock the user.

    Six: BigCommerce's Help Center, "Unlocking Your User Account".
    """

    code = "sign-in-refused"
    exit_code = 3


class CodeNeeded(AutomationError):
    """A one-time code is asked for and none can be had, or it was refused."""

    code = "code-needed"
    exit_code = 3


class UserLocked(AutomationError):
    """The user is locked."""

    code = "user-locked"
    exit_code = 3


class PasswordExpired(UserLocked):
    """BigCommerce wants a new password before it lets the user on."""

    code = "password-expired"


class PersonNeeded(AutomationError):
    """The sign-in asks for something that only a person can do: a challenge, or an identity provider's page."""

    code = "person-needed"
    exit_code = 3


class StoreChoiceNeeded(AutomationError):
    """The user has several stores or accounts, and none was named, or one that is not among them."""

    code = "store-choice-needed"
    exit_code = 3


class StepFailed(AutomationError):
    """A step could not be done."""

    code = "step-failed"


class ControlMissing(StepFailed):
    """A documented control is not on the page."""

    code = "control-missing"


class NotPermitted(StepFailed):
    """This user may not do this step."""

    code = "not-permitted"


class ScopeNotOffered(StepFailed):
    """The form does not offer a scope that is needed."""

    code = "scope-not-offered"


class ScopesUnread(ScopeNotOffered):
    """Not every scope that the form would set can be read."""

    code = "scopes-unread"


class WitnessesDisagree(StepFailed):
    """Two readings of the same value differ; neither is trusted and nothing is stored."""

    code = "witnesses-disagree"


class PanelRefused(StepFailed):
    """The control panel answered with a message of its own."""

    code = "panel-refused"


class ApiAccountNameTaken(StepFailed):
    """The store has an API account of the name already; nothing was made."""

    code = "api-account-name-taken"
    exit_code = 8


class CredentialsLost(StepFailed):
    """The API account may exist, but its credentials were not shown."""

    code = "credentials-lost"


class AccountNotFound(StepFailed):
    """The API account that was recorded is not in the list."""

    code = "api-account-not-found"


class AccountUnclear(StepFailed):
    """Which API account in the list is the recorded one cannot be told, or which scopes it has."""

    code = "api-account-unclear"


class PanelUnreachable(AutomationError):
    """A page does not load: no network, server error or maintenance."""

    code = "panel-unreachable"
    exit_code = 10
    permanent: ClassVar[bool] = False


class SignInUnanswered(PanelUnreachable):
    """The password was sent once, and neither a refusal nor a session came of it."""

    code = "sign-in-unanswered"


class BrowserUnavailable(AutomationError):
    """No browser could be found, installed or started, or it was closed."""

    code = "browser-unavailable"
    permanent: ClassVar[bool] = False


class Interrupted(AutomationError):
    """The person stopped the run."""

    code = "interrupted"
    exit_code = 130
    permanent: ClassVar[bool] = False


class Unexpected(AutomationError):
    """Something happened that nothing foresaw; what it said may hold a secret, so only its kind is named."""

    code = "retrieval-unexpected"
    exit_code = 1
