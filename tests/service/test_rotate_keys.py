"""Keys are rotated while others read and write; stopped anywhere, a rotation goes on where it was."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedBigCommerce

from companion.core.connection import Connection, World, checked_draft
from companion.core.errors import Conflict, KeysUnavailable, Locked
from companion.core.key_usage import KeyState, Rotation
from companion.core.secret import Secret
from companion.keys import changing
from companion.keys.changing import ChangingKeys, changing_keys
from companion.keys.choice import AskPassphrase, open_keys
from companion.keys.folder_keys import FolderKeys
from companion.keys.key_file import KeyFile
from companion.keys.passphrase import PassphraseFile
from companion.ports.connections import SecretField
from companion.service import rotate_keys as rotate_keys_module
from companion.service.add import add_connection
from companion.service.kept_sessions import KeptSessions
from companion.service.parts import Parts
from companion.service.rotate_keys import rotate_keys
from companion.service.storefront_token import opened_access_token
from companion.service.vault import Vault
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import database_file, open_sqlite_repository

MINTED = SecretField.MINTED_STOREFRONT_TOKEN


def token_of(name: str) -> str:
    return f"token-of-{name.replace(' ', '-')}-0123456789"


@dataclass
class Process:
    """What one process has of a data folder: its own reading of the keys, its own way to the database."""

    keys: FolderKeys
    repository: SqlRepository
    parts: Parts
    folder_id: str

    def added(self, name: str) -> Connection:
        draft = checked_draft(
            name=name, subdomain="celigo", auth_type="custom", store_hash="ci4bzn8adz",
            access_token=Secret(token_of(name)),
        )  # fmt: skip
        return add_connection(self.parts, draft)

    def opened(self, connection: Connection) -> str:
        stored = self.parts.repository.get_with_secrets(connection.id)
        return opened_access_token(self.parts, stored).reveal()

    def keep_minted(self, connection: Connection, text: str) -> None:
        envelope = self.parts.vault.seal(connection.id, MINTED, connection.store_hash, Secret(text))
        self.repository.put_secret(connection.id, MINTED, envelope, expected_revision=connection.revision)

    @property
    def sessions(self) -> KeptSessions:
        return KeptSessions(self.repository, self.parts.vault, self.folder_id, self.parts.clock, World.REAL)

    def rotated(self, **further: Any) -> Rotation:
        with changing_keys(self.keys) as changing_:
            return rotate_keys(changing_, self.repository, **further)


@dataclass
class Folder:
    """A data folder, and the processes that use it."""

    place: Path
    bigcommerce: ScriptedBigCommerce
    clock: Any
    opened: list[Process] = field(default_factory=list)

    def process(self, ask: AskPassphrase | None = None) -> Process:
        wanted = None if self.opened else "file"
        keys = open_keys(self.place / "data", wanted=wanted, key_file=self.key_file, ask=ask)
        repository = open_sqlite_repository(self.place / "data", folder_id=keys.folder_id, rewrap=keys.provider.rewrap)
        vault = Vault(keys.provider, os.urandom)
        parts = Parts(repository, vault, self.bigcommerce, self.clock, os.urandom, World.REAL)
        self.opened.append(Process(keys.provider, repository, parts, keys.folder_id))
        return self.opened[-1]

    @property
    def key_file(self) -> Path:
        return self.place / "config" / "key.json"

    def kept_keys(self, process: Process) -> frozenset[str]:
        held = KeyFile(self.key_file).load(process.folder_id)
        assert held is not None
        return frozenset(held.keys)


@pytest.fixture
def folder(tmp_path: Path, clock: Any, bigcommerce: ScriptedBigCommerce) -> Iterator[Folder]:
    made = Folder(tmp_path, bigcommerce, clock)
    yield made
    for process in made.opened:
        process.repository.close()


def test_a_rotation_brings_everything_under_a_new_key_and_forgets_the_old(folder: Folder) -> None:
    process = folder.process()
    shops = [process.added(f"shop {number}") for number in range(3)]
    process.sessions.keep("a@example.com", shops[0].id, Secret("cookies"))
    process.keep_minted(shops[1], "minted")
    old = process.keys.active_key_id

    rotation = process.rotated()

    assert (rotation.resumed, rotation.rewrapped, rotation.unopened) == (False, 5, ())
    assert rotation.forgotten == {old}
    later = folder.process()
    assert later.keys.held_key_ids == folder.kept_keys(later) == {rotation.active_key_id} != {old}
    assert [later.opened(shop) for shop in shops] == [token_of(shop.name) for shop in shops]
    assert later.sessions.find("a@example.com") == Secret("cookies")
    assert {each.key_id: each.state for each in later.repository.key_usage()} == {
        old: KeyState.RETIRED,
        rotation.active_key_id: KeyState.ACTIVE,
    }


def test_a_running_process_reads_and_writes_before_between_and_after(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It started before the rotation and hears of it from nobody: it sees that what it finds has changed."""
    monkeypatch.setattr(rotate_keys_module, "BATCH", 2)
    running = folder.process()
    shops = [running.added(f"shop {number}") for number in range(6)]
    other = folder.process()
    between = []

    def meanwhile(rewrapped: int) -> None:
        assert [running.opened(shop) for shop in shops] == [token_of(shop.name) for shop in shops]
        running.keep_minted(shops[0], f"minted {rewrapped}")
        between.append(running.added(f"between {rewrapped}"))

    rotation = other.rotated(told=meanwhile)

    assert len(between) >= 3
    assert folder.kept_keys(other) == {rotation.active_key_id}
    after = running.added("after")
    latest = folder.process()
    for shop in (*shops, *between, after):
        assert running.opened(shop) == latest.opened(shop) == token_of(shop.name)
    assert {each.records for each in latest.repository.key_usage() if each.state is not KeyState.ACTIVE} == {0}


