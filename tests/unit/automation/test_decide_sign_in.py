"""Signing in, as transcripts: one password, one try; codes, pickers, and sessions that end half-way."""

from dataclasses import replace

import pytest
from panel_pages import (
    HOST,
    NAME,
    TOKENS,
    blank_tab,
    code_page,
    form_page,
    home_page,
    list_page,
    login_tab,
    panel_tab,
    picker_page,
    sign_in_page,
    storefront_tab,
)
from transcripts import Play
from written_pages import snapshot, tab

from automation.core.actions import Stop
from automation.core.errors import (
    AutomationError,
    CodeNeeded,
    PanelUnreachable,
    PasswordExpired,
    PersonNeeded,
    SignInRefused,
    SignInUnanswered,
    StoreChoiceNeeded,
    UserLocked,
)
from automation.core.snapshot import Tab

SIGN_IN = "sign-in: enter e-mail address and password"
WRONG = "Your email or password is incorrect."


def signing_in(**request: object) -> Play:
    """A run that has just submitted the form."""
    play = Play(**request)
    play.sees(blank_tab()).acts()
    play.sees(login_tab(sign_in_page())).does(SIGN_IN)
    return play


# The password is tried once


def test_a_refusal_on_a_new_page_is_final():
    play = signing_in()
    error = play.sees(login_tab(sign_in_page(WRONG), load=2)).stops(SignInRefused)
    assert WRONG in str(error)
    assert play.log.count(SIGN_IN) == 1


def test_a_refusal_on_the_same_page_is_final():
    play = signing_in()
    play.sees(login_tab(sign_in_page(WRONG))).stops(SignInRefused)
    assert play.log.count(SIGN_IN) == 1


def test_a_form_that_comes_back_without_a_word_is_a_refusal():
    play = signing_in()
    play.sees(login_tab(sign_in_page(), load=2)).stops(SignInRefused)
    assert play.log.count(SIGN_IN) == 1


def test_a_page_that_loads_itself_anew_without_sending_the_form_has_refused_nothing():
    play = signing_in()
    play.sees(replace(login_tab(sign_in_page(), load=2), sent=1)).does(SIGN_IN)
    play.sees(replace(login_tab(sign_in_page(), load=3), sent=1)).stops(SignInRefused)
    assert play.log.count(SIGN_IN) == 2


def test_a_slow_answer_is_waited_for():
    play = signing_in()
    slow = tab(snapshot(sign_in_page(), "https://login.bigcommerce.com/login"), pending=1)
    same_document = login_tab(sign_in_page())
    play.sees(Tab(0, same_document.pages, None, 200, slow.pending)).waits(20)
    play.sees(panel_tab(home_page())).does("open-storefront: press “View storefront”")


@pytest.mark.parametrize("patience", [5.0, 60.0])
def test_an_answer_that_never_comes_ends_the_run_within_its_patience(patience: float):
    play = signing_in(patience=patience)
    before = play.now
    play.sees(login_tab(sign_in_page())).stops(SignInRefused)
    assert play.now - before <= patience + 1
    assert play.log.count(SIGN_IN) == 1


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("<h1>Your account is locked</h1><button>Resend unlock instructions</button>", UserLocked),
        ("<h1>Your password has expired</h1>", PasswordExpired),
    ],
)
def test_a_user_who_cannot_sign_in_is_told_so(html: str, error: type[AutomationError]):
    play = signing_in()
    play.sees(login_tab(html, "/unlock")).stops(error)


def test_a_form_in_two_halves_is_filled_in_once_each():
    email = "<form><label for=e>Email address</label><input id=e type=email><button>Next</button></form>"
    password = "<form><p>o@shop.example</p><input type=password><button>Log in</button></form>"
    play = Play()
    play.sees(blank_tab()).acts()
    play.sees(login_tab(email)).does("sign-in: enter e-mail address")
    play.sees(login_tab(password)).does("sign-in: enter password")
    play.sees(login_tab(password, load=2)).stops(SignInRefused)


def test_a_refused_address_in_the_first_half_is_final():
    email = "<form><label for=e>Email address</label><input id=e type=email><button>Next</button></form>"
    play = Play()
    play.sees(blank_tab()).acts()
    play.sees(login_tab(email)).does("sign-in: enter e-mail address")
    play.sees(login_tab(email, load=2)).stops(SignInRefused)


# Codes


