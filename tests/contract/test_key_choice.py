"""Which provider a new data folder takes, and what never changes it."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import sys
from pathlib import Path

import pytest

from companion.core.errors import InvalidSetting, KeysUnavailable, Locked, StorageFailed
from companion.keys.choice import OpenedKeys, open_keys
from companion.keys.held import with_new_key
from companion.keys.keychain import Keychain, Usable, spoken_name
from companion.keys.keychain_child import is_refused, says_locked

NO_KEYCHAIN = "keyring.backends.fail.Keyring"


def keychain(folder: Path, behaviour: str = "works", backend: str = "keychain_for_tests.Keychain") -> Keychain:
    environment = os.environ | {
        "PYTHON_KEYRING_BACKEND": backend,
        "PYTHONPATH": str(Path(__file__).parent),
        "KEYCHAIN_FOR_TESTS": behaviour,
        "KEYCHAIN_FOR_TESTS_FILE": str(folder / "keychain.json"),
    }
    return Keychain(environment=environment, answer_seconds=0.5 if behaviour == "hangs" else 30)


def open_in(folder: Path, found: Keychain, *, wanted: str | None = None) -> OpenedKeys:
    return open_keys(folder / "data", wanted=wanted, key_file=folder / "config" / "key.json", keychain=found)


def test_a_usable_keychain_is_taken_and_the_probe_leaves_nothing(tmp_path: Path) -> None:
    opened = open_in(tmp_path, keychain(tmp_path))
    assert (opened.provider.name, opened.notice) == ("keyring", None)
    entries = json.loads((tmp_path / "keychain.json").read_text())
    assert list(entries) == [f"bigcommerce-companion\nkey-encryption-keys:{opened.folder_id}"]
    assert not (tmp_path / "config").exists()


def test_without_any_keychain_a_key_file_is_taken_and_said_loudly_once(tmp_path: Path) -> None:
    none = keychain(tmp_path, backend=NO_KEYCHAIN)
    assert none.probe(os.urandom) is Usable.NO_KEYCHAIN
    first = open_in(tmp_path, none)
    assert first.provider.name == "file"
    assert str(tmp_path / "config" / "key.json") in (first.notice or "")
    assert open_in(tmp_path, none).notice is None


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [("locked", Locked), ("hangs", KeysUnavailable), ("fails", KeysUnavailable), ("forgets", KeysUnavailable)],
)
@pytest.mark.parametrize("wanted", [None, "keyring"])
def test_a_keychain_that_cannot_be_used_is_an_error_and_never_a_key_file(
    tmp_path: Path, behaviour: str, error: type[Exception], wanted: str | None
) -> None:
    with pytest.raises(error) as raised:
        open_in(tmp_path, keychain(tmp_path, behaviour), wanted=wanted)
    assert raised.value.exit_code == 5  # type: ignore[attr-defined]
    assert not (tmp_path / "config").exists()
    assert not (tmp_path / "data" / "keys.json").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the Secret Service is Linux's")
def test_a_prompt_of_the_secret_service_that_is_closed_leaves_a_locked_keychain(tmp_path: Path) -> None:
    with pytest.raises(Locked) as raised:
        open_in(tmp_path, keychain(tmp_path, "dismissed"))
    assert "AssertionError" not in str(raised.value)


@pytest.mark.parametrize("behaviour", ["locked", "fails"])
def test_what_a_keychain_meets_is_told_with_its_name_and_never_with_what_it_was_given(
    tmp_path: Path, behaviour: str
) -> None:
    with pytest.raises(KeysUnavailable) as raised:
        open_in(tmp_path, keychain(tmp_path, behaviour))
    assert "keychain_for_tests.Keychain" in raised.value.explained.why
    assert "cannot write" not in str(raised.value)
    assert "the bus is gone" not in str(raised.value)


def test_an_assertion_that_fails_elsewhere_is_not_taken_for_a_locked_keychain() -> None:
    with pytest.raises(AssertionError) as raised:
        raise AssertionError
    assert not says_locked(raised.value)


@pytest.mark.parametrize(
    ("backend", "spoken"),
    [
        ("keyring.backends.SecretService.Keyring", "Secret Service"),
        ("keyring.backends.kwallet.DBusKeyring", "KWallet"),
        ("keyring.backends.macOS.Keyring", "Keychain of macOS"),
        ("keyring.backends.Windows.WinVaultKeyring", "Credential Manager"),
        ("of.somebody.else.Backend", "of.somebody.else.Backend"),
        (None, "keyring"),
    ],
)
def test_a_keychain_is_called_as_people_call_it(backend: str | None, spoken: str) -> None:
    assert spoken in spoken_name(backend)


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keychain_for_tests.PlaintextKeyring",
        "keychain_for_tests.CryptFileKeyring",
        "no.such.Backend",
    ],
)
def test_a_backend_that_protects_nothing_is_refused(tmp_path: Path, backend: str) -> None:
    with pytest.raises(KeysUnavailable):
        open_in(tmp_path, keychain(tmp_path, backend=backend))
    assert not (tmp_path / "config").exists()
    assert not (tmp_path / "keychain.json").exists()


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("keyring.backends.null.Keyring", True),
        ("keyrings.alt.file.PlaintextKeyring", True),
        ("keyrings.alt.file.EncryptedKeyring", True),
        ("keyrings.cryptfile.cryptfile.CryptFileKeyring", True),
        ("keyring.backends.SecretService.Keyring", False),
        ("keyring.backends.macOS.Keyring", False),
        ("keyring.backends.Windows.WinVaultKeyring", False),
        ("keyring.backends.kwallet.DBusKeyring", False),
        ("keyring.backends.libsecret.Keyring", False),
    ],
)
def test_backends_are_refused_by_name(name: str, refused: bool) -> None:
    assert is_refused(name) is refused


@pytest.mark.parametrize("behaviour", ["locked", "hangs", "fails"])
def test_a_folder_that_chose_the_keychain_stays_with_it(tmp_path: Path, behaviour: str) -> None:
    opened = open_in(tmp_path, keychain(tmp_path))
    before = (tmp_path / "data" / "keys.json").read_bytes()
    for found in (keychain(tmp_path, behaviour), keychain(tmp_path, backend=NO_KEYCHAIN)):
        if behaviour == "locked" and found.environment and found.environment["KEYCHAIN_FOR_TESTS"] == "locked":
            continue  # this one is locked for writing only, and reading is all that is needed
        with pytest.raises(KeysUnavailable):
            open_in(tmp_path, found)
    assert (tmp_path / "data" / "keys.json").read_bytes() == before
    assert not (tmp_path / "config").exists()
    assert open_in(tmp_path, keychain(tmp_path)).folder_id == opened.folder_id


def test_a_keychain_that_appears_later_changes_nothing(tmp_path: Path) -> None:
    open_in(tmp_path, keychain(tmp_path, backend=NO_KEYCHAIN))
    assert open_in(tmp_path, keychain(tmp_path)).provider.name == "file"
    assert not (tmp_path / "keychain.json").exists()


@pytest.mark.parametrize(("chosen", "named"), [("file", "keyring"), ("keyring", "file")])
def test_settings_that_name_another_provider_are_refused(tmp_path: Path, chosen: str, named: str) -> None:
    open_in(tmp_path, keychain(tmp_path), wanted=chosen)
    with pytest.raises(InvalidSetting, match=chosen):
        open_in(tmp_path, keychain(tmp_path), wanted=named)
    assert open_in(tmp_path, keychain(tmp_path), wanted=chosen).provider.name == chosen


def test_the_keychain_is_not_shown_other_peoples_passwords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from companion.keys.keychain import _environment

    for name in ("BIGCOMMERCE_PASSWORD", "BIGCOMMERCE_TOTP_SECRET", "COMPANION_PASSPHRASE"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "kept")
    assert "made-up" not in _environment().values()
    assert _environment()["PYTHON_KEYRING_BACKEND"] == "kept"


def test_an_error_of_the_keychain_does_not_repeat_what_was_to_be_kept(tmp_path: Path) -> None:
    for behaviour in ("locked", "fails"):
        with pytest.raises(KeysUnavailable) as raised:
            open_in(tmp_path, keychain(tmp_path, behaviour))
        assert "cannot write" not in str(raised.value)


def _open_and_tell(folder: Path, start: object, told: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    opened = open_in(folder, keychain(folder, backend=NO_KEYCHAIN))
    told.put((opened.folder_id, opened.provider.active_key_id, opened.created))  # type: ignore[attr-defined]


def test_processes_that_start_first_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, told = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_open_and_tell, args=(tmp_path, start, told)) for _ in range(4)]
    for process in processes:
        process.start()
    answers = [told.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    assert len({(folder_id, key_id) for folder_id, key_id, _ in answers}) == 1
    assert sum(created for _, _, created in answers) == 1


def test_a_key_file_inside_the_data_folder_is_refused(tmp_path: Path) -> None:
    for place in ("key.json", "below/key.json", "../data/key.json"):
        with pytest.raises(InvalidSetting, match="inside the data folder"):
            open_keys(tmp_path / "data", wanted="file", key_file=tmp_path / "data" / place)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"format": 2}', b"[" * 100_000])
def test_a_damaged_choice_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    open_in(tmp_path, keychain(tmp_path), wanted="file")
    choice = tmp_path / "data" / "keys.json"
    choice.write_bytes(content)
    with pytest.raises(KeysUnavailable, match="cannot be read"):
        open_in(tmp_path, keychain(tmp_path))
    assert choice.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"format": 1, "folders": {"x": 1}}'])
def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    open_in(tmp_path, keychain(tmp_path), wanted="file")
    file = tmp_path / "config" / "key.json"
    file.write_bytes(content)
    for name in ("data", "new"):
        with pytest.raises(KeysUnavailable):
            open_keys(tmp_path / name, wanted="file", key_file=file)
    assert file.read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o660])
def test_a_key_file_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    open_in(tmp_path, keychain(tmp_path), wanted="file")
    (tmp_path / "config" / "key.json").chmod(mode)
    with pytest.raises(KeysUnavailable, match="chmod 600"):
        open_in(tmp_path, keychain(tmp_path))


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
def test_a_key_file_that_is_a_link_or_no_file_is_refused(tmp_path: Path) -> None:
    open_in(tmp_path, keychain(tmp_path), wanted="file")
    file = tmp_path / "config" / "key.json"
    file.rename(tmp_path / "moved.json")
    file.symlink_to(tmp_path / "moved.json")
    with pytest.raises(KeysUnavailable, match="symbolic link"):
        open_in(tmp_path, keychain(tmp_path))
    file.unlink()
    os.mkfifo(file, 0o600)
    with pytest.raises(KeysUnavailable, match="not a file"):
        open_in(tmp_path, keychain(tmp_path))


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "key.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeysUnavailable, match="symbolic link"):
        open_in(tmp_path, keychain(tmp_path), wanted="file")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_data_folder_that_was_open_to_others_is_narrowed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    open_in(tmp_path, keychain(tmp_path), wanted="file")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_folder_shared_by_intent_is_not_narrowed(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(StorageFailed, match="one below it"):
        open_keys(shared, wanted="file", key_file=tmp_path / "key.json")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_a_file_in_place_of_the_data_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageFailed):
        open_in(tmp_path, keychain(tmp_path), wanted="file")


def test_a_keychain_that_dies_while_it_rewrites_an_entry_loses_no_key(tmp_path: Path) -> None:
    opened = open_in(tmp_path, keychain(tmp_path))
    held = keychain(tmp_path).load(opened.folder_id)
    assert held is not None
    more = with_new_key(held, os.urandom)
    with pytest.raises(KeysUnavailable):
        keychain(tmp_path, "dies-rewriting").replace(opened.folder_id, more)
    assert keychain(tmp_path).load(opened.folder_id) == more
    assert open_in(tmp_path, keychain(tmp_path)).provider.active_key_id == more.active
    keychain(tmp_path).replace(opened.folder_id, more)
    assert len(json.loads((tmp_path / "keychain.json").read_text())) == 1
