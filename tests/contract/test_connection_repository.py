"""What every connection repository does, run against each."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from repositories import (
    CARRIED,
    LATER,
    MINTED,
    NOW,
    TICKET,
    TOKEN,
    added,
    connection,
    hand_over,
    opened_repository,
    sealed,
    ticket_to_create,
    ticket_to_replace,
)

from companion.core.connection import ApiAccount, AuthType, Finding, Severity, Status, World
from companion.core.errors import (
    CompanionError,
    Conflict,
    InvalidInput,
    NameTaken,
    NotAllowed,
    NotAuthorized,
    NotFound,
    StaleRevision,
    Tampered,
)
from companion.core.exports import Export
from companion.core.ids import new_id
from companion.core.secret import Secret
from companion.core.tickets import Spent, hash_of_ticket
from companion.core.tool_files import ToolFormat
from companion.ports.connections import ConnectionRepository, SecretField
from companion.ports.repository import Repository


@pytest.fixture(params=["sqlite", "postgresql"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ConnectionRepository]:
    repository = opened_repository(request, tmp_path)
    yield repository
    repository.close()


# Connections


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"api_account": None, "oauth_scopes": None, "tags": (), "findings": ()},
        {"api_account": ApiAccount("Only a name"), "oauth_scopes": ()},
        {"auth_type": AuthType.TOKEN, "scopes": (), "channel_id": 2**63 - 1, "world": World.REAL},
        {"status": Status.BROKEN, "verified_at": LATER, "name": "متجر 👩‍👩‍👧 'quoted' \"%s\""},
    ],
)
def test_what_is_added_is_what_is_read(repository: ConnectionRepository, changes: dict[str, Any]) -> None:
    given = connection(**changes)
    envelope = sealed()
    assert repository.add(given, {TOKEN: envelope}) == given
    assert repository.get(given.id) == given
    stored = repository.get_with_secrets(given.id)
    assert (stored.connection, dict(stored.secrets)) == (given, {TOKEN: envelope})


def test_a_new_connection_has_revision_1_whatever_it_came_with(repository: ConnectionRepository) -> None:
    assert added(repository, revision=7).revision == 1


def test_a_connection_says_whether_it_carries_a_storefront_token(repository: ConnectionRepository) -> None:
    carrying = repository.add(connection("a"), {TOKEN: sealed(), CARRIED: sealed()})
    assert carrying.storefront_token_set
    assert repository.get(carrying.id).storefront_token_set
    assert not added(repository, "b", storefront_token_set=True).storefront_token_set


def test_a_secret_that_is_not_sealed_is_never_written(repository: ConnectionRepository) -> None:
    given = connection()
    with pytest.raises(Tampered):
        repository.add(given, {TOKEN: b"made-up-token"})
    with pytest.raises(NotFound):
        repository.get(given.id)


def test_names_are_unique_ignoring_case(repository: ConnectionRepository) -> None:
    added(repository, "Shop")
    for name in ("Shop", "sHOP", " shop "):
        with pytest.raises(NameTaken):
            added(repository, name)
    other = added(repository, "Other")
    with pytest.raises(NameTaken):
        repository.patch(other.id, expected_revision=1, updated_at=LATER, name="SHOP")
    with pytest.raises(NameTaken):
        repository.replace(replace(other, name="SHOP"), {TOKEN: sealed()}, expected_revision=1)
    assert repository.get(other.id) == other


def test_a_connection_is_found_by_name_ignoring_case_and_by_id(repository: ConnectionRepository) -> None:
    shop = added(repository, "Shop")
    for spelling in ("Shop", "SHOP", "  shop", shop.id, shop.id.upper()):
        assert repository.find(spelling) == shop
    for missing in ("", "sho", "shop%", "'; DROP TABLE connections; --", new_id(NOW, os.urandom), "\0"):
        with pytest.raises(NotFound):
            repository.find(missing)


def test_what_is_not_there_is_not_found(repository: ConnectionRepository) -> None:
    gone = connection()
    calls: list[Callable[[], object]] = [
        lambda: repository.get(gone.id),
        lambda: repository.get_with_secrets(gone.id),
        lambda: repository.replace(gone, {TOKEN: sealed()}, expected_revision=1),
        lambda: repository.patch(gone.id, expected_revision=1, updated_at=LATER, name="x"),
        lambda: repository.save_verification(
            gone.id, expected_revision=1, status=Status.READY, findings=(), verified_at=LATER
        ),
        lambda: repository.put_secret(gone.id, MINTED, sealed(), expected_revision=1),
        lambda: repository.delete(gone.id, expected_revision=1),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()


def test_replacing_keeps_id_and_creation_and_counts_up(repository: ConnectionRepository) -> None:
    old = repository.add(connection(), {TOKEN: sealed(), CARRIED: sealed(), MINTED: sealed()})
    envelope = sealed("new")
    new = replace(
        connection("Renamed", created_at=LATER, store_hash="other1"), id=old.id, status=Status.READY, revision=99
    )
    stored = repository.replace(new, {TOKEN: envelope}, expected_revision=1)
    assert stored == replace(new, created_at=old.created_at, revision=2)
    read = repository.get_with_secrets(old.id)
    assert (read.connection, dict(read.secrets)) == (stored, {TOKEN: envelope})
    with pytest.raises(NotFound):
        repository.find("Shop")


def test_patching_changes_what_is_given_and_nothing_else(repository: ConnectionRepository) -> None:
    old = added(repository)
    renamed = repository.patch(old.id, expected_revision=1, updated_at=LATER, name="SHOP")
    assert renamed == replace(old, name="SHOP", updated_at=LATER, revision=2)
    tagged = repository.patch(old.id, expected_revision=2, updated_at=LATER, tags=())
    assert tagged == replace(renamed, tags=(), revision=3) == repository.get(old.id)


def test_verification_is_kept_and_the_revision_stays(repository: ConnectionRepository) -> None:
    old = added(repository)
    findings = (Finding("token-refused", "It does not know the token.", "Make a new one.", Severity.BROKEN),)
    verified = repository.save_verification(
        old.id, expected_revision=1, status=Status.BROKEN, findings=findings, verified_at=LATER
    )
    assert verified == replace(old, status=Status.BROKEN, findings=findings, verified_at=LATER)
    assert repository.get(old.id) == verified


def test_changes_made_from_an_old_revision_are_refused(repository: ConnectionRepository) -> None:
    old = added(repository)
    now = repository.patch(old.id, expected_revision=1, updated_at=LATER, tags=("new",))
    calls: list[Callable[[], object]] = [
        lambda: repository.replace(old, {TOKEN: sealed()}, expected_revision=1),
        lambda: repository.patch(old.id, expected_revision=1, updated_at=LATER, name="x"),
        lambda: repository.save_verification(
            old.id, expected_revision=1, status=Status.READY, findings=(), verified_at=LATER
        ),
        lambda: repository.put_secret(old.id, MINTED, sealed(), expected_revision=1),
        lambda: repository.delete(old.id, expected_revision=1),
        lambda: repository.delete(old.id, expected_revision=3),
    ]
    for call in calls:
        with pytest.raises(StaleRevision):
            call()
    assert repository.get_with_secrets(old.id).connection == now
    assert list(repository.get_with_secrets(old.id).secrets) == [TOKEN]


def test_one_secret_is_put_replaced_and_dropped(repository: ConnectionRepository) -> None:
    shop = added(repository)
    access_token = repository.get_with_secrets(shop.id).secrets[TOKEN]
    for envelope in (sealed("one"), sealed("two")):
        repository.put_secret(shop.id, MINTED, envelope, expected_revision=1)
        assert dict(repository.get_with_secrets(shop.id).secrets) == {TOKEN: access_token, MINTED: envelope}
    for _ in range(2):
        repository.put_secret(shop.id, MINTED, None, expected_revision=1)
        assert dict(repository.get_with_secrets(shop.id).secrets) == {TOKEN: access_token}
    assert repository.get(shop.id) == shop


def test_deleting_returns_what_was_there_and_frees_the_name(repository: ConnectionRepository) -> None:
    shop = added(repository)
    assert repository.delete(shop.id, expected_revision=1) == shop
    with pytest.raises(NotFound):
        repository.get_with_secrets(shop.id)
    again = repository.add(replace(connection(), id=shop.id), {})
    assert dict(repository.get_with_secrets(again.id).secrets) == {}


def test_pages_follow_one_another_in_the_order_of_creation(repository: ConnectionRepository) -> None:
    made = [
        added(repository, name, created_at=NOW + timedelta(seconds=second))
        for second, name in enumerate(["d", "b", "e", "a", "c"])
    ]
    first = repository.page(limit=2)
    assert (first.connections, first.after) == (tuple(made[:2]), made[1].id)
    repository.delete(made[1].id, expected_revision=1)  # the mark of a page may be gone
    second = repository.page(limit=2, after=first.after)
    assert second.connections == tuple(made[2:4])
    third = repository.page(limit=2, after=second.after)
    assert (third.connections, third.after) == ((made[4],), None)
    exact = repository.page(limit=3, after=made[1].id)
    assert (len(exact.connections), exact.after) == (3, None)
    beyond = repository.page(limit=2, after=made[4].id)
    assert (beyond.connections, beyond.after) == ((), None)


@pytest.mark.parametrize(
    ("limit", "after", "pointer"),
    [(0, None, "/limit"), (-1, None, "/limit"), (201, None, "/limit"), (10, "", "/after"), (10, "' OR 1", "/after")],
)
def test_pages_that_cannot_be_are_refused(
    repository: ConnectionRepository, limit: int, after: str | None, pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        repository.page(limit=limit, after=after)
    assert refused.value.fields[0].pointer == pointer


def test_an_empty_repository_has_one_empty_page(repository: ConnectionRepository) -> None:
    page = repository.page(limit=200)
    assert (page.connections, page.after) == ((), None)


# Tickets


def test_a_ticket_is_read_back_renewed_and_revoked(repository: ConnectionRepository) -> None:
    ticket = ticket_to_create()
    repository.issue_ticket(ticket, now=NOW)
    assert repository.ticket(ticket.ticket_hash) == ticket
    renewed = repository.renew_ticket(ticket.ticket_hash, expires_at=LATER + timedelta(minutes=15), now=NOW)
    assert renewed == replace(ticket, expires_at=LATER + timedelta(minutes=15))
    assert repository.ticket(ticket.ticket_hash) == renewed
    repository.revoke_ticket(ticket.ticket_hash)
    repository.revoke_ticket(ticket.ticket_hash)
    assert repository.ticket(ticket.ticket_hash) is None
    with pytest.raises(NotAuthorized):
        repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over())


def test_a_ticket_is_only_issued_where_it_could_be_spent(repository: ConnectionRepository) -> None:
    shop = added(repository)
    with pytest.raises(NameTaken):
        repository.issue_ticket(ticket_to_create("SHOP"), now=NOW)
    repository.delete(shop.id, expected_revision=1)
    with pytest.raises(NotFound):
        repository.issue_ticket(ticket_to_replace(shop), now=NOW)
    assert repository.ticket(hash_of_ticket(TICKET)) is None


def test_a_ticket_creates_one_connection_and_is_spent(repository: ConnectionRepository) -> None:
    repository.issue_ticket(ticket_to_create(), now=NOW)
    shop = repository.add(connection("SHOP"), {TOKEN: sealed()}, hand_over=hand_over())
    assert repository.get(shop.id) == shop
    spent = repository.ticket(hash_of_ticket(TICKET))
    assert spent is not None
    assert spent.spent == Spent(shop.id, hand_over().digest)
    with pytest.raises(NotAuthorized):
        repository.renew_ticket(hash_of_ticket(TICKET), expires_at=LATER, now=NOW)


def test_the_same_hand_over_again_gives_the_same_connection(repository: ConnectionRepository) -> None:
    repository.issue_ticket(ticket_to_create(), now=NOW)
    first = repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over())
    for now in (NOW, LATER + timedelta(hours=1)):  # the answer may have been lost, and the ticket expired since
        assert repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over(now=now)) == first
    assert repository.page(limit=10).connections == (first,)


def test_another_hand_over_with_a_spent_ticket_is_refused(repository: ConnectionRepository) -> None:
    repository.issue_ticket(ticket_to_create(), now=NOW)
    shop = repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over())
    with pytest.raises(Conflict):
        repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over(b"other"))
    repository.delete(shop.id, expected_revision=1)
    with pytest.raises(Conflict):
        repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over())


def test_a_ticket_replaces_its_connection_at_whatever_revision(repository: ConnectionRepository) -> None:
    shop = added(repository)
    repository.issue_ticket(ticket_to_replace(shop), now=NOW)
    repository.patch(shop.id, expected_revision=1, updated_at=LATER, tags=("changed",))
    new = replace(shop, store_hash="other1")
    stored = repository.replace(new, {TOKEN: sealed()}, expected_revision=None, hand_over=hand_over())
    assert (stored.store_hash, stored.revision) == ("other1", 3)
    again = repository.replace(new, {TOKEN: sealed()}, expected_revision=None, hand_over=hand_over())
    assert again == stored == repository.get(shop.id)


def test_a_ticket_serves_its_own_purpose_and_connection_only(repository: ConnectionRepository) -> None:
    shop, other = added(repository), added(repository, "Other")
    repository.issue_ticket(ticket_to_replace(shop), now=NOW)
    attempts: list[Callable[[], object]] = [
        lambda: repository.replace(other, {TOKEN: sealed()}, expected_revision=None, hand_over=hand_over()),
        lambda: repository.add(connection("New"), {TOKEN: sealed()}, hand_over=hand_over()),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    repository.revoke_ticket(hash_of_ticket(TICKET))
    repository.issue_ticket(ticket_to_create("New"), now=NOW)
    attempts = [
        lambda: repository.add(connection("Newer"), {TOKEN: sealed()}, hand_over=hand_over()),
        lambda: repository.replace(shop, {TOKEN: sealed()}, expected_revision=None, hand_over=hand_over()),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert {stored.id for stored in repository.page(limit=10).connections} == {shop.id, other.id}
    assert repository.get(shop.id) == shop


def test_an_expired_ticket_is_not_spent_or_renewed(repository: ConnectionRepository) -> None:
    repository.issue_ticket(ticket_to_create(expires_at=LATER), now=NOW)
    with pytest.raises(NotAuthorized):
        repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over(now=LATER))
    with pytest.raises(NotAuthorized):
        repository.renew_ticket(hash_of_ticket(TICKET), expires_at=LATER + timedelta(hours=1), now=LATER)
    assert repository.page(limit=10).connections == ()


def test_a_hand_over_that_fails_leaves_its_ticket_unspent(repository: ConnectionRepository) -> None:
    repository.issue_ticket(ticket_to_create(), now=NOW)
    with pytest.raises(Tampered):
        repository.add(connection(), {TOKEN: b"not sealed"}, hand_over=hand_over())
    taker = added(repository)
    with pytest.raises(NameTaken):
        repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over())
    repository.delete(taker.id, expected_revision=1)
    assert repository.add(connection(), {TOKEN: sealed()}, hand_over=hand_over()).name == "Shop"


def test_tickets_long_expired_are_dropped_when_others_are_issued(repository: ConnectionRepository) -> None:
    repository.issue_ticket(ticket_to_create(), now=NOW)
    other = replace(ticket_to_create("Other"), ticket_hash=hash_of_ticket(Secret("other")))
    repository.issue_ticket(other, now=LATER + timedelta(hours=23))
    assert repository.ticket(hash_of_ticket(TICKET)) is not None
    third = replace(other, ticket_hash=hash_of_ticket(Secret("third")), expires_at=LATER + timedelta(days=2))
    repository.issue_ticket(third, now=LATER + timedelta(days=1, seconds=1))
    assert repository.ticket(hash_of_ticket(TICKET)) is None


# At once


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work` in as many threads, started together; returns what each returned or raised."""
    barrier = threading.Barrier(count)

    def run(number: int) -> object:
        barrier.wait()
        try:
            return work(number)
        except CompanionError as error:
            return type(error)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_of_many_who_take_a_name_at_once_one_gets_it(repository: ConnectionRepository) -> None:
    results = at_once(8, lambda _number: added(repository))
    assert results.count(NameTaken) == 7
    assert len(repository.page(limit=10).connections) == 1