def test_an_emailed_code_is_entered():
    play = signing_in()
    play.sees(login_tab(code_page(), "/device_verifications/1")).does("sign-in: enter the code of an e-mail")
    play.sees(panel_tab(home_page())).does("open-storefront: press “View storefront”")


def test_an_authenticators_code_is_told_from_an_emailed_one():
    page = code_page(text="Enter the code that your authenticator app shows.")
    signing_in().sees(login_tab(page, "/two_factor")).does("sign-in: enter the code of an authenticator")


def test_a_code_is_entered_once_on_one_page_and_waited_for():
    play = signing_in()
    page = login_tab(code_page(), "/device_verifications/1")
    play.sees(page).does("sign-in: enter the code of an e-mail").waits(10)


def test_two_refused_codes_are_enough():
    play = signing_in()
    play.sees(login_tab(code_page(), "/device_verifications/1")).acts()
    play.sees(login_tab(code_page("Invalid code"), "/device_verifications/1", load=2)).acts()
    play.sees(login_tab(code_page("Invalid code"), "/device_verifications/1", load=3)).stops(CodeNeeded)
    assert [line for line in play.log if "code of" in line] == ["sign-in: enter the code of an e-mail"] * 2


def test_a_code_page_that_never_answers_is_given_up():
    play = signing_in(patience=10.0)
    play.sees(login_tab(code_page(), "/device_verifications/1")).acts()
    play.stops(CodeNeeded, within=12)


# Pickers


STORES = (("Maple Lanterns", "abc123"), ("Quiet Tea", "zz9"))


def test_several_stores_and_none_named_is_a_question_for_the_person():
    error = signing_in().sees(login_tab(picker_page(*STORES), "/accounts/list")).stops(StoreChoiceNeeded)
    assert "Maple Lanterns" in str(error)
    assert "Quiet Tea" in str(error)


def test_the_named_store_is_picked():
    play = Play(store_hash="zz9")
    picker = login_tab(picker_page(*STORES), "/accounts/list")
    play.sees(blank_tab()).acts()
    play.sees(picker).does("sign-in: choose “Quiet Tea” of “Account”")
    chosen = picker_page(*STORES).replace('value="zz9"', 'value="zz9" selected')
    play.sees(login_tab(chosen, "/accounts/list")).does("sign-in: press “Continue”")


def test_a_picker_without_hashes_is_passed_by_for_the_named_stores_own_address():
    play = Play(store_hash="zz9")
    play.sees(blank_tab()).acts()
    picker = picker_page(("Maple Lanterns", "1"), ("Quiet Tea", "2"))
    play.sees(login_tab(picker, "/accounts/list")).does("sign-in: open https://store-zz9.mybigcommerce.com/manage")


@pytest.mark.parametrize("names", [("Maple (store-abc123)", "Tea (store-zz91)"), ("Maple (store-abc123)",)])
def test_a_picker_that_tells_all_hashes_and_lacks_the_named_store_is_refused_at_once_and_names_it(
    names: tuple[str, ...],
):
    play = Play(store_hash="qq7")
    play.sees(blank_tab()).acts()
    picker = picker_page(*((name, str(number)) for number, name in enumerate(names, 1)))
    error = play.sees(login_tab(picker, "/accounts/list")).stops(StoreChoiceNeeded, within=2)
    assert "The store qq7" in str(error)
    assert "Maple" in str(error)


def test_a_lone_store_is_picked_without_being_named():
    play = signing_in()
    play.sees(login_tab(picker_page(STORES[0]), "/accounts/list")).does("sign-in: choose “Maple Lanterns” of “Account”")
    chosen = picker_page(STORES[0]).replace('value="abc123"', 'value="abc123" selected')
    play.sees(login_tab(chosen, "/accounts/list")).does("sign-in: press “Continue”")


def combobox(value: str, *options: str, disabled: str = "") -> str:
    """A picker as BigDesign draws its Select: its list exists only while it is open."""
    rows = "".join(f"<li role=option aria-selected={str(not n).lower()}>{o}</li>" for n, o in enumerate(options))
    return f"""<h1>Choose an account</h1><label for=a>Account</label>
    <input id=a role=combobox readonly aria-expanded={str(bool(options)).lower()} value="{value}">
    <ul role=listbox>{rows}</ul><button {disabled}>Continue</button>"""


