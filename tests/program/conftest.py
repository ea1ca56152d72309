"""A data folder of its own for each test, and ways to run the program: in this process, and as one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulated_store.sandbox import Sandbox, running_sandbox
from simulated_store.state import SimulatedBigCommerce

RunProgram = Callable[..., Result]


@dataclass(frozen=True)
class Process:
    """Runs the installed program as a process of its own."""

    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from companion.cli import main; main()", *arguments]

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, text=True, env=self.environment, check=False
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
        )


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds all the program may touch; nothing of the developer's own settings counts."""
    for name in list(os.environ):
        if name.startswith(("COMPANION_", "BIGCOMMERCE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COMPANION_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMPANION_KEY_PROVIDER", "file")
    monkeypatch.setenv("COMPANION_KEY_FILE", str(tmp_path / "keys" / "key.json"))
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return tmp_path


@pytest.fixture
def companion(own_folder: Path) -> RunProgram:
    """Runs the program in this process, where standard input is no terminal."""
    from companion.cli.program import program

    del own_folder

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(program, arguments, input=stdin)

    return run


@pytest.fixture
def process(own_folder: Path) -> Process:
    del own_folder
    return Process(dict(os.environ))


@pytest.fixture
def sandbox(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A simulated store that the program of this test reaches instead of BigCommerce."""
    with running_sandbox(SimulatedBigCommerce()) as running:
        monkeypatch.setenv("COMPANION_HOST_MAP", running.store.host_map)
        authority = own_folder / "authority.pem"  # the store's own file is gone once it is stopped
        authority.write_bytes(running.store.ca_file.read_bytes())
        monkeypatch.setenv("COMPANION_CA_FILE", str(authority))
        yield running
