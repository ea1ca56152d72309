"""Several machines on one PostgreSQL: what one does to the keys, the others follow, or are told what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer

from companion.core.connection import Connection, checked_draft
from companion.core.errors import Conflict, InvalidInput, KeysUnavailable, Locked, StorageFailed
from companion.core.key_usage import KeyState, Rotation
from companion.core.secret import Secret
from companion.keys.folder_keys import FolderKeys
from companion.ports.connections import SecretField
from companion.service.add import add_connection
from companion.service.audit import chain_state
from companion.service.parts import Parts
from companion.settings import Settings, load_settings
from companion.storage.postgresql import PostgresqlRepository
from companion.wiring.key_changes import move_folder_keys, rotate_folder_keys
from companion.wiring.keys import keys_at_hand
from companion.wiring.parts import open_parts

TOKEN = "made-up-token-0123456789"
PASSPHRASE, OTHER = Secret("a made-up passphrase"), Secret("another made-up one")


def asked(*, new: bool, again: bool) -> Secret | None:
    del new
    return None if again else PASSPHRASE


class Machine:
    """A data folder of its own on the shared database."""

    def __init__(self, place: Path, address: str, provider: str, opened: ExitStack) -> None:
        self.settings: Settings = load_settings(
            data_dir=place / "data", key_file=place / "config" / "key.json", key_provider=provider,
            database_url=address, url=None,
        )  # fmt: skip
        self._opened = opened

    def service(self) -> Parts:
        """What a running service works with; it stays open."""
        parts, _ = open_parts(self.settings, ask=asked)
        self._opened.callback(parts.close)
        return parts

    def rotated(self, **changes: object) -> Rotation:
        return rotate_folder_keys(self.settings, told=lambda _: None, ask=asked, **changes)  # type: ignore[arg-type]

    def moved(self, provider: str, passphrase: Secret = PASSPHRASE, **changes: object) -> Rotation:
        return move_folder_keys(
            self.settings, provider, new_passphrase=lambda: passphrase, told=lambda _: None, ask=asked, **changes  # type: ignore[arg-type]
        )  # fmt: skip


@pytest.fixture
def machines(postgresql_server: PostgresqlServer, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    address = postgresql_server.emptied_database()
    with ExitStack() as opened:
        yield lambda name, provider="passphrase": Machine(tmp_path / name, address, provider, opened)


def added(parts: Parts, name: str) -> Connection:
    return add_connection(
        parts, checked_draft(name=name, subdomain="shop", store_hash="abc123", access_token=Secret(TOKEN))
    )


def opens(parts: Parts, name: str) -> bool:
    stored = parts.repository.get_with_secrets(parts.repository.find(name).id)
    return parts.open_secret(stored, SecretField.ACCESS_TOKEN) == Secret(TOKEN)


def keys_of(parts: Parts) -> FolderKeys:
    assert isinstance(parts.vault.keys, FolderKeys)
    return parts.vault.keys


def carry_key_file(source: Machine, target: Machine) -> None:
    target.settings.key_file.parent.mkdir(parents=True, exist_ok=True)
    target.settings.key_file.write_bytes(source.settings.key_file.read_bytes())
    target.settings.key_file.chmod(0o600)


def test_another_machine_joins_with_the_passphrase_alone(machines: Callable[..., Machine]) -> None:
    here, there = machines("here").service(), machines("there").service()
    added(here, "Shop")
    assert opens(there, "shop")
    added(there, "Other")
    assert opens(here, "other")
    assert keys_of(here).active_key_id == keys_of(there).active_key_id
    assert chain_state(there).intact


def test_running_services_follow_a_rotation_and_the_next_from_the_other_side(machines: Callable[..., Machine]) -> None:
    one, other = machines("one"), machines("other")
    here, there = one.service(), other.service()
    added(here, "Shop")
    for number, machine in enumerate((one, other, one)):
        rotation = machine.rotated()
        for parts in (here, there):
            assert opens(parts, "shop")
            added(parts, f"after {number} {id(parts)}")
        assert keys_of(here).active_key_id == keys_of(there).active_key_id == rotation.active_key_id
        assert (rotation.unopened, len(rotation.forgotten)) == ((), 1)
    usage = here.repository.key_usage()  # type: ignore[attr-defined]
    assert [each.state for each in usage if each.records] == [KeyState.ACTIVE]
    assert chain_state(here).intact
    assert chain_state(there).intact


def test_a_service_that_only_writes_comes_to_the_new_key_too(machines: Callable[..., Machine]) -> None:
    one, other = machines("one"), machines("other")
    added(one.service(), "Shop")
    there = other.service()
    rotation = one.rotated()
    added(there, "written without reading")
    assert keys_of(there).active_key_id == rotation.active_key_id
    usage = there.repository.key_usage()  # type: ignore[attr-defined]
    assert {each.key_id for each in usage if each.records} == {rotation.active_key_id}


def test_of_two_machines_one_changes_the_keys_at_a_time(machines: Callable[..., Machine]) -> None:
    one, other = machines("one"), machines("other")
    parts = one.service()
    added(parts, "Shop")
    assert isinstance(parts.repository, PostgresqlRepository)
    with parts.repository.changing_keys():
        with pytest.raises(Conflict, match="another machine"):
            other.rotated()
        with pytest.raises(Conflict, match="another machine"):
            other.moved("aws-kms")
    assert len(parts.repository.key_usage()) == 1
    other.rotated()
    assert opens(parts, "shop")


class Killed(BaseException):
    """Stands for the end of the process, or of the machine."""


@pytest.mark.parametrize("step", range(1, 13))
def test_a_rotation_that_one_machine_began_goes_on_from_another(
    machines: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Killed before or after any change of the keys, here or in the database."""
    from companion.keys import changing, shared
    from companion.keys.passphrase import PassphraseFile

    one, other = machines("one"), machines("other")
    here, there = one.service(), other.service()
    added(here, "Shop")
    done: list[str] = []

    def ending(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def call(*arguments: object, **further: object) -> object:
            done.append(f"before {name}")
            if len(done) == step:
                raise Killed
            answer = original(*arguments, **further)
            done.append(f"after {name}")
            if len(done) == step:
                raise Killed
            return answer

        patched.setattr(owner, name, call)

    with monkeypatch.context() as patched:
        ending(shared.SharedKeys, "publish")
        ending(PassphraseFile, "put")
        ending(changing, "write_choice")
        with pytest.raises(Killed):
            one.rotated()
    started = machines("one").service()
    for number, parts in enumerate((here, there, started)):
        assert opens(parts, "shop")
        added(parts, f"between {number}")
    rotation = other.rotated()
    assert rotation.unopened == ()
    for parts in (here, there, started):
        for name in ("shop", "between 0", "between 1", "between 2"):
            assert opens(parts, name)
    usage = here.repository.key_usage()  # type: ignore[attr-defined]
    assert {each.key_id for each in usage if each.records} == {rotation.active_key_id}
    assert one.rotated().unopened == ()


def test_a_changed_passphrase_locks_the_other_until_it_is_given(machines: Callable[..., Machine]) -> None:
    one, other = machines("one"), machines("other")
    here, there = one.service(), other.service()
    added(here, "Shop")
    one.moved("passphrase", OTHER)
    with pytest.raises(Locked):
        opens(there, "shop")
    keys_of(there).unlock(OTHER)
    assert opens(there, "shop")


def test_a_key_for_one_machine_is_not_changed_under_the_others(machines: Callable[..., Machine]) -> None:
    one = machines("one", "file")
    here = one.service()
    added(here, "Shop")
    before = keys_of(here).active_key_id
    with pytest.raises(InvalidInput, match="Nothing was changed") as refused:
        one.rotated()
    assert "--carried" in refused.value.explained.next_step
    assert "rewrap --to passphrase" in refused.value.explained.next_step
    assert keys_of(here).active_key_id == before
    assert len(here.repository.key_usage()) == 1  # type: ignore[attr-defined]
    assert one.rotated(carried=True).unopened == ()


def test_a_machine_without_the_key_file_is_told_to_bring_it_and_goes_on_once_it_is_there(
    machines: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    from companion.keys import folder_keys

    monkeypatch.setattr(folder_keys, "_ASK_AGAIN_SECONDS", 0.0)
    one, other = machines("one", "file"), machines("other", "file")
    here = one.service()
    added(here, "Shop")
    with pytest.raises(KeysUnavailable, match="Bring the key file"):
        other.service()
    assert not (other.settings.data_dir / "keys.json").exists()
    carry_key_file(one, other)
    there = other.service()
    assert opens(there, "shop")

    one.rotated(carried=True)
    with pytest.raises(KeysUnavailable, match="Bring the key file"):
        opens(there, "shop")
    with pytest.raises(KeysUnavailable, match="Bring the key file"):
        added(there, "Other")
    with pytest.raises(KeysUnavailable, match="Bring the key file"):
        other.rotated(carried=True)
    at_hand = keys_at_hand(other.settings)
    assert at_hand.failure is not None
    carry_key_file(one, other)
    assert opens(there, "shop")  # without a restart
    added(there, "Other")
    assert opens(here, "other")
    assert other.rotated(carried=True).unopened == ()


def test_a_move_to_a_passphrase_lets_the_others_follow(machines: Callable[..., Machine]) -> None:
    one, other = machines("one", "file"), machines("other", "file")
    here = one.service()
    added(here, "Shop")
    carry_key_file(one, other)
    there = other.service()
    one.moved("passphrase")
    with pytest.raises(Locked):
        opens(there, "shop")
    keys_of(there).unlock(PASSPHRASE)
    assert opens(there, "shop")
    assert there.vault.keys.name == "passphrase"
    folder_id = keys_of(there).places.data_dir.joinpath("keys.json").read_text()
    assert '"left"' not in folder_id


def test_another_folder_is_refused_and_tells_nobody_of_its_keys(
    machines: Callable[..., Machine], postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    here = machines("here").service()
    added(here, "Shop")
    with ExitStack() as opened:
        Machine(tmp_path / "stranger", postgresql_server.new_database(), "passphrase", opened).service()
        stranger = Machine(tmp_path / "stranger", os.fspath(machines("here").settings.database_url.get_secret_value()),  # type: ignore[union-attr]
                           "passphrase", opened)  # fmt: skip
        with pytest.raises(KeysUnavailable, match="another data folder"):
            stranger.service()
    assert opens(machines("third").service(), "shop")


def test_what_the_database_says_is_not_believed_where_it_cannot_be_read(machines: Callable[..., Machine]) -> None:
    machine = machines("here")
    here = machine.service()
    assert isinstance(here.repository, PostgresqlRepository)
    said = here.repository.shared_keys()
    before = (machine.settings.data_dir / "keys.json").read_bytes()
    for wrong in ("", "{", "[]", '{"format": 2}', (said or "").replace('"sealed": "', '"sealed": "!')):
        here.repository.share_keys(wrong)
        with pytest.raises(KeysUnavailable, match="cannot be read"):
            machine.service()
    assert (machine.settings.data_dir / "keys.json").read_bytes() == before
    here.repository.share_keys(said or "")
    machine.service()


def test_a_full_disk_on_the_other_machine_is_told(
    machines: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    from companion.keys import shared

    one, other = machines("one"), machines("other")
    there = other.service()
    added(one.service(), "Shop")
    one.rotated()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shared, "write_choice", full)
        with pytest.raises(StorageFailed, match="No space left"):
            opens(there, "shop")
    monkeypatch.setattr("companion.keys.folder_keys._ASK_AGAIN_SECONDS", 0.0)
    assert opens(there, "shop")
