"""Two `companion serve` on one PostgreSQL, each with a data folder of its own, as on two machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import PostgresqlServer

from companion.client import CompanionClient
from companion.core.secret import Secret

PASSPHRASE = "a made-up passphrase"
TOKEN = "made-up-access-token-0123456789"


class Machine:
    """Runs the program with a data folder of its own."""

    def __init__(self, place: Path, address: str) -> None:
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("COMPANION_", "BIGCOMMERCE_"))},
            "COMPANION_DATA_DIR": str(place / "data"),
            "COMPANION_KEY_FILE": str(place / "key.json"),
            "COMPANION_KEY_PROVIDER": "passphrase",
            "COMPANION_PASSPHRASE": PASSPHRASE,
            "COMPANION_DATABASE_URL": address,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from companion.cli import main; main()", *arguments],
            env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *arguments: str, stdin: str = "") -> tuple[int, Any]:
        process = self.start(*arguments, "--json")
        out, _ = process.communicate(stdin, timeout=120)
        return process.returncode, json.loads(out)

    @contextmanager
    def serving(self) -> Iterator[CompanionClient]:
        process = self.start("serve", "--port", "0")
        assert process.stderr is not None
        line = process.stderr.readline()
        while "Listening on" not in line:
            assert line, "the service ended before it listened"
            line = process.stderr.readline()
        url = next(word for word in line.split() if word.startswith("http"))
        token = Path(self.environment["COMPANION_DATA_DIR"], "api-token").read_text().strip()
        try:
            with CompanionClient(url, Secret(token)) as client:
                yield client
        finally:
            process.terminate()
            process.communicate(timeout=60)

    def token(self, name: str) -> str:
        """What a program gets that is started through it: opened in a process of its own."""
        process = self.start(
            "exec", name, "--only", "BIGCOMMERCE_ACCESS_TOKEN", "--", sys.executable, "-c",
            "import os; print(os.environ['BIGCOMMERCE_ACCESS_TOKEN'])",
        )  # fmt: skip
        out, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint
        return out.strip()


@pytest.fixture
def machines(postgresql_server: PostgresqlServer, tmp_path: Path) -> tuple[Machine, Machine]:
    address = postgresql_server.new_database()
    return Machine(tmp_path / "one", address), Machine(tmp_path / "other", address)


def created(client: CompanionClient, name: str) -> Any:
    return client.create({"name": name, "subdomain": "celigo", "store_hash": "ci4bzn8adz"}, Secret(TOKEN))


def test_both_serve_what_either_wrote_and_rotate_its_key_once_at_a_time(machines: tuple[Machine, Machine]) -> None:
    one, other = machines
    with one.serving() as here, other.serving() as there:
        created(here, "shop")
        rotating = [one.start("keys", "rotate", "--json"), other.start("keys", "rotate", "--json")]
        ended = []
        for process in rotating:
            out, _ = process.communicate(timeout=120)
            ended.append((process.returncode, json.loads(out)))
        # Which of them came first is chance; one that met the other is told so, and has changed nothing.
        rotated = [document for code, document in ended if code == 0]
        refused = [document["error"]["code"] for code, document in ended if code != 0]
        assert rotated
        assert set(refused) <= {"conflict"}

        # The services, which nobody started anew, open the record's key and seal under the new key.
        assert created(there, "second") == here.connection("second")
        assert created(here, "third") == there.connection("third")
        for client in (here, there):
            assert client.audit_state()["intact"]
        status = other.run("keys", "status")[1]
        assert status["retired_keys"] == len(rotated)
        assert [(key["active"], key["held"], key["records"]) for key in status["keys"]] == [(True, True, 4)]


def test_a_backup_of_the_one_restores_beside_what_the_other_wrote(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    one, other = machines
    with one.serving() as client:
        created(client, "shop")
    file = tmp_path / "saved"
    code, document = one.run("backup", str(file), "--passphrase-stdin", stdin=PASSPHRASE)
    assert (code, document["connections"]) == (0, 1)
    shop = other.run("show", "shop")[1]
    assert other.run("delete", "shop", "--yes")[0] == 0
    code, restored = other.run("restore", str(file), "--passphrase-stdin", stdin=PASSPHRASE)
    assert (code, restored["restored"], restored["audit"]["chapters"]) == (0, 1, [])
    assert one.run("show", "shop")[1] == shop
    assert one.token("shop") == TOKEN
