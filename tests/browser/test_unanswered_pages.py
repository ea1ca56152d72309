"""A server that never answers: the tab can be looked at, is still loading, and can be led elsewhere; what it passed."""

import socket
import time
from collections.abc import Iterator

import pytest

from automation.browser.downloads import Downloads
from automation.browser.session import browser_session
from automation.core.actions import CloseTab, Open
from automation.core.flows.retrieval import StepId
from automation.runners.unattended import SignIn, UnattendedHands
from companion.settings import load_settings

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="unanswered pages")]

STEP = StepId.SIGN_IN


@pytest.fixture
def silent_address() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.fixture
def hands() -> Iterator[UnattendedHands]:
    downloads = Downloads()
    with browser_session(load_settings(), downloads=downloads) as context:
        yield UnattendedHands(context, downloads, SignIn(None, None), check_before_save=lambda: None)


def test_a_tab_whose_server_never_answers_is_seen_as_loading(hands: UnattendedHands, silent_address: str):
    hands.act(STEP, Open(silent_address))
    (tab,) = hands.observe().tabs
    assert [page.ready for page in tab.pages] == ["loading"]
    assert tab.pending == 1
    assert tab.failure is None


def test_a_document_that_waits_for_its_successor_does_not_stop_the_run(hands: UnattendedHands, silent_address: str):
    hands.act(STEP, Open("data:text/html,<h1>Settings</h1>"))
    hands.act(STEP, Open(silent_address))
    hands.observe()
    hands.act(STEP, Open("data:text/html,<h1>Home</h1>"))
    (tab,) = hands.observe().tabs
    assert "Home" in tab.pages[0].html
    assert not hands.observe().blocked


def test_a_tab_that_never_loads_can_be_closed(hands: UnattendedHands, silent_address: str):
    hands.act(STEP, Open(silent_address, tab=None))
    assert [tab.number for tab in hands.observe().tabs] == [0, 1]
    hands.act(STEP, CloseTab(1))
    assert [tab.number for tab in hands.observe().tabs] == [0]


def test_a_page_that_leaves_while_it_is_read_does_not_stop_the_run(hands: UnattendedHands, silent_address: str):
    for milliseconds in range(5, 45, 10):
        leaving = f"<script>setTimeout(() => location.href = '{silent_address}', {milliseconds})</script>"
        hands.act(STEP, Open(f"data:text/html,<p>Leaving</p>{leaving}"))
        assert all(hands.observe().tabs for _ in range(2))


def test_what_a_tab_showed_between_two_looks_is_told_once(hands: UnattendedHands):
    first, second = "data:text/html,<h1>Home</h1>", "data:text/html,<h1>Sign in</h1>"
    hands.observe()
    hands.act(STEP, Open(first))
    hands.act(STEP, Open(second))
    (tab,) = hands.observe().tabs
    assert tab.passed == {first, second}
    assert hands.observe().tabs[0].passed == frozenset()


@pytest.mark.parametrize(("method", "sent"), [("GET", 0), ("POST", 1)])
def test_what_a_page_sends_is_told_from_what_it_asks_for(
    hands: UnattendedHands, silent_address: str, method: str, sent: int
):
    script = f"fetch('{silent_address}', {{method: '{method}'}}).catch(() => document.body.append('Refused'))"
    hands.act(STEP, Open(f"data:text/html,<body><script>{script}</script>"))
    deadline = time.monotonic() + 20
    while "Refused</" not in (tab := hands.observe().tabs[0]).pages[0].html and time.monotonic() < deadline:
        hands.wait()
    assert "Refused</" in tab.pages[0].html
    assert tab.sent == sent