def test_a_closed_list_is_opened_before_an_account_is_picked():
    play = Play(store_hash="zz9")
    play.sees(blank_tab()).acts()
    play.sees(login_tab(combobox("", disabled="disabled"), "/accounts/list")).does("sign-in: press “Account”")
    options = ("Maple (store-abc123)", "Tea (store-zz9)")
    play.sees(login_tab(combobox("", *options, disabled="disabled"), "/accounts/list"))
    play.does("sign-in: press “Tea (store-zz9)”")
    play.sees(login_tab(combobox("Tea (store-zz9)"), "/accounts/list")).does("sign-in: press “Continue”")


def test_an_account_that_stands_in_a_closed_box_may_be_one_of_several():
    play = signing_in()
    play.sees(login_tab(combobox("Maple"), "/accounts/list")).does("sign-in: press “Account”")
    play.sees(login_tab(combobox("Maple", "Maple", "Tea"), "/accounts/list")).stops(StoreChoiceNeeded)


def test_the_list_of_links_of_2021_is_picked_from():
    links = """<h1>Choose a store</h1><div id=stores><a href="https://store-abc123.mybigcommerce.com/manage"><h4>Maple</h4></a>
    <a href="https://store-zz9.mybigcommerce.com/manage"><h4>Tea</h4></a></div>"""
    play = Play(store_hash="zz9")
    play.sees(blank_tab()).acts()
    play.sees(login_tab(links, "/stores")).does("sign-in: press “Tea”")


def test_a_panel_of_another_store_is_left_for_the_named_one_and_never_used():
    play = Play(store_hash="zz9")
    play.sees(blank_tab()).acts()
    other = panel_tab(home_page(), store_hash="abc123")
    play.sees(other).does("sign-in: open https://store-zz9.mybigcommerce.com/manage")
    play.does("sign-in: open https://store-zz9.mybigcommerce.com/manage")
    play.stops(StoreChoiceNeeded)


# Sessions


def test_a_session_that_ends_is_begun_again_and_the_flow_goes_on():
    play = signing_in()
    home = panel_tab(home_page())
    play.sees(home).acts()
    play.sees(home, storefront_tab()).acts()
    play.sees(panel_tab(list_page(["ERP"]), "/manage/settings/api-accounts")).acts()
    play.sees(login_tab(sign_in_page(), load=2)).does(SIGN_IN)
    play.sees(panel_tab(list_page(["ERP"]), "/manage/settings/api-accounts"))
    assert "create-api-account: press “Create API account”" in play.acts()


def test_after_a_new_sign_in_half_way_the_password_is_again_tried_once():
    play = signing_in()
    play.sees(panel_tab(home_page())).acts()
    play.sees(login_tab(sign_in_page(), load=2)).does(SIGN_IN)
    play.sees(login_tab(sign_in_page(WRONG), load=3)).stops(SignInRefused)


def test_sessions_that_end_again_and_again_are_given_up():
    play = signing_in()
    for load in (2, 3):
        play.sees(panel_tab(home_page())).acts()
        play.sees(login_tab(sign_in_page(), load=load)).does(SIGN_IN)
    play.sees(panel_tab(home_page())).acts()
    play.sees(login_tab(sign_in_page(), load=4)).stops(SignInRefused)
    assert play.log.count(SIGN_IN) == 3


def passing_by(html: str, *, load: int) -> Tab:
    """The sign-in page, to which a control panel led that was open for less than one look."""
    return replace(login_tab(html, load=load), passed=frozenset({f"{HOST}/manage/dashboard"}))


def test_a_session_that_ended_before_the_panel_was_looked_at_is_begun_again_once():
    play = signing_in()
    play.sees(passing_by(sign_in_page(), load=2)).does(SIGN_IN)
    play.sees(passing_by(sign_in_page(), load=3)).stops(SignInRefused)
    assert play.log.count(SIGN_IN) == 2


def test_a_panel_that_opened_during_an_earlier_look_is_remembered():
    play = signing_in()
    play.sees(passing_by(sign_in_page(), load=1)).waits(0.1)
    play.sees(login_tab(sign_in_page(), load=2)).does(SIGN_IN)


def test_a_refusal_in_words_is_final_whatever_the_tab_passed():
    signing_in().sees(passing_by(sign_in_page(WRONG), load=2)).stops(SignInRefused)


def test_a_session_that_ended_inside_the_frame_is_noticed():
    play = signing_in()
    frame = snapshot(sign_in_page(), "https://login.bigcommerce.com/login")
    top = panel_tab(home_page()).pages[0]
    play.sees(tab(top, frame)).does(f"sign-in: open {HOST}/manage")


