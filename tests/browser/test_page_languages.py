"""Names, tags and messages in Spanish and Arabic, beside the page's own English, at every width."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from opened_pages import Opens
from page_states import ARABIC_NAME, LONG_NAME, MIXED_NAME, go
from playwright.sync_api import Locator, expect
from web_pages import WebPages

from companion.core.errors import BigCommerceRefused

pytestmark = pytest.mark.browser

WIDTHS = (360, 768, 1440)
SPANISH = "El token de acceso no es válido: ¿fue eliminado?"
ARABIC = "رمز الوصول غير صالح (401)."


def direction_of(element: Locator) -> str:
    return str(element.evaluate("element => getComputedStyle(element).direction"))


def left_of(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["x"]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_runs_its_own_way_and_moves_nothing_beside_it(
    opened: Opens, pages: WebPages, ids: dict[str, str], width: int
) -> None:
    page = opened(viewport={"width": width, "height": 900})
    names = [page.get_by_role("rowheader", name=name).get_by_role("link") for name in (LONG_NAME, ARABIC_NAME)]
    assert [direction_of(each.locator("bdi")) for each in names] == ["ltr", "rtl"]
    assert len({round(left_of(each)) for each in names}) == 1
    rows = page.locator("table.connections tbody tr")
    assert len({round(left_of(each)) for each in rows.locator("td.state .status").all()}) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(
    ("typed", "found"),
    [("artículos", LONG_NAME), ("ARTÍCULOS", LONG_NAME), ("الزهور", ARABIC_NAME), ("👩🏽‍🌾", MIXED_NAME)],
)
def test_the_search_finds_what_is_written_in_any_script(
    opened: Opens, pages: WebPages, ids: dict[str, str], typed: str, found: str
) -> None:
    page = opened(locale="ar")
    page.get_by_label("Search by name").press_sequentially(typed)
    expect(page.locator("table.connections tbody tr")).to_have_count(1)
    expect(page.get_by_role("rowheader", name=found)).to_be_visible()
    assert direction_of(page.get_by_label("Search by name")) == ("rtl" if found == ARABIC_NAME else "ltr")


@pytest.mark.parametrize(("locale", "name"), [("es-MX", LONG_NAME), ("ar-EG", ARABIC_NAME)])
def test_what_is_typed_in_a_script_is_stored_and_shown_in_it(
    opened: Opens, pages: WebPages, ids: dict[str, str], locale: str, name: str
) -> None:
    page = opened(locale=locale)
    go("/connections/{fresh}/edit")(page, pages, ids)
    page.get_by_text("Only its name or tags?").click()
    page.locator("#only-name").fill(name + " 2")
    page.locator("#only-tags").fill("niño, عاجل")
    assert direction_of(page.locator("#only-name")) == ("rtl" if name == ARABIC_NAME else "ltr")
    page.get_by_role("button", name="Save name and tags").click()
    expect(page.get_by_role("heading", name=name + " 2")).to_be_visible()
    for tag in ("niño", "عاجل"):
        expect(page.get_by_role("link", name=tag)).to_be_visible()
    # Dates and figures are the same to everybody: ISO, in the digits that the page is written in.
    for told in page.locator("main time").all_inner_texts():
        assert told.isascii(), told
    with pages.client() as client:
        client.patch(ids["fresh"], client.connection(ids["fresh"])["revision"], name="Zebra Prints", tags=["new"])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", [SPANISH, ARABIC])
def test_what_bigcommerce_says_in_another_language_is_shown_as_it_is_and_in_its_direction(
    opened: Opens, pages: WebPages, ids: dict[str, str], words: str, width: int
) -> None:
    page = opened(viewport={"width": width, "height": 900})
    go("/connections/{fresh}")(page, pages, ids)
    refusal = BigCommerceRefused("BigCommerce refused the call.", why=words, next_step="Give another access token.")
    with patch("companion.service.verify.verify_connection", side_effect=refusal):
        page.get_by_role("button", name="Verify now").click()
        said = page.get_by_role("alert").locator("bdi", has_text=words)
        expect(said).to_be_visible()
    assert direction_of(said) == ("rtl" if words == ARABIC else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
