"""Connections to a database that stay open between transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from companion.storage.prepared import run_text

_T = TypeVar("_T")


class OpenConnections:
    """Runs transactions; safe to share between threads.

    To take a connection out of SQLAlchemy's pool and to give it back takes longer than a small transaction on SQLite,
    and so does its keeping of what a transaction is.
    """

    def __init__(self, engine: Engine, *, begin: str | None) -> None:
        """Take the engine.

        Args:
            begin: the statement that begins a transaction on connections that stay open. None where they do not, as
                with a server that may go away: the pool notices that when one is taken out.
        """
        self._engine = engine
        self._begin = begin
        self._idle: list[Connection] = []

    def in_transaction(self, work: Callable[[Connection], _T]) -> _T:
        """Do the work in a transaction of its own; what it raises rolls back."""
        connection = self._taken()
        try:
            if self._begin is None:
                with connection.begin():
                    return work(connection)
            run_text(connection, self._begin)
            try:
                result = work(connection)
                _commit(connection)
            except BaseException:
                _roll_back(connection)
                raise
            return result
        finally:
            self._give_back(connection)

    def with_one_statement(self, work: Callable[[Connection], _T]) -> _T:
        """Do work that is one statement, which SQLite runs in a transaction of its own; elsewhere begin one."""
        if self._begin is None:
            return self.in_transaction(work)
        connection = self._taken()
        try:
            return work(connection)
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close those that nobody works with."""
        while self._idle:
            self._idle.pop().close()

    def _taken(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def _give_back(self, connection: Connection) -> None:
        if self._begin is None or connection.invalidated:
            connection.close()
        else:
            self._idle.append(connection)


def _commit(connection: Connection) -> None:
    if connection.in_transaction():  # work that is SQLAlchemy's has let it begin one, too
        connection.commit()
    else:
        run_text(connection, "COMMIT")


def _roll_back(connection: Connection) -> None:
    """Undo what there is to undo: after some failures SQLite has done so itself."""
    try:
        connection.rollback()  # of SQLAlchemy's own, also where its commit has failed
        connection.connection.rollback()
    except (SQLAlchemyError, connection.dialect.loaded_dbapi.Error):
        connection.invalidate()  # another one is opened in its place
