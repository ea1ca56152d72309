"""The way through the control panel to the form, as transcripts."""

import pytest
from panel_pages import (
    HOST,
    NAME,
    STORE,
    form_page,
    home_page,
    list_page,
    panel_tab,
    settings_page,
    shell,
    storefront_tab,
)
from transcripts import Play
from written_pages import snapshot, tab

from automation.core.actions import Stop
from automation.core.errors import (
    ApiAccountNameTaken,
    BrowserUnavailable,
    ControlMissing,
    NotPermitted,
    PanelRefused,
    PanelUnreachable,
    StepFailed,
    StoreChoiceNeeded,
)
from automation.core.snapshot import Tab

LIST = "/manage/settings/api-accounts"
CREATE = f"{LIST}/create"
SETTINGS = "open-api-accounts: press “Settings”"
PRESS_CREATE = "create-api-account: press “Create API account”"
DENIED = "<main><h1>Access denied</h1><p>You don't have permission to view this page.</p></main>"


def past_storefront(**request: object) -> Play:
    """A run that has read the storefront and is back at home."""
    play = Play(**request)
    home = panel_tab(home_page())
    play.sees(home).does("open-storefront: press “View storefront”")
    play.sees(home, storefront_tab()).does("read-subdomain: close tab 1")
    return play.sees(home)


@pytest.mark.parametrize(
    "menu",
    [
        "<li role=menuitem><div>Settings</div></li>",
        "<a href='/manage/settings'>Settings</a>",
        "<button>Advanced Settings</button>",
        "<li><span>Settings</span></li>",
    ],
)
def test_settings_are_found_in_menus_of_all_ages(menu: str):
    play = past_storefront()
    play.sees(panel_tab(home_page(), top=f"<nav><ul>{menu}</ul></nav><iframe></iframe>"))
    assert "Settings” " not in play.acts()
    assert play.log[-1].startswith("open-api-accounts: press “")


@pytest.mark.parametrize(
    "row",
    [
        "<a href='/x'>Store-level API accounts</a>",
        "<a href='/x'><div><div>Store-level API accounts</div><p>Manage them.</p></div></a>",
        "<a href='/x'>Store-level API Tokens</a>",
        "<a href='/x'>API Accounts</a>",
        "<div role=button>Store\u2011level API accounts</div>",
    ],
)
def test_the_row_is_found_under_its_names_over_the_years_and_never_the_account_level_one(row: str):
    play = past_storefront()
    page = f"<h1>Settings</h1><a href='/y'>Account-level API accounts</a>{row}"
    play.sees(panel_tab(page, "/manage/settings")).acts()
    assert play.log[-1].startswith("open-api-accounts: press “")
    assert "Account-level" not in play.log[-1]


def test_a_collapsed_menu_is_passed_by_with_addresses():
    play = past_storefront()
    collapsed = panel_tab(home_page(), top="<nav><ul><li role=menuitem><svg></svg></li></ul></nav><iframe></iframe>")
    play.sees(collapsed).does(f"open-api-accounts: open {HOST}/manage/settings/api-accounts")


def test_older_addresses_and_deep_links_are_tried_before_giving_up():
    play = past_storefront()
    nowhere = panel_tab("<h1>Page not found</h1>", top="<nav></nav><iframe></iframe>")
    play.sees(nowhere).through_to(ControlMissing)
    opened = [line.partition("open ")[2] for line in play.log if "api-accounts: open" in line]
    assert f"{HOST}/manage/settings/auth/api-accounts" in opened
    assert "https://login.bigcommerce.com/deep-links/settings/api-accounts" in opened
    assert opened[-2:] == [f"{HOST}{LIST}", f"{HOST}/manage/settings/auth/api-accounts"]  # looked at once more
    assert len(opened) == len(set(opened)) + 2


