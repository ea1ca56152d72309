"""The repository on SQLAlchemy: its parts put together, and how its schema comes about."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy.exc import DBAPIError

from companion.core.errors import WrongKey
from companion.storage import schema
from companion.storage.backup import BackupRows
from companion.storage.callers import CallerStorage
from companion.storage.connections import ConnectionStorage
from companion.storage.exports import ExportStorage
from companion.storage.failures import storage_failures
from companion.storage.key_records import KeyRecordStorage
from companion.storage.listing import ListingStorage
from companion.storage.sessions import SessionStorage
from companion.storage.tickets import TicketStorage
from companion.storage.transactions import FOLDER_ID, fact, set_fact_once


class SqlRepository(
    ConnectionStorage,
    ListingStorage,
    TicketStorage,
    SessionStorage,
    CallerStorage,
    ExportStorage,
    BackupRows,
    KeyRecordStorage,
):
    """A `Repository`, `SessionRepository`, `SealedRecords` and `BackupStorage`."""

    def is_current(self) -> bool:
        """Say whether the database has the present schema."""
        return self._read(schema.is_current)

    def older_schema(self) -> str | None:
        """Return the id of the database's schema where it is an older one, which `migrate` would change, else None."""
        return self._read(schema.older_than_ours)

    def migrate(self) -> None:
        """Bring the schema up to date, in one transaction. Raises `StorageFailed` for a schema from the future."""
        self._write(lambda transaction: None if schema.is_current(transaction) else self._run_scripts(transaction))

    def set_journal_mode_wal(self) -> None:
        """Let readers read while one writes; kept in SQLite's file, so it is said once."""
        with storage_failures(self.where):
            connection = self._engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL").close()
            except self._engine.dialect.loaded_dbapi.Error as failure:
                raise DBAPIError("PRAGMA journal_mode", None, failure) from None
            finally:
                connection.close()

    def bind_to_folder(self, folder_id: str) -> None:
        """Write the data folder's id into a database that has none.

        Raises:
            WrongKey: it has another folder's id.
        """
        stored = self._read(lambda transaction: fact(transaction, FOLDER_ID))
        if stored is None:
            stored = self._write(lambda transaction: set_fact_once(transaction, FOLDER_ID, folder_id))
        if stored != folder_id:
            raise WrongKey(
                f"The database in {self.where} belongs to another data folder.",
                why="Its secrets are sealed under that folder's keys. It was left as it is.",
                next_step="Put the database back that belongs to this folder, or use the whole other folder.",
            )

    def _run_scripts(self, transaction: Transaction) -> None:
        schema.migrate(transaction, self.where)
