"""How connections are found among many, on each repository."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import LATER, TOKEN, added, opened_repository, sealed

from companion.core.connection import AuthType, Status
from companion.core.errors import InvalidInput
from companion.ports.backup import OnConflict
from companion.ports.listing import ConnectionFilter, Overview
from companion.storage.repository import SqlRepository


@pytest.fixture(params=["sqlite", "postgresql"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlRepository]:
    repository = opened_repository(request, tmp_path)
    yield repository
    repository.close()


def names(repository: SqlRepository, wanted: ConnectionFilter | None = None) -> list[str]:
    return [each.name for each in repository.list_page(wanted or ConnectionFilter(), limit=50).connections]


def test_the_list_is_in_the_order_of_names_ignoring_case(repository: SqlRepository) -> None:
    for name in ("cedar", "Birch", "alder"):
        added(repository, name)
    assert names(repository) == ["alder", "Birch", "cedar"]


def test_pages_follow_one_another_though_what_a_page_ended_with_is_gone(repository: SqlRepository) -> None:
    made = [added(repository, f"shop {number}") for number in range(5)]
    first = repository.list_page(ConnectionFilter(), limit=2)
    assert ([each.name for each in first.connections], first.after) == (["shop 0", "shop 1"], "shop 1")
    repository.delete(made[1].id, expected_revision=1)
    second = repository.list_page(ConnectionFilter(), limit=2, after=first.after)
    assert [each.name for each in second.connections] == ["shop 2", "shop 3"]
    last = repository.list_page(ConnectionFilter(), limit=2, after=second.after)
    assert ([each.name for each in last.connections], last.after) == (["shop 4"], None)


@pytest.mark.parametrize("limit", [0, -1, 10_000])
def test_a_page_of_another_size_is_refused(repository: SqlRepository, limit: int) -> None:
    with pytest.raises(InvalidInput):
        repository.list_page(ConnectionFilter(), limit=limit)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FLOWER", ["Flowers & Co", "متجر"]),  # a name, and a subdomain
        ("abc1", ["متجر"]),
        ("متجر", ["متجر"]),
        ("100%", ["100% wool"]),
        ("_", []),
        ("'; --", []),
        ("  ", ["100% wool", "Flowers & Co", "متجر"]),
    ],
)
def test_a_search_looks_at_name_subdomain_and_store_hash(
    repository: SqlRepository, text: str, found: list[str]
) -> None:
    added(repository, "Flowers & Co")
    added(repository, "متجر", subdomain="flowershop", store_hash="abc123")
    added(repository, "100% wool")
    assert names(repository, ConnectionFilter(text=text.strip())) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("articulos", ["Artículos del Hogar"]),
        ("ARTÍCULOS", ["Artículos del Hogar"]),
        ("arti\u0301culos", ["Artículos del Hogar"]),  # the accent as a character of its own
        ("".join(chr(ord(each) + 0xFEE0) for each in "ARTICULOS"), ["Artículos del Hogar"]),  # full-width
        ("strasse", ["Straße 7"]),
        ("ΚΑΦΕΣ", ["Καφές"]),
        ("ИГРУШКИ", ["игрушки"]),
        ("zoe", ["Zoe", "Zoë"]),
        ("Zoë", ["Zoe", "Zoë"]),
        ("متجر", ["مَتْجَر"]),
        ("\u0301", []),
    ],
)
def test_a_search_heeds_neither_case_nor_accents_nor_width(
    repository: SqlRepository, text: str, found: list[str]
) -> None:
    for name in ("Artículos del Hogar", "Straße 7", "Καφές", "игрушки", "Zoe", "Zoë", "مَتْجَر"):
        added(repository, name)
    assert names(repository, ConnectionFilter(text=text)) == found


def test_a_new_name_is_the_one_that_is_found(repository: SqlRepository) -> None:
    made = added(repository, "Artículos")
    repository.patch(made.id, expected_revision=1, updated_at=LATER, name="Niños")
    assert names(repository, ConnectionFilter(text="articulos")) == []
    assert names(repository, ConnectionFilter(text="ninos")) == ["Niños"]


def test_filters_hold_together(repository: SqlRepository) -> None:
    added(repository, "a", status=Status.BROKEN, tags=("eu",))
    added(repository, "b", status=Status.BROKEN, tags=("eu", "live"), auth_type=AuthType.TOKEN, scopes=())
    added(repository, "c", status=Status.READY, tags=("live",))
    assert names(repository, ConnectionFilter(status=Status.BROKEN)) == ["a", "b"]
    assert names(repository, ConnectionFilter(tag="live")) == ["b", "c"]
    assert names(repository, ConnectionFilter(tag="LIVE")) == []
    assert names(repository, ConnectionFilter(auth_type=AuthType.TOKEN)) == ["b"]
    assert names(repository, ConnectionFilter(status=Status.BROKEN, tag="live", text="B")) == ["b"]
    assert names(repository, ConnectionFilter(status=Status.UNVERIFIED)) == []


def test_the_overview_counts(repository: SqlRepository) -> None:
    assert repository.overview() == Overview({}, 0, ())
    added(repository, "a", status=Status.BROKEN, tags=("eu",))
    added(repository, "b", status=Status.READY, tags=("eu", "live"), auth_type=AuthType.TOKEN, scopes=())
    told = repository.overview()
    assert (dict(told.by_status), told.total) == ({Status.BROKEN: 1, Status.READY: 1}, 2)
    assert (told.with_auth_type_token, told.tags) == (1, (("eu", 2), ("live", 1)))


def test_tags_that_were_changed_replaced_deleted_or_restored_are_those_it_is_found_by(
    repository: SqlRepository,
) -> None:
    made = added(repository, "a", tags=("old",))
    repository.patch(made.id, expected_revision=1, updated_at=LATER, tags=("new",))
    assert repository.overview().tags == (("new", 1),)
    repository.replace(replace(made, tags=("newer",)), {TOKEN: sealed()}, expected_revision=2)
    assert repository.overview().tags == (("newer", 1),)
    with repository.everything() as everything:
        kept = list(everything.connections)
    repository.delete(made.id, expected_revision=3)
    assert repository.overview().tags == ()
    repository.restore(lambda: iter(kept), lambda: iter(()), OnConflict.STOP)
    assert names(repository, ConnectionFilter(tag="newer")) == ["a"]
    repository.restore(lambda: iter(kept), lambda: iter(()), OnConflict.REPLACE)
    assert repository.overview().tags == (("newer", 1),)
