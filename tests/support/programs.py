"""`companion` as a process of its own, against a simulated store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simulated_store.serving.server import RunningStore

LIMIT = 240.0  # seconds; only reached where something hangs


class Program:
    """`companion` with a data folder, a key and a temporary folder of its own."""

    def __init__(self, served: RunningStore, place: Path) -> None:
        self.served = served
        self.place = place
        self.temporary = place / "t"
        self.temporary.mkdir()
        owner = served.state.owner
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("BIGCOMMERCE_", "COMPANION_"))
        }
        browser = {name: os.environ[name] for name in ("COMPANION_BROWSER",) if name in os.environ}
        self.environment = {
            **kept,
            **browser,
            "TMPDIR": str(self.temporary),
            "COMPANION_DATA_DIR": str(place / "data"),
            "COMPANION_KEY_PROVIDER": "file",
            "COMPANION_KEY_FILE": str(place / "config" / "key.json"),
            "COMPANION_HOST_MAP": served.host_map,
            "COMPANION_CA_FILE": str(served.ca_file),
            "BIGCOMMERCE_EMAIL": owner.email,
            "BIGCOMMERCE_PASSWORD": owner.password,
        }

    def start(
        self, *arguments: str, stdin: int = subprocess.DEVNULL, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("companion")), *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, **(environment or {})},
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, dict[str, Any], str]:
        """Return exit code, document and standard error."""
        return ended(self.start(*arguments, "--json", environment=environment))

    def left_behind(self) -> list[Path]:
        return list(self.temporary.iterdir())


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any], str]:
    out, err = process.communicate(timeout=LIMIT)
    return process.returncode, json.loads(out), err


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + LIMIT
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)
