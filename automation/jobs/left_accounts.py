"""What a killed run may have left at BigCommerce: noted before Save, and deleted by the next run in the same store.

A note holds the whole name of the account, whose end is random: what is deleted is exactly the one row that bears it,
and never one that a connection uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from automation.core.actions import Removal
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from automation.ports import Service
from automation.runners.clean_up import ConfirmingHands, remove
from companion.account_notes import AccountNote
from companion.core.errors import CompanionError
from companion.core.timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from companion.client import ConnectionDocument


class Held(Protocol):
    """The note of a run that lives; nothing is written until `write`."""

    def write(self, note: AccountNote) -> None:
        """Write it, durably, in place of what it said before. Raises `StorageFailed`."""
        ...

    def remove(self) -> None:
        """Remove it, where it was written."""
        ...


class Left(Protocol):
    """A note whose run is gone."""

    @property
    def note(self) -> AccountNote: ...

    def drop(self) -> None:
        """Remove it: the account is gone, or something else names it."""
        ...


class Notes(Protocol):
    """Where notes are kept: `companion.account_notes.AccountNotes`, or where workers on several machines see them."""

    def held(self) -> Held:
        """Return a note for one account to be made."""
        ...

    def left(self, world: str) -> Sequence[Left]:
        """Return the notes of this world whose runs are gone, oldest first."""
        ...


@dataclass(frozen=True)
class Noting:
    """How a run notes the account that it is about to make.

    Attributes:
        world: whose notes count.
        command: what is said to have made it, such as `companion connect shop`.
        on_deleted: told of each account that was left and is deleted now; what it raises is said, and stops nothing.
        keeps_named: whether the note of an account that was left stays once the failure has named it: where nobody
            reads that, another run sees to it.
    """

    notes: Notes
    world: str
    command: str
    on_deleted: Callable[[AccountNote], None] = lambda _note: None
    keeps_named: bool = False

    def left(self, store_hash: str | None = None) -> tuple[Left, ...]:
        """Return what runs that are gone have left, in one store or in all."""
        return tuple(each for each in self.notes.left(self.world) if store_hash in {None, each.note.store_hash})


class UnderWay:
    """The note of one try of a retrieval.

    Args:
        noting: None writes none.
        by_person: whether a person may press Save at any time.
    """

    def __init__(self, noting: Noting | None, *, by_person: bool) -> None:
        self._noting = noting
        self._by_person = by_person
        self._held: Held | None = None if noting is None else noting.notes.held()

    def look(self, progress: Progress) -> None:
        """Write the note where the account may be made next; again where a person gave it another name.

        Raises:
            StorageFailed: it cannot be written; nothing was made.
        """
        if self._noting is None or self._held is None or not may_be_saved(progress, by_person=self._by_person):
            return
        self._held.write(
            AccountNote(
                self._noting.world,
                progress.store_hash or "",
                progress.request.api_account_name,
                self._noting.command,
                timestamp(datetime.now(UTC).replace(microsecond=0)),
            )
        )

    def settle(self) -> None:
        """Remove the note: the account is named by a connection, or is gone."""
        if self._held is not None:
            self._held.remove()

    def settle_once_told(self) -> None:
        """Remove the note when the process ends in order, by which time what is left was named to the user."""
        import atexit

        if self._held is not None and self._noting is not None and not self._noting.keeps_named:
            atexit.register(self._held.remove)


def may_be_saved(progress: Progress, *, by_person: bool) -> bool:
    """Whether the account that the request names may come to exist before anything else is decided."""
    return progress.save_pressed_at is not None or (by_person and StepId.ENTER_NAME in dict(progress.steps))


def accounts_in_use(service: Service) -> frozenset[tuple[str, str]]:
    """Return store hash and name of the API account of every connection."""
    return frozenset(
        (each["store_hash"], account["name"])
        for page in _pages(service)
        for each in page
        if (account := each["api_account"]) is not None
    )


def forget_named(left: tuple[Left, ...], in_use: frozenset[tuple[str, str]]) -> tuple[Left, ...]:
    """Drop the notes of accounts that a connection names; returns the others."""
    for each in left:
        if (each.note.store_hash, each.note.name) in in_use:
            each.drop()
    return tuple(each for each in left if (each.note.store_hash, each.note.name) not in in_use)


def remove_left(
    hands: ConfirmingHands,
    store_hash: str,
    noting: Noting,
    service: Service,
    *,
    agreed: Callable[[str], bool | None],
    say: Callable[[str], None],
) -> None:
    """Delete what killed runs have left in the store that is open now, each only where exactly one row bears its name.

    Args:
        agreed: asked with each account's name before it is looked for; None where nobody could be asked.
    """
    left = noting.left(store_hash)
    if not left:
        return
    for each in forget_named(left, accounts_in_use(service)):
        name = each.note.name
        answer = agreed(name)
        if answer is False:
            each.drop()  # who was asked knows of it
        if not answer:
            continue
        looking = RetrievalRequest(name, store_hash=store_hash)
        outcome = remove(hands, Progress(looking, goal="delete", panel_seen=True, store_hash=store_hash))
        if outcome is Removal.LEFT:
            say(f"The API account “{name}”, which an earlier run may have left, could not be looked for and deleted.")
            continue
        each.drop()
        if outcome is Removal.DELETED:
            _record(each.note, noting, say)
        gone = "was deleted" if outcome is Removal.DELETED else "is not there"
        say(f"The API account “{name}”, which an earlier run may have left, {gone}.")


def _record(note: AccountNote, noting: Noting, say: Callable[[str], None]) -> None:
    try:
        noting.on_deleted(note)
    except CompanionError as failure:
        say(f"That the API account “{note.name}” was deleted could not be recorded. {failure.explained.what}")


def _pages(service: Service) -> Iterator[Sequence[ConnectionDocument]]:
    after: str | None = None
    while True:
        page = service.connections(None, after)
        yield page["connections"]
        after = page["next"]
        if after is None:
            return