def test_a_list_that_is_drawn_late_and_unannounced_is_found_at_the_second_look():
    play = past_storefront()
    bare = panel_tab("<p>API</p>", LIST)
    play.sees(bare)
    while play.progress.tried("last look") == 0:
        assert not isinstance(play.command, Stop)
        play.acts()
    play.waits(12.0).sees(panel_tab(list_page(["ERP"]), LIST)).does(PRESS_CREATE)
    play.sees(bare).waits(12.0)
    assert play.sees(panel_tab(form_page(), CREATE)).acts().startswith("enter-name")


@pytest.mark.parametrize("place", ["<main></main>", "<div id=app></div>", "<main><div><div></div></div></main>"])
def test_an_empty_place_for_the_content_is_waited_for(place: str):
    play = past_storefront().does(SETTINGS)
    top = f"<header><button>Search</button></header><nav><ul><li>Settings</li></ul></nav>{place}"
    play.sees(tab(snapshot(top, HOST + LIST))).waits(8.0)


@pytest.mark.parametrize(
    "entries",
    [
        ("V2/V3-API-Token erstellen", "Stencil-CLI-Token erstellen"),
        ("Créer un jeton Stencil-CLI", "Créer un jeton API V2/V3"),
        ("Stencil CLI", "V3 / V2"),
    ],
)
def test_the_entry_for_a_v2_v3_token_is_known_in_any_language(entries: tuple[str, str]):
    menu = "<ul>" + "".join(f"<li><a href='#'>{entry}</a></li>" for entry in entries) + "</ul>"
    play = past_storefront().does(SETTINGS)
    play.sees(panel_tab(list_page(["V2/V3 sync"]), LIST)).does(PRESS_CREATE)
    entry = next(each for each in entries if "2" in each)
    play.sees(panel_tab(list_page(["V2/V3 sync"], extra=menu), LIST)).does(f"create-api-account: press “{entry}”")


def test_who_may_see_neither_list_nor_form_is_told_so():
    play = past_storefront()
    play.sees(panel_tab(settings_page(), "/manage/settings")).acts()
    error = play.sees(panel_tab(DENIED, LIST)).through_to(NotPermitted)
    assert "Access denied" in str(error)
    assert error.step == "open-api-accounts"


def test_who_may_create_and_not_list_gets_to_the_form():
    play = past_storefront()
    play.sees(panel_tab(settings_page(), "/manage/settings")).acts()
    play.sees(panel_tab(DENIED, LIST)).does(f"open-api-accounts: open {HOST}/manage/settings/api-accounts")
    play.does(f"open-api-accounts: open {HOST}/manage/settings/api-accounts/create")
    play.sees(panel_tab(form_page(), CREATE)).does(f"enter-name: type “{NAME}” into “Name”")


@pytest.mark.parametrize("create", ["no", "disabled"])
def test_who_may_list_and_not_create_is_told_so(create: str):
    play = past_storefront()
    error = play.sees(panel_tab(list_page(["ERP"], create=create), LIST)).stops(NotPermitted)
    assert error.step == "create-api-account"


def test_a_button_that_comes_a_little_later_is_waited_for():
    play = past_storefront()
    play.sees(panel_tab(list_page(["ERP"], create="no"), LIST)).waits(2)
    play.sees(panel_tab(list_page(["ERP"]), LIST)).does(PRESS_CREATE)


def test_a_network_that_goes_away_twice_is_asked_as_often_each_time():
    play = past_storefront()
    gone = failing("net::ERR_INTERNET_DISCONNECTED")
    again = f"open-api-accounts: open {HOST}/manage"
    for _ in range(3):
        play.sees(gone).does(again)
    play.sees(panel_tab(home_page())).acts()
    for _ in range(3):
        play.sees(gone).does(again)
    play.sees(gone).stops(PanelUnreachable, within=5)


def test_a_page_that_loads_and_fails_by_turns_is_not_asked_for_ever():
    play = past_storefront()
    for _ in range(12):
        play.sees(failing(status=503)).acts()
        play.sees(panel_tab(home_page())).acts()
    play.sees(failing(status=503)).stops(PanelUnreachable, within=5)


