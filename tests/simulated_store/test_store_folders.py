"""Temporary folders: gone at the end, and after a kill gone with the next process."""

import os
import subprocess
import sys
from pathlib import Path

from simulated_store.own_folder import LOCK, OwnFolder, own_folder, sweep

KILLED = """
import os, pathlib, signal, sys
from simulated_store.own_folder import OwnFolder
folder = OwnFolder("made-up-", pathlib.Path(sys.argv[1]))
(folder.path / "secret").write_text("hush")
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""


def test_a_folder_is_gone_with_its_context(tmp_path: Path) -> None:
    with own_folder("made-up-", tmp_path) as folder:
        (folder / "deep").mkdir()
        assert folder.parent == tmp_path
        if os.name == "posix":
            assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_who_forgets_to_remove_a_folder_leaves_none(tmp_path: Path) -> None:
    forgetful = KILLED.partition("os.kill(")[0]
    subprocess.run([sys.executable, "-c", forgetful, str(tmp_path)], check=True)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    assert (left / "secret").exists()
    folder = OwnFolder("made-up-", tmp_path)
    assert list(tmp_path.iterdir()) == [folder.path]
    folder.remove()


def test_a_sweep_leaves_what_is_in_use_and_what_is_not_ours(tmp_path: Path) -> None:
    used = OwnFolder("made-up-", tmp_path)
    for name in ("made-up-by-somebody", "made-up-12345678", "others-12345678"):
        (tmp_path / name).mkdir()
    (tmp_path / "made-up-by-somebody" / LOCK).touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / LOCK).touch()
    (tmp_path / "made-up-87654321").symlink_to(elsewhere)
    before = sorted(tmp_path.rglob("*"))
    sweep(tmp_path, "made-up-")
    assert sorted(tmp_path.rglob("*")) == before
    used.remove()
    assert used.path not in tmp_path.iterdir()
