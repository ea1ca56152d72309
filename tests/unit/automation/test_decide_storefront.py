"""Opening the storefront, as transcripts: wherever it opens, and where it does not."""

import pytest
from panel_pages import HOST, blank_tab, home_page, login_tab, panel_tab, shell, sign_in_page, storefront_tab
from transcripts import Play
from written_pages import snapshot, tab

from automation.core.actions import Do, Press
from automation.core.extract.document import read
from automation.core.flows.retrieval import StepId
from automation.core.snapshot import Tab

HOME = panel_tab(home_page())
PRESS = "open-storefront: press “View storefront”"
SETTINGS = "open-api-accounts: press “Settings”"


def pressing() -> Play:
    """A run that has just pressed "View storefront"."""
    play = Play()
    play.sees(HOME).does(PRESS)
    return play


def test_a_slow_tab_is_waited_for():
    play = pressing()
    play.sees(HOME).waits(2)
    play.sees(HOME, tab(snapshot("", "about:blank", ready="loading"), number=1, pending=1)).waits(10)
    play.sees(HOME, storefront_tab()).does("read-subdomain: close tab 1")
    assert play.log.count(PRESS) == 1


def test_a_tab_that_is_redirected_is_read_at_its_end():
    play = pressing()
    on_the_way = tab(snapshot("", f"{HOST}/manage/view-storefront", ready="loading"), number=1, pending=1)
    play.sees(HOME, on_the_way).waits(2)
    play.sees(HOME, storefront_tab("https://store-abc123.mybigcommerce.com/", ready="interactive")).waits(1)
    play.sees(HOME, storefront_tab()).does("read-subdomain: close tab 1")
    assert play.progress.storefront is not None
    assert play.progress.storefront.subdomain == "maple-lanterns7"


def test_a_vanity_host_is_read_before_its_page_is_complete():
    pressing().sees(HOME, storefront_tab(ready="interactive")).does_at_once("read-subdomain: close tab 1")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://store-abc123.mybigcommerce.com/", "store-abc123.mybigcommerce.com"),
        ("https://store-abc123-1.mybigcommerce.com/", "store-abc123-1.mybigcommerce.com"),
        ("https://www.maple.example/?ctk=1", "www.maple.example"),
    ],
)
def test_another_host_gives_no_subdomain_and_is_kept(url: str, host: str):
    play = pressing()
    play.sees(HOME, storefront_tab(url)).does("read-subdomain: close tab 1")
    found = play.progress.storefront
    assert found is not None
    assert (found.host, found.subdomain) == (host, None)
    play.sees(HOME).does(SETTINGS)


def test_a_storefront_in_the_panels_own_tab_is_read_and_left():
    play = pressing()
    play.sees(storefront_tab(number=0)).does(f"read-subdomain: open {HOST}/manage")
    assert play.progress.storefront is not None
    assert play.progress.storefront.subdomain == "maple-lanterns7"
    play.sees(HOME).does(SETTINGS)


def test_a_panel_without_the_link_is_no_reason_to_give_up():
    play = Play()
    bare = panel_tab(home_page(), top=shell(storefront=False))
    play.sees(bare).does(f"open-storefront: open {HOST}/ in a new tab")
    play.sees(bare, storefront_tab()).does("read-subdomain: close tab 1")
    assert play.progress.storefront is not None
    assert play.progress.storefront.subdomain == "maple-lanterns7"


def test_a_storefront_that_cannot_be_opened_at_all_is_skipped():
    play = Play()
    bare = panel_tab(home_page(), top=shell(storefront=False))
    play.sees(bare).does(f"open-storefront: open {HOST}/ in a new tab")
    failed = storefront_tab(f"{HOST}/", failure="net::ERR_CONNECTION_REFUSED")
    play.sees(bare, failed)
    play.acts()
    play.sees(bare)
    while SETTINGS not in play.log:
        play.acts()
    steps = dict(play.progress.steps)
    assert steps[StepId.READ_STORE_HASH] == "done"
    assert play.progress.store_hash == "abc123"