def test_a_warning_before_the_session_ends_is_answered_with_stay():
    warning = """<div role=dialog aria-modal=true><h2>Your session ends in 4:59</h2>
    <button>Log out</button><button>Stay signed in</button></div>"""
    play = signing_in()
    home = panel_tab(home_page())
    play.sees(home).acts()
    play.sees(home, storefront_tab()).acts()
    form = panel_tab(form_page(NAME, {TOKENS: "manage"}) + warning, "/manage/settings/api-accounts/create")
    play.sees(form).acts()
    assert play.log[-1].endswith("press “Stay signed in”")


# The start


def test_a_named_store_is_opened_at_once():
    Play(store_hash="zz9").sees(blank_tab()).does("sign-in: open https://store-zz9.mybigcommerce.com/manage")


def test_a_browser_that_stays_blank_is_tried_three_times():
    play = Play()
    play.sees(blank_tab())
    for _ in range(3):
        play.does("sign-in: open https://login.bigcommerce.com/login")
    play.stops(PanelUnreachable)


@pytest.mark.parametrize("failure", ["net::ERR_NAME_NOT_RESOLVED", "net::ERR_CONNECTION_REFUSED"])
def test_a_sign_in_page_that_does_not_load_is_named_as_such(failure: str):
    play = Play(patience=20.0)
    play.sees(blank_tab()).acts()
    error = play.sees(Tab(0, login_tab("").pages, failure, None)).through_to(PanelUnreachable)
    assert failure in str(error)


@pytest.mark.parametrize(
    ("failure", "settings"),
    [
        ("net::ERR_CERT_AUTHORITY_INVALID", ("COMPANION_EXTRA_CA_FILE", "COMPANION_CA_FILE")),
        ("net::ERR_PROXY_CONNECTION_FAILED", ("HTTPS_PROXY",)),
        ("net::ERR_TUNNEL_CONNECTION_FAILED", ("HTTPS_PROXY",)),
        ("net::ERR_NAME_NOT_RESOLVED", ("COMPANION_HOST_MAP",)),
        ("net::ERR_CONNECTION_TIMED_OUT", ("status page",)),
    ],
)
def test_what_to_do_about_a_page_that_does_not_load_goes_by_the_cause(failure: str, settings: tuple[str, ...]):
    play = Play()
    error = play.sees(Tab(0, login_tab("").pages, failure, None)).through_to(PanelUnreachable)
    assert all(each in error.explained.next_step for each in settings)


def test_an_unknown_sign_in_page_is_given_up_within_patience():
    play = signing_in(patience=15.0)
    error = play.sees(login_tab("<h1>Confirm your phone number</h1>", "/phone")).through_to(PersonNeeded)
    assert error.step == "sign-in"


def test_a_sign_in_elsewhere_is_not_followed_for_ever():
    play = signing_in(patience=15.0)
    sso = tab(snapshot("<h1>Company login</h1><input>", "https://idp.company.example/saml"))
    play.sees(sso).through_to(PersonNeeded)
    assert play.log.count(SIGN_IN) == 1


@pytest.mark.parametrize(
    "page",
    [
        login_tab(sign_in_page(WRONG), load=2),
        login_tab("<h1>Your account has been locked</h1><button>Resend unlock instructions</button>", "/users/unlock"),
        login_tab("<h1>Your password has expired</h1><input type=password>", "/password"),
        login_tab(picker_page(("Maple", "abc123"), ("Tea", "def456")), "/accounts/list"),
        login_tab("<h1>Prove that you are human</h1><iframe src=https://captcha.example></iframe>", "/challenge"),
        tab(snapshot("<h1>Company login</h1><input>", "https://idp.company.example/saml")),
    ],
    ids=["refused", "locked", "expired", "picker", "challenge", "sso"],
)
def test_whatever_the_sign_in_asks_beyond_the_password_ends_in_exit_code_3_and_says_what_to_do(page: Tab):
    play = signing_in(patience=15.0)
    play.sees(page)
    while not isinstance(play.command, Stop):
        play.acts()
    error = play.command.error
    assert (error.exit_code, error.step) == (3, "sign-in")
    assert error.explained.next_step
    assert play.log.count(SIGN_IN) == 1


def test_a_sign_in_that_is_never_answered_is_no_refusal():
    play = signing_in()
    play.sees(tab(snapshot("", "https://login.bigcommerce.com/login", ready="loading"), pending=1))
    error = play.stops(PanelUnreachable)
    assert error.exit_code == 10
    assert play.log.count(SIGN_IN) == 1
    assert sum(line.startswith("sign-in: open ") for line in play.log) == 1