def test_what_was_sealed_before_a_rotation_and_is_stored_after_it_comes_under_the_new_key(folder: Folder) -> None:
    running, other = folder.process(), folder.process()
    shop = running.added("shop")
    envelope = running.parts.vault.seal(shop.id, MINTED, shop.store_hash, Secret("late"))
    for _ in range(2):
        other.rotated()
    running.repository.put_secret(shop.id, MINTED, envelope, expected_revision=1)
    latest = folder.process()
    stored = latest.repository.get_with_secrets(shop.id)
    assert latest.parts.open_secret(stored, MINTED) == Secret("late")


def test_a_record_that_does_not_open_keeps_its_key_and_is_named_each_time(folder: Folder) -> None:
    process = folder.process()
    shop, broken = process.added("shop"), process.added("broken")
    with closing(sqlite3.connect(database_file(folder.place / "data"))) as file, file:
        file.execute(
            "UPDATE secrets SET envelope = (SELECT envelope FROM secrets WHERE connection_id = ?) "
            "WHERE connection_id = ?",
            (shop.id, broken.id),
        )
    old = process.keys.active_key_id
    first = process.rotated()
    second = process.rotated()
    assert (
        [each.place for each in first.unopened]
        == [f"{broken.id} access_token"]
        == [each.place for each in second.unopened]
    )
    assert (first.forgotten, second.resumed, second.active_key_id) == (frozenset(), True, first.active_key_id)
    assert folder.kept_keys(process) == {old, first.active_key_id}
    process.repository.delete(broken.id, expected_revision=1)
    assert process.rotated().forgotten == {old}
    assert process.opened(shop) == token_of("shop")


def test_two_rotations_at_once_are_one(folder: Folder) -> None:
    process, other = folder.process(), folder.process()
    process.added("shop")

    def too(_rewrapped: int) -> None:
        with pytest.raises(Conflict, match="another process"):
            other.rotated()

    process.rotated(told=too)
    assert len(process.repository.key_usage()) == 2


