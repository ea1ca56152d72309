"""What is done otherwise on Windows, as far as another system can tell."""

from __future__ import annotations

import signal
import sys

import pytest

from companion.cli import program
from companion.cli.child_process import startable


def on_path(name: str) -> str | None:
    return {"stencil": r"C:\npm\stencil.cmd"}.get(name)


@pytest.mark.parametrize(
    ("platform", "command", "started"),
    [
        ("win32", ["stencil", "push"], [r"C:\npm\stencil.cmd", "push"]),
        ("win32", ["unknown"], ["unknown"]),
        ("linux", ["stencil", "push"], ["stencil", "push"]),
    ],
)
def test_what_npm_installs_is_started_by_its_whole_name(platform, command, started):
    assert startable(command, platform, on_path) == started


@pytest.mark.skipif(sys.platform == "win32", reason="another signal stands for it here")
def test_a_console_that_closes_unwinds_the_program(monkeypatch):
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)}
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    monkeypatch.setattr(program.program, "main", lambda: signal.raise_signal(signal.SIGUSR1))
    try:
        with pytest.raises(KeyboardInterrupt):
            program.run()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
