"""The whole retrieval as a transcript: what is seen, what is done about it."""

from panel_pages import (
    ACCESS_TOKEN,
    CLIENT_ID,
    HOST,
    IMPERSONATION,
    NAME,
    TOKENS,
    blank_tab,
    credentials_dialog,
    credentials_text,
    form_page,
    home_page,
    list_page,
    login_tab,
    panel_tab,
    settings_page,
    sign_in_page,
    storefront_tab,
)
from transcripts import Play

from automation.core.errors import PanelRefused, StepFailed
from automation.core.flows.retrieval import STEP_IDS

LIST = "/manage/settings/api-accounts"
CREATE = f"{LIST}/create"


def test_the_documented_steps_are_done_in_their_order():
    home = panel_tab(home_page())
    play = Play()
    play.sees(blank_tab()).does("sign-in: open https://login.bigcommerce.com/login")
    play.sees(login_tab(sign_in_page())).does("sign-in: enter e-mail address and password")
    play.sees(home).does("open-storefront: press “View storefront”")
    play.sees(home, storefront_tab()).does("read-subdomain: close tab 1")
    play.sees(home).does("open-api-accounts: press “Settings”")
    play.sees(panel_tab(settings_page(), "/manage/settings")).acts()
    assert play.log[-1].startswith("open-api-accounts: press “Store-level API accounts")
    play.sees(panel_tab(list_page(["ERP"]), LIST)).does("create-api-account: press “Create API account”")
    play.sees(panel_tab(form_page(), CREATE)).does(f"enter-name: type “{NAME}” into “Name”")
    play.sees(panel_tab(form_page(NAME), CREATE)).does("set-scopes: press “manage”")
    play.sees(panel_tab(form_page(NAME, {TOKENS: "manage"}), CREATE)).does("set-scopes: press “manage”")
    filled = form_page(NAME, {TOKENS: "manage", IMPERSONATION: "manage"})
    play.sees(panel_tab(filled, CREATE)).does("save: check before save").does("save: press “Save”")
    window = panel_tab(filled + credentials_dialog(), CREATE)
    play.downloads(credentials_text()).sees(window).does("read-credentials: press “Done”")
    captured = play.sees(panel_tab(list_page([NAME]), LIST)).captures()

    assert (captured.store_hash, captured.subdomain, captured.channel_id) == ("abc123", "maple-lanterns7", 1)
    assert captured.storefront_host == "maple-lanterns7.mybigcommerce.com"
    assert (captured.access_token.reveal(), captured.client_id) == (ACCESS_TOKEN, CLIENT_ID)
    assert captured.api_account_name == NAME
    assert captured.oauth_scopes == ("store_storefront_api", "store_storefront_api_customer_impersonation")
    assert captured.findings == ()
    over = dict(play.progress.steps)
    assert [step for step in STEP_IDS if step in over] == list(STEP_IDS[:11])
    assert set(over.values()) == {"done"}


def test_a_run_that_starts_signed_in_needs_no_sign_in():
    play = Play(store_hash="abc123")
    play.sees(blank_tab()).does(f"sign-in: open {HOST}/manage")
    play.sees(panel_tab(home_page())).does("open-storefront: press “View storefront”")


def test_a_run_goes_on_from_a_form_that_is_half_filled_in_already():
    play = Play()
    panel = panel_tab(form_page(NAME, {TOKENS: "manage"}), CREATE)
    play.sees(panel).does("open-storefront: press “View storefront”")
    play.sees(panel, storefront_tab()).does("read-subdomain: close tab 1")
    play.sees(panel).does("set-scopes: press “manage”")


def test_the_same_input_gives_the_same_answer():
    first, second = Play(), Play()
    for play in (first, second):
        play.sees(blank_tab()).acts()
        play.sees(login_tab(sign_in_page())).acts()
        play.sees(panel_tab(home_page())).acts()
    assert first.log == second.log
    assert first.progress == second.progress


def test_a_dry_run_leaves_the_form_that_could_be_saved():
    play = Play(dry_run=True)
    filled = panel_tab(form_page(NAME, {TOKENS: "manage", IMPERSONATION: "manage"}), CREATE)
    play.sees(filled).does("open-storefront: press “View storefront”")
    play.sees(filled, storefront_tab()).does("read-subdomain: close tab 1")
    play.sees(filled).does("save: check before save").does(f"save: open {HOST}/manage")
    play.sees(filled).waits(1.0)
    play.sees(panel_tab(home_page())).does("rehearsed: abc123 maple-lanterns7")
    assert play.presses_of_save == 0
    assert "save" not in dict(play.progress.steps)


def test_a_dry_run_fills_nothing_in_again_once_the_form_is_left():
    play = Play(dry_run=True)
    filled = panel_tab(form_page(NAME, {TOKENS: "manage", IMPERSONATION: "manage"}), CREATE)
    play.sees(filled).does("open-storefront: press “View storefront”")
    play.sees(filled, storefront_tab()).does("read-subdomain: close tab 1")
    play.sees(filled).does("save: check before save").does(f"save: open {HOST}/manage")
    error = play.sees(panel_tab(form_page(), CREATE)).through_to(StepFailed)
    assert "could not be left" in str(error)
    assert not any("type" in line for line in play.log)


def test_a_dry_run_stops_where_save_stays_disabled():
    play = Play(dry_run=True)
    filled = panel_tab(form_page(NAME, {TOKENS: "manage", IMPERSONATION: "manage"}, save=False), CREATE)
    play.sees(filled).does("open-storefront: press “View storefront”")
    play.sees(filled, storefront_tab()).does("read-subdomain: close tab 1")
    play.sees(filled).stops(PanelRefused)
