"""After Save, as transcripts: two witnesses, or one and a note, or none and an error; Save is never pressed twice."""

import pytest
from panel_pages import (
    ACCESS_TOKEN,
    CLIENT_ID,
    IMPERSONATION,
    NAME,
    TOKENS,
    credentials_dialog,
    credentials_text,
    form_page,
    home_page,
    list_page,
    login_tab,
    panel_tab,
    sign_in_page,
    storefront_tab,
)
from transcripts import Play

from automation.core.actions import Removal
from automation.core.decisions.credentials import after_clean_up
from automation.core.errors import AutomationError, CredentialsLost, PanelRefused, WitnessesDisagree
from automation.core.flows.retrieval import StepId
from companion.core.connection import Severity

CREATE = "/manage/settings/api-accounts/create"
FORM = form_page(NAME, {TOKENS: "manage", IMPERSONATION: "manage"})
SAVING = form_page(NAME, {TOKENS: "manage", IMPERSONATION: "manage"}, save=False)
WINDOW = panel_tab(FORM + credentials_dialog(), CREATE)
DONE = "read-credentials: press “Done”"


@pytest.fixture
def saved() -> Play:
    """A run that has just pressed Save."""
    play = Play()
    home = panel_tab(home_page())
    play.sees(home).acts()
    play.sees(home, storefront_tab()).acts()
    play.sees(panel_tab(FORM, CREATE)).does("save: check before save").does("save: press “Save”")
    return play


def codes(play: Play) -> list[str]:
    return [finding.code for finding in play.progress.findings]


# A question before anything is saved


@pytest.mark.parametrize("field", ["type=password", "type=tel autocomplete=one-time-code"])
def test_a_panel_that_wants_the_password_again_is_not_said_to_have_lost_credentials(saved: Play, field: str):
    asks = f"<div class=pane><h2>Is it you?</h2><label>Enter it <input {field}></label><button>Continue</button></div>"
    error = saved.sees(panel_tab(FORM + asks, CREATE)).stops(PanelRefused)
    assert "--mode guided" in error.explained.next_step
    assert saved.presses_of_save == 1


def test_masked_credentials_are_no_question_for_a_password(saved: Play):
    saved.sees(panel_tab(FORM + credentials_dialog("••••").replace("<input", "<input type=password"), CREATE)).waits(8)


# Two witnesses


@pytest.mark.parametrize("first", ["window", "file"])
def test_window_and_file_are_taken_in_either_order(saved: Play, first: str):
    if first == "window":
        saved.sees(WINDOW).waits(3)
        saved.downloads(credentials_text())
    else:
        saved.downloads(credentials_text()).sees(panel_tab(SAVING, CREATE)).waits(3)
        saved.sees(WINDOW)
    captured = saved.does(DONE).captures()
    assert (captured.access_token.reveal(), captured.client_id) == (ACCESS_TOKEN, CLIENT_ID)
    assert captured.findings == ()
    assert saved.presses_of_save == 1


def test_a_window_that_fills_in_slowly_is_waited_for(saved: Play):
    for access_token in ("", "••••••••••••"):
        saved.sees(panel_tab(FORM + credentials_dialog(access_token), CREATE)).waits(2)
    saved.sees(WINDOW).downloads(credentials_text()).does(DONE)


def test_the_window_is_closed_once(saved: Play):
    saved.sees(WINDOW).downloads(credentials_text()).does(DONE)
    saved.captures()
    assert saved.log.count(DONE) == 1


def test_other_downloads_are_no_witness(saved: Play):
    saved.downloads("Thank you for your order.").downloads("").sees(WINDOW)
    captured = saved.downloads(credentials_text()).does(DONE).captures()
    assert captured.findings == ()


@pytest.mark.parametrize(
    "text",
    [
        credentials_text(access_token="another0access0token00000000000"),
        credentials_text(client_id="another0client0id00000000000000"),
        credentials_text(client_secret="another0secret0000000000000000000"),
        credentials_text(store_hash="zz9"),
        credentials_text(name="ERP connection"),
    ],
    ids=["token", "client-id", "client-secret", "store-hash", "name"],
)
def test_two_witnesses_that_differ_are_both_distrusted(saved: Play, text: str):
    error = saved.sees(WINDOW).downloads(text).stops(WitnessesDisagree)
    assert ACCESS_TOKEN not in str(error)
    assert "another0" not in str(error)


def test_a_window_of_another_store_is_distrusted(saved: Play):
    extra = "<label>Store hash <input readonly value=zz9></label>"
    saved.sees(panel_tab(FORM + credentials_dialog(extra=extra), CREATE)).stops(WitnessesDisagree)


def test_a_file_of_another_store_is_distrusted_even_alone(saved: Play):
    saved.downloads(credentials_text(store_hash="zz9")).sees(panel_tab(SAVING, CREATE)).stops(WitnessesDisagree)


def test_a_file_with_fewer_fields_disagrees_about_none(saved: Play):
    saved.sees(WINDOW).downloads(f"ACCESS TOKEN: {ACCESS_TOKEN}\n").does(DONE)
    assert saved.captures().client_id == CLIENT_ID


# One witness


def test_without_a_file_the_window_is_enough_after_a_while(saved: Play):
    saved.sees(WINDOW).waits(5)
    captured = saved.does(DONE, within=5).captures()
    assert [finding.code for finding in captured.findings] == ["one-witness"]
    assert captured.findings[0].severity is Severity.NOTE
    assert "no file" in captured.findings[0].message


