"""What the browser itself asks: the question that Save asks is answered with yes, any other with no."""

from collections.abc import Iterator

import pytest

from automation.browser.downloads import Downloads
from automation.browser.session import browser_session
from automation.core.actions import Open, Press
from automation.core.extract.document import read
from automation.core.flows.retrieval import StepId
from automation.runners.unattended import SignIn, UnattendedHands
from companion.settings import load_settings

pytestmark = pytest.mark.browser


@pytest.fixture
def hands() -> Iterator[UnattendedHands]:
    downloads = Downloads()
    with browser_session(load_settings(), downloads=downloads) as context:
        yield UnattendedHands(context, downloads, SignIn(None, None), check_before_save=lambda: None)


@pytest.mark.parametrize(
    ("step", "question", "answer"),
    [
        (StepId.SAVE, "This account has high-risk permissions. Create it?", "yes"),
        (StepId.SAVE, "Saving agrees to the Terms of Service. Go on?", "no"),
        (StepId.CREATE_API_ACCOUNT, "Create it?", "no"),
    ],
)
def test_only_the_question_that_save_asks_is_answered_with_yes(
    hands: UnattendedHands, step: StepId, question: str, answer: str
):
    script = f"setTimeout(() => this.textContent = confirm('{question}') ? 'yes' : 'no', 100)"
    hands.act(StepId.SIGN_IN, Open(f'data:text/html,<button onclick="{script}">Save</button>'))
    (button,) = read(hands.observe().tabs[0].pages[0]).of_role("button")
    hands.act(step, Press(button.control))
    said = button.text
    for _ in range(400):
        if said != "Save":
            break
        hands.wait()
        (pressed,) = read(hands.observe().tabs[0].pages[0]).of_role("button")
        said = pressed.text
    assert said == answer
