"""What a run leaves behind, and what it removes of others."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from automation.browser.temporary_folder import LOCK, PREFIX, sweep, temporary_folder

# Makes its folder in the place given, says which, and goes on until it is stopped.
HOLD = """
import sys
from pathlib import Path
from automation.browser.temporary_folder import temporary_folder
with temporary_folder(Path(sys.argv[1])) as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


def holder(place: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_folder_is_this_users_alone_and_gone_at_the_end(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as folder:
        (folder / "nested").mkdir()
        (folder / "nested" / "file").write_text("x")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.name.startswith(PREFIX)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), temporary_folder(tmp_path):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    process, folder = holder(tmp_path)
    process.kill()
    process.communicate()
    assert (folder / "file").exists()
    assert sweep(tmp_path) == (folder,)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_living_run_is_not_swept(tmp_path: Path) -> None:
    process, folder = holder(tmp_path)
    try:
        assert sweep(tmp_path) == ()
        assert (folder / "file").exists()
    finally:
        process.communicate("")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_made_a_moment_ago_is_not_swept(tmp_path: Path) -> None:
    unlocked = tmp_path / f"{PREFIX}{os.getpid()}-abcdefgh"
    unlocked.mkdir(mode=0o700)
    assert sweep(tmp_path) == ()


def test_a_folder_without_a_lock_whose_process_is_gone_is_swept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder = tmp_path / f"{PREFIX}{gone.pid}-abcdefgh"
    folder.mkdir(mode=0o700)
    assert sweep(tmp_path) == (folder,)


def test_no_symbolic_link_is_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / LOCK).touch()
    (precious / "file").write_text("x")
    (tmp_path / f"{PREFIX}99999999-abcdefgh").symlink_to(precious, target_is_directory=True)
    leftover = tmp_path / f"{PREFIX}99999999-ijklmnop"
    leftover.mkdir()
    (leftover / "link").symlink_to(precious, target_is_directory=True)
    assert sweep(tmp_path) == (leftover,)
    assert (precious / "file").read_text() == "x"


def test_what_only_looks_like_one_of_ours_is_left_alone(tmp_path: Path) -> None:
    for name in (f"{PREFIX}notes", f"{PREFIX}0-abc", f"{PREFIX}1-ABC"):
        (tmp_path / name).mkdir()
    (tmp_path / f"{PREFIX}99999999-abcdefgh").write_text("a file, not a folder")
    assert sweep(tmp_path) == ()
    assert len(list(tmp_path.iterdir())) == 4
