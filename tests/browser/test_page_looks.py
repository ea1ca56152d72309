"""How the screens look, measured in a real Chromium: what lies where, and what of it can be read."""

from __future__ import annotations

import pytest
from opened_pages import Opens
from page_states import LONG_NAME, away, go
from playwright.sync_api import Locator, Page
from web_pages import WebPages

pytestmark = pytest.mark.browser

WIDTHS = (360, 768, 1440)


def at_width(opened: Opens, width: int) -> Page:
    return opened(viewport={"width": width, "height": 900})


def lines_of(element: Locator) -> int:
    """Return on how many lines an element's text stands."""
    return int(
        element.evaluate(
            "element => { const range = document.createRange(); range.selectNodeContents(element);"
            " return new Set([...range.getClientRects()].map(each => Math.round(each.top))).size }"
        )
    )


def test_the_list_gives_its_room_to_the_names(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = at_width(opened, 1440)
    name = page.get_by_role("rowheader", name=LONG_NAME).bounding_box()
    assert name is not None
    assert name["width"] > 1440 / 5
    assert lines_of(page.get_by_role("link", name=LONG_NAME)) <= 3


@pytest.mark.parametrize("width", WIDTHS)
def test_dates_and_short_words_of_the_record_stand_on_one_line(
    opened: Opens, pages: WebPages, ids: dict[str, str], width: int
) -> None:
    page = at_width(opened, width)
    page.goto(pages.url + "/record")
    who = page.locator("table.entries td.who", has_text="web page").first
    for told in (who, page.locator("table.entries time").first, page.locator('label[for="action"]')):
        assert lines_of(told) == 1


@pytest.mark.parametrize("path", ["/tools", "/record", "/keys"])
def test_no_cell_of_a_narrow_table_lies_over_another(
    opened: Opens, pages: WebPages, ids: dict[str, str], path: str
) -> None:
    page = at_width(opened, 360)
    page.goto(pages.url + path)
    # An outcome as long as they get, such as “BigCommerce maintenance”.
    page.locator("td.outcome .mark").evaluate_all(
        "all => all.forEach(each => each.textContent = 'not ' + 'long '.repeat(9))"
    )
    covered = page.locator("table.list tbody tr").evaluate_all(
        """rows => rows.flatMap(row => {
            const parts = [...row.children].flatMap((cell, number) => {
                const range = document.createRange();
                range.selectNodeContents(cell);
                const shown = [...range.getClientRects()].filter(each => each.width > 1 && each.height > 1);
                return shown.map(box => ({number, box, text: cell.innerText}));
            });
            const over = (one, other) => one.number < other.number
                && one.box.left < other.box.right - 1 && other.box.left < one.box.right - 1
                && one.box.top < other.box.bottom - 1 && other.box.top < one.box.bottom - 1;
            return parts.flatMap(one => parts.filter(other => over(one, other)).map(other => [one.text, other.text]));
        })"""
    )
    assert covered == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_command_is_shown_whole_however_long_the_name(
    opened: Opens, pages: WebPages, ids: dict[str, str], width: int
) -> None:
    page = at_width(opened, width)
    go("/connections/{ready}/export")(page, pages, ids)
    hidden = page.locator(".command pre").evaluate_all(
        "all => all.map(each => each.scrollWidth - each.clientWidth).filter(pixels => pixels > 0)"
    )
    assert hidden == []


def test_a_long_command_is_copied_in_one_line(opened: Opens, pages: WebPages, ids: dict[str, str]) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    go("/connections/{ready}/rotate")(page, pages, ids)
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"companion rotate '{LONG_NAME}'"


@pytest.mark.parametrize("width", WIDTHS)
def test_what_says_that_the_service_is_away_hides_no_field_that_is_filled_in(
    opened: Opens, pages: WebPages, ids: dict[str, str], width: int
) -> None:
    page = at_width(opened, width)
    away(page, pages, ids)
    said = page.locator("#away").bounding_box()
    assert said is not None
    for label in ("Subdomain", "Store hash", "Channel ID", "Access token", "Tags"):
        field = page.get_by_label(label, exact=False).first
        field.focus()
        seen = field.bounding_box()
        assert seen is not None
        assert seen["y"] + seen["height"] <= said["y"] or seen["x"] + seen["width"] <= said["x"], label
