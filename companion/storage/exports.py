"""The files that were written for other tools, in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, delete, insert, select, update

from companion.core.envelope import associated_data
from companion.core.exports import Export, ExportedToken
from companion.core.tool_files import ToolFormat
from companion.ports.connections import SecretField
from companion.storage.rows import get_connection
from companion.storage.sealed import stored_under
from companion.storage.tables import connections, exported_tokens, exports
from companion.storage.transactions import Transactions

# Databases bound how many parameters a statement may have.
_AT_ONCE = 500


class ExportStorage(Transactions):
    """An `ExportRepository`."""

    def put_exports(self, written: Collection[Export]) -> None:
        """See `ExportRepository.put_exports`."""

        def work(transaction: Transaction) -> None:
            for export in written:
                transaction.execute(delete(exports).where(exports.c.path == export.path))
                known = select(connections.c.id).where(connections.c.id == export.connection_id)
                if transaction.execute(known).first() is not None:  # else it was deleted meanwhile
                    transaction.execute(insert(exports).values(_row_of(export)))

        self._write(work)

    def exports_of(self, connection_ids: Collection[str]) -> tuple[Export, ...]:
        """See `ExportRepository.exports_of`."""
        ids = sorted(connection_ids)

        def work(transaction: Transaction) -> tuple[Export, ...]:
            found: list[Export] = []
            for start in range(0, len(ids), _AT_ONCE):
                some = exports.c.connection_id.in_(ids[start : start + _AT_ONCE])
                rows = transaction.execute(select(exports).where(some)).mappings()
                found += map(_export_of, rows)
            return tuple(sorted(found, key=lambda each: (each.connection_id, each.path)))

        return self._read(work)

    def drop_exports(self, paths: Collection[str]) -> None:
        """See `ExportRepository.drop_exports`."""

        def work(transaction: Transaction) -> None:
            for path in paths:
                transaction.execute(delete(exports).where(exports.c.path == path))

        self._write(work)

    def put_exported_token(self, token: ExportedToken, *, now: datetime) -> None:
        """See `ExportRepository.put_exported_token`."""

        def work(transaction: Transaction) -> None:
            connection = get_connection(transaction, token.connection_id)
            field = SecretField.EXPORTED_STOREFRONT_TOKEN
            bound = associated_data(connection_id=connection.id, field=field, store_hash=connection.store_hash)
            key_id, envelope = stored_under(transaction, token.envelope, bound, self._rewrap)
            transaction.execute(delete(exported_tokens).where(exported_tokens.c.expires_at <= now))
            transaction.execute(
                insert(exported_tokens).values(
                    id=token.id,
                    connection_id=token.connection_id,
                    expires_at=token.expires_at,
                    key_id=key_id,
                    envelope=envelope,
                )
            )

        self._write(work)

    def exported_tokens(self, connection_id: str) -> tuple[ExportedToken, ...]:
        """See `ExportRepository.exported_tokens`."""
        tokens = exported_tokens.c
        query = select(tokens.id, tokens.connection_id, tokens.expires_at, tokens.envelope)
        query = query.where(tokens.connection_id == connection_id).order_by(tokens.id)

        def work(transaction: Transaction) -> tuple[ExportedToken, ...]:
            return tuple(ExportedToken(*row[:3], bytes(row[3])) for row in transaction.execute(query))

        return self._read(work)


def drop_exported_tokens(transaction: Transaction, connection_id: str, at: datetime) -> None:
    """Forget the tokens in files, whose connection is for something else since; the files hold tokens that ended."""
    mine = delete(exported_tokens).where(exported_tokens.c.connection_id == connection_id)
    if transaction.execute(mine).rowcount:
        ended = update(exports).where(exports.c.connection_id == connection_id, exports.c.storefront_token_ends > at)
        transaction.execute(ended.values(storefront_token_ends=at))


def _row_of(export: Export) -> dict[str, object]:
    return {
        "path": export.path,
        "connection_id": export.connection_id,
        "tool": export.tool.value,
        "written_at": export.written_at,
        "has_access_token": export.has_access_token,
        "access_token_since": export.access_token_since,
        "storefront_token_ends": export.storefront_token_ends,
    }


def _export_of(row: RowMapping) -> Export:
    return Export(
        path=row["path"],
        connection_id=row["connection_id"],
        tool=ToolFormat(row["tool"]),
        written_at=row["written_at"],
        has_access_token=bool(row["has_access_token"]),
        access_token_since=row["access_token_since"],
        storefront_token_ends=row["storefront_token_ends"],
    )