def test_a_key_that_cannot_be_kept_changes_nothing(folder: Folder) -> None:
    process = folder.process()
    shop = process.added("shop")
    folder.key_file.chmod(0o644)
    with pytest.raises(KeysUnavailable, match="chmod 600"):
        process.rotated()
    folder.key_file.chmod(0o600)
    assert len(process.repository.key_usage()) == len(folder.kept_keys(process)) == 1
    assert folder.process().opened(shop)


PASSPHRASE = Secret("a made-up passphrase")


def asked(*, new: bool, again: bool) -> Secret | None:
    return None if again else PASSPHRASE


def moved(process: Process, provider: str) -> Rotation:
    """As `companion keys rewrap --to` does."""
    with changing_keys(process.keys) as changing_:

        def begin() -> None:
            if provider == "passphrase":
                process.keys.places.passphrase_file.choose(PASSPHRASE)
            changing_.begin_move(provider)

        return rotate_keys(changing_, process.repository, begin=begin)


def test_a_move_to_another_provider_leaves_nothing_at_the_old_one(folder: Folder) -> None:
    running, process = folder.process(), folder.process()
    shop = running.added("shop")
    old = process.keys.active_key_id

    rotation = moved(process, "passphrase")

    assert (rotation.rewrapped, rotation.forgotten, rotation.left_behind) == (1, {old}, ())
    assert KeyFile(folder.key_file).load(process.folder_id) is None
    later = folder.process(asked)
    assert (later.keys.name, later.keys.held_key_ids) == ("passphrase", {rotation.active_key_id})
    assert later.opened(shop) == token_of("shop")
    # The one that was running has no passphrase: it is locked, and writes nothing under a key that is gone.
    with pytest.raises(Locked):
        running.opened(shop)
    with pytest.raises(Locked):
        running.added("another")
    running.keys.unlock(PASSPHRASE)
    assert running.opened(shop) == token_of("shop")

    moved(later, "file")
    assert not (folder.place / "data" / "passphrase-keys.json").exists()
    assert running.opened(shop) == token_of("shop")
    assert folder.process().opened(shop) == token_of("shop")


def test_an_old_place_that_cannot_be_reached_is_cleaned_up_later(folder: Folder) -> None:
    process = folder.process()
    process.added("shop")
    with changing_keys(process.keys) as changing_:
        process.keys.places.passphrase_file.choose(PASSPHRASE)
        changing_.begin_move("passphrase")
        folder.key_file.chmod(0o644)
        stuck = rotate_keys(changing_, process.repository)
    assert "still kept by `file`" in stuck.left_behind[0]
    folder.key_file.chmod(0o600)
    later = folder.process(asked)
    done = later.rotated()
    assert (done.resumed, done.left_behind, done.active_key_id) == (True, (), stuck.active_key_id)
    assert KeyFile(folder.key_file).load(process.folder_id) is None


def test_a_move_to_where_the_keys_are_is_refused(folder: Folder) -> None:
    process = folder.process()
    with pytest.raises(Conflict, match="already"):
        moved(process, "file")
    assert len(folder.kept_keys(process)) == 1


