"""A data folder with a passphrase, as the program serves and uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

PASSPHRASE, WRONG = "a made-up passphrase", "another made-up passphrase"
ADD = ("add", "shop", "--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--json")
TOKEN = "made-up-access-token-0123456789abcdef"
SHOW = ("exec", "shop", "--only", "BIGCOMMERCE_ACCESS_TOKEN", "--", "printenv", "BIGCOMMERCE_ACCESS_TOKEN")


def with_passphrase(process: Any, passphrase: str | None) -> Any:
    further = {} if passphrase is None else {"COMPANION_PASSPHRASE": passphrase}
    return type(process)({**process.environment, "COMPANION_KEY_PROVIDER": "passphrase", **further})


@contextmanager
def served(process: Any) -> Iterator[str]:
    running = process.start("serve", "--port", "0")
    assert running.stderr is not None
    try:
        url = next(line for line in running.stderr if "Listening on" in line).split()[2]
        yield url
    finally:
        running.terminate()
        running.communicate()


def answer(process: Any, url: str, path: str) -> tuple[int, Any]:
    token = (Path(process.environment["COMPANION_DATA_DIR"]) / "api-token").read_text().strip()
    asked = httpx2.get(f"{url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    return asked.status_code, asked.json()


def test_a_folder_with_a_passphrase_from_end_to_end(process: Any) -> None:
    right, wrong, none = (with_passphrase(process, each) for each in (PASSPHRASE, WRONG, None))
    assert with_passphrase(process, "short").run(*ADD, stdin=TOKEN).returncode == 2
    assert right.run(*ADD, stdin=TOKEN).returncode == 9  # stored; nobody could be asked to prove it

    # Commands that open the folder themselves take the variable, and cannot ask here.
    assert right.run(*SHOW).stdout.strip() == TOKEN
    for other, code in ((wrong, "wrong-passphrase"), (none, "locked")):
        failed = other.run("exec", "shop", "--json", "--", "printenv")
        assert (failed.returncode, json.loads(failed.stdout)["error"]["code"]) == (5, code)
        assert json.loads(other.run("list", "--json").stdout)["error"]["exit_code"] == 5

    with served(none) as url:
        assert answer(none, url, "/health")[1]["status"] == "locked"
        status, problem = answer(none, url, "/connections")
        assert (status, problem["code"]) == (423, "locked")
        assert json.loads(none.run("list", "--json").stdout)["error"]["code"] == "locked"
        assert none.run("unlock", "--json").returncode == 5
        assert json.loads(wrong.run("unlock", "--json").stdout)["error"]["code"] == "wrong-passphrase"
        soon = json.loads(wrong.run("unlock", "--json").stdout)["error"]["code"]
        assert soon in {"wrong-passphrase", "too-many-tries"}  # the pause may be over by now
        assert answer(none, url, "/health")[1]["status"] == "locked"

        assert unlocked(right) == {"status": "ok", "url": url}
        assert answer(none, url, "/connections")[0] == 200
        assert json.loads(none.run("list", "--json").stdout)["connections"][0]["name"] == "shop"
        rotated = json.loads(right.run("keys", "rotate", "--json").stdout)
        assert rotated["rewrapped"] == 2
        assert answer(none, url, "/connections")[0] == 200

        assert none.run("lock", "--json").returncode == 0
        assert answer(none, url, "/connections")[0] == 423
    assert right.run(*SHOW).stdout.strip() == TOKEN


def unlocked(process: Any) -> Any:
    """Unlock, as often as the service says that it is too early."""
    while True:
        document = json.loads(process.run("unlock", "--json").stdout)
        if document.get("error", {}).get("code") != "too-many-tries":
            return document


@pytest.mark.parametrize("command", ["unlock", "lock"])
def test_without_a_service_there_is_nothing_to_open(process: Any, command: str) -> None:
    failed = with_passphrase(process, PASSPHRASE).run(command, "--json")
    assert (failed.returncode, json.loads(failed.stdout)["error"]["code"]) == (5, "service-unreachable")


@pytest.mark.parametrize("command", ["unlock", "lock"])
def test_a_service_without_a_passphrase_is_neither_locked_nor_unlocked(process: Any, command: str) -> None:
    with served(process):
        for process_ in (process, with_passphrase(process, PASSPHRASE)):
            environment = {**process_.environment, "COMPANION_KEY_PROVIDER": "file"}
            failed = type(process)(environment).run(command, "--json")
            error = json.loads(failed.stdout)["error"]
            assert (failed.returncode, error["code"]) == (8, "conflict")
            assert f"There is nothing to {command}." in error["detail"]


def test_a_passphrase_that_is_no_text_is_refused_and_makes_nothing(process: Any, own_folder: Path) -> None:
    not_text = with_passphrase(process, "\udcff\udcfe and made up long enough")  # bytes that are not UTF-8
    for arguments in (("list",), ("unlock",), ("keys", "status")):
        refused = not_text.run(*arguments, "--json")
        error = json.loads(refused.stdout)["error"]
        assert (refused.returncode, error["code"]) == (2, "invalid-setting")
        assert "COMPANION_PASSPHRASE" in error["detail"]
        assert "made up" not in refused.stdout + refused.stderr
    assert not (own_folder / "data").exists()
