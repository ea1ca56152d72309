"""The audit chain: what is recorded of a use, who is recorded, and whether the chain is whole.

Changes are recorded by the repository, in the transaction that makes them. Uses of a secret that change nothing here
are noted and written in groups, about a second apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime

from companion.core.advice import explained_for
from companion.core.api_tokens import ApiToken
from companion.core.audit import DONE, KEY_BYTES, LONGEST_DETAIL, Anchor, Deed, Finding, Told, first_break
from companion.core.audit_actions import AuditAction
from companion.core.audit_chapters import Chapters
from companion.core.connection import Connection
from companion.core.envelope import audit_key_associated_data, chapter_key_associated_data, open_envelope, seal_envelope
from companion.core.errors import CompanionError, StorageFailed, Tampered, WrongKey
from companion.ports.audit import AuditFilter, AuditPage, StoredChain, StoredChapter
from companion.ports.clock import Clock
from companion.service.parts import Parts
from companion.service.vault import Vault

USER = "user"


def name_of_tool(token: ApiToken) -> str:
    """Return what the audit chain calls the holder of a tool's API token."""
    return f"tool {token.name}"


_caller: ContextVar[str] = ContextVar("acting", default=USER)


def acting(who: str) -> None:
    """Say who acts in this thread from now on, as it is recorded: `user`, `tool NAME`, `hand-over ticket`."""
    _caller.set(who)


def teller(clock: Clock, deed: Deed) -> Told:
    """Return the deed with who does it and when."""
    return Told(deed, _caller.get(), clock())


@dataclass(frozen=True)
class Recorder:
    """What a repository records with: a `companion.ports.AuditRecorder`.

    Attributes:
        folder_id: of the data folder, to which the key is bound.
    """

    vault: Vault
    clock: Clock
    folder_id: str

    def told(self, deed: Deed) -> Told:
        """Return the deed with who does it and when."""
        return teller(self.clock, deed)

    def new_key(self) -> tuple[bytes, bytes]:
        """Make a key for a new chain; returns it and its envelope's bytes."""
        key = self.vault.entropy(KEY_BYTES)
        return key, self.seal_key(key)

    def seal_key(self, key: bytes, chapter: int | None = None) -> bytes:
        """Return the envelope's bytes for the key of a chain; with `chapter` for that of an earlier one."""
        return seal_envelope(
            key, wrap=self.vault.keys.wrap, associated_data=self._bound(chapter), entropy=self.vault.entropy
        )

    def open_key(self, envelope: bytes, chapter: int | None = None) -> bytes:
        """Return the key of the chain, or of an earlier chapter.

        Raises:
            Tampered: the envelope does not open.
            WrongKey, KeysUnavailable: as the key provider says.
        """
        try:
            return open_envelope(envelope, unwrap=self.vault.keys.unwrap, associated_data=self._bound(chapter))
        except Tampered as damage:
            raise Tampered(
                "The key of the audit record does not open, so nothing can be recorded and nothing was changed."
                if chapter is None
                else f"The key of chapter {chapter} of the audit record does not open.",
                why=damage.explained.why,
                next_step="Restore the database from a backup.",
            ) from None

    def _bound(self, chapter: int | None) -> bytes:
        if chapter is None:
            return audit_key_associated_data(self.folder_id)
        return chapter_key_associated_data(self.folder_id, chapter)


@dataclass
class Use:
    """A use of a secret while it goes on.

    Attributes:
        outcome: to be set where it is more than `done`.
    """

    outcome: str = DONE


@contextmanager
def used(parts: Parts, action: AuditAction, connection: Connection, detail: str = "") -> Iterator[Use]:
    """Note a use of a connection's secrets, however it ends.

    Raises:
        StorageFailed: so many uses wait to be recorded that this one must not be made.
    """
    _check_recordable(parts)
    use = Use()
    try:
        yield use
    except BaseException as failure:
        use.outcome = failure.code if isinstance(failure, CompanionError) else CompanionError.code
        if isinstance(failure, CompanionError):
            failure.explained = explained_for(failure.explained, connection.name)
        raise
    finally:
        deed = Deed(action, connection.id, connection.name, use.outcome, detail[:LONGEST_DETAIL])
        parts.noted.note(teller(parts.clock, deed))


@contextmanager
def attempted(parts: Parts, action: AuditAction, connection: Connection) -> Iterator[None]:
    """Note a change that used a connection's secrets and came to nothing; one that is made is recorded with itself.

    Raises:
        StorageFailed: as `used`.
    """
    _check_recordable(parts)
    try:
        yield
    except CompanionError as failure:
        parts.noted.note(teller(parts.clock, Deed(action, connection.id, connection.name, failure.code)))
        failure.explained = explained_for(failure.explained, connection.name)
        raise


