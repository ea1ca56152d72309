from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from companion.account_notes import FOLDER, AccountNote, AccountNotes
from companion.core.errors import StorageFailed

NOTE = AccountNote("simulated", "abc123", "Companion k3v9q2x7ab", "companion connect shop", "2026-11-26T20:00:00Z")


def killed_after_writing(data: Path) -> None:
    """Another process writes its note and ends as by `kill -9`."""
    program = (
        "import os, pathlib, sys\n"
        "from companion.account_notes import AccountNote, AccountNotes\n"
        f"AccountNotes(pathlib.Path(sys.argv[1])).held().write({NOTE!r})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(data)], check=False)


def files(data: Path) -> list[Path]:
    return sorted((data / FOLDER).iterdir())


def test_a_note_is_left_when_its_process_was_killed_and_not_while_it_lives(tmp_path: Path) -> None:
    notes = AccountNotes(tmp_path)
    held = notes.held()
    held.write(NOTE)
    assert notes.left("simulated") == ()
    killed_after_writing(tmp_path)
    [left] = notes.left("simulated")
    assert left.note == NOTE
    assert notes.left("real") == ()
    left.drop()
    held.remove()
    assert files(tmp_path) == []


def test_what_is_written_again_takes_the_place_of_what_was(tmp_path: Path) -> None:
    held = AccountNotes(tmp_path).held()
    held.write(NOTE)
    held.write(AccountNote("simulated", "abc123", "My ERP k3v9q2x7ab", NOTE.command, NOTE.written_at))
    [note] = [file for file in files(tmp_path) if file.suffix == ".json"]
    assert json.loads(note.read_text())["name"] == "My ERP k3v9q2x7ab"
    held.remove()
    held.remove()
    assert files(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_note_is_this_users_alone(tmp_path: Path) -> None:
    held = AccountNotes(tmp_path / "data").held()
    held.write(NOTE)
    assert stat.S_IMODE((tmp_path / "data" / FOLDER).stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in files(tmp_path / "data")] == [0o600, 0o600]
    held.remove()


def test_a_file_that_is_no_note_is_passed_over(tmp_path: Path) -> None:
    killed_after_writing(tmp_path)
    (tmp_path / FOLDER / "other.json").write_text('{"name": "x"}')
    (tmp_path / FOLDER / "broken.json").write_text("{")
    assert [each.note for each in AccountNotes(tmp_path).left("simulated")] == [NOTE]


def test_what_cannot_be_noted_is_refused(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(StorageFailed) as refusal:
        AccountNotes(tmp_path).held().write(NOTE)
    assert "not made" in refusal.value.explained.what
