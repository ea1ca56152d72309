"""The page by keyboard alone: where the focus goes, that it is seen, and that nothing is pressed but keys."""

from __future__ import annotations

import pytest
from opened_pages import Opens
from playwright.sync_api import Locator, Page, expect
from retrieval_states import end
from web_pages import WebPages

pytestmark = pytest.mark.browser

MOST_TABS = 80
# Whether the focus is drawn, and what has it is the uppermost thing where it stands.
SEEN = """() => {
  const active = document.activeElement;
  if (active === document.body) return ""; // the way round leads through the browser's own buttons
  const box = active.getBoundingClientRect();
  if (getComputedStyle(active).outlineStyle === "none") return "no outline: " + active.outerHTML.slice(0, 200);
  const top = document.elementFromPoint(box.x + Math.min(box.width, 20) / 2, box.y + box.height / 2);
  const free = top && (active.contains(top) || top.contains(active) || top.closest("label")?.control === active);
  return free ? "" : "hidden: " + active.outerHTML.slice(0, 200);
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus; all that has it on the way shows that."""
    expect(wanted).to_be_visible()  # a key that was pressed before may still be leading there
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN) == ""
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{wanted} is not reached")


def type_into(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label).first)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)


@pytest.mark.parametrize("width", [360, 1440])
def test_the_form_is_filled_in_refused_corrected_and_the_connection_deleted(
    opened: Opens, pages: WebPages, width: int
) -> None:
    page = opened(viewport={"width": width, "height": 800})
    name = pages.new_name()
    page.goto(pages.url + "/connections/new")
    type_into(page, "Name your connection", name)
    type_into(page, "Subdomain", pages.store.subdomain)
    type_into(page, "Store hash", pages.store.store_hash)
    page.keyboard.press("Enter")
    summary = page.locator("#refusals")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Name your connection")).to_have_value(name)
    tab_to(page, summary.get_by_role("link", name="Access token"))
    page.keyboard.press("Enter")
    expect(page.locator("#access_token")).to_be_focused()
    page.keyboard.type(pages.access_token())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("status").first).to_be_focused()
    tab_to(page, page.get_by_role("link", name="Delete"))
    page.keyboard.press("Enter")
    type_into(page, "Type its name", "another")
    page.keyboard.press("Enter")
    expect(page.locator("#name-error")).to_be_visible()
    expect(page.get_by_label("Type its name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="was deleted here")).to_be_focused()


def test_a_retrieval_is_begun_paused_and_cancelled(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    end(pages)
    page = opened()
    page.goto(pages.url + "/connections/new")
    tab_to(page, page.get_by_role("link", name="Get these for me"))
    page.keyboard.press("Enter")
    type_into(page, "Name your connection", pages.new_name())
    tab_to(page, page.get_by_role("button", name="Begin"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Pause"))
    with page.expect_navigation():  # what was there before looks alike
        page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Cancel"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_focused()


def test_a_tool_is_let_in_and_revoked(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = opened()
    page.goto(pages.url + "/tools/new")
    tab_to(page, page.get_by_role("button", name="Make its API token"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    type_into(page, "Name of the tool", "Keyboard tool")
    tab_to(page, page.locator("#action-read"))
    page.keyboard.press("Space")
    tab_to(page, page.locator("#which-some"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Make its API token"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Done"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Revoke Keyboard tool"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("was revoked")).to_be_visible()


def test_who_wants_no_motion_gets_none(opened: Opens, pages: WebPages) -> None:
    page = opened(reduced_motion="reduce")
    page.goto(pages.url + "/connections/new")
    moving = "all => all.filter(each => getComputedStyle(each).transitionDuration !== '0s').length"
    assert page.locator("a, button, input").evaluate_all(moving) == 0


def test_with_forced_colours_what_a_colour_said_has_an_edge(
    opened: Opens, pages: WebPages, ids: dict[str, str]
) -> None:
    page = opened(forced_colors="active")
    edges = "all => all.filter(each => getComputedStyle(each).borderTopStyle === 'none').length"
    assert page.locator(".status").count() > 0
    assert page.locator(".status, .notice, button, .button, .chips a").evaluate_all(edges) == 0