def test_without_a_window_the_file_is_enough_after_a_while(saved: Play):
    saved.downloads(credentials_text()).sees(panel_tab(list_page([NAME]), "/manage/settings/api-accounts")).waits(15)
    captured = saved.captures(within=10)
    assert captured.access_token.reveal() == ACCESS_TOKEN
    assert "no window" in captured.findings[0].message


def test_a_file_that_came_before_the_browser_closed_is_enough(saved: Play):
    captured = saved.downloads(credentials_text()).sees().captures(within=25)
    assert captured.access_token.reveal() == ACCESS_TOKEN


# None


def test_neither_is_given_up_in_the_end_and_save_not_pressed_again(saved: Play):
    error = saved.sees(panel_tab(list_page([NAME]), "/manage/settings/api-accounts")).stops(CredentialsLost)
    assert error.step == "read-credentials"
    assert saved.presses_of_save == 1


def test_a_save_that_takes_long_is_waited_for(saved: Play):
    saved.sees(panel_tab(SAVING, CREATE, pending=1)).waits(50)
    saved.sees(WINDOW).downloads(credentials_text()).does(DONE)


def test_a_save_that_takes_longer_than_patience_is_given_up(saved: Play):
    saved.sees(panel_tab(SAVING, CREATE, pending=1)).stops(CredentialsLost, within=61)
    assert saved.presses_of_save == 1


def test_a_toast_that_denies_the_permission_is_a_refusal(saved: Play):
    text = "You do not have permission to create API accounts."
    toast = f'<div role="alert"><h4>Create account</h4><div><p>{text}</p></div></div>'
    error = saved.sees(panel_tab(FORM + toast, CREATE)).stops(PanelRefused)
    assert text in str(error.explained.why)


def test_a_refusal_is_repeated_to_the_person(saved: Play):
    toast = "<div role=alert><h4>Create account</h4><span>An API account with this name already exists</span></div>"
    error = saved.sees(panel_tab(FORM + toast, CREATE)).stops(PanelRefused)
    assert "already exists" in str(error)
    assert (saved.presses_of_save, error.step) == (1, "save")


def test_what_stood_there_before_save_refuses_nothing():
    banner = "<div role=alert>Action required: your billing address could not be verified.</div>"
    play = Play()
    play.sees(panel_tab(FORM + banner, CREATE))
    while play.acts() != "save: press “Save”":
        pass
    play.waits(4)
    toast = "<div role=alert>The account could not be created.</div>"
    error = play.sees(panel_tab(FORM + banner + toast, CREATE)).stops(PanelRefused)
    assert "could not be created" in str(error)
    assert "billing" not in str(error)


def test_a_success_message_is_no_refusal(saved: Play):
    toast = "<div role=alert><h4>Create account</h4><span>Account created successfully</span></div>"
    saved.sees(panel_tab(FORM + toast, CREATE)).waits(5)
    saved.sees(panel_tab(FORM + toast + credentials_dialog(), CREATE)).downloads(credentials_text()).does(DONE)


def test_a_refusal_that_the_window_follows_is_none(saved: Play):
    toast = "<div role=alert>The clipboard could not be read</div>"
    saved.sees(panel_tab(FORM + toast + credentials_dialog(), CREATE)).downloads(credentials_text()).does(DONE)


@pytest.mark.parametrize("seen", [(), (login_tab(sign_in_page()),)], ids=["closed", "signed-out"])
def test_a_browser_that_is_gone_or_signed_out_after_save_says_what_may_exist(saved: Play, seen: tuple):
    error = saved.sees(*seen).stops(CredentialsLost)
    assert "Save" in str(error)
    assert saved.progress.save_pressed_at is not None


def test_nothing_but_a_covered_button_makes_save_be_pressed_again(saved: Play):
    for html in (SAVING, FORM, home_page(), list_page([NAME]), "<p>Loading…</p>", FORM):
        saved.sees(panel_tab(html, CREATE, pending=1)).waits(4)
    assert saved.presses_of_save == 1
    assert dict(saved.progress.steps).get(StepId.SAVE) is None


def test_no_error_repeats_a_secret(saved: Play):
    saved.downloads(credentials_text(client_secret="another0secret0000000000000000000")).sees(WINDOW)
    error: AutomationError = saved.stops(WitnessesDisagree)
    assert "0secret0" not in f"{error} {error!r} {saved.progress!r}"
    assert ACCESS_TOKEN not in f"{error} {error!r} {saved.progress!r}"


# What the list tells of a Save that was answered with an error


def refused_save(play: Play) -> AutomationError:
    toast = "<div role=alert>Something went wrong. Try again later.</div>"
    return play.sees(panel_tab(FORM + toast, CREATE)).stops(PanelRefused)


def test_a_refused_save_that_made_nothing_stays_one(saved: Play):
    error = refused_save(saved)
    assert after_clean_up(error, Removal.NEVER_THERE) is error


def test_an_account_that_was_made_all_the_same_has_lost_its_credentials(saved: Play):
    told = after_clean_up(refused_save(saved), Removal.DELETED)
    assert isinstance(told, CredentialsLost)
    assert "Something went wrong" in str(told)
    assert "did not save" not in str(told)


def test_an_account_that_nobody_can_look_for_is_said_to_be_possible(saved: Play):
    told = after_clean_up(refused_save(saved), Removal.LEFT)
    assert (type(told), told.exit_code) == (CredentialsLost, 4)
    assert "may exist" in str(told)
    assert "did not save" not in str(told)


def test_other_failures_are_told_as_they_are():
    error = PanelRefused("The button led nowhere.", step=StepId.CREATE_API_ACCOUNT)
    assert after_clean_up(error, Removal.LEFT) is error
