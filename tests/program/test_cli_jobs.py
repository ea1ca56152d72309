"""`companion jobs` and `companion worker` as processes, where nothing has to be connected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import PostgresqlServer

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(postgresql_server: PostgresqlServer, tmp_path: Path) -> Run:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("COMPANION_", "BIGCOMMERCE_"))},
        "COMPANION_DATA_DIR": str(tmp_path / "data"),
        "COMPANION_QUEUE_URL": postgresql_server.new_database(schema=False),
    }

    def run(*arguments: str, **changes: str) -> tuple[int, Any, str]:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("companion")), *arguments],
            env={**environment, **changes}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout) if "--json" in arguments else done.stdout, done.stderr

    return run


@pytest.fixture
def file(tmp_path: Path) -> str:
    made = tmp_path / "stores.csv"
    made.write_text("name,store_hash,email\nshop,abc,\nother,abd,ann@example.com\n")
    return str(made)


def test_what_was_handed_out_is_listed_and_nobody_is_waited_for_who_is_not_there(run: Run, file: str) -> None:
    assert run("jobs", "add", file, "--json")[:2] == (0, {"handed_out": ["shop", "other"], "there_already": 0})
    assert run("jobs", "add", file, "--json")[1] == {"handed_out": [], "there_already": 2}
    code, shown, said = run("jobs", "list", "--wait")
    assert (code, "2 waiting" in shown, "companion worker" in said) == (9, True, True)
    assert "for a worker that signs in as ann@example.com" in shown
    code, document, _ = run("jobs", "list", "--json")
    assert (code, document["totals"], [each["state"] for each in document["stores"]]) == (
        9,
        {"waiting": 2},
        ["waiting", "waiting"],
    )
    assert run("jobs", "retry", "--json")[:2] == (0, {"handed_out": []})


def test_a_file_that_is_not_accepted_hands_nothing_out(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "stores.csv"
    made.write_text("name,store_hash\nshop,abc\nother,../v3\n")
    code, document, _ = run("jobs", "add", str(made), "--json")
    assert (code, document["error"]["code"]) == (2, "invalid-input")
    assert run("jobs", "list", "--json")[:2] == (0, {"stores": [], "totals": {}})


@pytest.mark.parametrize(
    ("changes", "code", "names"),
    [
        ({"COMPANION_QUEUE_URL": ""}, 2, "COMPANION_QUEUE_URL"),
        ({"COMPANION_QUEUE_URL": "redis://:made-up@127.0.0.1"}, 2, "COMPANION_QUEUE_URL"),
        ({}, 3, "BIGCOMMERCE_EMAIL"),
        ({"BIGCOMMERCE_EMAIL": "ann@example.com", "BIGCOMMERCE_PASSWORD": "made-up"}, 5, "COMPANION_URL"),
    ],
)
def test_a_worker_that_lacks_something_says_what(run: Run, changes: dict[str, str], code: int, names: str) -> None:
    ended, _, said = run("worker", **changes)
    assert (ended, names in said, "made-up" in said) == (code, True, False)
