"""All connections out of the database, and into it, within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, or_, select

from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.audit_chapters import keeping
from companion.core.connection import name_key
from companion.core.envelope import associated_data
from companion.core.errors import CompanionError, NameTaken, Tampered, WrongKey
from companion.ports.audit import StoredChain
from companion.ports.backup import (
    ConnectionConflict,
    Everything,
    IncomingChain,
    OnConflict,
    RestoredChains,
    RestoredRows,
)
from companion.ports.connections import SecretField, StoredConnection
from companion.storage.audit import AuditStorage
from companion.storage.audit_chapters import ChainRows
from companion.storage.listing import put_tags
from companion.storage.rows import SELECT_CONNECTIONS, connection_of, row_of
from companion.storage.sealed import Rewrap, stored_under
from companion.storage.tables import connections, sealed_secrets

_PAGE = 500


class BackupRows(AuditStorage):
    """A `BackupStorage`."""

    @contextmanager
    def everything(self) -> Iterator[Everything]:
        """See `BackupStorage.everything`."""
        with self._as_of_one_moment() as transaction:
            chain: StoredChain | CompanionError
            try:
                chain = self._chain(transaction)
            except (Tampered, WrongKey) as damage:
                chain = damage
            yield Everything(_everything(transaction), chain)

    def conflicts_with(self, connections_: Sequence[tuple[str, str]]) -> tuple[ConnectionConflict, ...]:
        """See `BackupStorage.conflicts_with`."""
        return self._read(lambda transaction: _conflicts_with(transaction, connections_))

    def restore(
        self,
        connections_: Callable[[], Iterator[StoredConnection]],
        chains: Callable[[], Iterator[IncomingChain]],
        on_conflict: OnConflict,
    ) -> RestoredRows:
        """See `BackupStorage.restore`."""

        def work(transaction: Transaction) -> RestoredRows:
            kept, replaced, stored = _restore(transaction, connections_(), on_conflict, self._rewrap)
            recorder = self._recorder
            if recorder is None:
                return RestoredRows(stored, kept, replaced, RestoredChains())
            rows = ChainRows(transaction, recorder, self._folder_id(transaction), self._rewrap)
            restored, chapters = rows.put(chains())
            detail = f"{stored} connections, {len(replaced)} of them in place of others; {len(kept)} kept"
            self._record(transaction, Deed(AuditAction.RESTORE, detail=detail))
            for chapter in chapters:
                self._record(transaction, keeping(chapter))
            return RestoredRows(stored, kept, replaced, restored)

        return self._write(work)


def _everything(transaction: Transaction) -> Iterator[StoredConnection]:
    """Yield every connection with its secrets, page by page, so that memory does not grow with their number."""
    after = ""
    while True:
        query = SELECT_CONNECTIONS.where(connections.c.id > after).order_by(connections.c.id).limit(_PAGE)
        page = [connection_of(row) for row in transaction.execute(query).mappings()]
        if not page:
            return
        secrets: dict[str, dict[SecretField, bytes]] = {}
        rows = transaction.execute(
            select(sealed_secrets.c.connection_id, sealed_secrets.c.field, sealed_secrets.c.envelope).where(
                sealed_secrets.c.connection_id.between(page[0].id, page[-1].id)
            )
        )
        for connection_id, field, envelope in rows:
            secrets.setdefault(connection_id, {})[SecretField(field)] = bytes(envelope)
        yield from (StoredConnection(connection, secrets.get(connection.id, {})) for connection in page)
        after = page[-1].id


def _conflicts_with(transaction: Transaction, given: Sequence[tuple[str, str]]) -> tuple[ConnectionConflict, ...]:
    """Return which of these, by id and name, are here already."""
    if not given:
        return ()
    rows = transaction.execute(
        select(connections.c.id, connections.c.name, connections.c.name_key).where(
            or_(
                connections.c.id.in_([connection_id for connection_id, _ in given]),
                connections.c.name_key.in_([name_key(name) for _, name in given]),
            )
        )
    ).all()
    by_id = {row[0]: row[1] for row in rows}
    by_name = {row[2]: row[1] for row in rows}
    found = (
        (connection_id, name, by_id.get(connection_id) or by_name.get(name_key(name))) for connection_id, name in given
    )
    return tuple(ConnectionConflict(*each) for each in found if each[2] is not None)  # type: ignore[arg-type]


def _restore(
    transaction: Transaction, given: Iterable[StoredConnection], on_conflict: OnConflict, rewrap: Rewrap | None
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    kept: list[str] = []
    replaced: list[str] = []
    stored = 0
    for each in given:
        connection = each.connection
        conflicts = _conflicts_with(transaction, [(connection.id, connection.name)])
        if conflicts and on_conflict is OnConflict.STOP:
            raise NameTaken(conflicts[0].stored_name)
        if conflicts and on_conflict is OnConflict.KEEP:
            kept.append(conflicts[0].stored_name)
            continue
        if conflicts:
            replaced.append(conflicts[0].stored_name)
            # Both what has its id and what has its name, should these be two.
            transaction.execute(
                delete(connections).where(
                    or_(connections.c.id == connection.id, connections.c.name_key == name_key(connection.name))
                )
            )
        transaction.execute(insert(connections).values(row_of(connection)))
        put_tags(transaction, connection)
        for field, envelope in each.secrets.items():
            bound = associated_data(connection_id=connection.id, field=field, store_hash=connection.store_hash)
            key_id, under_it = stored_under(transaction, envelope, bound, rewrap)
            transaction.execute(
                insert(sealed_secrets).values(
                    connection_id=connection.id, field=field.value, key_id=key_id, envelope=under_it
                )
            )
        stored += 1
    return tuple(kept), tuple(replaced), stored
