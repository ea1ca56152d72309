"""Commands that the page runs: what they say, what they print at their end, and how they are stopped."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psutil  # type: ignore[import-untyped]
import pytest

from companion import panel_command_process as module
from companion.core.connection import AuthType, Connection, Status, World
from companion.core.errors import Conflict, NothingToSignInWith, StorageFailed
from companion.panel_command_process import PanelCommandProcess, PanelCommandProcesses
from companion.service.panel_jobs import PanelJob, PanelJobKind, PanelJobs
from companion.service.parts import Parts
from companion.wiring.panel_jobs import stop_panel_jobs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")

LIMIT = 60.0  # seconds; only reached where something hangs
NOW = datetime(2026, 11, 27, tzinfo=UTC)
CONNECTION = Connection(
    id="1",
    name="shop",
    subdomain="celigo",
    auth_type=AuthType.CUSTOM,
    store_hash="abc",
    channel_id=1,
    scopes=("Unauthenticated",),
    tags=(),
    api_account=None,
    world=World.SIMULATED,
    status=Status.READY,
    findings=(),
    verified_at=None,
    created_at=NOW,
    updated_at=NOW,
    revision=1,
    oauth_scopes=None,
)
ORDERLY = """
import json, signal, sys, time
def stop(*_):
    print("Taken back.", file=sys.stderr)
    print(json.dumps({"error": {"detail": "Interrupted."}, "created": []}))
    sys.exit(130)
signal.signal(signal.SIGINT, stop)
print("It works.", file=sys.stderr, flush=True)
time.sleep(600)
"""
DEAF = ORDERLY.replace("signal.signal(signal.SIGINT, stop)", "signal.signal(signal.SIGINT, signal.SIG_IGN)")


def programs(script: str, folder: Path) -> PanelCommandProcesses:
    return PanelCommandProcesses((sys.executable, "-c", script), os.environ, folder)


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def running(script: str, folder: Path) -> PanelCommandProcess:
    command = programs(script, folder).start(())
    until(lambda: command.lines)
    return command


def test_its_lines_its_document_and_its_exit_code_are_known_at_its_end(tmp_path: Path):
    script = "import sys; print('One.\\n\\nTwo.', file=sys.stderr); print('{\"a\": 1}'); sys.exit(9)"
    command = programs(script, tmp_path).start(("rotate",))
    until(lambda: command.exit_code is not None)
    assert (command.lines, command.document, command.exit_code) == (("One.", "Two."), {"a": 1}, 9)
    command.end()  # which it has


@pytest.mark.parametrize("printed", ["", "no JSON", "[1]"])
def test_what_prints_no_document_has_none(tmp_path: Path, printed: str):
    command = programs(f"print({printed!r})", tmp_path).start(())
    until(lambda: command.exit_code is not None)
    assert (command.document, command.exit_code) == ({}, 0)


def test_a_program_that_is_not_there_is_a_problem_that_says_so(tmp_path: Path):
    with pytest.raises(StorageFailed, match="could not be started"):
        PanelCommandProcesses((str(tmp_path / "nothing"),), os.environ, tmp_path).start(())


def test_it_is_interrupted_as_by_ctrl_c(tmp_path: Path):
    command = running(ORDERLY, tmp_path)
    command.interrupt()
    until(lambda: command.exit_code is not None)
    assert (command.exit_code, command.lines) == (130, ("It works.", "Taken back."))


def test_what_does_not_heed_is_killed_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "END_SECONDS", 0.05)
    command = running(DEAF, tmp_path)
    command.end()
    assert command.exit_code is not None
    assert command.exit_code < 0
    assert [each for each in psutil.Process().children() if "-c" in each.cmdline() and DEAF in each.cmdline()] == []


# As the page begins them


def jobs_of(script: str, folder: Path, *, can_sign_in: bool = True) -> PanelJobs:
    parts = cast("Parts", SimpleNamespace(entropy=os.urandom))
    return PanelJobs(parts, programs(script, folder), lambda: can_sign_in)


def begun(jobs: PanelJobs) -> PanelJob:
    job = jobs.start(PanelJobKind.ROTATE, CONNECTION)
    until(lambda: job.command.lines)
    return job


def test_a_stop_repeats_what_is_said_meanwhile(tmp_path: Path):
    jobs, out = jobs_of(ORDERLY, tmp_path), io.StringIO()
    job = begun(jobs)
    stop_panel_jobs(jobs, out)
    assert out.getvalue() == "Taken back.\n"
    assert jobs.get(job.id).command.exit_code == 130
    stop_panel_jobs(jobs, out)
    assert out.getvalue() == "Taken back.\n"


def test_a_second_wish_to_stop_kills_and_says_what_may_be_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    jobs, out = jobs_of(DEAF, tmp_path), io.StringIO()
    job = begun(jobs)
    command = job.command
    assert isinstance(command, PanelCommandProcess)
    waits, wait = iter([KeyboardInterrupt]), command._ended.wait

    def interrupted(seconds: float) -> bool:
        for wish in waits:
            raise wish
        return wait(seconds)

    monkeypatch.setattr(command._ended, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stop_panel_jobs(jobs, out)
    assert command.exit_code is not None
    assert "The rotate of 'shop' was cut short." in out.getvalue()


def test_there_is_one_at_a_time_and_none_once_the_service_stops(tmp_path: Path):
    jobs = jobs_of(ORDERLY, tmp_path)
    job = begun(jobs)
    with pytest.raises(Conflict):
        jobs.start(PanelJobKind.REVOKE, CONNECTION)
    job.command.end()
    begun(jobs)
    jobs.close()
    with pytest.raises(Conflict):
        jobs.start(PanelJobKind.ROTATE, CONNECTION)


def test_with_nothing_to_sign_in_with_none_is_begun(tmp_path: Path):
    with pytest.raises(NothingToSignInWith):
        jobs_of(ORDERLY, tmp_path, can_sign_in=False).start(PanelJobKind.ROTATE, CONNECTION)