def test_both_halves_of_a_form_that_asks_for_the_address_first_are_one_sign_in():
    address = '<form><input type=email placeholder="Email address"><button>Continue</button></form>'
    password = '<form><input type=password placeholder="Password"><button>Log in</button></form>'
    play = Play()
    play.sees(blank_tab()).acts()
    for number in range(2):
        play.sees(login_tab(address, f"/login?first={number}")).does("sign-in: enter e-mail address")
        play.sees(login_tab(password, f"/login?then={number}")).does("sign-in: enter password")
        play.sees(panel_tab(home_page())).acts()


# No answer is no refusal


@pytest.mark.parametrize(("failure", "status"), [(None, 503), ("net::ERR_EMPTY_RESPONSE", None)])
def test_a_sign_in_that_fails_to_load_is_looked_up_once_and_not_sent_again(failure: str | None, status: int | None):
    play = signing_in()
    url = "https://login.bigcommerce.com/login"
    failed = tab(snapshot("<h1>Unavailable</h1>", url, document="failed"), failure=failure, status=status)
    play.sees(failed).does("sign-in: open https://login.bigcommerce.com/deep-links/settings/api-accounts")
    error = play.sees(login_tab(sign_in_page(), load=3)).stops(SignInUnanswered)
    assert (error.exit_code, play.log.count(SIGN_IN)) == (10, 1)
    assert "refused" not in str(error)
    assert str(status or failure) in str(error)


def test_a_sign_in_that_never_left_is_sent_once_the_network_is_back():
    play = signing_in()
    gone = tab(
        snapshot("", "https://login.bigcommerce.com/login", document="failed"),
        failure="net::ERR_INTERNET_DISCONNECTED",
        status=None,
    )
    play.sees(gone).acts()
    play.sees(login_tab(sign_in_page(), load=3)).does(SIGN_IN)
    assert play.log.count(SIGN_IN) == 2


def test_a_fault_told_beside_the_form_is_no_refusal():
    play = signing_in(store_hash="abc123")
    fault = sign_in_page("Something went wrong. Please try again later.")
    play.sees(login_tab(fault, load=2)).does("sign-in: open https://store-abc123.mybigcommerce.com/manage")
    play.sees(login_tab(sign_in_page(), load=3)).stops(SignInUnanswered)
    assert play.log.count(SIGN_IN) == 1


def test_a_refusal_after_a_failed_load_is_still_a_refusal():
    play = signing_in()
    play.sees(tab(snapshot("", "https://login.bigcommerce.com/login", document="failed"), status=503)).acts()
    play.sees(login_tab(sign_in_page(WRONG), load=3)).stops(SignInRefused)


# What only a person can do


@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize(
    "html",
    [
        "<h1>Verify you are human</h1><input type=checkbox name=human>",
        "<h1>Just a moment</h1><p>Checking your browser before you go on.</p>",
        "<h1>Un momento</h1><div class=g-recaptcha data-sitekey=made-up><button>No soy un robot</button></div>",
    ],
)
def test_a_page_that_only_asks_for_a_human_is_handed_to_one(html: str, status: int):
    play = Play()
    play.sees(blank_tab()).acts()
    play.sees(tab(snapshot(html, "https://login.bigcommerce.com/login"), status=status)).waits(3)
    error = play.stops(PersonNeeded, within=20)
    assert error.exit_code == 3
    assert "--mode guided" in error.explained.next_step
    assert SIGN_IN not in play.log


def test_a_check_beside_the_password_is_no_such_page():
    play = Play()
    play.sees(blank_tab()).acts()
    play.sees(login_tab(sign_in_page() + "<div class=g-recaptcha data-sitekey=made-up></div>")).does(SIGN_IN)


def test_a_user_of_an_identity_provider_is_sent_there():
    play = signing_in()
    said = "<p>Your organization uses single sign-on.</p>"
    error = play.sees(login_tab(said + sign_in_page(), load=2)).stops(PersonNeeded)
    assert "single sign-on" in str(error)
    assert "Log in with SSO" in error.explained.next_step


def test_a_wrong_password_is_no_question_of_an_identity_provider():
    play = signing_in()
    said = "<p>Your organization may use single sign-on.</p>"
    error = play.sees(login_tab(said + sign_in_page(WRONG), load=2)).stops(SignInRefused)
    assert "Log in with SSO" in error.explained.next_step
