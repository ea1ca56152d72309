"""Programs that answer, each a process of its own, as their users run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bare_server

LIMIT = 60.0  # seconds; only reached where something hangs


@dataclass(frozen=True)
class Companion:
    """A running `companion serve`."""

    url: str
    token: str
    pid: int

    @property
    def authorization(self) -> str:
        return f"Bearer {self.token}"


def environment_of(place: Path, more: Mapping[str, str] = {}) -> dict[str, str]:
    """What gives the program a data folder and a key of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BIGCOMMERCE_", "COMPANION_"))}
    own = {
        "COMPANION_DATA_DIR": str(place / "data"),
        "COMPANION_KEY_PROVIDER": "file",
        "COMPANION_KEY_FILE": str(place / "config" / "key.json"),
    }
    return {**kept, **own, **more}


@contextmanager
def served_companion(place: Path, more: Mapping[str, str] = {}) -> Iterator[Companion]:
    """Run `companion serve`; its log of requests goes to a file, as a service's does."""
    state, token = place / "data" / "service.json", place / "data" / "api-token"
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("companion")), "serve", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment_of(place, more),
        )
        try:
            ends = time.monotonic() + LIMIT
            while not state.exists():
                assert process.poll() is None, (place / "log").read_text()
                assert time.monotonic() < ends
                time.sleep(0.01)
            announced: dict[str, Any] = json.loads(state.read_text())
            yield Companion(announced["url"], token.read_text().strip(), process.pid)
        finally:
            process.terminate()
            process.wait(LIMIT)


@contextmanager
def served_bare(place: Path, row: bytes) -> Iterator[str]:
    """Run the bare program over a table of such rows; gives its address."""
    file = place / "bare.sqlite3"
    bare_server.prepare(file, row)
    process = subprocess.Popen(
        [sys.executable, bare_server.__file__, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(LIMIT)
        process.stdout.close()
