"""Real disks that are full or can only be read: clear errors, nothing half-written, reading goes on, and recovery."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from companion.client import CompanionClient
from companion.core.errors import StorageFailed
from companion.core.secret import Secret
from companion.settings import load_settings
from companion.wiring.checks import findings_in_folder
from companion.wiring.service import running_service

ADD = ("--subdomain", "celigo", "--store-hash", "abc", "--access-token-stdin", "--no-verify")
BOTH_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})
TOKEN = "made-up-token-0123456789"
KIB = 1024


@dataclass
class Disk:
    """A disk of some megabytes.

    Attributes:
        place: where it is mounted.
    """

    place: Path

    @property
    def filler(self) -> Path:
        return self.place / "filler"

    def fill(self) -> None:
        with self.filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4 * KIB))

    def make_room(self) -> None:
        self.filler.unlink()

    def remount(self, how: str) -> None:
        mount("-o", f"remount,{how}", str(self.place))


def mount(*arguments: str) -> bool:
    program = shutil.which("mount")
    return (
        program is not None and not subprocess.run([program, *arguments], check=False, capture_output=True).returncode
    )


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    options = ("-t", "tmpfs", "-o", "size=3m,mode=700", "none", str(place))
    if sys.platform != "linux" or not mount(*options):
        pytest.skip("no disk can be mounted here")
    yield Disk(place)
    subprocess.run([shutil.which("umount") or "umount", str(place)], check=True)


@pytest.fixture
def companion_on(disk: Disk, companion: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The program, with its data folder on that disk and one connection in it."""
    store = sandbox.store.state.store
    token = store.create_api_account("ERP connection", BOTH_SCOPES).access_token
    monkeypatch.setenv("COMPANION_DATA_DIR", str(disk.place / "data"))
    form = ("--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin", "--no-verify")
    assert companion("add", "shop", *form, stdin=token).exit_code == 0

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        result = companion(*arguments, "--json", stdin=TOKEN)
        return result.exit_code, json.loads(result.stdout)

    return run


def files_on(disk: Disk) -> dict[str, bytes]:
    """What is in the data folder, but for locks and SQLite's own files, which tell nothing."""
    data = disk.place / "data"
    left_out = (".lock", "-shm", "-wal")
    return {
        str(file.relative_to(data)): file.read_bytes()
        for file in data.rglob("*")
        if file.is_file() and not file.name.endswith(left_out)
    }


READING = (("list",), ("show", "shop"), ("audit",), ("audit", "--verify"), ("keys", "status"), ("api-tokens", "list"))
WRITING = (
    ("rename", "shop", "other"),
    ("tag", "shop", "eu"),
    ("delete", "shop", "--yes"),
    ("add", "second", *ADD),
    ("keys", "rotate"),
    ("api-tokens", "create", "ERP", "--all", "--action", "read"),
)


def check_reading_and_writing(disk: Disk, run: Callable[..., Any], due: str) -> None:
    before = files_on(disk)
    for arguments in READING:
        code, document = run(*arguments)
        assert code == 0, (arguments, document)
    for arguments in WRITING:
        code, document = run(*arguments)
        assert code == 5, (arguments, document)
        assert document["error"]["code"] == "storage-failed", (arguments, document)
        assert document["error"]["action"], arguments
    # No secret leaves that could not be recorded.
    code, document = run("export", "shop", "--format", "dotenv", "--output", str(disk.place.parent / "env"))
    assert code == 5
    assert not (disk.place.parent / "env").exists()
    assert files_on(disk) == before
    code, document = run("doctor")
    assert code == 9
    found = {each["code"] for each in document["checks"]}
    assert {due, "records", "audit", "database"} <= found


def check_that_all_is_well_again(run: Callable[..., Any]) -> None:
    for arguments in (("rename", "shop", "other"), ("keys", "rotate"), ("audit", "--verify")):
        code, document = run(*arguments)
        assert code == 0, (arguments, document)
    code, document = run("doctor")
    assert code == 0, document
    assert [each["name"] for each in run("list")[1]["connections"]] == ["other"]


