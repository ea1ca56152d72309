"""The audit record goes with a backup: it goes on where nothing was recorded, and is kept beside what was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest
from machines import CHEAP, NOW, PASSPHRASE, Machine, opening

from companion.core.audit import Anchor
from companion.core.audit_actions import AuditAction
from companion.core.backup_file import new_backup_key
from companion.core.backup_records import first_line, last_line
from companion.core.errors import BackupDamaged, StorageFailed
from companion.ports.backup import OnConflict, RestoredChains


def whole(machine: Machine, anchor: Anchor | None = None) -> bool:
    return machine.record(anchor).intact


def lines_of(content: bytes) -> list[bytes]:
    key, read = opening(content)()
    return list(key.opened(read))


def sealed_again(content: bytes, lines: list[bytes]) -> bytes:
    """As somebody would who knows the passphrase."""
    key, _ = opening(content)()
    return b"".join(key.sealed(lines))


def test_in_an_empty_folder_the_record_goes_on_from_there(machines: Callable[..., Machine]) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    here.added("two")
    anchor = here.record().anchor

    restored = there.restore(here.backup())

    assert restored.chains == RestoredChains(entries=2, goes_on=True)
    assert restored.chains_are_whole
    assert there.recorded() == ["add", "add", "restore"]
    there.added("three")
    state = there.record(anchor)
    assert (state.intact, state.anchor.count, state.chapters) == (True, 4, ())
    assert {each.key_id for each in there.repository.key_usage() if each.records} == {there.keys.active_key_id}


@pytest.mark.parametrize("kinds", [("sqlite", "postgresql"), ("postgresql", "sqlite")])
@pytest.mark.parametrize("machines", ["sqlite"], indirect=True)
def test_it_goes_from_one_kind_of_database_to_the_other(
    machines: Callable[..., Machine], kinds: tuple[str, str]
) -> None:
    here, there = machines("here", kinds[0]), machines("there", kinds[1])
    here.added("Größe 🛒")
    here.restore(machines("elsewhere").backup())
    content = here.backup()
    assert there.restore(content).chains.goes_on
    assert there.recorded() == ["add", "restore", "restore"]
    assert whole(there, here.record().anchor)


def test_in_a_used_folder_it_is_kept_as_an_earlier_chapter_with_its_own_numbers(
    machines: Callable[..., Machine],
) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    here.added("two")
    there.added("mine")

    restored = there.restore(here.backup())

    assert restored.chains == RestoredChains(entries=2, goes_on=False, chapters=(1,))
    assert there.recorded() == ["add", "restore", "keep-chapter"]
    assert there.recorded(chapter=1) == ["add", "add"]
    state = there.record()
    [chapter] = state.chapters
    assert (state.intact, state.anchor.count, chapter.anchor) == (True, 3, here.record().anchor)
    assert chapter.restored_at == NOW


def test_chapters_go_along_with_the_next_backup_and_the_next(machines: Callable[..., Machine]) -> None:
    first, second, third, fourth = (machines(name) for name in ("first", "second", "third", "fourth"))
    for number, machine in enumerate((first, second, fourth)):
        machine.added(f"shop {number}")
    second.restore(first.backup())
    content = second.backup()

    assert third.restore(content).chains == RestoredChains(entries=3, goes_on=True)
    assert [each.number for each in third.record().chapters] == [1]
    assert whole(third, second.record().anchor)
    assert third.recorded(chapter=1) == ["add"]

    assert fourth.restore(content).chains == RestoredChains(entries=3, goes_on=False, chapters=(1, 2))
    assert whole(fourth)
    assert (fourth.recorded(chapter=1), fourth.recorded(chapter=2)) == (["add", "restore", "keep-chapter"], ["add"])


def test_what_is_here_already_is_not_kept_twice_and_a_longer_one_takes_its_place(
    machines: Callable[..., Machine],
) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    earlier = here.backup()
    assert here.restore(earlier, OnConflict.KEEP).chains == RestoredChains(entries=1)
    assert here.record().chapters == ()

    there.added("mine")
    assert there.restore(earlier).chains.chapters == (1,)
    assert there.restore(earlier, OnConflict.KEEP).chains.chapters == ()
    later = here.backup()
    assert there.restore(later, OnConflict.KEEP).chains.chapters == (2,)
    assert there.restore(earlier, OnConflict.KEEP).chains.chapters == ()
    state = there.record()
    assert (state.intact, [each.number for each in state.chapters]) == (True, [2])


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM audit_chapters", "missing"),
        ("DELETE FROM audit_chapter_entries WHERE number = 2", "missing"),
        ("UPDATE audit_chapter_entries SET who = 'somebody' WHERE number = 1", "changed"),
        ("UPDATE audit_chapters SET count = 1", "head"),
        ("UPDATE audit_chapters SET envelope = (SELECT envelope FROM audit_head)", "does not open"),
        ("UPDATE audit_chapters SET number = 2", "missing"),
    ],
)
def test_a_chapter_that_was_meddled_with_shows(machines: Callable[..., Machine], statement: str, why: str) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    here.added("two")
    there.added("mine")
    there.restore(here.backup())
    if "SET number" in statement:  # its entries with it
        there.meddle("INSERT INTO audit_chapters SELECT 2, restored_at, key_id, envelope, count, mac, seal "
                     "FROM audit_chapters")  # fmt: skip
        there.meddle("UPDATE audit_chapter_entries SET chapter = 2")
        there.meddle("DELETE FROM audit_chapters WHERE number = 1")
    else:
        there.meddle(statement)
    state = there.record()
    assert state.broken is None
    broken = [each.broken.why for each in state.chapters if each.broken is not None]
    assert broken
    assert why in broken[0]


def test_a_chapter_that_the_record_does_not_know_shows(machines: Callable[..., Machine]) -> None:
    """Written by who has the keys of the folder, but not in a restore: the chain has no word of it."""
    here, there = machines("here"), machines("there")
    here.added("one")
    there.added("mine")
    before = there.record().anchor
    there.restore(here.backup())
    there.meddle("DELETE FROM audit WHERE number > 1")
    there.meddle(
        "UPDATE audit_head SET count = 1, mac = (SELECT mac FROM audit WHERE number = 1)"
    )  # whose seal is wrong now
    state = there.record(before)
    assert not state.intact


def test_a_record_that_is_broken_is_restored_as_it_is_and_does_not_go_on(machines: Callable[..., Machine]) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    here.added("two")
    here.meddle("UPDATE audit SET who = 'nobody' WHERE number = 1")

    restored = there.restore(here.backup())

    assert (restored.connections, restored.chains.goes_on, restored.chains.chapters) == (2, False, (1,))
    assert not restored.chains_are_whole
    state = there.record()
    assert state.broken is None
    assert [each.broken is None for each in state.chapters] == [False]


def test_a_key_of_the_record_that_does_not_open_is_named_and_left_out(machines: Callable[..., Machine]) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    here.meddle("UPDATE audit_head SET envelope = (SELECT envelope FROM secrets LIMIT 1)")
    here.repository.forget_audit_key()
    content = here.backup()
    assert [each.what for each in here.done.unopened] == ["audit record"]
    assert there.restore(content).connections == 1
    assert there.recorded() == ["restore"]


def test_chapters_come_under_a_new_key_too(machines: Callable[..., Machine]) -> None:
    from companion.keys.changing import changing_keys
    from companion.service.rotate_keys import rotate_keys

    here, there = machines("here"), machines("there")
    here.added("one")
    there.added("mine")
    there.restore(here.backup())
    with changing_keys(there.keys) as changing:
        rotation = rotate_keys(changing, there.repository)
    assert rotation.unopened == ()
    assert {each.key_id for each in there.repository.key_usage() if each.records} == {rotation.active_key_id}
    assert whole(there)


def test_a_restore_that_fails_leaves_no_part_of_the_record(
    machines: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    content = here.backup()

    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(there.repository, "_record", failing)
        with pytest.raises(StorageFailed):
            there.restore(content)
    assert (there.names(), there.recorded(), there.repository.key_usage()) == ([], [], ())
    assert there.restore(content).chains.goes_on


def test_what_a_right_key_sealed_wrongly_is_refused(machines: Callable[..., Machine]) -> None:
    here, there = machines("here"), machines("there")
    here.added("one")
    here.added("two")
    content = here.backup()
    lines = lines_of(content)
    first, one, two, chain, entry, other, end = lines
    assert [json.loads(line)["kind"] for line in lines] == [
        "backup", "connection", "connection", "audit-chain", "audit-entry", "audit-entry", "end",
    ]  # fmt: skip
    for wrong in (
        [first, one, two, chain, entry, end],
        [first, one, two, entry, other, chain, end],
        [first, one, two, chain, other, entry, end],
        [first, one, two, chain, entry, entry, end],
        [first, one, chain, entry, other, two, end],
        [first, one, two, chain, chain, entry, other, end],
        [first, one, two, end],
        [first, one, two, chain.replace(b'"count":2', b'"count":"2"'), entry, other, end],
        [first, one, two, chain, entry.replace(b'"who":"user"', b'"who":7'), other, end],
        [first.replace(here.opened.folder_id.encode(), b"0" * 32), one, two, chain, entry, other, end],
    ):
        with pytest.raises(BackupDamaged):
            there.restore(sealed_again(content, wrong))
    assert there.names() == []
    changed = [first, one, two, chain, entry, other.replace(b'"who":"user"', b'"who":"tool"'), end]
    assert not there.restore(sealed_again(content, changed)).chains_are_whole


def test_a_record_of_many_entries_comes_back(machines: Callable[..., Machine]) -> None:
    here, there = machines("here"), machines("there")
    for number in range(40):
        here.added(f"shop {number}")
    shop = here.repository.find("shop 0")
    for _ in range(1200):
        here.repository._write(
            lambda transaction: here.repository._record_of(transaction, AuditAction.VERIFY, shop, "x")
        )
    content = here.backup()
    assert there.restore(content).chains == RestoredChains(entries=1240, goes_on=True)
    assert whole(there, here.record().anchor)


def test_a_backup_of_the_first_format_begins_no_record(machines: Callable[..., Machine]) -> None:
    there = machines("there")
    lines = [first_line(made_at=NOW, version="0", folder_id="x").replace(b'"format":2', b'"format":1')]
    end = json.dumps({"kind": "end", "connections": 0}).encode()
    key = new_backup_key(PASSPHRASE, entropy=os.urandom, cost=CHEAP)
    assert there.restore(b"".join(key.sealed([*lines, end]))).chains == RestoredChains()
    assert last_line(0) != end
    assert there.recorded() == ["restore"]
