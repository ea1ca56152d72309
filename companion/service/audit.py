"""The audit chain: what is recorded of a use, who is recorded, and whether the chain is whole.

Changes are recorded by the repository, in the transaction that makes them. Uses of a secret that change nothing here
are noted and written in groups, about a second apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from companion.core.audit import DONE, KEY_BYTES, LONGEST_DETAIL, Anchor, Deed, Finding, Told, first_break
from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection
from companion.core.envelope import audit_key_associated_data, open_envelope, seal_envelope
from companion.core.errors import CompanionError, Tampered
from companion.ports import AuditFilter, AuditPage, Clock
from companion.service.parts import Parts
from companion.service.vault import Vault

USER = "user"

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
        bound = audit_key_associated_data(self.folder_id)
        envelope = seal_envelope(key, wrap=self.vault.keys.wrap, associated_data=bound, entropy=self.vault.entropy)
        return key, envelope

    def open_key(self, envelope: bytes) -> bytes:
        """Return the key of the chain.

        Raises:
            Tampered: the envelope does not open.
            WrongKey, KeysUnavailable: as the key provider says.
        """
        try:
            return open_envelope(
                envelope, unwrap=self.vault.keys.unwrap, associated_data=audit_key_associated_data(self.folder_id)
            )
        except Tampered as damage:
            raise Tampered(
                "The key of the audit record does not open, so nothing can be recorded and nothing was changed.",
                why=damage.explained.why,
                next_step="Restore the database from a backup.",
            ) from None


@dataclass
class Use:
    """A use of a secret while it goes on.

    Attributes:
        outcome: to be set where it is more than `done`.
    """

    outcome: str = DONE


@contextmanager
def used(parts: Parts, action: AuditAction, connection: Connection, detail: str = "") -> Iterator[Use]:
    """Note a use of a connection's secrets, however it ends."""
    use = Use()
    try:
        yield use
    except BaseException as failure:
        use.outcome = failure.code if isinstance(failure, CompanionError) else CompanionError.code
        raise
    finally:
        deed = Deed(action, connection.id, connection.name, use.outcome, detail[:LONGEST_DETAIL])
        parts.noted.note(teller(parts.clock, deed))


@contextmanager
def attempted(parts: Parts, action: AuditAction, connection: Connection) -> Iterator[None]:
    """Note a change that used a connection's secrets and came to nothing; one that is made is recorded with itself."""
    try:
        yield
    except CompanionError as failure:
        parts.noted.note(teller(parts.clock, Deed(action, connection.id, connection.name, failure.code)))
        raise


def audit_page(parts: Parts, wanted: AuditFilter, *, limit: int, before: int | None) -> AuditPage:
    """Return one page, newest first.

    Raises:
        InvalidInput: `limit` or `before` is none; the pointer says which.
        StorageFailed: what was noted could not be written, or nothing could be read.
    """
    parts.noted.write()
    return parts.repository.audit_page(wanted, limit=limit, before=before)


@dataclass(frozen=True)
class ChainState:
    """Whether the chain is whole.

    Attributes:
        anchor: where it ends, for keeping elsewhere.
        broken: the first thing that is wrong; None where it is whole.
    """

    anchor: Anchor
    broken: Finding | None


def chain_state(parts: Parts, anchor: Anchor | None = None) -> ChainState:
    """Walk the whole chain.

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
            return ChainState(nothing, missing if lost else None)
        broken = first_break(chain.key, chain.head, chain.entries, anchor)
        return ChainState(Anchor(chain.head.count, chain.head.mac), broken)
