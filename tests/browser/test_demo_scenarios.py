"""`companion demo --scenario`: each story ends as it is told, and with a connection that works."""

from __future__ import annotations

import pytest
from programs import Program

from simulated_store.commands import SCENARIOS
from simulated_store.stories import STORIES

pytestmark = pytest.mark.browser

TOLD = {
    "token-to-custom": ("is broken:", "it is custom and ready."),
    "missing-scope": ("it is attention", "customer impersonation"),
    "rotation": ("swapped in", "is deleted;"),
    "wrong-key": ("Refused (wrong-key)", "opens as before."),
    "lost-window": ("never came", "The store has 1:"),
}


def test_each_story_has_a_name_on_the_command_line():
    assert set(SCENARIOS) == set(STORIES) == set(TOLD)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_story_is_told(program: Program, scenario: str):
    code, document, said = program.run("demo", "--scenario", scenario)
    assert code == 0, said
    assert document["connection"]["status"] == "ready"
    told = " ".join(document["story"])
    assert [part for part in TOLD[scenario] if part not in told] == [], told
    assert all(line in said for line in document["story"])
    assert program.left_behind() == []


def test_a_recording_is_an_animation_and_overwrites_nothing(program: Program):
    file = program.place / "demo.png"
    code, _, said = program.run("demo", "--record", str(file))
    assert code == 0, said
    content = file.read_bytes()
    assert content.count(b"fcTL") >= 13  # a picture a step at least
    assert program.left_behind() == []
    code, document, _ = program.run("demo", "--record", str(file))
    assert (code, document["error"]["code"]) == (8, "conflict")
    assert file.read_bytes() == content