def test_a_link_that_does_nothing_is_pressed_twice_and_then_passed_by():
    play = pressing().sees(HOME)
    play.does(PRESS).does(f"open-storefront: open {HOST}/ in a new tab")
    assert play.log.count(PRESS) == 2


def test_a_tab_that_asks_to_sign_in_is_closed():
    play = pressing()
    asks = tab(*login_tab(sign_in_page()).pages, number=1)
    play.sees(HOME, asks).does("open-storefront: close tab 1")
    play.sees(HOME).does(f"open-storefront: open {HOST}/ in a new tab")


def test_a_tab_that_shows_a_page_of_the_panel_and_stays_there_is_closed():
    play = pressing()
    asks = tab(snapshot(sign_in_page(), f"{HOST}/manage/view-storefront"), number=1)
    play.sees(HOME, asks).does("open-storefront: close tab 1", within=8)


def test_a_tab_that_never_loads_is_closed_in_the_end():
    play = pressing()
    hangs = tab(snapshot("", "about:blank", ready="loading"), number=1, pending=1)
    play.sees(HOME, hangs).does("open-storefront: close tab 1", within=35)


def test_the_named_channels_own_host_is_tried():
    play = Play(channel_id=7)
    bare = panel_tab(home_page(), top=shell(storefront=False))
    play.sees(bare).does("open-storefront: open https://store-abc123-7.mybigcommerce.com/ in a new tab")


@pytest.mark.parametrize(
    "link",
    [
        "<button>View storefront</button>",
        "<a href='/x'>View Storefronts</a>",
        "<a href='/x'>View Store</a>",
        "<div role=menuitem>View storefront</div>",
        "<a href='/x' aria-label='View storefront'><svg></svg></a>",
    ],
)
def test_the_link_is_found_by_its_names_over_the_years(link: str):
    play = Play()
    play.sees(panel_tab(home_page(), top=shell(link, storefront=False)))
    assert play.acts().startswith("open-storefront: press “View ")


def test_a_run_that_begins_on_a_storefront_goes_to_the_panel():
    play = Play()
    play.sees(blank_tab()).acts()
    play.sees(storefront_tab(number=0))
    assert "open https://login.bigcommerce.com/login" in play.acts()


CHANNEL = "https://store-abc123-664179.mybigcommerce.com/"
BEFORE = panel_tab(home_page(), top=shell("<button>View storefronts</button>", storefront=False))


def opened(chooser: str) -> Tab:
    """The panel with what "View storefronts" has opened."""
    return panel_tab(home_page(), top=shell(f"<button>View storefronts</button>{chooser}", storefront=False))


def entry(text: str, address: str) -> str:
    return f'<li role=option><a target=_blank href="{address}" data-href="{address}">{text}</a></li>'


MAPLE = entry("Maple Lanterns", "https://maple-lanterns7.mybigcommerce.com/?ctk=1")
WHOLESALE = entry("Wholesale", CHANNEL)


@pytest.mark.parametrize(
    "chooser",
    [
        f"<ul role=menu>{MAPLE}{WHOLESALE}</ul>",
        f"<ul role=menu>{WHOLESALE}{MAPLE}</ul>",
        f"<div role=dialog><h2>Storefronts</h2><ul>{WHOLESALE}{MAPLE}</ul><button>Close</button></div>",
        f"<div>{MAPLE}</div>",
        "<ul role=menu><li role=menuitem>Maple Lanterns</li></ul>",
    ],
)
def test_of_several_storefronts_the_one_that_is_surely_the_channels_is_opened(chooser: str):
    play = Play()
    play.sees(BEFORE).does("open-storefront: press “View storefronts”")
    play.sees(opened(chooser)).does("open-storefront: press “Maple Lanterns”", within=2)
    play.sees(BEFORE, storefront_tab()).does("read-subdomain: close tab 1")