def _check_recordable(parts: Parts) -> None:
    why = parts.noted.why_full()
    if why is not None:
        raise StorageFailed(
            "Nothing was done with the connection, since it could not be recorded.",
            why=f"As many uses as may wait for the audit record. {why.explained.what} {why.explained.why}",
            next_step=why.explained.next_step,
        )


def tell(parts: Parts, action: AuditAction, outcome: str = DONE, detail: str = "", *, who: str | None = None) -> None:
    """Record what was done to no connection; where it cannot be written now, it waits for the next that is.

    Args:
        who: the caller, unless it is the one that acts.
    """
    told = teller(parts.clock, Deed(action, outcome=outcome, detail=detail))
    parts.noted.note(told if who is None else replace(told, who=who))
    with suppress(CompanionError):  # it is tried again, and stops nothing: a lock least of all
        parts.noted.write()


@contextmanager
def telling(parts: Parts, action: AuditAction) -> Iterator[None]:
    """Record what is done inside, however it ends; see `tell`."""
    try:
        yield
    except CompanionError as failure:
        tell(parts, action, failure.code)
        raise
    tell(parts, action)


def audit_page(parts: Parts, wanted: AuditFilter, *, limit: int, before: int | None) -> AuditPage:
    """Return one page, newest first.

    Raises:
        InvalidInput: `limit` or `before` is none; the pointer says which.
        StorageFailed: what was noted could not be written, or nothing could be read.
    """
    parts.noted.write()
    return parts.repository.audit_page(wanted, limit=limit, before=before)


@dataclass(frozen=True)
class ChapterState:
    """Whether an earlier chapter is whole.

    Attributes:
        restored_at: when a backup brought it along; None for one that is missing.
        anchor: where it ends.
        broken: the first thing that is wrong; None where it is whole.
    """

    number: int
    restored_at: datetime | None
    anchor: Anchor
    broken: Finding | None


@dataclass(frozen=True)
class ChainState:
    """Whether the chain is whole.

    Attributes:
        anchor: where it ends, for keeping elsewhere.
        broken: the first thing that is wrong; None where it is whole.
        chapters: of the earlier chains, which backups brought along.
    """

    anchor: Anchor
    broken: Finding | None
    chapters: tuple[ChapterState, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong with it, nor with an earlier chapter."""
        return self.broken is None and all(each.broken is None for each in self.chapters)


def chain_state(parts: Parts, anchor: Anchor | None = None) -> ChainState:
    """Walk the whole chain, and every earlier chapter.

    Args:
        anchor: a head that was kept elsewhere, which the chain must go through.

    Raises:
        Tampered, WrongKey, KeysUnavailable: the chain's key does not open.
        StorageFailed: it cannot be read.
    """
    parts.noted.write()
    with parts.repository.audit_chain() as chain:
        if chain.head is None or chain.key is None:
            there = next(iter(chain.entries), None)
            missing = Finding(1, "The head, which says how many entries there are, is missing.")
            nothing = Anchor(0, bytes(KEY_BYTES))
            lost = there is not None or (anchor is not None and anchor.count > 0)
            return ChainState(nothing, missing if lost else None, _chapters(chain, Chapters()))
        known = Chapters()
        anchors = () if anchor is None else (anchor,)
        broken = first_break(chain.key, chain.head, known.noting(chain.entries), anchors)
        return ChainState(
            Anchor(chain.head.count, chain.head.mac), broken, _chapters(chain, known, named=broken is None)
        )


def _chapters(chain: StoredChain, known: Chapters, *, named: bool = True) -> tuple[ChapterState, ...]:
    """Walk the chapters; `named` says that `known` is all there is, since the chain was read to its end."""
    states = {each.number: _chapter(each, known, named=named) for each in chain.chapters}
    for number in known.numbers:
        if number not in states:
            anchor = known.anchors_of(number)[-1]
            missing = Finding(1, f"Chapter {number} is missing: {anchor.count} entries.")
            states[number] = ChapterState(number, None, anchor, missing)
    return tuple(states[number] for number in sorted(states))


def _chapter(chapter: StoredChapter, known: Chapters, *, named: bool) -> ChapterState:
    anchors = known.anchors_of(chapter.number)
    broken: Finding | None
    try:
        broken = first_break(chapter.key(), chapter.head, chapter.entries, anchors)
    except (Tampered, WrongKey) as damage:
        broken = Finding(1, damage.explained.what)
    if broken is None and named and not anchors:
        broken = Finding(1, "The record does not say that this chapter was kept.")
    return ChapterState(chapter.number, chapter.restored_at, Anchor(chapter.head.count, chapter.head.mac), broken)