@pytest.mark.parametrize("step", range(1, 20))
@pytest.mark.sampled(5)
def test_a_move_that_is_stopped_at_any_step_goes_on_from_there(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    process = folder.process()
    shop = process.added("shop")
    victim = folder.process()
    with killed_at(step, monkeypatch), contextlib.suppress(Killed):
        moved(victim, "passphrase")
    survivor = folder.process(asked)
    assert survivor.opened(shop) == token_of("shop")
    added = survivor.added("between")
    rotation = moved(survivor, "passphrase") if survivor.keys.name == "file" else survivor.rotated()
    assert (rotation.unopened, rotation.left_behind) == ((), ())
    latest = folder.process(asked)
    assert latest.keys.name == "passphrase"
    assert latest.keys.held_key_ids == {rotation.active_key_id}
    assert KeyFile(folder.key_file).load(process.folder_id) is None
    for each in (shop, added):
        assert latest.opened(each) == token_of(each.name)


class Killed(BaseException):
    """Stands for the end of the process."""


@contextmanager
def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the process end just before or just after its `step`th change of a file or of the database."""
    done: list[str] = []

    def ending(owner: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def call(*arguments: Any, **further: Any) -> Any:
            done.append(f"before {name}")
            if len(done) == step:
                raise Killed
            answer = original(*arguments, **further)
            done.append(f"after {name}")
            if len(done) == step:
                raise Killed
            return answer

        monkeypatch.setattr(owner, name, call)

    with monkeypatch.context():
        ending(KeyFile, "replace")
        ending(KeyFile, "remove")
        ending(PassphraseFile, "replace")
        ending(changing, "write_choice")
        ending(SqlRepository, "_write")
        ending(ChangingKeys, "rewrap")
        yield done
    monkeypatch.undo()


def test_a_rotation_that_is_stopped_at_any_step_goes_on_from_there(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = folder.process()
    shops = [running.added(f"shop {number}") for number in range(2)]
    step, names = 0, []
    while True:
        step += 1
        victim = folder.process()
        with killed_at(step, monkeypatch) as done:
            try:
                victim.rotated()
            except Killed:
                names.append(done[-1])
            else:
                break
        added = running.added(f"while stopped at {step}")
        survivor = folder.process()
        for shop in (*shops, added):
            assert running.opened(shop) == survivor.opened(shop) == token_of(shop.name)
        survivor.repository.delete(added.id, expected_revision=1)
        kept = folder.kept_keys(survivor)
        rotation = survivor.rotated()
        # Had it come as far as keeping a new key, then that is the one, and no further one was made.
        assert rotation.resumed == (len(kept) == 2)
        assert (rotation.active_key_id in kept) == rotation.resumed
        assert rotation.unopened == ()
        assert folder.kept_keys(survivor) == {rotation.active_key_id}
        for process in folder.opened[1:]:
            process.repository.close()
        del folder.opened[1:]
    assert len(names) >= 20
    assert {"after replace", "after write_choice", "after _write", "before rewrap"} <= set(names)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("number", range(200))
def test_a_rotation_that_is_killed_loses_nothing(folder: Folder, number: int) -> None:
    """kill -9, while this process goes on reading and writing; then every record opens, and it can be finished."""
    draw = random.Random(f"{os.environ['COMPANION_TEST_SEED']} {number}")  # noqa: S311  a sample
    running = folder.process()
    shops = [running.added(f"shop {each}") for each in range(40)]
    told = draw.randrange(1, 40)
    rotating = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("rotating.py")), str(folder.place / "data"),
         str(folder.key_file), str(draw.choice((1, 7, 50)))],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert rotating.stdout is not None
    written: dict[str, str] = {}
    for _ in range(told):
        assert rotating.stdout.readline()
        shop = draw.choice(shops)
        assert running.opened(shop) == token_of(shop.name)
        written[shop.id] = f"minted {draw.random()}"
        running.keep_minted(shop, written[shop.id])
    rotating.kill()
    rotating.communicate()

    survivor = folder.process()
    for process in (running, survivor):
        for shop in shops:
            assert process.opened(shop) == token_of(shop.name)
            stored = process.repository.get_with_secrets(shop.id)
            kept = process.parts.open_secret(stored, MINTED)
            assert (None if kept is None else kept.reveal()) == written.get(shop.id)
    rotation = survivor.rotated()
    assert rotation.unopened == ()
    assert folder.kept_keys(survivor) == {rotation.active_key_id}
    assert [each.records for each in survivor.repository.key_usage() if each.records] == [40 + len(written)]
