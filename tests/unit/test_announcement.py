"""What the demo for an audience announces."""

from bs4 import BeautifulSoup

from automation.core.flows.retrieval import STEPS, StepId
from simulated_store.side_by_side import announcement


def lines(page):
    return BeautifulSoup(page, "html.parser").find_all("li")


def test_the_next_step_is_announced_with_its_reason_among_all_of_them():
    page = lines(announcement({StepId.SIGN_IN: "done"}))
    assert len(page) == len(STEPS)
    assert [line.get("class") for line in page] == [["done"], ["now"], *[None] * (len(STEPS) - 2)]
    assert page[1].get_text() == f"2. {STEPS[1].say}{STEPS[1].why}"


def test_a_skipped_step_bears_no_tick_and_at_the_end_nothing_is_next():
    page = lines(announcement({step.id: "skipped" if step.id is StepId.SAVE else "done" for step in STEPS}))
    assert [line.get_text().startswith("✓") for line in page] == [step.id is not StepId.SAVE for step in STEPS]
    assert not [line for line in page if "now" in (line.get("class") or ())]
