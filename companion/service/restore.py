"""A backup put into a data folder: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from companion.core.audit import AuditEntry, Walk
from companion.core.backup_audit import CHAIN, ENTRY, ChainLine, chain_of, entry_of
from companion.core.backup_file import BackupKey, Read, damaged
from companion.core.backup_records import Ending, beginning_of, connection_of, ending_of, record_of
from companion.core.envelope import chapter_key_associated_data, open_envelope, rewrap_envelope
from companion.core.errors import CompanionError, Conflict
from companion.ports.backup import BackupStorage, ConnectionConflict, IncomingChain, OnConflict, RestoredChains
from companion.ports.connections import SecretField, StoredConnection
from companion.ports.keys import KeyProvider
from companion.service.backup import bound_to

OpenAgain = Callable[[], tuple[BackupKey, Read]]
"""Opens the file at its beginning and reads its head."""

Record = dict[str, object]


@dataclass(frozen=True)
class Restored:
    """What came out of a backup.

    Attributes:
        kept: names that were taken, and stayed as they are.
        replaced: names of what the backup's took the place of.
        chains: what became of its audit record.
        chains_are_whole: whether nothing is wrong with that.
    """

    connections: int
    kept: tuple[str, ...]
    replaced: tuple[str, ...]
    made_at: datetime
    chains: RestoredChains
    chains_are_whole: bool


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


def restore(
    storage: BackupStorage, keys: KeyProvider, open_again: OpenAgain, on_conflict: OnConflict, *, now: datetime
) -> Restored:
    """Put all connections of a backup, and its audit record, into the storage, in one transaction.

    The file is read several times: first to its end, to authenticate all of it, open every secret and find conflicts;
    nothing is written before that. Its data keys come under the present key of this data folder. Its audit record goes
    on here where nothing was recorded yet; else it is kept beside the one here, as an earlier chapter.

    Raises:
        BackupDamaged, WrongPassphrase: nothing was changed.
        BackupConflicts: with `OnConflict.STOP`; nothing was changed.
        KeyUsedUp, KeysUnavailable, StorageFailed: nothing was changed.
    """
    key, read = open_again()
    look = _Look(storage, key)
    look.through(key.opened(read))
    if look.conflicts and on_conflict is OnConflict.STOP:
        raise BackupConflicts(tuple(look.conflicts))

    def rewrapped() -> Iterator[StoredConnection]:
        key, read = open_again()
        for record in _records(key, read):
            if record.get("kind") != "connection":
                continue
            stored = _stored(record)
            secrets = {
                field: rewrap_envelope(
                    envelope, unwrap=key.unwrap, wrap=keys.wrap, associated_data=bound_to(stored.connection, field)
                )
                for field, envelope in stored.secrets.items()
            }
            yield replace(stored, secrets=secrets)

    def chains() -> Iterator[IncomingChain]:
        key, read = open_again()
        return _chains(_records(key, read), look, now)

    rows = storage.restore(rewrapped, chains, on_conflict)
    whole = all(look.whole)
    return Restored(rows.connections, rows.kept, rows.replaced, look.made_at, rows.chains, whole)


class _Look:
    """Goes through a whole backup before anything is written.

    Attributes:
        keys, whole: of each audit chain in turn.
    """

    made_at: datetime

    def __init__(self, storage: BackupStorage, key: BackupKey) -> None:
        self._storage = storage
        self._key = key
        self.conflicts: list[ConnectionConflict] = []
        self.keys: list[bytes] = []
        self.whole: list[bool] = []
        self._folder_id = ""
        self._found = Ending(0, 0)
        self._seen: set[str] = set()
        self._waiting: list[tuple[str, str]] = []
        self._walk: Walk | None = None
        self._last_entry = 0

    def through(self, lines: Iterator[bytes]) -> None:
        """Look at every line. Raises `BackupDamaged`."""
        begun, ended = False, None
        for line in lines:
            record = record_of(line)
            kind = record.get("kind")
            if ended is not None or begun == (kind == "backup"):
                raise damaged("Its records are not in order.")
            if not begun:
                self.made_at, self._folder_id = beginning_of(record)
                begun = True
            elif kind == "end":
                ended = ending_of(record)
            elif kind == CHAIN:
                self._begin(chain_of(record))
            elif kind == ENTRY:
                self._step(entry_of(record))
            else:
                self._take(_stored(record))
        self._end_of_chain()
        self._find_conflicts()
        if ended != self._found or len(self._seen) != self._found.connections:
            raise damaged("It does not hold what it says that it holds.")

    def _take(self, stored: StoredConnection) -> None:
        if self._walk is not None:
            raise damaged("Its records are not in order.")
        connection = stored.connection
        for field, envelope in stored.secrets.items():
            try:
                open_envelope(envelope, unwrap=self._key.unwrap, associated_data=bound_to(connection, field))
            except CompanionError as damage:
                raise damaged(f"A secret of the connection {connection.name!r} does not open.") from damage
        self._found = replace(self._found, connections=self._found.connections + 1)
        self._seen.add(connection.id)
        self._waiting.append((connection.id, connection.name))
        if len(self._waiting) == 500:
            self._find_conflicts()

    def _find_conflicts(self) -> None:
        self.conflicts.extend(self._storage.conflicts_with(self._waiting))
        self._waiting.clear()

    def _begin(self, chain: ChainLine) -> None:
        self._end_of_chain()
        if chain.chapter is None and self.keys:
            raise damaged("Its records are not in order.")
        bound = chapter_key_associated_data(self._folder_id, chain.chapter or 0)
        try:
            chain_key = open_envelope(chain.envelope, unwrap=self._key.unwrap, associated_data=bound)
        except CompanionError as damage:
            raise damaged("The key of its audit record does not open.") from damage
        self.keys.append(chain_key)
        self._walk, self._last_entry = Walk(chain_key, chain.head), 0

    def _step(self, entry: AuditEntry) -> None:
        if self._walk is None or entry.number <= self._last_entry:
            raise damaged("Its records are not in order.")
        self._walk.step(entry)
        self._last_entry = entry.number
        self._found = replace(self._found, entries=self._found.entries + 1)

    def _end_of_chain(self) -> None:
        if self._walk is not None:
            self.whole.append(self._walk.end() is None)


def _records(key: BackupKey, read: Read) -> Iterator[Record]:
    return map(record_of, key.opened(read))


def _chains(records: Iterator[Record], look: _Look, now: datetime) -> Iterator[IncomingChain]:
    """Yield each chain while its entries are taken, as they were found before."""
    of_chains = (record for record in records if record.get("kind") in {CHAIN, ENTRY})
    begins = next(of_chains, None)
    for chain_key, whole in zip(look.keys, look.whole, strict=True):
        assert begins is not None  # noqa: S101  as many were found before
        line = chain_of(begins)
        begins = None

        def entries() -> Iterator[AuditEntry]:
            nonlocal begins
            for record in of_chains:
                if record.get("kind") == CHAIN:
                    begins = record
                    return
                yield entry_of(record)

        its_entries = entries()
        yield IncomingChain(line.chapter, line.restored_at or now, whole, line.head, chain_key, its_entries)
        for _ in its_entries:  # what nobody took
            pass


def _stored(record: Record) -> StoredConnection:
    connection, secrets = connection_of(record)
    try:
        fields = {SecretField(name): envelope for name, envelope in secrets.items()}
    except ValueError:
        raise damaged("It has a secret of a kind that this version does not know.") from None
    return StoredConnection(replace(connection, storefront_token_set=SecretField.STOREFRONT_TOKEN in fields), fields)
