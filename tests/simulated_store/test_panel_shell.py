"""What stands around the content in each variant, and on which hosts and paths, as HTML."""

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from panel_visits import PanelVisit, config_of, fresh_world, texts

from simulated_store.variants import Variants

LIST = "/manage/settings/api-accounts"
OLD_LIST = "/manage/settings/auth/api-accounts"


def visit(**variants: Any) -> PanelVisit:
    fresh_world(**variants)
    return PanelVisit()


def entries(here: PanelVisit) -> list[str]:
    """The top entries of the menu."""
    found = here.shell().select("nav li[role=menuitem] > div, nav [id^=nav-] > span, nav ul > li > svg + a")
    return texts(found)


def settings_rows(here: PanelVisit) -> dict[str, list[str]]:
    """Heading of each card -> the titles of its rows."""
    sections = here.content("/manage/settings").select("section")
    return {texts(each.select("h2"))[0]: texts(each.select("a > div > div:first-child")) for each in sections}


SHOP = [
    "Home",
    "Orders",
    "Products",
    "Customers",
    "Storefront",
    "Marketing",
    "Analytics",
    "Apps",
    "Channels",
    "Finance",
]


def test_each_generation_has_its_menu():
    assert entries(visit(generation="C")) == [*SHOP, "Settings"]
    assert entries(visit(generation="B")) == [*SHOP, "Settings", "Account Settings", "My Profile", "Help"]
    assert entries(visit(generation="A")) == [*SHOP, "Account Settings", "Store Setup", "Advanced Settings", "Help"]


@pytest.mark.parametrize(
    ("generation", "entry", "link", "search"),
    [
        ("C", "li[role=menuitem][tabindex]", "View storefront", "Search products"),
        ("B", "orders-menu#nav-orders > span", "View Store", "Search or navigate"),
        ("A", "nav li > a", "View Store", "Search"),
    ],
)
def test_each_generation_has_its_elements(generation, entry, link, search):
    page = visit(generation=generation).shell()
    assert page.select(entry)
    assert texts(page.select("a[href$='view-storefront']")) == [link]
    assert page.select_one("input[aria-label=Search]")["placeholder"].startswith(search)
    assert ("Support PIN" in page.get_text()) == (generation == "A")
    assert bool(page.select("nav > button")) == (generation == "C")


def test_entries_have_older_names_and_there_may_be_more():
    assert entries(visit(nav_names="older"))[8:] == ["Channel Manager", "Financing", "Settings"]
    assert set(entries(visit(more_entries=True))) - set(entries(visit())) == {"B2B Edition"}


def test_the_menu_starts_collapsed_to_icons():
    plain, collapsed = (set(visit(nav_collapsed=each).shell().body["class"]) for each in (False, True))
    assert len(collapsed - plain) == 1


@pytest.mark.parametrize(
    ("menu", "card", "row"),
    [
        ("section", "API", "Store-level API accounts"),
        ("advanced", "Advanced", "Store-level API accounts"),
        ("tokens", "Advanced", "Store-level API Tokens"),
        ("accounts", "Advanced", "API Accounts"),
    ],
)
def test_settings_lead_to_the_api_accounts_under_each_name(menu, card, row):
    rows = settings_rows(visit(api_menu=menu))
    assert row in rows[card]
    assert ("API" in rows) == (menu == "section")
    assert len([each for titles in rows.values() for each in titles if each in ("API Accounts", row)]) == 1


@pytest.mark.parametrize(
    ("form", "control"),
    [
        ("link", "a:not([aria-label]):has(> div)"),
        ("named", "a[aria-label='Store-level API accounts']:has(> div)"),
        ("title", "div > a:not(:has(div))"),
        ("button", f"button[value='{LIST}']"),
    ],
)
def test_a_row_of_settings_has_each_of_its_forms(form, control):
    page = visit(settings_row=form).content("/manage/settings")
    (found,) = [each for each in page.select(control) if "Store-level API accounts" in each.get_text()]
    assert found.get("href", LIST) == LIST
    outside = [each for each in page.select("a[target=_blank]") if "Account-level" in each.get_text()]
    assert len(outside) == 1


@pytest.mark.parametrize("generation", ["A", "B", "C"])
def test_the_menu_itself_leads_to_the_api_accounts(generation):
    here = visit(api_menu="navigation", generation=generation)
    assert "Advanced Settings" in entries(here)
    below = here.shell().select(f"nav ul a[href='{LIST}']")
    assert texts(below) == ["API Accounts"]
    assert "API Accounts" not in str(settings_rows(here))


@pytest.mark.parametrize(
    ("form", "new", "old"),
    [
        ("both", "Store-level API accounts", "Store-level API accounts"),
        ("new", "Store-level API accounts", "Not found"),
        ("old", "Not found", "Store-level API accounts"),
    ],
)
def test_the_list_answers_at_one_path_or_both(form, new, old):
    here = visit(list_path=form)
    assert texts(here.content(LIST).select("h1")) == [new]
    assert texts(here.content(OLD_LIST).select("h1")) == [old]
    assert config_of(here.content(LIST))["list"] == (OLD_LIST if form == "old" else LIST)


