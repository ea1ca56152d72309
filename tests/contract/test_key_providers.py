"""What every key provider does, run against each."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from companion.core.envelope import KEY_BYTES, WrappedKey
from companion.core.errors import KeysUnavailable, Tampered, WrongKey
from companion.core.secret import Secret
from companion.keys.choice import OpenedKeys, open_keys
from companion.keys.keychain import Keychain
from companion.ports.keys import KeyProvider

BOUND = b"bound to this"


def keychain_environment(folder: Path, behaviour: str = "works", kind: str = "Keychain") -> Mapping[str, str]:
    """Return the environment of a process that finds the keychain for tests."""
    return os.environ | {
        "PYTHON_KEYRING_BACKEND": f"keychain_for_tests.{kind}",
        "PYTHONPATH": str(Path(__file__).parent),
        "KEYCHAIN_FOR_TESTS": behaviour,
        "KEYCHAIN_FOR_TESTS_FILE": str(folder / "keychain.json"),
    }


def the_passphrase(*, new: bool, again: bool) -> Secret | None:
    return None if again else Secret("a made-up passphrase")


Open = Callable[[str], OpenedKeys]


@pytest.fixture(params=["file", "keyring", "passphrase"])
def open_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Open the keys of a data folder, by its name, as a new process would."""
    keychain = Keychain(environment=keychain_environment(tmp_path))

    def open_it(name: str) -> OpenedKeys:
        key_file = tmp_path / "config" / "key.json"
        return open_keys(
            tmp_path / name, wanted=request.param, key_file=key_file, keychain=keychain, ask=the_passphrase
        )

    return open_it


@pytest.fixture
def provider(open_folder: Open) -> KeyProvider:
    return open_folder("data").provider


def test_what_is_wrapped_unwraps(provider: KeyProvider) -> None:
    data_key = os.urandom(KEY_BYTES)
    wrapped = provider.wrap(data_key, BOUND)
    assert wrapped.key_id == provider.active_key_id
    assert data_key not in wrapped.wrapped
    assert provider.unwrap(wrapped, BOUND) == data_key


def test_one_data_key_is_never_wrapped_the_same_way_twice(provider: KeyProvider) -> None:
    data_key = os.urandom(KEY_BYTES)
    assert provider.wrap(data_key, BOUND) != provider.wrap(data_key, BOUND)


def test_other_associated_data_opens_nothing(provider: KeyProvider) -> None:
    wrapped = provider.wrap(os.urandom(KEY_BYTES), BOUND)
    with pytest.raises(Tampered):
        provider.unwrap(wrapped, BOUND + b".")


def test_a_changed_byte_opens_nothing(provider: KeyProvider) -> None:
    wrapped = provider.wrap(os.urandom(KEY_BYTES), BOUND)
    for position in range(len(wrapped.wrapped)):
        changed = bytearray(wrapped.wrapped)
        changed[position] ^= 1
        with pytest.raises(Tampered):
            provider.unwrap(WrappedKey(wrapped.key_id, bytes(changed)), BOUND)


def test_a_key_that_is_not_held_is_named(provider: KeyProvider) -> None:
    wrapped = provider.wrap(os.urandom(KEY_BYTES), BOUND)
    with pytest.raises(WrongKey, match="key-of-another"):
        provider.unwrap(WrappedKey("key-of-another", wrapped.wrapped), BOUND)


def test_a_later_start_opens_what_an_earlier_one_wrapped(open_folder: Open) -> None:
    first = open_folder("data")
    data_key = os.urandom(KEY_BYTES)
    wrapped = first.provider.wrap(data_key, BOUND)
    second = open_folder("data")
    assert second.provider.unwrap(wrapped, BOUND) == data_key
    assert (first.created, second.created) == (True, False)
    assert (first.folder_id, first.provider.active_key_id) == (second.folder_id, second.provider.active_key_id)


def test_two_data_folders_have_keys_of_their_own(open_folder: Open) -> None:
    one, other = open_folder("one"), open_folder("other")
    assert one.folder_id != other.folder_id
    wrapped = one.provider.wrap(os.urandom(KEY_BYTES), BOUND)
    with pytest.raises(WrongKey):
        other.provider.unwrap(wrapped, BOUND)
    assert open_folder("one").provider.unwrap(wrapped, BOUND)


def test_a_missing_key_is_an_error_and_never_a_new_key(open_folder: Open, tmp_path: Path) -> None:
    open_folder("data")
    before = (tmp_path / "data" / "keys.json").read_bytes()
    sealed = tmp_path / "data" / "passphrase-keys.json"
    for file in (tmp_path / "config" / "key.json", tmp_path / "keychain.json", sealed):
        file.unlink(missing_ok=True)
    for _ in range(2):
        with pytest.raises(KeysUnavailable, match="missing"):
            open_folder("data")
    assert (tmp_path / "data" / "keys.json").read_bytes() == before
    assert not (tmp_path / "config" / "key.json").exists()
    assert not (tmp_path / "keychain.json").exists()


def test_a_wrong_key_is_noticed_at_start_and_nothing_is_overwritten(open_folder: Open, tmp_path: Path) -> None:
    open_folder("data")
    choice = tmp_path / "data" / "keys.json"
    ours = choice.read_bytes()
    folder_id = open_folder("data").folder_id
    if open_folder("data").provider.name == "passphrase":
        pytest.skip("this file says itself which folder it belongs to")
    for keeper in (tmp_path / "config" / "key.json", tmp_path / "keychain.json"):
        if not keeper.exists():
            continue
        right = keeper.read_text()
        keeper.unlink()
        stranger = open_folder("stranger")  # a key made elsewhere, put where ours was
        wrong = keeper.read_text().replace(stranger.folder_id, folder_id)
        keeper.write_text(wrong)
        with pytest.raises(WrongKey):
            open_folder("data")
        assert keeper.read_text() == wrong
        keeper.write_text(right)
    assert choice.read_bytes() == ours
    assert open_folder("data").folder_id == folder_id


def test_a_database_without_its_choice_gets_no_new_key(open_folder: Open, tmp_path: Path) -> None:
    open_folder("data")
    (tmp_path / "data" / "keys.json").unlink()
    (tmp_path / "data" / "companion.sqlite3").write_bytes(b"used")
    with pytest.raises(KeysUnavailable, match=r"keys\.json is missing"):
        open_folder("data")
    assert not (tmp_path / "data" / "keys.json").exists()


def test_the_key_itself_is_not_in_the_data_folder_nor_in_any_text(open_folder: Open, tmp_path: Path) -> None:
    opened = open_folder("data")
    if open_folder("data").provider.name == "passphrase":
        pytest.skip("nobody keeps the key itself")
    keeper = next(file for file in (tmp_path / "config" / "key.json", tmp_path / "keychain.json") if file.exists())
    key = keeper.read_text().split("keys")[-1].split('"')[4].rstrip("\\")
    assert len(key) == 44
    for file in (tmp_path / "data").rglob("*"):
        assert key.encode() not in file.read_bytes()
    assert key not in f"{opened!r} {opened.provider!r} {vars(opened.provider)!r}"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_everything_is_readable_by_this_user_alone(open_folder: Open, tmp_path: Path) -> None:
    open_folder("data")
    ours = [tmp_path / "data", *(tmp_path / "data").iterdir(), *(tmp_path / "config").glob("**/*")]
    for path in ours:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
