"""The errors of the companion; imports no other part but the exit codes, so that everything may import it.

Every error says what happened, why, and what to do next. It holds names, ids and addresses, never a `Secret` and never
a page's HTML. The `code` links the screen, the log, the API answer and the documentation.

    CompanionError
    ├── InvalidInput               what was typed, piped or sent does not fit; names each field
    │   ├── MalformedRequest       no JSON, or JSON that means two things
    │   ├── InvalidPath            a path of the REST API that could lead elsewhere
    │   ├── BackupDamaged          a file that is no whole backup
    │   ├── InvalidSetting         an environment variable or configuration entry does not fit
    │   └── ConfirmationNeeded     cannot be undone, and nobody said yes
    ├── NotFound                   no such connection, ticket or path
    ├── Conflict                   the name is taken, the lock is held, the state is another
    │   ├── NameTaken
    │   ├── PortInUse
    │   ├── AlreadyRunning         another service of the same data folder runs
    │   ├── WrongWorld             made in the real world, used in a simulated one, or the other way round
    │   ├── ReauthorizeNeeded      a `token` connection that cannot be used from servers
    │   ├── RetrievalUnderWay      a browser is at work for the web page already
    │   ├── NoDisplay              a browser window is needed, and there is no graphical session
    │   └── NothingToSignInWith    nobody is there, and the service cannot sign in by itself
    ├── StaleRevision              If-Match names an older revision
    ├── RevisionNeeded             If-Match is missing
    ├── NotAuthorized              no token, or one the service does not know
    ├── IdentityUnavailable        the identity provider's keys cannot be fetched
    ├── NotAllowed                 a known caller asked for what it may not do, or came from where it may not
    │   └── SignInAgain            the web page asked for what needs a sign-in of a moment ago
    ├── TooManyTries               after wrong passphrases nothing is tried for a while
    ├── TooManyStreams             others follow a retrieval's events on all connections that are for that
    ├── TooMuchAtOnce              others have long requests under way
    ├── KeysUnavailable            the key-encryption key cannot be reached
    │   ├── WrongKey               a key was found, but not the one that sealed this
    │   ├── KeyUsedUp              a key has made as many encryptions as one may make
    │   ├── KeyRetired             sealed under a key that was rotated away meanwhile
    │   ├── WrongPassphrase        another passphrase than the one the keys are sealed under
    │   └── Locked
    ├── Tampered                   an envelope does not open: changed, swapped or cut short
    ├── StorageFailed              the database could not be read or written
    ├── ServiceUnreachable         the companion service does not answer
    ├── BigCommerceRefused         the credentials were refused
    │   └── NotProven              new credentials do not do all they are to do; the old ones were kept
    ├── BigCommerceRejectedRequest BigCommerce answered, but would not do it
    └── BigCommerceUnreachable     no answer, maintenance, or a rate limit: trying later can help
        ├── InMaintenance
        └── RateLimited
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import ClassVar

from companion.core.exit_codes import ExitCode


@dataclass(frozen=True)
class Explained:
    """What a person or a program needs to know about a failure.

    Attributes:
        what: what happened, and to what; one sentence.
        why: the cause as far as it is known; may be empty.
        next_step: what to do now; may be empty.
    """

    what: str
    why: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class FieldError:
    """One field that was refused.

    Attributes:
        pointer: JSON pointer into what was sent, such as `/store_hash`; empty for the whole of it.
        detail: what is wrong with it and what would be right. Never repeats the value.
    """

    pointer: str
    detail: str


class CompanionError(Exception):
    """Root of all errors that the companion raises on purpose.

    Attributes:
        code: stable name of the cause, in kebab case.
        http_status: the status with which the service answers.
        exit_code: the exit code of the program (listed in the README).
        permanent: False where trying again later, unchanged, can help.
        action: one stable word for a program to act on; None where there is none.
        retry_after: seconds after which trying again can help, told as `Retry-After`; None where that is not known.
    """

    code: ClassVar[str] = "unexpected"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = ExitCode.UNEXPECTED
    permanent: ClassVar[bool] = True
    action: ClassVar[str | None] = None
    retry_after: int | None = None

    def __init__(self, what: str, *, why: str = "", next_step: str = "", fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(what)
        self.explained = Explained(what, why, next_step)
        self.fields = fields

    def __str__(self) -> str:
        return " ".join(part for part in (self.explained.what, self.explained.why, self.explained.next_step) if part)


class InvalidInput(CompanionError):
    """What was typed, piped or sent does not fit; `fields` names each field."""

    code = "invalid-input"
    http_status = 422
    exit_code = ExitCode.INVALID_INPUT

    def __init__(self, what: str, *, why: str = "", next_step: str = "", fields: tuple[FieldError, ...] = ()) -> None:
        named = "the fields named" if fields else "what was given"
        super().__init__(what, why=why, next_step=next_step or f"Correct {named}, and try again.", fields=fields)


class MalformedRequest(InvalidInput):
    """A request that cannot be read: no JSON, or JSON that means two things."""

    code = "malformed-request"
    http_status = 400


class InvalidPath(InvalidInput):
    """A path of BigCommerce's REST API that is none, or that could lead beside the connection's own store."""

    code = "invalid-path"
    http_status = 400


class InvalidSetting(InvalidInput):
    """An environment variable or configuration entry does not fit."""

    code = "invalid-setting"


class BackupDamaged(InvalidInput):
    """A file that is no backup, or was changed or cut short; nothing was restored."""

    code = "backup-damaged"


class ConfirmationNeeded(InvalidInput):
    """Something cannot be undone, and nobody said yes."""

    code = "confirmation-needed"


class NotFound(CompanionError):
    """No such connection, ticket or path."""

    code = "not-found"
    http_status = 404
    exit_code = ExitCode.NOT_FOUND


class Conflict(CompanionError):
    """What is there stands in the way of what was asked."""

    code = "conflict"
    http_status = 409
    exit_code = ExitCode.CONFLICT


class NameTaken(Conflict):
    """Another connection has this name; names are unique ignoring case."""

    code = "name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is already a connection named {name!r}.",
            why="Names are unique, ignoring case.",
            next_step="Choose another name, or replace that connection with "
            f"`companion connect {shlex.quote(name)} --replace`.",
        )


class PortInUse(Conflict):
    """Another program listens on the port that the service was to use."""

    code = "port-in-use"


class AlreadyRunning(Conflict):
    """Another service of the same data folder runs."""

    code = "already-running"


class WrongWorld(Conflict):
    """The connection was made in the real world and is used in a simulated one, or the other way round."""

    code = "wrong-world"


class ReauthorizeNeeded(Conflict):
    """A `token` connection cannot be used from servers."""

    code = "reauthorize-needed"
    action = "reauthorize"


class RetrievalUnderWay(Conflict):
    """A browser is at work for the web page already; there is one at a time."""

    code = "retrieval-under-way"


class NoDisplay(Conflict):
    """A browser window is needed, and there is no graphical session."""

    code = "no-display"


class NothingToSignInWith(Conflict):
    """An unattended retrieval, and neither a kept browser session nor e-mail address and password of the service."""

    code = "nothing-to-sign-in-with"
    exit_code = ExitCode.SIGN_IN_NEEDED


class StaleRevision(CompanionError):
    """If-Match names an older revision than the stored one."""

    code = "stale-revision"
    http_status = 412
    exit_code = ExitCode.CONFLICT


class RevisionNeeded(CompanionError):
    """A change was asked for without If-Match."""

    code = "revision-needed"
    http_status = 428
    exit_code = ExitCode.INVALID_INPUT


class NotAuthorized(CompanionError):
    """No token was sent, or one that the service does not know."""

    code = "not-authorized"
    http_status = 401
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED


class IdentityUnavailable(CompanionError):
    """Whether an identity that was passed on counts cannot be said now: the provider's keys cannot be fetched."""

    code = "identity-unavailable"
    http_status = 503
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED
    permanent = False


