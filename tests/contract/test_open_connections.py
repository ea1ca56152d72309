"""A connection that stays open is as good as new after whatever went wrong on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection as Transaction
from sqlalchemy import insert

from companion.core.errors import StorageFailed
from companion.storage.prepared import Prepared, run_text
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import open_sqlite_repository
from companion.storage.tables import facts, sealed_secrets

ORPHAN = {"connection_id": "none", "field": "access_token", "key_id": "k", "envelope": b""}


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[SqlRepository]:
    with closing(open_sqlite_repository(tmp_path)) as opened:
        yield opened


def commit_fails(transaction: Transaction, *, by_sqlalchemy: bool) -> None:
    """Only the commit itself finds out that a secret belongs to no connection."""
    run_text(transaction, "PRAGMA defer_foreign_keys = ON")
    if by_sqlalchemy:
        transaction.execute(insert(sealed_secrets).values(**ORPHAN))
    else:
        Prepared(insert(sealed_secrets)).change(transaction, **ORPHAN)


def sqlite_rolls_back(transaction: Transaction) -> None:
    """As it does by itself where the disk is full: then there is nothing left to undo."""
    run_text(transaction, "ROLLBACK")
    run_text(transaction, "INSERT INTO nowhere VALUES (1)")


def work_fails(transaction: Transaction) -> None:
    run_text(transaction, "SAVEPOINT left")
    raise LookupError


FAILURES: dict[str, Callable[[Transaction], None]] = {
    "commit, SQLAlchemy's": partial(commit_fails, by_sqlalchemy=True),
    "commit": partial(commit_fails, by_sqlalchemy=False),
    "statement": lambda transaction: run_text(transaction, "INSERT INTO nowhere VALUES (1)"),
    "rolled back by SQLite": sqlite_rolls_back,
    "the work": work_fails,
}


@pytest.mark.parametrize("work", FAILURES.values(), ids=FAILURES)
def test_what_failed_is_undone_and_the_next_goes_well(
    repository: SqlRepository, work: Callable[[Transaction], None]
) -> None:
    def half_done(transaction: Transaction) -> None:
        transaction.execute(insert(facts).values(name="half", value="done"))
        work(transaction)

    for wrong in (work, half_done):
        with pytest.raises(StorageFailed):
            repository._write(wrong)
    repository._write(lambda transaction: transaction.execute(insert(facts).values(name="half", value="whole")))
    found = repository._read(lambda transaction: transaction.execute(facts.select()).all())
    assert [tuple(each) for each in found] == [("half", "whole")]