@pytest.mark.parametrize("names", [["ERP"], [f"Account {number}" for number in range(50)]])
def test_a_full_store_is_told_from_a_missing_permission(names: list[str]):
    extra = "" if len(names) == 50 else "<div role=alert>You have reached the maximum of 50 API accounts.</div>"
    play = past_storefront()
    play.sees(panel_tab(list_page(names, create="disabled", extra=extra), LIST)).stops(PanelRefused)


def test_a_create_button_with_a_menu_is_opened_and_the_v2_v3_entry_pressed():
    play = past_storefront()
    play.sees(panel_tab(list_page(["ERP"]), LIST)).does(PRESS_CREATE)
    menu = "<ul role=menu><li role=option>Create V2/V3 API Token</li><li role=option>Create Stencil-CLI Token</li></ul>"
    play.sees(panel_tab(list_page(["ERP"], extra=menu), LIST))
    play.does("create-api-account: press “Create V2/V3 API Token”")
    play.sees(panel_tab(form_page(token_type=None), CREATE)).does(f"enter-name: type “{NAME}” into “Name”")


def test_a_create_button_that_does_nothing_is_pressed_again_then_addressed_then_named():
    play = past_storefront()
    error = play.sees(panel_tab(list_page(["ERP"]), LIST)).through_to(PanelRefused)
    assert play.log.count(PRESS_CREATE) == 3
    assert any(line.endswith("/manage/settings/api-accounts/create") for line in play.log)
    assert error.step == "create-api-account"


def test_a_create_button_that_does_nothing_in_a_full_store_is_no_reason_to_open_the_form():
    full = list_page(["ERP"], extra="<div role=alert>You have reached the maximum of 50 API accounts.</div>")
    play = past_storefront()
    error = play.sees(panel_tab(full, LIST)).through_to(PanelRefused)
    assert "can have no more API accounts" in str(error)
    assert not any(line.endswith("/create") for line in play.log)


def test_a_page_that_is_still_loading_is_left_to_load():
    play = past_storefront()
    play.does(SETTINGS)
    play.sees(panel_tab("<div role=progressbar></div>", "/manage/settings", pending=2)).waits(20)
    play.sees(panel_tab(settings_page(), "/manage/settings")).acts()
    assert "Store-level API accounts" in play.log[-1]


def test_the_content_may_be_in_any_frame_or_in_none():
    play = past_storefront()
    host = f"{HOST}{LIST}"
    play.sees(tab(snapshot(shell() + list_page(["ERP"]), host))).does(PRESS_CREATE)
    play = past_storefront()
    frames = (
        snapshot(shell(), host),
        snapshot("<p>Chat</p>", "https://chat.example/"),
        snapshot(list_page(), f"{HOST}/x"),
    )
    play.sees(tab(*frames)).does(PRESS_CREATE)


def test_a_tour_over_the_page_is_put_aside_when_it_blocks():
    play = past_storefront()
    play.does(SETTINGS)
    tour = "<div class=tour><button>Start tour</button><button>Skip tour</button></div>"
    play.sees(panel_tab(home_page(), top=shell(tour)), blocked=True)
    play.does("open-api-accounts: press “Skip tour” through what lies over it")
    play.sees(panel_tab(home_page())).does(SETTINGS)


def test_a_tour_that_comes_on_every_page_of_one_frame_is_put_aside_on_each():
    def in_frame(page: str, number: int) -> Tab:
        at = f"{HOST}/manage/page-{number}"
        return tab(snapshot(shell(), at, document="top"), snapshot(page, f"{HOST}/admin/app", document="frame"))

    play = past_storefront()
    tour = "<div role=dialog><h2>See what is new</h2><button>Skip tour</button><button>Next</button></div>"
    for number, page in enumerate((home_page(), settings_page(), list_page(["ERP"]), form_page())):
        play.sees(in_frame(page + tour, number)).acts()
        assert play.log[-1].endswith("press “Skip tour”")
        play.sees(in_frame(page, number)).acts()
    assert play.log[-1].startswith("enter-name")


def test_a_dialog_over_the_page_is_put_aside_before_anything_is_pressed():
    play = past_storefront()
    news = "<div role=dialog><h2>What's new</h2><button>Got it</button></div>"
    play.sees(panel_tab(home_page() + news)).does("open-api-accounts: press “Got it”")