class NotAllowed(CompanionError):
    """A known caller asked for what it may not do, or a request came from where it may not."""

    code = "not-allowed"
    http_status = 403
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED


class SignInAgain(NotAllowed):
    """A session of the web page asked for what needs a sign-in of a moment ago."""

    code = "sign-in-again"
    action = "sign-in-again"


class TooManyTries(CompanionError):
    """After wrong passphrases nothing is tried for a while."""

    code = "too-many-tries"
    http_status = 429
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED
    permanent = False

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Too many wrong passphrases were given; this one was not tried.",
            next_step=f"Try again in {seconds} second{'' if seconds == 1 else 's'}.",
        )
        self.retry_after = seconds


class TooManyStreams(CompanionError):
    """All connections that are for following a retrieval's events are in use."""

    code = "too-many-streams"
    http_status = 503
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED
    permanent = False

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Too many pages follow this retrieval.",
            why="Only a part of the service's connections is for that.",
            next_step=f"Close another page that shows it, or try again in {seconds} seconds.",
        )
        self.retry_after = seconds


class TooMuchAtOnce(CompanionError):
    """As many long requests are under way as there may be."""

    code = "too-much-at-once"
    http_status = 503
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED
    permanent = False

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "The service has other long requests under way.",
            why="Few are read at once, since each takes much memory. Nothing was sent to BigCommerce.",
            next_step=f"Try again in {seconds} seconds, or send them one after the other.",
        )
        self.retry_after = seconds