def test_on_a_full_disk_commands_read_and_change_nothing(disk: Disk, companion_on: Callable[..., Any]) -> None:
    disk.fill()
    check_reading_and_writing(disk, companion_on, "disk-full")
    disk.make_room()
    check_that_all_is_well_again(companion_on)


def test_on_a_disk_that_can_only_be_read_commands_read(disk: Disk, companion_on: Callable[..., Any]) -> None:
    disk.remount("ro")
    try:
        check_reading_and_writing(disk, companion_on, "read-only")
    finally:
        disk.remount("rw")
    check_that_all_is_well_again(companion_on)


@pytest.mark.parametrize("bad", ["full", "ro"])
def test_a_service_that_cannot_begin_says_why(disk: Disk, companion_on: Callable[..., Any], bad: str) -> None:
    disk.fill() if bad == "full" else disk.remount("ro")
    try:
        code, document = companion_on("serve", "--port", "0")
    finally:
        disk.make_room() if bad == "full" else disk.remount("rw")
    assert (code, document["error"]["code"]) == (5, "storage-failed")
    assert not (disk.place / "data" / "service.json").exists()


def test_files_for_others_are_written_whole_or_not_at_all(
    disk: Disk, companion_on: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data folder is elsewhere; what is written goes to the full disk."""
    shutil.copytree(disk.place / "data", tmp_path / "elsewhere")
    monkeypatch.setenv("COMPANION_DATA_DIR", str(tmp_path / "elsewhere"))
    disk.fill()
    before = set(disk.place.iterdir())
    file = disk.place / "file"
    for arguments in (
        ("export", "shop", "--format", "dotenv", "--output", str(file)),
        ("backup", str(file), "--generate"),
    ):
        code, document = companion_on(*arguments)
        assert code in {2, 5}, document
        assert "No space left" in document["error"]["detail"] or "full" in document["error"]["detail"]
        assert set(disk.place.iterdir()) == before


def test_a_running_service_goes_on_reading_and_loses_nothing(
    disk: Disk, companion_on: Callable[..., Any], tmp_path: Path
) -> None:
    del companion_on
    settings = load_settings()
    acknowledged = {"shop"}
    with (
        running_service(settings, public=True) as service,
        CompanionClient(service.url, service.api_token) as client,
    ):

        def add_until_it_fails(most: int) -> StorageFailed | None:
            for _ in range(most):
                name = f"shop {len(acknowledged)}"
                tags = [f"{number} {'x' * 40}" for number in range(50)]
                try:
                    client.create(
                        {"name": name, "subdomain": "celigo", "store_hash": "abc", "tags": tags}, Secret(TOKEN)
                    )
                except StorageFailed as failure:
                    return failure
                acknowledged.add(name)
            return None

        for _ in range(3):
            disk.fill()
            failure = add_until_it_fails(500)
            assert failure is not None
            assert "full" in str(failure)
            assert {each["name"] for each in client.all_connections()} == acknowledged
            headers = {"Authorization": f"Bearer {service.api_token.reveal()}"}
            form = {"name": "x", "subdomain": "celigo", "store_hash": "abc", "access_token": TOKEN, "tags": ["y" * 50]}
            answer = httpx2.post(f"{service.url}/api/v1/connections", json=form, headers=headers, trust_env=False)
            if answer.status_code != 201:  # so little may still find its place
                assert answer.status_code == 507
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert "full" in answer.json()["detail"]
            else:
                client.delete(answer.json()["id"], 1)
            disk.make_room()
            assert add_until_it_fails(2) is None
        assert client.audit_state()["intact"]
    assert {each.code for each in findings_in_folder(settings)} == {"keys", "records", "audit"}
    del tmp_path
