"""How Procrastinate reaches the database, which tells of a statement that failed.

What became of a statement whose answer was lost is not known: a store may count as taken by a worker that never heard
of it, and would for as long as that worker lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException, NoResult, UniqueViolation


class TellingConnector(PsycopgConnector):
    """Procrastinate's own.

    Args:
        timeout: seconds that a statement waits for a connection.
        on_failure: told of each statement that failed otherwise than by what stands in the database.
    """

    def __init__(self, conninfo: str, *, timeout: float, on_failure: Callable[[], None]) -> None:
        super().__init__(conninfo=conninfo, min_size=1, max_size=4, timeout=timeout)
        self._on_failure = on_failure

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """See `PsycopgConnector`."""
        with self._telling():
            await super().execute_query_async(query, **arguments)

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        """See `PsycopgConnector`."""
        with self._telling():
            row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
        return row

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        """See `PsycopgConnector`."""
        with self._telling():
            rows: list[dict[str, Any]] = await super().execute_query_all_async(query, **arguments)
        return rows

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """See `PsycopgConnector`."""
        with self._telling():
            await super().listen_notify(on_notification, channels)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (NoResult, UniqueViolation):
            raise
        except ConnectorException:
            self._on_failure()
            raise
