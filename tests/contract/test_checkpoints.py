"""What SQLite's log holds comes into its file beside those who write."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from sqlalchemy import Connection as Transaction
from sqlalchemy import insert

from companion.storage.checkpoints import Checkpoints
from companion.storage.sqlite import database_file, open_sqlite_repository
from companion.storage.tables import facts

PATIENCE = 60.0  # seconds; only reached where something hangs
WRITES = 70


def in_the_file_alone(tmp_path: Path) -> int:
    """How many facts there are for who does not look into the log."""
    address = f"{database_file(tmp_path).as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as file:
        try:
            return int(file.execute("SELECT COUNT(*) FROM facts").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0  # it is being written


def write(transaction: Transaction, number: int) -> None:
    transaction.execute(insert(facts).values(name=f"fact {number}", value=""))


def test_writes_come_into_the_file_long_before_the_log_is_full(tmp_path: Path) -> None:
    with closing(open_sqlite_repository(tmp_path)) as repository:
        for number in range(WRITES):
            repository._write(partial(write, number=number))
        ends = time.monotonic() + PATIENCE
        while in_the_file_alone(tmp_path) < WRITES // 2:
            assert time.monotonic() < ends
            time.sleep(0.01)
    assert in_the_file_alone(tmp_path) >= WRITES  # the last connection brings the rest


def test_a_file_that_cannot_be_opened_stops_nobody(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "nowhere" / "file")
    for _ in range(3 * WRITES):
        checkpoints.count()
    checkpoints.close()
    checkpoints.count()