def test_the_older_path_may_lead_to_the_newer():
    here = visit(list_path="redirected")
    assert here.get(f"{OLD_LIST}/create").headers["Location"] == f"{LIST}/create"
    answer = here.get(OLD_LIST.replace("/manage/", "/admin/app/"))
    assert answer.headers["Location"] == LIST.replace("/manage/", "/admin/app/")


def test_the_panel_may_stand_on_the_vanity_name():
    here = visit()
    here.state.variants = Variants(panel_host="vanity")
    store = here.store
    moved = here.get("/manage/session?ticket=x", host=store.panel_host)
    assert moved.headers["Location"] == f"https://{store.vanity_host}/manage/session?ticket=x"
    asked = here.get(LIST, host=store.vanity_host)
    assert asked.headers["Location"] == f"https://login.bigcommerce.com/deep-links{LIST}?store={store.store_hash}"


def test_the_content_is_in_each_kind_of_frame():
    def frames(form: str) -> list[str]:
        return [each["id"] for each in visit(frame=form).shell(LIST).select("iframe")]

    assert frames("content-iframe") == ["content-iframe"]
    assert len(frames("other")) == 1
    assert frames("other") != frames("content-iframe")
    here = visit(frame="none")
    assert not here.shell(LIST).select("iframe")
    assert texts(here.shell(LIST).select("h1")) == ["Store-level API accounts"]


def test_a_frame_of_another_origin_signs_in_by_itself():
    here = visit(frame="foreign")
    source = here.shell(LIST).select_one("iframe")["src"]
    host = f"store-{here.store.store_hash}-1.mybigcommerce.com"
    assert source.startswith(f"https://{host}/manage/session?ticket=")
    answer = here.get(source.removeprefix(f"https://{host}"), host=host)
    assert answer.headers["Location"] == "/admin/app/settings/api-accounts"
    assert "SameSite=None" in answer.headers["Set-Cookie"]
    assert here.get("/admin/app/settings/api-accounts", host=host).status_code == 200


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/index.php?ToDo=viewProducts"])
def test_the_older_entry_leads_to_the_panel(path):
    assert visit().get(path).headers["Location"] == "/manage/dashboard"


def test_a_frame_in_the_known_frame_holds_the_content_and_says_where_it_is():
    here = visit(frame="nested")
    (outer,) = here.shell(LIST).select("iframe")
    assert (outer["id"], outer["src"]) == ("content-iframe", "/admin/embedded/settings/api-accounts")
    between = BeautifulSoup(here.get(outer["src"]).text, "lxml")
    (inner,) = between.select("iframe")
    assert (inner["src"], between.select("h1")) == ("/admin/app/settings/api-accounts", [])
    content = BeautifulSoup(here.get(inner["src"]).text, "lxml")
    assert texts(content.select("h1")) == ["Store-level API accounts"]
    assert config_of(content)["prefix"] == "/admin/app/"
    assert config_of(here.shell(LIST))["prefix"] == "/admin/embedded/"
    here.state.expire_sessions()
    assert here.get(outer["src"]).status_code == 401


def test_slow_content_is_not_in_the_page_at_first():
    for frame in ("content-iframe", "none"):
        here = visit(content_delay=2.0, frame=frame)
        page = here.form() if frame != "none" else here.shell("/manage/settings/api-accounts/create")
        assert page.select("[role=progressbar]")
        assert not page.select("form, main, template")
        late = [json.loads(each.get_text()) for each in page.select("script[class]")]
        assert [BeautifulSoup(each, "lxml").h1.get_text() for each in late] == ["Create account"]


@pytest.mark.parametrize(
    ("form", "status", "says"), [("top", 401, "signed-out"), ("frame", 302, "login.bigcommerce.com")]
)
def test_a_session_that_ended_shows_in_the_tab_or_the_frame(form, status, says):
    here = visit(session_end=form)
    here.state.expire_sessions()
    answer = here.get("/admin/app/settings/api-accounts")
    assert answer.status_code == status
    assert says in answer.text + answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("switch", "says"),
    [
        ("cookie_bar", "We use cookies"),
        ("tour", "Skip tour"),
        ("promotion", "Not now"),
        ("guide", "Hide guide"),
    ],
)
def test_what_lies_over_the_page(switch, says):
    assert says not in visit().shell().get_text()
    assert says in visit(**{switch: True}).shell().get_text()


@pytest.mark.parametrize("generation", ["A", "B", "C"])
def test_the_bar_counts_the_days_of_a_trial(generation):
    for trial in (True, False):
        links = texts(visit(generation=generation, trial=trial).shell().select("a"))
        assert ("Select a Plan" in links) == trial


def test_the_panel_knows_how_long_its_session_lasts():
    here = visit()
    here.shell()
    assert here.get("/admin/app-api/session").json["warns"] is False
    here.state.almost_expire_sessions()
    for _ in range(2):  # asking is no activity
        assert here.get("/admin/app-api/session").json["warns"] is True
    here.shell()
    assert here.get("/admin/app-api/session").json["warns"] is False
