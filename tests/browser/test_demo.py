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

pytestmark = [pytest.mark.browser, pytest.mark.sampled(3, group="demo")]

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
        self.kept: dict[Path, bytes] = {}
        self.modes: list[int] = []
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
    """One whole demo that is kept running, as it was then and ended, with all secrets of its simulated store."""
    folder = tmp_path_factory.mktemp("demo")
    place, secrets_file, copy = Place(folder), folder / "secrets.json", folder / "copy"
    copy.mkdir()
    demo = place.start(sys.executable, str(WITNESSED), str(secrets_file), str(copy), "demo", "--json", "--keep")
    onlooker = Onlooker(demo)
    onlooker.start()
    said = []
    for line in demo.stderr:
        said.append(line)
        if line.strip() == "companion rotate demo":
            break
    place.modes = [each.stat().st_mode for each in place.temporary.iterdir()]
    place.kept = {each: each.read_bytes() for each in place.temporary.rglob("*") if each.is_file()}
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate()
    err = "".join(said) + err
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
    assert any("companion.sqlite3" in path.name for path in place.kept), "the data folder is what is searched"
    assert any(copy.rglob("*")), "a copy was made while the browser was open"
    assert any("--user-data-dir" in text for text in processes.values()), "the browser was seen while it ran"
    assert any(f"TMPDIR={place.temporary}" in text for text in processes.values()), "environments were read"
    # The one place of the simulated owner's made-up password, for terminals that are led to what goes on.
    (environment,) = (path for path in place.kept if path.name == "environment")
    kept = {str(path): content.decode("latin-1") for path, content in place.kept.items() if path != environment}
    assert secrets["password"][0] in place.kept[environment].decode()
    assert sightings(values, {"stdout": out, "stderr": err, **processes, **kept}, [place.home, copy]) == []


def test_what_is_kept_running_is_open_to_this_user_alone_and_ends_with_it(witnessed):
    _, out, err, place, *_ = witnessed

    assert json.loads(out)["kept"]["page"].startswith("http://127.0.0.1:")
    assert f". {json.loads(out)['kept']['environment_file']}\n" in err
    assert [mode & 0o077 for mode in place.modes] == [0]
    assert place.left() == []


def test_nothing_is_left_and_a_person_is_told_what_happened(place):
    demo = place.start(*PROGRAM, "demo", "--seed", "4")
    out, err = demo.communicate()

    assert demo.returncode == 0, err
    assert "Status        ready" in out
    assert "storeName" in out
    assert "13 of 13 steps done" in out
    assert place.left() == []


@pytest.mark.skipif(sys.platform == "win32", reason="the script is one for a shell")
def test_a_terminal_is_led_to_what_is_kept_running(place):
    place.environment |= {"COMPANION_CONNECTION": "mine", "COMPANION_URL": "http://127.0.0.1:9"}
    demo = place.start(*PROGRAM, "demo", "--keep")
    for line in demo.stderr:
        if line.strip().startswith(". "):
            break
    script = f'{line.strip()}; "$0" -c "from companion.cli import main; main()" "$@"'
    asked = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, "show", "demo", "--json"],
        capture_output=True, text=True, env=place.environment,
    )  # fmt: skip
    demo.send_signal(signal.SIGTERM)
    demo.communicate()

    assert json.loads(asked.stdout)["status"] == "ready", asked.stderr
    assert demo.returncode == 0
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
