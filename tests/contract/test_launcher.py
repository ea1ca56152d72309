"""The process that drives a browser: how it is started, told, heard and ended, with programs that only play it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from companion import launcher
from companion.core.errors import StorageFailed
from companion.core.retrieval_events import Event, Says
from companion.core.retrieval_order import OrderWord
from companion.core.secret import Secret
from companion.launcher import ChildProcess, ChildProcesses

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")

SECRET = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p"
LIMIT = 60.0  # seconds; only reached where something hangs

SAY = 'import json, sys\ndef say(line): print(json.dumps({"event": "says", "line": line}), flush=True)\n'
OBEYS = SAY + "for line in sys.stdin: say(line.strip()[:20])\nsay('over')\n"
STUBBORN = (
    SAY + "import subprocess, signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
    "one = subprocess.Popen(sleep)\n"
    "other = subprocess.Popen(sleep, start_new_session=True)\n"
    "say(f'{one.pid} {other.pid}')\n"
    "time.sleep(600)\n"
)


class Heard:
    """What a process said, and whether it is over."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.over = threading.Event()
        self._changed = threading.Condition()

    def event(self, event: Event) -> None:
        assert isinstance(event, Says)
        with self._changed:
            self.lines.append(event.line)
            self._changed.notify_all()

    def until(self, condition: Callable[[list[str]], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.lines), LIMIT), self.lines


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def start(tmp_path: Path, heard: Heard) -> Iterator[Callable[..., ChildProcess]]:
    started: list[ChildProcess] = []

    def begun(program: str, seconds: float = LIMIT, **environ: str) -> ChildProcess:
        child = jobs_for(["-c", program], tmp_path, **environ).start(
            Secret(SECRET), on_event=heard.event, on_end=heard.over.set, seconds=seconds
        )
        started.append(child)
        return child

    yield begun
    for child in started:
        child.kill()
        assert child.wait(LIMIT)


def jobs_for(arguments: Sequence[str], folder: Path, **environ: str) -> ChildProcesses:
    return ChildProcesses([sys.executable, *arguments], {"PATH": os.environ["PATH"], **environ}, folder)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def test_the_order_comes_first_and_then_word_by_word(start: Callable[..., ChildProcess], heard: Heard):
    child = start(OBEYS)
    heard.until(lambda lines: len(lines) == 1)
    child.tell(OrderWord.PAUSE)
    child.tell(OrderWord.MINE, "save")
    child.cancel()
    heard.until(lambda lines: "cancel" in lines)
    assert heard.lines == [SECRET[:20], "pause", "mine save", "cancel"]


def test_a_child_that_does_not_read_holds_up_nobody(start: Callable[..., ChildProcess], heard: Heard):
    child = start(SAY + "import time\nif '--sweep' not in sys.argv:\n    say('deaf')\n    time.sleep(600)")
    heard.until(lambda lines: lines)

    def orders() -> None:
        for _ in range(20_000):
            child.tell(OrderWord.MINE, "save")
        child.cancel()

    ordering = threading.Thread(target=orders, daemon=True)
    ordering.start()
    ordering.join(LIMIT)
    assert not ordering.is_alive()
    child.kill()
    assert child.wait(LIMIT)


def test_neither_arguments_nor_environment_hold_the_order_or_anything_that_is_not_listed(
    start: Callable[..., ChildProcess], heard: Heard, tmp_path: Path
):
    given = {
        "HOME": str(tmp_path),
        "DISPLAY": ":7",
        "SSH_AUTH_SOCK": "/agent",
        "BIGCOMMERCE_PASSWORD": "a password",
        "COMPANION_PASSPHRASE": "a passphrase",
        "AWS_SECRET_ACCESS_KEY": "a key",
        "PYTHONPATH": "elsewhere",
        "DEBUG": "pw:*",
    }
    start(SAY + "import os\nsay(' '.join(sorted(os.environ)))\nsys.stdin.read()", **given)
    heard.until(lambda lines: lines)
    assert set(heard.lines[0].split()) - {"LC_CTYPE"} == {"DISPLAY", "HOME", "PATH", "SSH_AUTH_SOCK"}
    (child,) = [each for each in psutil.Process().children() if SAY in " ".join(each.cmdline())]
    assert SECRET not in " ".join(child.cmdline())
    assert SECRET not in json.dumps(child.environ())


