"""The demo for an audience: the window that announces each step, and where it stands."""

from __future__ import annotations

import shutil
import subprocess
import threading

import pytest
from programs import Program

from automation.core.flows.retrieval import STEPS
from automation.runners.loop import StepReport
from companion.settings import load_settings
from simulated_store import side_by_side
from simulated_store.side_by_side import Announcer

pytestmark = pytest.mark.browser
XVFB = shutil.which("Xvfb")


def test_the_window_says_which_step_is_next_and_closes_with_the_demo(tmp_path, monkeypatch):
    settings = load_settings(data_dir=tmp_path / "data", host_map="", ca_file=None)
    announcer = Announcer(settings, headed=False)
    seen: list[str] = []
    done = threading.Event()
    placed: list[str] = []
    monkeypatch.setattr(side_by_side, "place_window", lambda _page, half: placed.append(half))
    announcer.start()
    announcer.over(StepReport(STEPS[0].id, "done", 0.1))
    announcer._wanted.put(lambda page: (seen.append(page.locator("li.now").inner_text()), done.set()))
    assert done.wait(60)
    announcer.stop()
    assert STEPS[1].say in seen[0]
    assert placed == ["left"]


def test_a_window_that_cannot_be_shown_holds_nothing_up(tmp_path, monkeypatch):
    settings = load_settings(data_dir=tmp_path / "data", host_map="", ca_file=None, browser=tmp_path / "none")
    announcer = Announcer(settings, headed=False)
    announcer.start()
    announcer.over(StepReport(STEPS[0].id, "done", 0.1))
    announcer.stop()
    assert not announcer._thread.is_alive()


def test_without_a_desktop_it_is_said_before_anything_starts(program: Program):
    code, document, _ = program.run("demo", "--headed", "--pace", "slow", DISPLAY="", WAYLAND_DISPLAY="")
    assert (code, document["error"]["code"]) == (4, "browser-unavailable")
    assert document["error"]["detail"].startswith("The browser cannot open a window.")


@pytest.mark.sampled(1)
@pytest.mark.skipif(XVFB is None, reason="no Xvfb here")
def test_the_windows_stand_side_by_side_and_the_demo_ends_as_ever(program: Program):
    screen = [XVFB, "-displayfd", "1", "-screen", "0", "1600x900x24"]
    with subprocess.Popen(screen, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            display = f":{server.stdout.readline().decode().strip()}"
            code, document, said = program.run("demo", "--headed", "--pace", "slow", DISPLAY=display)
        finally:
            server.terminate()
    assert code == 0, said
    assert {step["status"] for step in document["steps"]} == {"done"}
    assert program.left_behind() == []
