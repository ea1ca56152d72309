"""A backup comes back whole, on another machine under other keys, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from machines import CHEAP, NOW, PASSPHRASE, TOKEN, Machine, opening, token_of

from companion.core.audit import anchor_from_text
from companion.core.backup_file import CHUNK_BYTES, READABLE, new_backup_key
from companion.core.backup_records import first_line, last_line
from companion.core.connection import ApiAccount, Finding, Severity, Status, World
from companion.core.errors import BackupDamaged, CompanionError, StorageFailed, WrongPassphrase
from companion.core.secret import Secret
from companion.ports.backup import OnConflict
from companion.service.kept_sessions import KeptSessions
from companion.service.restore import BackupConflicts

DATA = Path(__file__).parents[1] / "data" / "backups"


def test_a_backup_restores_on_another_machine_under_its_own_key(machines: Callable[[str], Machine]) -> None:
    here, there = machines("here"), machines("there")
    full = here.added(
        "Größe 🛒", api_account=ApiAccount("Companion", None), oauth_scopes=("store_storefront_api",),
        status=Status.ATTENTION, verified_at=NOW, revision=1, world=World.SIMULATED,
        findings=(Finding("one", "Message.", "Action.", Severity.ATTENTION),),
    )  # fmt: skip
    plain = here.added("plain")
    KeptSessions(here.repository, here.vault, here.opened.folder_id, lambda: NOW, World.REAL).keep(
        None, plain.id, Secret("cookies")
    )
    content = here.backup()

    restored = there.restore(content)

    assert (restored.connections, restored.kept, restored.replaced, restored.made_at) == (2, (), (), NOW)
    assert {each.id: each for each in there.repository.page(limit=9).connections} == {full.id: full, plain.id: plain}
    for connection in (full, plain):
        assert there.token(connection.name) == f"{token_of(connection.name)}access_token"
        assert set(there.repository.get_with_secrets(connection.id).secrets) == {TOKEN}  # what was minted stays behind
    assert there.repository.sessions(World.REAL) == ()
    assert {each.key_id for each in there.repository.key_usage() if each.records} == {there.keys.active_key_id}
    assert here.keys.active_key_id != there.keys.active_key_id


def test_a_backup_shows_nothing(machines: Callable[[str], Machine]) -> None:
    here = machines("here")
    here.added("visible-name")
    content = here.backup()
    for told in (token_of("visible-name"), "visible-name", "celigo", PASSPHRASE.reveal(), here.opened.folder_id):
        assert told.encode() not in content
    assert here.backup() != content


def test_many_connections_make_many_chunks(machines: Callable[[str], Machine]) -> None:
    here, there = machines("here"), machines("there")
    names = [f"{number:03} {'x' * 90}" for number in range(110)]
    for name in names:
        here.added(name, findings=(Finding("one", "m" * 900, "a", Severity.NOTE),))
    content = here.backup()
    assert len(content) > 2 * CHUNK_BYTES
    assert there.restore(content).connections == 110
    assert there.token(names[77]) == f"{token_of(names[77])}access_token"


@pytest.mark.parametrize("passphrase", ["", "a made-up passphras", "A made-up passphrase"])
def test_a_wrong_passphrase_changes_nothing(machines: Callable[[str], Machine], passphrase: str) -> None:
    here, there = machines("here"), machines("there")
    here.added("shop")
    with pytest.raises(WrongPassphrase):
        there.restore(here.backup(), passphrase=Secret(passphrase))
    assert there.names() == []


def test_every_flipped_byte_and_every_cut_is_noticed_and_nothing_is_written(
    machines: Callable[[str], Machine],
) -> None:
    here, there = machines("here"), machines("there")
    here.added("shop")
    content = here.backup()
    key, _ = opening(content)()
    head = len(key.head)
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1
        with pytest.raises((BackupDamaged, WrongPassphrase)):
            there.restore(bytes(changed))
    for length in (0, 1, 30, 31, 35, head - 1, head, head + 1, head + 15, len(content) - 1):
        with pytest.raises(BackupDamaged) as raised:
            there.restore(content[:length])
        assert "newer version" not in str(raised.value)
    with pytest.raises(BackupDamaged):
        there.restore(content + b"\0")
    assert there.names() == []


def test_chunks_that_are_left_out_doubled_or_moved_are_noticed() -> None:
    key = new_backup_key(PASSPHRASE, entropy=os.urandom, cost=CHEAP)
    line = b"x" * 1000
    content = b"".join(key.sealed(line for _ in range(300)))
    size = CHUNK_BYTES + 16
    head, chunks = key.head, [content[at : at + size] for at in range(len(key.head), len(content), size)]
    assert len(chunks) == 5

    def lines_of(*pieces: bytes) -> list[bytes]:
        opened, read = opening(head + b"".join(pieces))()
        return list(opened.opened(read))

    assert lines_of(*chunks) == [line] * 300
    one, two, three, four, five = chunks
    left_out, moved, doubled = (
        (one, two, three, four),
        (one, three, two, four, five),
        (one, one, two, three, four, five),
    )
    for wrong in (left_out, moved, doubled, (two, three, four, five), (one, five), (five,), (*chunks, five)):
        with pytest.raises(BackupDamaged):
            lines_of(*wrong)


def test_what_a_right_key_sealed_wrongly_is_refused(machines: Callable[[str], Machine]) -> None:
    """Records that are missing, doubled or of another version do not slip through because the tags are right."""
    there = machines("there")
    first = first_line(made_at=NOW, version="0", folder_id="x")
    newer = json.dumps({**json.loads(first), "format": 3}).encode()
    for lines in (
        [],
        [first],
        [last_line(0)],
        [first, first, last_line(0)],
        [first, last_line(1)],
        [newer, last_line(0)],
        [first, b"[]", last_line(1)],
        [first, b'{"kind":"connection"}', last_line(1)],
        [first, b"{", last_line(0)],
        [first, last_line(0), last_line(0)],
    ):
        key = new_backup_key(PASSPHRASE, entropy=os.urandom, cost=CHEAP)
        with pytest.raises(BackupDamaged):
            there.restore(b"".join(key.sealed(lines)))
    key = new_backup_key(PASSPHRASE, entropy=os.urandom, cost=CHEAP)
    assert there.restore(b"".join(key.sealed([first, last_line(0)]))).connections == 0


def test_conflicts_are_listed_and_nothing_is_changed(machines: Callable[[str], Machine]) -> None:
    here, there = machines("here"), machines("there")
    same = here.added("same")
    here.added("new")
    renamed = here.added("renamed")
    content = here.backup()
    here.repository.patch(renamed.id, expected_revision=1, updated_at=NOW, name="renamed since")
    there.added("SAME")
    with pytest.raises(BackupConflicts) as raised:
        there.restore(content)
    assert raised.value.exit_code == 8
    assert raised.value.document["conflicts"] == [{"name": "same", "stored_name": "SAME", "id": same.id}]
    assert there.names() == ["SAME"]
    with pytest.raises(BackupConflicts, match="'renamed' \\(here 'renamed since'\\)"):
        here.restore(content)


def test_conflicts_are_kept_or_replaced_as_asked(machines: Callable[[str], Machine]) -> None:
    here, there = machines("here"), machines("there")
    same = here.added("same")
    here.added("new")
    content = here.backup()
    ours = there.added("SAME")
    kept = there.restore(content, OnConflict.KEEP)
    assert (kept.connections, kept.kept) == (1, ("SAME",))
    assert there.repository.find("same").id == ours.id
    replaced = there.restore(content, OnConflict.REPLACE)
    assert (replaced.connections, set(replaced.replaced)) == (2, {"SAME", "new"})
    assert there.repository.find("same").id == same.id
    assert there.token("same") == f"{token_of('same')}access_token"
    assert len(there.names()) == 2


def test_a_connection_that_does_not_open_is_named_and_left_out(machines: Callable[[str], Machine]) -> None:
    here, there = machines("here"), machines("there")
    here.added("whole")
    broken = here.added("broken")
    here.meddle(
        "UPDATE secrets SET envelope = (SELECT envelope FROM secrets WHERE connection_id != :id AND "
        "field = :field) WHERE connection_id = :id AND field = :field",
        id=broken.id,
        field=TOKEN.value,
    )
    content = here.backup()
    assert (here.done.connections, [each.place for each in here.done.unopened]) == (1, ["'broken'"])
    there.restore(content)
    assert there.names() == ["whole"]


@pytest.mark.parametrize("machines", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_in_the_middle_leaves_all_as_it_was(machines: Callable[[str], Machine]) -> None:
    here, there = machines("here"), machines("there")
    for number in range(60):
        here.added(f"shop {number}", findings=(Finding("one", "m" * 4000, "a", Severity.NOTE),))
    content = here.backup()
    there.added("mine")

    from sqlalchemy import Connection as Transaction
    from sqlalchemy import event

    with there.repository._engine.connect() as opened:
        pages = opened.exec_driver_sql("PRAGMA page_count").scalar()

    def limited_to(most: int) -> Callable[[Transaction], None]:
        return lambda began: began.exec_driver_sql(f"PRAGMA max_page_count = {most}").close()

    limit, no_limit = limited_to(pages + 20), limited_to(2**30)
    event.listen(there.repository._engine, "begin", limit)
    with pytest.raises(StorageFailed, match="disk is full"):
        there.restore(content)
    assert there.names() == ["mine"]
    event.remove(there.repository._engine, "begin", limit)
    event.listen(there.repository._engine, "begin", no_limit)
    assert there.restore(content).connections == 60


def test_a_backup_that_was_made_by_an_earlier_version_restores(machines: Callable[[str], Machine]) -> None:
    """One file of each format that was ever written stays here for good."""
    files = sorted(DATA.glob("*.backup"))
    assert files
    for file in files:
        there = machines(file.stem)
        expected = json.loads(file.with_suffix(".json").read_text())
        restored = there.restore(file.read_bytes(), passphrase=Secret(expected["passphrase"]))
        assert restored.connections == len(expected["connections"])
        for each in expected["connections"]:
            connection = there.repository.find(each["name"])
            assert (connection.id, connection.store_hash, list(connection.tags)) == (
                each["id"], each["store_hash"], each["tags"],
            )  # fmt: skip
            assert there.token(each["name"]) == each["access_token"]
        assert there.recorded() == [*expected.get("record", []), "restore"]
        anchor = anchor_from_text(expected["anchor"]) if "anchor" in expected else None
        state = there.record(anchor)
        assert state.intact
        assert {str(each.number): there.recorded(each.number) for each in state.chapters} == expected.get(
            "chapters", {}
        )


def test_there_is_a_backup_of_every_format() -> None:
    assert {file.stem for file in DATA.glob("*.backup")} == {f"format-{number}" for number in READABLE}


def test_errors_of_a_backup_hold_no_secret(machines: Callable[[str], Machine]) -> None:
    here, there = machines("here"), machines("there")
    here.added("shop")
    content = here.backup()
    for wrong, passphrase in ((content[:-1], PASSPHRASE), (content, Secret("another made-up one"))):
        with pytest.raises(CompanionError) as raised:
            there.restore(wrong, passphrase=passphrase)
        assert passphrase.reveal() not in str(raised.value)
        assert token_of("shop") not in str(raised.value)