def test_of_many_changes_from_one_revision_one_is_made(repository: ConnectionRepository) -> None:
    shop = added(repository)
    results = at_once(
        8, lambda number: repository.patch(shop.id, expected_revision=1, updated_at=LATER, tags=(str(number),))
    )
    assert results.count(StaleRevision) == 7
    assert repository.get(shop.id).revision == 2
    assert repository.get(shop.id) in results


def test_of_many_who_spend_a_ticket_at_once_one_does(repository: ConnectionRepository) -> None:
    repository.issue_ticket(ticket_to_create(), now=NOW)
    results = at_once(
        8,
        lambda number: repository.add(
            connection(), {TOKEN: sealed()}, hand_over=hand_over(b"same" if number % 2 else str(number).encode())
        ),
    )
    stored = repository.page(limit=10).connections
    assert len(stored) == 1
    assert all(result in {stored[0], Conflict} for result in results)


def test_no_update_is_lost_among_many_writers(repository: ConnectionRepository) -> None:
    shop = added(repository)

    def add_a_tag(number: int) -> None:
        while True:
            now = repository.get(shop.id)
            try:
                repository.patch(
                    shop.id, expected_revision=now.revision, updated_at=LATER, tags=(*now.tags, str(number))
                )
            except StaleRevision:
                continue
            return

    at_once(6, add_a_tag)
    assert sorted(repository.get(shop.id).tags) == sorted(["eu", "live", *map(str, range(6))])


