"""Everything that is worth keeping as one sealed stream of bytes; `companion.service.restore` is the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from companion.core.audit import AuditEntry, Head
from companion.core.backup_audit import ChainLine, chain_line, entry_line
from companion.core.backup_file import BackupKey
from companion.core.backup_records import first_line, last_line, line_of
from companion.core.connection import Connection
from companion.core.envelope import (
    associated_data,
    chapter_key_associated_data,
    open_envelope,
    rewrap_envelope,
    seal_envelope,
)
from companion.core.errors import CompanionError, Tampered, WrongKey
from companion.core.key_usage import Unopened
from companion.ports.audit import StoredChain
from companion.ports.backup import BackupStorage
from companion.ports.connections import SecretField, StoredConnection
from companion.ports.keys import KeyProvider

FIELDS = (SecretField.ACCESS_TOKEN, SecretField.STOREFRONT_TOKEN)
"""The secrets of a connection that go into a backup."""


@dataclass
class BackedUp:
    """What went into a backup, once all of it was written.

    Attributes:
        unopened: what was left out, since it does not open.
        entries: of the audit record, its earlier chapters too.
    """

    connections: int
    unopened: list[Unopened]
    entries: int = 0


def backup_pieces(
    storage: BackupStorage, keys: KeyProvider, key: BackupKey, *, folder_id: str, made_at: datetime, version: str,
    done: BackedUp,
) -> Iterator[bytes]:  # fmt: skip
    """Yield the file piece by piece; all connections and the audit chain as of one moment.

    Each secret is opened once, so that nothing goes in that could not come out. Its payload stays sealed as it is; the
    data key comes under the backup's key.

    Args:
        done: is filled in on the way.

    Raises:
        KeysUnavailable, StorageFailed: the file is not whole.
    """

    def lines() -> Iterator[bytes]:
        yield first_line(made_at=made_at, version=version, folder_id=folder_id)
        with storage.everything() as everything:
            yield from _connections(everything.connections, keys, key, done)
            yield from _chains(everything.chain, key, folder_id, done)
        yield last_line(done.connections, done.entries)

    return key.sealed(lines())


def _connections(
    connections: Iterable[StoredConnection], keys: KeyProvider, key: BackupKey, done: BackedUp
) -> Iterator[bytes]:
    for stored in connections:
        secrets: dict[str, bytes] = {}
        try:
            for field in FIELDS:
                if (envelope := stored.secrets.get(field)) is not None:
                    bound = bound_to(stored.connection, field)
                    open_envelope(envelope, unwrap=keys.unwrap, associated_data=bound)
                    secrets[field.value] = rewrap_envelope(
                        envelope, unwrap=keys.unwrap, wrap=key.wrap, associated_data=bound
                    )
        except (Tampered, WrongKey) as damage:
            done.unopened.append(Unopened("connection", f"{stored.connection.name!r}", damage.explained.why))
            continue
        done.connections += 1
        yield line_of(stored.connection, secrets)


def _chains(chain: StoredChain | CompanionError, key: BackupKey, folder_id: str, done: BackedUp) -> Iterator[bytes]:
    """Yield the chains as they are: what is wrong with one is seen where it is restored, too."""
    if isinstance(chain, CompanionError):
        done.unopened.append(Unopened("audit record", "", chain.explained.why))
        return

    def one(head: Head, chain_key: bytes, entries: Iterable[AuditEntry], chapter: int | None,
            restored_at: datetime | None) -> Iterator[bytes]:  # fmt: skip
        bound = chapter_key_associated_data(folder_id, chapter or 0)
        envelope = seal_envelope(chain_key, wrap=key.wrap, associated_data=bound, entropy=key.entropy)
        yield chain_line(ChainLine(chapter, restored_at, head, envelope))
        for entry in entries:
            done.entries += 1
            yield entry_line(entry)

    if chain.head is not None and chain.key is not None:
        yield from one(chain.head, chain.key, chain.entries, None, None)
    for each in chain.chapters:
        try:
            chapter_key = each.key()
        except (Tampered, WrongKey) as damage:
            done.unopened.append(Unopened("chapter of the audit record", str(each.number), damage.explained.why))
            continue
        yield from one(each.head, chapter_key, each.entries, each.number, each.restored_at)


def bound_to(connection: Connection, field: SecretField) -> bytes:
    """Return the associated data of a secret of a connection."""
    return associated_data(connection_id=connection.id, field=field, store_hash=connection.store_hash)
