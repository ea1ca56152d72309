"""`companion demo` as a process of its own: what it prints, that no secret is seen anywhere, that nothing is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from canary_hunt import sightings

from automation.core.flows.retrieval import STEP_IDS

pytestmark = [pytest.mark.browser, pytest.mark.sampled(5, group="demo")]

WITNESSED = Path(__file__).parent.parent / "support" / "witnessed_demo.py"
ROUNDING = 0.001 * len(STEP_IDS)
"""Seconds: each step's are rounded for themselves."""
PROGRAM = (sys.executable, "-c", "from companion.cli import main; main()")


class Place:
    """Where a demo may write: home, temporary folder and the platform's folders are all its own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.temporary = folder / "h", folder / "t"
        self.home.mkdir()
        self.temporary.mkdir()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BIGCOMMERCE_", "COMPANION_", "XDG_")) or name == "COMPANION_BROWSER"
        }
        self.environment = {**kept, "HOME": str(self.home), "TMPDIR": str(self.temporary)}

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
        )

    def left(self) -> list[Path]:
        return [path for folder in (self.home, self.temporary) for path in folder.rglob("*")]


class Onlooker(threading.Thread):
    """Reads what any program of this user can read of a process and its children for as long as they run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.seen: dict[str, str] = {}

    def run(self) -> None:
        while self.process.poll() is None:
            self.look()
            time.sleep(0.05)

    def look(self) -> None:
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(self.process.pid)
            for process in (first, *first.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    name = f"{process.name()} {process.pid}"
                    # A process starts as a copy of its parent, so what it shows changes: all of it is kept.
                    for kind, words in (("command line", process.cmdline()), ("environment", _pairs(process))):
                        shown = self.seen.get(f"{kind} of {name}", "")
                        self.seen[f"{kind} of {name}"] = shown + "".join(f"{w}\n" for w in words if w not in shown)


def _pairs(process: psutil.Process) -> list[str]:
    return [f"{name}={value}" for name, value in process.environ().items()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory):
    """One whole demo whose data folder is kept, with all secrets of its simulated store."""
    folder = tmp_path_factory.mktemp("demo")
    place, secrets_file, copy = Place(folder), folder / "secrets.json", folder / "copy"
    copy.mkdir()
    demo = place.start(sys.executable, str(WITNESSED), str(secrets_file), str(copy), "demo", "--json", "--keep")
    onlooker = Onlooker(demo)
    onlooker.start()
    out, err = demo.communicate()
    onlooker.join()
    secrets: dict[str, list[str]] = {}
    for world in json.loads(secrets_file.read_text()):
        for kind, values in world.items():
            secrets.setdefault(kind, []).extend(values)
    return demo.returncode, out, err, place, copy, secrets, onlooker.seen


def test_the_demo_does_every_step_and_asks_the_store(witnessed):
    code, out, err, *_ = witnessed
    document = json.loads(out)

    assert code == 0, err
    assert [step["id"] for step in document["steps"]] == list(STEP_IDS)
    assert {step["status"] for step in document["steps"]} == {"done"}
    assert 0 < sum(step["seconds"] for step in document["steps"]) <= document["seconds"] + ROUNDING
    assert document["human_actions"] == 0
    assert document["connection"]["status"] == "ready"
    assert document["connection"]["access_token_set"] is True
    assert document["connection"]["api_account"]["client_id"]
    assert document["graphql"]["data"]["site"]["settings"]["storeName"]
    assert "errors" not in document["graphql"]


def test_no_secret_is_seen_anywhere(witnessed):
    _, out, err, place, copy, secrets, processes = witnessed
    values = [value for values in secrets.values() for value in values]

    assert {"access-token", "client-secret", "password", "session-cookie", "preview-token"} <= set(secrets)
    assert any("companion.sqlite3" in path.name for path in place.left()), "the data folder is what is searched"
    assert any(copy.rglob("*")), "a copy was made while the browser was open"
    assert any("--user-data-dir" in text for text in processes.values()), "the browser was seen while it ran"
    assert any(f"TMPDIR={place.temporary}" in text for text in processes.values()), "environments were read"
    assert sightings(values, {"stdout": out, "stderr": err, **processes}, [place.home, place.temporary, copy]) == []


def test_what_is_kept_is_open_to_this_user_alone(witnessed):
    _, _, err, place, *_ = witnessed
    kept = [path for path in place.temporary.rglob("*") if "companion-demo-" in str(path)]

    assert f"Kept: {place.temporary}" in err
    assert kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


def test_nothing_is_left_and_a_person_is_told_what_happened(place):
    demo = place.start(*PROGRAM, "demo", "--seed", "4")
    out, err = demo.communicate()

    assert demo.returncode == 0, err
    assert "Status        ready" in out
    assert "storeName" in out
    assert "13 of 13 steps done" in out
    assert place.left() == []


@pytest.mark.parametrize(("how", "after"), [(signal.SIGINT, "sign-in: done"), (signal.SIGTERM, "save: done")])
def test_an_interrupted_demo_leaves_nothing(place, how, after):
    demo = place.start(*PROGRAM, "demo", "--json")
    while (line := demo.stderr.readline()) and not line.startswith(after):
        pass
    children = psutil.Process(demo.pid).children(recursive=True)
    demo.send_signal(how)
    out, err = demo.communicate()

    assert demo.returncode == json.loads(out)["error"]["exit_code"] == 130, err
    assert json.loads(out)["created"] == []
    assert children
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert place.left() == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_second_ctrl_c_ends_the_demo_at_once_and_leaves_nothing_either(place):
    demo = place.start(*PROGRAM, "demo", "--json")
    while (line := demo.stderr.readline()) and not line.startswith("save: done"):
        pass
    children = psutil.Process(demo.pid).children(recursive=True)
    demo.send_signal(signal.SIGINT)
    while (line := demo.stderr.readline()) and "Stopping" not in line:
        pass
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate()

    assert demo.returncode == json.loads(out)["error"]["exit_code"] == 130, err
    assert json.loads(out)["created"] == []
    assert "Ctrl-C again" in line
    assert psutil.wait_procs(children, timeout=60)[1] == []
    assert place.left() == []


def test_the_environment_leads_the_demo_nowhere_else(place, tmp_path):
    place.environment |= {
        "COMPANION_DATA_DIR": str(tmp_path / "mine"),
        "COMPANION_URL": "http://127.0.0.1:9",
        "COMPANION_CONNECTION": "mine",
        "COMPANION_KEY_PROVIDER": "keyring",
        "BIGCOMMERCE_EMAIL": "me@example.com",
        "BIGCOMMERCE_PASSWORD": "mine",
    }
    demo = place.start(*PROGRAM, "demo", "--json")
    out, err = demo.communicate()

    assert demo.returncode == 0, err
    assert json.loads(out)["connection"]["status"] == "ready"
    assert not (tmp_path / "mine").exists()