class KeysUnavailable(CompanionError):
    """The key-encryption key cannot be reached; nothing was changed."""

    code = "keys-unavailable"
    http_status = 503
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED
    permanent = False


class WrongKey(KeysUnavailable):
    """The key provider holds a key, but not the one under which this data folder is sealed."""

    code = "wrong-key"
    permanent = True


class WrongPassphrase(KeysUnavailable):
    """The passphrase is not the one under which the keys, or a backup, are sealed."""

    code = "wrong-passphrase"
    http_status = 403
    permanent = True

    def __init__(self) -> None:  # one text for all wrong ones
        super().__init__(
            "The passphrase is not the right one.",
            why="Nothing was opened or changed.",
            next_step="Check its spelling, and the keyboard's layout, and try again.",
        )


class KeyUsedUp(KeysUnavailable):
    """A key-encryption key has made as many encryptions as one may make; it still opens what it sealed."""

    code = "key-used-up"
    permanent = True


class KeyRetired(KeysUnavailable):
    """A secret was sealed under a key that another process has rotated away meanwhile; nothing was stored."""

    code = "key-retired"


class Locked(KeysUnavailable):
    """The keys are locked; unlocking them helps."""

    code = "locked"
    http_status = 423


class Tampered(CompanionError):
    """An envelope does not open: changed, swapped with another, or cut short."""

    code = "tampered"
    http_status = 500
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED


class StorageFailed(CompanionError):
    """The database could not be read or written."""

    code = "storage-failed"
    http_status = 507
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED
    permanent = False


class ServiceUnreachable(CompanionError):
    """The companion service does not answer, or what answers is not it."""

    code = "service-unreachable"
    http_status = 503
    exit_code = ExitCode.UNREACHABLE_OR_LOCKED
    permanent = False


class BigCommerceRefused(CompanionError):
    """BigCommerce refused the credentials."""

    code = "bigcommerce-refused"
    http_status = 502
    exit_code = ExitCode.CREDENTIALS_REFUSED


class NotProven(BigCommerceRefused):
    """New credentials do not do all that they are to do, so they were not stored."""

    code = "not-proven"
    http_status = 409


class BigCommerceRejectedRequest(CompanionError):
    """BigCommerce answered, but would not do what was asked; the credentials are not the cause."""

    code = "bigcommerce-rejected-request"
    http_status = 502
    exit_code = ExitCode.UNEXPECTED


class BigCommerceUnreachable(CompanionError):
    """No answer from BigCommerce, maintenance, or a rate limit: trying later can help."""

    code = "bigcommerce-unreachable"
    http_status = 503
    exit_code = ExitCode.TRY_LATER
    permanent = False


class InMaintenance(BigCommerceUnreachable):
    """BigCommerce, or this store, is down for maintenance or suspended."""

    code = "bigcommerce-maintenance"


class RateLimited(BigCommerceUnreachable):
    """BigCommerce limits requests, and waiting as told did not help within bounds."""

    code = "rate-limited"
