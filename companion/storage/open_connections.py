"""Connections to a database that stay open between transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine

_T = TypeVar("_T")


class OpenConnections:
    """Runs transactions; safe to share between threads.

    To take a connection out of SQLAlchemy's pool and to give it back takes longer than a small transaction on SQLite.
    """

    def __init__(self, engine: Engine, *, stay_open: bool) -> None:
        """Take the engine.

        Args:
            stay_open: not with a server that may go away: the pool notices that when one is taken out.
        """
        self._engine = engine
        self._stay_open = stay_open
        self._idle: list[Connection] = []

    def in_transaction(self, work: Callable[[Connection], _T]) -> _T:
        """Do the work in a transaction of its own; what it raises rolls back."""
        connection = self._taken()
        try:
            with connection.begin():
                return work(connection)
        finally:
            self._give_back(connection)

    def with_one_statement(self, work: Callable[[Connection], _T]) -> _T:
        """Do work that is one statement, which SQLite runs in a transaction of its own; elsewhere begin one."""
        if not self._stay_open:
            return self.in_transaction(work)
        connection = self._taken()
        try:
            return work(connection)
        finally:
            self._give_back(connection)

    def _taken(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def _give_back(self, connection: Connection) -> None:
        if self._stay_open and not connection.invalidated:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close those that nobody works with."""
        while self._idle:
            self._idle.pop().close()
