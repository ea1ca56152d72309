from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from companion.private_files import (
    create_private_file,
    make_missing_folders,
    make_private_folder,
    replace_private_file,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_made_is_this_users_alone_whatever_the_umask_is(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_private_folder(tmp_path / "a" / "b")
        create_private_file(tmp_path / "a" / "b" / "new", b"content")
        replace_private_file(tmp_path / "a" / "b" / "replaced", b"content")
    finally:
        os.umask(before)
    assert [mode_of(tmp_path / "a"), mode_of(tmp_path / "a" / "b")] == [0o700, 0o700]
    assert [mode_of(file) for file in (tmp_path / "a" / "b").iterdir()] == [0o600, 0o600]


def test_a_name_that_is_taken_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("taken", "link"):
        with pytest.raises(FileExistsError):
            create_private_file(tmp_path / name, b"after")
    assert (tmp_path / "taken").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "taken"]


@pytest.mark.parametrize("path", [".", "/"])
def test_a_path_without_a_name_counts_as_taken(path: str) -> None:
    with pytest.raises(FileExistsError) as refusal:
        create_private_file(Path(path), b"content")
    assert refusal.value.strerror


def test_replacing_takes_the_place_of_a_link_and_leaves_its_target(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    replace_private_file(tmp_path / "link", b"after")
    assert (tmp_path / "target").read_text() == "before"
    assert (tmp_path / "link").read_bytes() == b"after"
    assert not (tmp_path / "link").is_symlink()


def test_of_many_who_create_one_file_one_succeeds_and_its_content_is_whole(tmp_path: Path) -> None:
    def create(number: int) -> int | None:
        try:
            create_private_file(tmp_path / "file", bytes([number]) * 10_000)
        except FileExistsError:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(create, range(8)) if number is not None]
    assert len(winners) == 1
    assert (tmp_path / "file").read_bytes() == bytes(winners) * 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_folders_that_exist_stay_as_they_are_unless_they_are_ours(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o755)
    make_missing_folders(tmp_path / "theirs" / "ours")
    assert (mode_of(tmp_path / "theirs"), mode_of(tmp_path / "theirs" / "ours")) == (0o755, 0o700)
    make_private_folder(tmp_path / "theirs")
    assert mode_of(tmp_path / "theirs") == 0o700


def test_the_home_folder_is_not_narrowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    with pytest.raises(PermissionError):
        make_private_folder(tmp_path)
    assert mode_of(tmp_path) == 0o755