def test_whoever_does_not_stop_is_killed_with_all_that_it_started(
    start: Callable[..., ChildProcess], heard: Heard, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(launcher, "GRACE", 0.5)
    swept: list[bool] = []
    monkeypatch.setattr(ChildProcesses, "sweep", lambda _self: swept.append(True))
    child = start(STUBBORN)
    heard.until(lambda lines: lines)
    pids = [int(each) for each in heard.lines[0].split()]
    assert all(map(is_alive, pids))
    child.cancel()
    assert child.wait(LIMIT)
    assert heard.over.is_set()
    assert not any(map(is_alive, pids))
    assert swept == [True]


def test_time_is_limited(start: Callable[..., ChildProcess], heard: Heard):
    child = start(OBEYS, seconds=0.5)
    heard.until(lambda lines: "cancel" in lines)
    assert not heard.over.is_set()
    child.kill()
    assert child.wait(LIMIT)


def test_a_process_that_is_killed_from_outside_leaves_nothing_running(
    start: Callable[..., ChildProcess], heard: Heard, monkeypatch: pytest.MonkeyPatch
):
    swept: list[bool] = []
    monkeypatch.setattr(ChildProcesses, "sweep", lambda _self: swept.append(True))
    monkeypatch.setattr(launcher, "_NOTED_APART", 0.0)
    child = start(STUBBORN + "\n")
    heard.until(lambda lines: lines)
    pids = [int(each) for each in heard.lines[0].split()]
    end = time.monotonic() + LIMIT
    while not child._started:
        assert time.monotonic() < end
        time.sleep(0.01)
    child._process.kill()
    assert child.wait(LIMIT)
    assert not any(map(is_alive, pids))
    assert swept == [True]


def test_one_that_ends_in_order_needs_no_sweeping(
    start: Callable[..., ChildProcess], heard: Heard, monkeypatch: pytest.MonkeyPatch
):
    swept: list[bool] = []
    monkeypatch.setattr(ChildProcesses, "sweep", lambda _self: swept.append(True))
    child = start(SAY + "say('hello')")
    assert child.wait(LIMIT)
    assert heard.lines == ["hello"]
    assert swept == []


def test_what_it_says_that_is_no_event_is_not_heard(start: Callable[..., ChildProcess], heard: Heard):
    child = start(SAY + "print('hello')\nprint('{' * 200_000)\nprint()\nsay('an event')")
    assert child.wait(LIMIT)
    assert heard.lines == ["an event"]


def test_orders_to_one_that_is_gone_are_lost_without_a_word(start: Callable[..., ChildProcess], heard: Heard):
    child = start("")
    assert child.wait(LIMIT)
    child.tell(OrderWord.RESUME)
    child.cancel()
    child.kill()


@pytest.mark.parametrize("command", [[], ["/nowhere/at-all"]])
def test_a_program_that_is_not_there_is_an_error_of_ours(tmp_path: Path, command: list[str]):
    with pytest.raises(StorageFailed) as refused:
        ChildProcesses(command, {}, tmp_path).start(
            Secret(SECRET), on_event=lambda _: None, on_end=lambda: None, seconds=1
        )
    assert "reinstall" in refused.value.explained.next_step


@pytest.mark.parametrize(
    ("platform", "environ", "has"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_whether_there_is_a_display(tmp_path: Path, platform: str, environ: dict[str, str], has: bool):
    assert ChildProcesses([], environ, tmp_path, platform).has_display is has


def test_the_sweep_is_another_call_of_the_same_program(tmp_path: Path):
    written: Any = tmp_path / "written"
    program = "import sys, pathlib; pathlib.Path('written').write_text(' '.join(sys.argv[1:]))"
    jobs_for(["-c", program], tmp_path).sweep()
    assert written.read_text() == "--sweep"