def test_an_overlay_that_will_not_go_is_not_pressed_for_ever():
    play = past_storefront()
    news = "<div role=dialog><h2>What's new</h2><button>Got it</button></div>"
    play.sees(panel_tab(home_page() + news)).through_to(ControlMissing)
    assert sum("Got it" in line for line in play.log) <= 3


# Loads that fail


def failing(failure: str | None = None, status: int | None = None) -> Tab:
    return Tab(0, panel_tab("<h1>Oops</h1>").pages, failure, status)


@pytest.mark.parametrize("seen", [failing("net::ERR_CONNECTION_RESET"), failing(status=503), failing(status=500)])
def test_a_failed_load_is_tried_again_and_then_named(seen: Tab):
    play = past_storefront()
    error = play.sees(seen).through_to(PanelUnreachable)
    assert sum("open https" in line for line in play.log) == 3
    assert "net::" in str(error) or "50" in str(error)


def test_a_failed_load_that_is_mended_costs_nothing():
    play = past_storefront()
    play.sees(failing(status=503)).does(f"open-api-accounts: open {HOST}/manage")
    play.sees(panel_tab(list_page(["ERP"]), LIST)).does(PRESS_CREATE)


def test_once_the_list_is_known_it_is_what_a_failed_load_is_mended_with_first():
    play = past_storefront()
    play.sees(panel_tab(list_page(["ERP"]), LIST)).does(PRESS_CREATE)
    play.sees(failing("net::ERR_INTERNET_DISCONNECTED"))
    play.does(f"create-api-account: open {HOST}{LIST}").does(f"create-api-account: open {HOST}/manage")


def test_a_closed_window_ends_the_run():
    past_storefront().sees().stops(BrowserUnavailable)


NAMELESS = "https://maple.mybigcommerce.com"


def nameless(content: str, path: str = "/manage/dashboard") -> Tab:
    """A panel whose address names no store."""
    return tab(snapshot(shell(), NAMELESS + path), snapshot(content, f"{NAMELESS}/admin/app{path}"))


def on_nameless_form(**request: object) -> Play:
    play = Play(**request)
    home = nameless(home_page())
    play.sees(home).does("open-storefront: press “View storefront”")
    play.sees(home, storefront_tab()).does("read-subdomain: close tab 1")
    play.sees(home).does(SETTINGS)
    return play.sees(nameless(list_page(["ERP"]), LIST)).does(PRESS_CREATE)


def test_where_the_address_names_no_store_the_forms_api_path_does():
    play = on_nameless_form().sees(nameless(form_page(), f"{LIST}/create"))
    assert play.acts().startswith("enter-name")
    assert (play.progress.store_hash, play.progress.store_hash_confirmed) == ("abc123", False)


def test_where_the_address_names_no_store_the_known_addresses_are_tried_on_its_host():
    play = Play(subdomain="maple")
    play.sees(nameless("<h1>Welcome</h1>")).does(SETTINGS).does(SETTINGS)
    assert play.acts() == f"open-api-accounts: open {NAMELESS}{LIST}"


def test_where_neither_address_nor_form_names_the_store_nothing_is_saved():
    play = on_nameless_form()
    error = play.sees(nameless(form_page(path=""), f"{LIST}/create")).stops(StepFailed)
    assert error.step == "read-store-hash"
    assert play.presses_of_save == 0


def test_a_store_that_was_named_is_looked_for_at_its_own_address_and_told_from_others_by_the_form():
    play = Play(store_hash="zz9", subdomain="maple")
    for _ in range(2):
        play.sees(nameless(home_page())).does("read-store-hash: open https://store-zz9.mybigcommerce.com/manage")
    play.does(SETTINGS).sees(nameless(form_page(), f"{LIST}/create")).stops(StoreChoiceNeeded)


def test_a_page_that_never_gets_on_is_given_up_without_waiting_for_ever():
    play = past_storefront(patience=30.0)
    before = play.now
    play.sees(panel_tab("<p>Loading…</p>", "/manage/settings", pending=1)).through_to(PanelUnreachable)
    assert play.now - before < 2 * 30.0


