"""Everything that is worth keeping as one sealed stream of bytes, and back: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from companion.core.backup_file import FORMAT, BackupKey, Read, damaged
from companion.core.backup_records import connection_of, first_line, last_line, line_of, record_of
from companion.core.envelope import associated_data, open_envelope, rewrap_envelope
from companion.core.errors import CompanionError, Conflict, Tampered, WrongKey
from companion.core.key_usage import Unopened
from companion.ports import BackupStorage, ConnectionConflict, KeyProvider, OnConflict, SecretField, StoredConnection

_FIELDS = (SecretField.ACCESS_TOKEN, SecretField.STOREFRONT_TOKEN)


@dataclass
class BackedUp:
    """What went into a backup, once all of it was written.

    Attributes:
        unopened: connections that were left out, since a secret of theirs does not open.
    """

    connections: int
    unopened: list[Unopened]


@dataclass(frozen=True)
class Restored:
    """What came out of a backup.

    Attributes:
        kept: names that were taken, and stayed as they are.
        replaced: names of what the backup's took the place of.
    """

    connections: int
    kept: tuple[str, ...]
    replaced: tuple[str, ...]
    made_at: datetime


class BackupConflicts(Conflict):
    """Connections of the backup are there already; nothing was changed."""

    code = "backup-conflicts"

    def __init__(self, conflicts: tuple[ConnectionConflict, ...]) -> None:
        names = ", ".join(
            repr(each.name) if each.name == each.stored_name else f"{each.name!r} (here {each.stored_name!r})"
            for each in conflicts[:20]
        )
        more = f" and {len(conflicts) - 20} more" if len(conflicts) > 20 else ""
        super().__init__(
            f"{len(conflicts)} connection{' is' if len(conflicts) == 1 else 's are'} here already: {names}{more}.",
            why="Nothing was changed.",
            next_step="Run it again with `--on-conflict keep` to leave those here as they are, or `--on-conflict "
            "replace` to put the backup's in their place; or rename them first.",
        )
        self.document = {
            "conflicts": [{"name": each.name, "stored_name": each.stored_name, "id": each.id} for each in conflicts]
        }


def backup_pieces(
    storage: BackupStorage, keys: KeyProvider, key: BackupKey, *, folder_id: str, made_at: datetime, version: str,
    done: BackedUp,
) -> Iterator[bytes]:  # fmt: skip
    """Yield the file piece by piece; all connections as of one moment.

    Each secret is opened once, so that nothing goes in that could not come out. Its payload stays sealed as it is; the
    data key comes under the backup's key.

    Args:
        done: is filled in on the way.

    Raises:
        KeysUnavailable, StorageFailed: the file is not whole.
    """

    def lines() -> Iterator[bytes]:
        yield first_line(made_at=made_at, version=version, folder_id=folder_id)
        for stored in storage.everything():
            connection = stored.connection
            secrets: dict[str, bytes] = {}
            try:
                for field in _FIELDS:
                    if (envelope := stored.secrets.get(field)) is not None:
                        bound = _bound(stored, field)
                        open_envelope(envelope, unwrap=keys.unwrap, associated_data=bound)
                        secrets[field.value] = rewrap_envelope(
                            envelope, unwrap=keys.unwrap, wrap=key.wrap, associated_data=bound
                        )
            except (Tampered, WrongKey) as damage:
                done.unopened.append(Unopened("connection", f"{connection.name!r}", damage.explained.why))
                continue
            done.connections += 1
            yield line_of(connection, secrets)
        yield last_line(done.connections)

    return key.sealed(lines())


def restore(
    storage: BackupStorage, keys: KeyProvider, open_again: Callable[[], tuple[BackupKey, Read]], on_conflict: OnConflict
) -> Restored:
    """Put all connections of a backup into the storage, in one transaction.

    The file is read twice: first to its end, to authenticate all of it, open every secret and find conflicts; nothing
    is written before that. Its data keys come under the present key of this data folder.

    Args:
        open_again: opens the file at its beginning and reads its head.

    Raises:
        BackupDamaged, WrongPassphrase: nothing was changed.
        BackupConflicts: with `OnConflict.STOP`; nothing was changed.
        KeyUsedUp, KeysUnavailable, StorageFailed: nothing was changed.
    """
    key, read = open_again()
    made_at, conflicts = _looked_through(storage, key, read)
    if conflicts and on_conflict is OnConflict.STOP:
        raise BackupConflicts(conflicts)

    def rewrapped() -> Iterator[StoredConnection]:
        key, read = open_again()
        for stored in _connections(key.opened(read)):
            yield replace(
                stored,
                secrets={
                    field: rewrap_envelope(
                        envelope, unwrap=key.unwrap, wrap=keys.wrap, associated_data=_bound(stored, field)
                    )
                    for field, envelope in stored.secrets.items()
                },
            )

    kept, replaced, restored = storage.restore(rewrapped, on_conflict)
    return Restored(restored, kept, replaced, made_at)


def _looked_through(
    storage: BackupStorage, key: BackupKey, read: Read
) -> tuple[datetime, tuple[ConnectionConflict, ...]]:
    lines = key.opened(read)
    made_at: datetime | None = None
    count, ended = 0, None
    found: list[ConnectionConflict] = []
    seen: set[str] = set()
    waiting: list[tuple[str, str]] = []
    for line in lines:
        record = record_of(line)
        if ended is not None or (made_at is None) != (record.get("kind") == "backup"):
            raise damaged("Its records are not in order.")
        if made_at is None:
            made_at = _begun(record)
        elif record.get("kind") == "end":
            ended = record.get("connections")
        else:
            stored = _stored(record)
            for field, envelope in stored.secrets.items():
                _open(key, stored, field, envelope)
            count += 1
            seen.add(stored.connection.id)
            waiting.append((stored.connection.id, stored.connection.name))
            if len(waiting) == 500:
                found.extend(storage.conflicts_with(waiting))
                waiting.clear()
    found.extend(storage.conflicts_with(waiting))
    if made_at is None or ended != count or len(seen) != count:
        raise damaged("It does not hold what it says that it holds.")
    return made_at, tuple(found)


def _connections(lines: Iterator[bytes]) -> Iterator[StoredConnection]:
    for line in lines:
        record = record_of(line)
        if record.get("kind") == "connection":
            yield _stored(record)


def _stored(record: dict[str, object]) -> StoredConnection:
    connection, secrets = connection_of(record)
    try:
        fields = {SecretField(name): envelope for name, envelope in secrets.items()}
    except ValueError:
        raise damaged("It has a secret of a kind that this version does not know.") from None
    return StoredConnection(replace(connection, storefront_token_set=SecretField.STOREFRONT_TOKEN in fields), fields)


def _begun(record: dict[str, object]) -> datetime:
    try:
        if record["format"] != FORMAT:
            raise damaged("It was made by a newer version of this program.")
        return datetime.fromisoformat(str(record["made_at"]))
    except (KeyError, ValueError):
        raise damaged("Its first record cannot be read.") from None


def _open(key: BackupKey, stored: StoredConnection, field: SecretField, envelope: bytes) -> None:
    try:
        open_envelope(envelope, unwrap=key.unwrap, associated_data=_bound(stored, field))
    except CompanionError as damage:
        raise damaged(f"A secret of the connection {stored.connection.name!r} does not open.") from damage


def _bound(stored: StoredConnection, field: SecretField) -> bytes:
    connection = stored.connection
    return associated_data(connection_id=connection.id, field=field, store_hash=connection.store_hash)
