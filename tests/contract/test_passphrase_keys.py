"""The key provider `passphrase`: what opens it, what does not, and what a running process makes of changes."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companion.core.errors import (
    CompanionError,
    Conflict,
    InvalidInput,
    KeysUnavailable,
    Locked,
    TooManyTries,
    WrongPassphrase,
)
from companion.core.passphrases import COST, Cost
from companion.core.secret import Secret
from companion.keys.choice import AskPassphrase, OpenedKeys, open_keys
from companion.keys.passphrase import FILE_NAME, PassphraseFile
from companion.service.unlocking import Unlocking

RIGHT, WRONG = Secret("a made-up passphrase"), Secret("another made-up passphrase")


def gives(*answers: Secret | None) -> AskPassphrase:
    """Answers with these in turn, and with nothing after them."""
    left = list(answers)

    def ask(*, new: bool, again: bool) -> Secret | None:
        return left.pop(0) if left else None

    return ask


def open_with(folder: Path, *answers: Secret | None, may_be_locked: bool = False) -> OpenedKeys:
    return open_keys(
        folder / "data",
        wanted="passphrase",
        key_file=folder / "key.json",
        ask=gives(*answers),
        may_be_locked=may_be_locked,
    )


def test_the_right_passphrase_opens_and_the_file_holds_no_key(tmp_path: Path) -> None:
    made = open_with(tmp_path, RIGHT)
    wrapped = made.provider.wrap(b"k" * 32, b"bound")
    again = open_with(tmp_path, RIGHT)
    assert again.provider.unwrap(wrapped, b"bound") == b"k" * 32
    kept = json.loads((tmp_path / "data" / FILE_NAME).read_text())
    assert set(kept) == {"format", "folder_id", "derivation", "sealed"}
    assert (kept["derivation"]["memory_kib"], kept["derivation"]["iterations"]) == (COST.memory_kib, COST.iterations)
    assert RIGHT.reveal() not in (tmp_path / "data" / FILE_NAME).read_text()


def test_a_wrong_one_opens_nothing_and_may_be_corrected(tmp_path: Path) -> None:
    open_with(tmp_path, RIGHT)
    before = (tmp_path / "data" / FILE_NAME).read_bytes()
    with pytest.raises(WrongPassphrase) as raised:
        open_with(tmp_path, WRONG)
    assert raised.value.exit_code == 5
    assert open_with(tmp_path, WRONG, RIGHT).provider.active_key_id
    assert (tmp_path / "data" / FILE_NAME).read_bytes() == before


def test_nobody_to_ask_is_an_error_or_a_lock(tmp_path: Path) -> None:
    with pytest.raises(Locked, match="chosen"):
        open_with(tmp_path)
    assert not (tmp_path / "data" / "keys.json").exists()
    made = open_with(tmp_path, RIGHT)
    with pytest.raises(Locked, match="COMPANION_PASSPHRASE"):
        open_with(tmp_path)
    locked = open_with(tmp_path, may_be_locked=True).provider
    for use in (lambda: locked.active_key_id, lambda: locked.wrap(b"k" * 32, b"")):
        with pytest.raises(Locked):
            use()
    locked.unlock(RIGHT)
    assert locked.active_key_id == made.provider.active_key_id
    locked.lock()
    with pytest.raises(Locked):
        locked.unwrap(made.provider.wrap(b"k" * 32, b""), b"")


def test_a_short_passphrase_is_not_chosen(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="15 characters"):
        open_with(tmp_path, Secret("short"))
    assert not (tmp_path / "data" / "keys.json").exists()


def test_a_cheaper_key_is_derived_anew_when_it_is_unlocked(tmp_path: Path) -> None:
    made = open_with(tmp_path, RIGHT)
    file = tmp_path / "data" / FILE_NAME
    held = made.provider.places.passphrase_file.load(made.folder_id)
    assert held is not None
    old = PassphraseFile(file, entropy=os.urandom, cost=Cost(memory_kib=1024, iterations=1, lanes=1))
    old.choose(RIGHT)
    old.replace(made.folder_id, held)
    assert json.loads(file.read_text())["derivation"]["memory_kib"] == 1024
    with pytest.raises(WrongPassphrase):
        open_with(tmp_path, WRONG)
    assert json.loads(file.read_text())["derivation"]["memory_kib"] == 1024
    assert open_with(tmp_path, RIGHT).provider.active_key_id == held.active
    assert json.loads(file.read_text())["derivation"]["memory_kib"] == COST.memory_kib
    assert open_with(tmp_path, RIGHT).provider.active_key_id == held.active


@pytest.mark.parametrize("position", ["derivation", "sealed", "folder_id", "format"])
def test_a_changed_file_is_told_from_a_wrong_passphrase(tmp_path: Path, position: str) -> None:
    open_with(tmp_path, RIGHT)
    file = tmp_path / "data" / FILE_NAME
    content = json.loads(file.read_text())
    match position:
        case "derivation":
            content["derivation"]["lanes"] = 0
        case "sealed":
            text = content["sealed"]
            content["sealed"] = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
        case "folder_id":
            content["folder_id"] = "0" * 32
        case _:
            content["format"] = 9
    file.write_text(json.dumps(content))
    with pytest.raises(KeysUnavailable, match="cannot be used") as raised:
        open_with(tmp_path, RIGHT)
    assert not isinstance(raised.value, WrongPassphrase)


def test_a_running_process_is_locked_when_another_changes_the_passphrase(tmp_path: Path) -> None:
    running = open_with(tmp_path, RIGHT)
    held = running.provider.places.passphrase_file.load(running.folder_id)
    assert held is not None
    other = open_with(tmp_path, RIGHT).provider.places.passphrase_file
    other.choose(WRONG)
    other.replace(running.folder_id, held)
    (tmp_path / "data" / "keys.json").touch()
    with pytest.raises(Locked):
        running.provider.wrap(b"k" * 32, b"")
    with pytest.raises(Locked):
        _ = running.provider.active_key_id
    running.provider.unlock(WRONG)
    assert running.provider.active_key_id == held.active


def test_keys_without_a_passphrase_are_neither_locked_nor_unlocked(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "data", wanted="file", key_file=tmp_path / "config" / "key.json").provider
    for change in (keys.lock, lambda: keys.unlock(RIGHT)):
        with pytest.raises(Conflict, match="nothing to"):
            change()
    assert keys.active_key_id


class FakeKeys:
    """Counts the tries."""

    tries = 0

    def unlock(self, passphrase: Secret) -> None:
        self.tries += 1
        if passphrase != RIGHT:
            raise WrongPassphrase

    def lock(self) -> None: ...


def test_wrong_tries_are_slowed_down_more_and_more() -> None:
    now = [datetime(2026, 11, 22, tzinfo=UTC)]
    keys = FakeKeys()
    unlocking = Unlocking(keys, lambda: now[0])
    pauses = []
    for _ in range(12):
        with pytest.raises(WrongPassphrase):
            unlocking.unlock(WRONG)
        with pytest.raises(TooManyTries) as raised:
            unlocking.unlock(RIGHT)  # the right one is not even tried
        assert isinstance(raised.value, CompanionError)
        assert raised.value.retry_after is not None
        pauses.append(raised.value.retry_after)
        now[0] += timedelta(seconds=raised.value.retry_after)
    assert keys.tries == 12
    assert pauses[0] <= 2
    assert pauses == sorted(pauses)
    assert 300 <= pauses[-1] <= 301
    unlocking.unlock(RIGHT)
    with pytest.raises(WrongPassphrase):
        unlocking.unlock(WRONG)
    now[0] += timedelta(seconds=2)
    unlocking.unlock(RIGHT)