def create_pressed() -> Play:
    """A run that has pressed "Create API account" on the list."""
    play = past_storefront().does(SETTINGS)
    return play.sees(panel_tab(list_page(["ERP"]), LIST)).does(PRESS_CREATE)


def test_what_the_page_says_instead_of_the_form_is_told_at_once():
    limit = "<div role=alert><h4>Error</h4>You have reached the maximum number of API accounts (50).</div>"
    error = create_pressed().sees(panel_tab(limit, CREATE)).stops(PanelRefused, within=6)
    assert "maximum number" in str(error)
    error = create_pressed().sees(panel_tab(DENIED, CREATE)).stops(NotPermitted, within=6)
    assert "may not create" in str(error)


def test_data_that_never_comes_is_an_unreachable_panel_and_no_missing_control():
    play = past_storefront().does(SETTINGS)
    error = play.sees(panel_tab("<div role=progressbar></div>", LIST)).through_to(PanelUnreachable)
    assert "loading" in str(error)


def test_a_server_that_goes_on_failing_is_named_with_its_words():
    play = past_storefront().does(SETTINGS)
    fault = "<div role=alert>Something went wrong. Please try again later.</div>"
    error = play.sees(panel_tab(fault, LIST)).through_to(PanelUnreachable)
    assert "Something went wrong" in str(error)


def test_a_panel_in_another_language_is_named_as_such():
    nav = "<nav><ul><li>Inicio</li><li>Pedidos</li><li>Configuraci\u00f3n</li></ul></nav>"
    spanish = panel_tab("<h1>Inicio</h1>", top=nav)
    play = Play()
    error = play.sees(spanish).through_to(ControlMissing)
    assert "English" in str(error)
    error = past_storefront().sees(panel_tab("<p>Nothing here of the kind</p>", "/manage/x")).through_to(ControlMissing)
    assert "English" not in str(error)


def test_a_store_that_bigcommerce_does_not_know_is_told_as_such():
    """A mistyped store hash leads to a page without a menu; its language has nothing to do with it."""
    unknown = tab(snapshot("<p>No store has this address.</p>", f"{HOST}/manage"), status=404)
    play = Play(store_hash=STORE)
    begun = play.now
    error = play.sees(unknown).through_to(ControlMissing)
    assert play.now - begun < 10
    assert play.log.count(f"read-store-hash: open {HOST}/manage") == 1
    assert "no control panel" in str(error)
    assert "store hash" in str(error)
    assert "English" not in str(error)


def test_a_page_that_asks_in_the_background_all_the_time_does_not_hold_the_search_up():
    play = past_storefront()
    before = play.now
    nothing = panel_tab("<p>Nothing here of the kind</p>", "/manage/x", top="<p>The shell</p>", pending=1)
    play.sees(nothing).through_to(PanelUnreachable)
    assert play.now - before < 70


def test_a_link_to_the_help_pages_is_not_the_way():
    help_ = '<a href="https://support.bigcommerce.com/s/article/Store-API-Accounts">Store-level API accounts</a>'
    play = past_storefront()
    play.sees(panel_tab(help_ + home_page())).does(SETTINGS)


def test_a_name_that_is_taken_is_refused_before_the_form_is_opened():
    play = past_storefront()
    play.sees(panel_tab(list_page(["ERP", NAME]), LIST)).stops(ApiAccountNameTaken)
    assert isinstance(play.command, Stop)
    assert play.command.error.step == "create-api-account"
    assert NAME in str(play.command.error)
    assert PRESS_CREATE not in play.log


def test_a_text_beside_the_link_of_its_entry_leads_there_by_that_link():
    entry = "<ul><li><span>Store-level API accounts</span><a href='#' aria-label='Open'></a></li><li>Users</li></ul>"
    play = past_storefront()
    play.sees(panel_tab(f"<h1>Settings</h1>{entry}", "/manage/settings"))
    play.does("open-api-accounts: press “”")
    play.does("open-api-accounts: press “Open”")