def test_the_secrets_are_a_mapping_by_field(repository: ConnectionRepository) -> None:
    shop = added(repository)
    secrets: Mapping[SecretField, bytes] = repository.get_with_secrets(shop.id).secrets
    assert set(secrets) == {SecretField.ACCESS_TOKEN}


# Exports


def export(path: str, connection_id: str, **changes: Any) -> Export:
    plain = Export(path, connection_id, ToolFormat.DOTENV, NOW, True, NOW, LATER)
    return replace(plain, **changes)


def test_an_export_is_remembered_once_a_path_and_goes_with_its_connection(repository: Repository) -> None:
    one, other = repository.add(connection("one"), {TOKEN: sealed()}), repository.add(connection("two"), {})
    first, second = export("/a/.env", one.id), export("/b/.env", other.id, access_token_since=None)
    repository.put_exports([first, second, export("/c/.env", new_id(NOW, os.urandom))])
    assert repository.exports_of([one.id]) == (first,)
    assert set(repository.exports_of([one.id, other.id])) == {first, second}
    moved = replace(first, connection_id=other.id, has_access_token=False, storefront_token_ends=None)
    repository.put_exports([moved])
    assert repository.exports_of([one.id]) == ()
    repository.drop_exports(["/b/.env", "/nowhere"])
    assert repository.exports_of([other.id]) == (moved,)
    repository.delete(other.id, expected_revision=1)
    assert repository.exports_of([other.id]) == ()


def test_the_exports_of_many_connections_are_found(repository: Repository) -> None:
    one = repository.add(connection("one"), {})
    repository.put_exports([export("/a/.env", one.id)])
    many = [new_id(NOW, os.urandom) for _ in range(2000)]
    assert len(repository.exports_of([*many, one.id])) == 1
