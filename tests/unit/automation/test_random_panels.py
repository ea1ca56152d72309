"""Control panels drawn at random: every one ends in the right connection, without a browser.

A failure is kept by its seed in `KEPT`, and runs in every sample.
"""

import pytest
from hiding_panels import HidingPanel
from panel_pages import ACCESS_TOKEN, CLIENT_ID, STORE
from random_panels import IMPERSONATION, TOKENS, RandomPanel
from transcripts import Play

from automation.core.actions import Do, Done, Stop
from automation.core.progress import Progress, SubmittedForm
from automation.core.request import RetrievalRequest

NAME = "Companion test k3v9q2x7"
MOST_LOOKS = 1500
KEPT: tuple[int, ...] = (6, 17, 38)


def walk(panel: RandomPanel) -> Play:
    play = Play(Progress(RetrievalRequest(NAME), submitted=SubmittedForm("earlier", True), panel_seen=True))
    play.sees(*panel.tabs())
    for _ in range(MOST_LOOKS):
        play.look()
        command = play.command
        if isinstance(command, Done | Stop):
            return play
        if isinstance(command, Do):
            text = panel.act(command.action)
            if text is not None:
                play.downloads(text)
            play.sees(*panel.tabs())
    raise AssertionError(f"no end after {MOST_LOOKS} looks: {play.log}")


def assert_right(panel: RandomPanel) -> None:
    play = walk(panel)
    assert isinstance(play.command, Done), f"{play.log}"
    captured = play.command.captured
    assert captured.access_token.reveal() == ACCESS_TOKEN
    assert captured.client_id == CLIENT_ID
    assert captured.store_hash == STORE
    assert captured.subdomain == "maple-lanterns7"
    ((name, scopes),) = panel.made
    assert name == NAME
    changed = {label for label, option in scopes.items() if option not in {"None", "Standard"}}
    assert changed == {TOKENS, IMPERSONATION}
    assert panel.wrong == []


@pytest.mark.sampled(20)
@pytest.mark.parametrize("seed", range(1000))
def test_a_panel_that_nobody_built_is_walked_to_the_right_connection(seed: int):
    assert_right(RandomPanel(seed))


@pytest.mark.parametrize("seed", KEPT)
def test_a_panel_that_once_was_not_is(seed: int):
    assert_right(RandomPanel(seed))


@pytest.mark.sampled(9)
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("hides", HidingPanel.WAYS)
def test_no_scope_that_came_with_a_draft_is_saved_wherever_it_is_hidden(hides: str, seed: int):
    assert_right(HidingPanel(seed, hides=hides))