def test_another_channels_storefront_is_chosen_by_its_address():
    play = Play(channel_id=664179)
    play.sees(BEFORE).does("open-storefront: press “View storefronts”")
    play.sees(opened(f"<ul role=menu>{MAPLE}{WHOLESALE}</ul>")).does("open-storefront: press “Wholesale”", within=2)


VIEWS = """<div role=dialog><h2>Your storefronts</h2><table>
<tr><td>Wholesale</td><td>store-abc123-664179.mybigcommerce.com</td><td><button>View</button></td></tr>
<tr><td>Maple Lanterns</td><td>store-abc123-1.mybigcommerce.com</td><td><button>View</button></td></tr></table>
<button>Close</button></div>"""


@pytest.mark.parametrize(("channel_id", "row"), [(1, "Maple Lanterns"), (664179, "Wholesale")])
def test_of_choices_that_are_named_alike_the_rows_address_tells(channel_id: int, row: str):
    play = Play(channel_id=channel_id)
    play.sees(BEFORE).does("open-storefront: press “View storefronts”")
    play.sees(opened(VIEWS)).does("open-storefront: press “View”", within=2)
    assert isinstance(play.command, Do)
    assert isinstance(play.command.action, Press)
    (pressed,) = [e for e in read(play.seen[0].pages[0]).elements if e.ref == play.command.action.control.ref]
    assert any(around.role == "row" and row in around.text for around in pressed.ancestors())


def test_no_storefront_is_guessed_among_those_that_do_not_tell_their_channel():
    play = Play()
    play.sees(BEFORE).does("open-storefront: press “View storefronts”")
    entries = "<li role=menuitem>Maple Lanterns</li><li role=menuitem>Wholesale</li>"
    play.sees(opened(f"<ul role=menu>{entries}</ul>"))
    while not play.acts().startswith("open-storefront: open "):
        assert play.log[-1] == "open-storefront: press “View storefronts”"


def test_a_link_tells_the_subdomain_where_its_tab_does_not_come():
    address = "https://maple-lanterns7.mybigcommerce.com/?ctk=1"
    link = f'<a href="{address}" data-href="{address}" target=_blank>View storefront</a>'
    play = Play()
    home = panel_tab(home_page(), top=shell(link, storefront=False))
    play.sees(home).does("open-storefront: press “View storefront”")
    play.sees(home).does(SETTINGS, within=6)
    assert play.progress.storefront is not None
    assert play.progress.storefront.host == "maple-lanterns7.mybigcommerce.com"


def test_a_link_that_bears_the_stores_name_is_known_by_where_it_leads():
    address = "https://maple-lanterns7.mybigcommerce.com/?ctk=1"
    links = f"""<a href="{address}" data-href="{address}" target=_blank>Maple Lanterns</a>
    <a href="/x" data-href="https://www.bigcommerce.com/">BigCommerce</a>
    <a href="/y" data-href="https://store-abc123.mybigcommerce.com/playground">Playground</a>"""
    play = Play()
    play.sees(panel_tab(home_page(), top=shell(links, storefront=False)))
    play.does("open-storefront: press “Maple Lanterns”")


def test_what_is_drawn_after_a_press_that_lay_under_something_is_no_choice_of_storefronts():
    tour = '<div class="tour" style="position:fixed"><p>Welcome.</p><button>Not now</button></div>'
    late = "<main><h1>Home</h1><button>View storefront channels</button></main>"

    def at_top(content: str) -> Tab:
        return tab(snapshot(shell().replace("<iframe", "<p></p><iframe hidden") + content, f"{HOST}/manage/dashboard"))

    play = Play()
    play.sees(at_top("")).does(PRESS)
    play.sees(at_top(late + tour), blocked=True).acts()
    assert play.log[-1].startswith("open-storefront: press “Not now”")
    play.sees(at_top(late)).does(PRESS)
    play.sees(at_top(late), storefront_tab()).does("read-subdomain: close tab 1")
    assert play.progress.storefront is not None
    assert play.progress.storefront.subdomain == "maple-lanterns7"
