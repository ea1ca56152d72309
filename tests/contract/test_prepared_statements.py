"""A prepared statement does what SQLAlchemy does with the same one, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import LATER, connection, opened_repository
from sqlalchemy import Connection as Transaction
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from companion.core.connection import Finding
from companion.storage.failures import UniqueNameViolated
from companion.storage.prepared import Prepared
from companion.storage.repository import SqlRepository
from companion.storage.rows import connection_of, row_of
from companion.storage.sqlite import open_sqlite_repository
from companion.storage.tables import connections, facts

FULL = connection("Ümlaut 100% :x ?", verified_at=LATER)
# Such as half a surrogate pair, that a name at BigCommerce was cut in.
ODD = replace(connection("Odd"), findings=(Finding("odd", "\ud83d \u2028 \x01", "None."),))
BARE = replace(connection("Bare"), tags=(), findings=(), api_account=None, oauth_scopes=None, access_token_since=None)

INSERT = Prepared(insert(connections))
ALL = Prepared(select(connections).order_by(connections.c.name).limit(bindparam("most")))
RENAME = Prepared(
    update(connections).where(connections.c.id == bindparam("which")).values(name=bindparam("new"), channel_id=7)
)


@pytest.fixture(params=["sqlite", "postgresql"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlRepository]:
    opened = opened_repository(request, tmp_path)
    yield opened
    opened.close()


def test_rows_written_one_way_are_read_alike_the_other(repository: SqlRepository) -> None:
    def work(transaction: Transaction) -> None:
        INSERT.change(transaction, **row_of(FULL))
        transaction.execute(insert(connections).values(row_of(BARE)))
        plain = transaction.execute(select(connections).order_by(connections.c.name)).mappings().all()
        prepared = ALL.all(transaction, most=10)
        assert [dict(row) for row in plain] == prepared
        assert [connection_of({**row, "storefront_token_set": False}) for row in prepared] == [BARE, FULL]
        assert ALL.first(transaction, most=1) == prepared[0]

    repository._write(work)


def test_several_rows_are_written_by_one_call_and_a_wrong_one_undoes_all(repository: SqlRepository) -> None:
    rows = [row_of(FULL), row_of(BARE)]
    repository._write(lambda transaction: INSERT.change_each(transaction, rows))
    assert [row["name"] for row in repository._read(lambda transaction: ALL.all(transaction, most=10))] == [
        "Bare",
        FULL.name,
    ]
    others = [row_of(replace(BARE, id="another", name="Other")), row_of(replace(FULL, id="one more"))]
    with pytest.raises(UniqueNameViolated):
        repository._write(lambda transaction: INSERT.change_each(transaction, others))
    assert len(repository._read(lambda transaction: ALL.all(transaction, most=10))) == len(rows)


def test_text_that_is_no_unicode_comes_back_from_json_as_it_was(tmp_path: Path) -> None:
    with closing(open_sqlite_repository(tmp_path)) as repository:
        repository._write(lambda transaction: INSERT.change(transaction, **row_of(ODD)))
        assert repository.get(ODD.id).findings == ODD.findings


def test_a_change_says_how_many_rows_it_changed(repository: SqlRepository) -> None:
    def work(transaction: Transaction) -> tuple[int, int]:
        INSERT.change(transaction, **row_of(FULL))
        return (
            RENAME.change(transaction, which=FULL.id, new="other"),
            RENAME.change(transaction, which=BARE.id, new="none"),
        )

    assert repository._write(work) == (1, 0)
    changed = repository.get(FULL.id)
    assert (changed.name, changed.channel_id) == ("other", 7)


def test_a_failure_is_the_one_that_sqlalchemy_raises_and_holds_no_value(repository: SqlRepository) -> None:
    def twice(transaction: Transaction) -> None:
        INSERT.change(transaction, **row_of(FULL))
        with pytest.raises(IntegrityError) as caught:
            INSERT.change(transaction, **row_of(FULL))
        assert FULL.store_hash not in str(caught.value.statement)
        assert caught.value.params is None
        raise RollBack

    with pytest.raises(RollBack):
        repository._write(twice)
    assert repository.page(limit=1).connections == ()


def test_an_empty_result_is_none(repository: SqlRepository) -> None:
    by_name = Prepared(select(facts.c.value).where(facts.c.name == bindparam("name")))
    assert repository._read(lambda transaction: by_name.first(transaction, name="nowhere")) is None
    assert repository._read(lambda transaction: by_name.all(transaction, name="nowhere")) == []


def test_what_is_made_of_a_row_is_remembered_as_long_as_the_row_stays_as_it_was(repository: SqlRepository) -> None:
    repository._write(lambda transaction: INSERT.change(transaction, **row_of(FULL)))
    first = repository.get(FULL.id)
    assert repository.get(FULL.id) == first == replace(FULL, revision=first.revision)
    repository._write(lambda transaction: RENAME.change(transaction, which=FULL.id, new="other"))
    changed = repository.get(FULL.id)
    assert changed == repository.get_with_secrets(FULL.id).connection == replace(first, name="other", channel_id=7)
    repository._write(lambda transaction: RENAME.change(transaction, which=FULL.id, new=FULL.name))
    assert repository.get(FULL.id) == replace(first, channel_id=7)


class RollBack(Exception):
    """Ends a transaction without a trace."""
