"""What is decided where a person takes part: pages and what was known go in, what to do comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from panel_pages import (
    CLIENT_ID,
    IMPERSONATION,
    NAME,
    STORE,
    TOKENS,
    blank_tab,
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
from written_pages import snapshot, tab

from automation.core.actions import ByHand, Do, EnterSignIn, Open, Press, Stop, Type, Wait
from automation.core.errors import BrowserUnavailable, PanelRefused
from automation.core.extract.element import Control
from automation.core.flows.retrieval import StepId
from automation.core.guided import (
    Guided,
    credited,
    decide_guided,
    is_for_a_person,
    name_as_wished,
    picks_from_what_was_opened,
)
from automation.core.progress import Progress, Storefront
from automation.core.request import RetrievalRequest
from automation.core.snapshot import DownloadedText, Observation, Tab

END = NAME.rpartition(" ")[2]
IN_PANEL = Progress(
    RetrievalRequest(NAME), store_hash=STORE, storefront=Storefront("maple.mybigcommerce.com", "maple"), panel_seen=True
).over(StepId.READ_STORE_HASH)
SET = {TOKENS: "manage", IMPERSONATION: "manage"}


def decided(progress: Progress, *tabs: Tab, at: float = 100.0, **others: object) -> Guided:
    return decide_guided(progress, Observation(at, tabs, **others))  # type: ignore[arg-type]


def test_what_would_end_a_run_is_left_to_the_person() -> None:
    progress = replace(IN_PANEL.over(StepId.OPEN_API_ACCOUNTS), goal="create", goal_since=1.0, changed_at=1.0)
    shown = panel_tab(list_page(create="disabled"))
    progress = progress.looked(Observation(50.0, (shown,)))
    guided = decided(progress, shown)
    assert isinstance(guided.command, Do)
    assert isinstance(guided.command.action, ByHand)
    assert guided.command.step is StepId.CREATE_API_ACCOUNT


def test_a_closed_window_ends_the_run_all_the_same() -> None:
    guided = decided(IN_PANEL)
    assert isinstance(guided.command, Stop)
    assert isinstance(guided.command.error, BrowserUnavailable)


def test_at_an_identity_provider_nothing_is_done() -> None:
    away = tab(snapshot("<form><input type=password></form>", "https://idp.example/sign-in"))
    for at in (100.0, 500.0):
        guided = decided(Progress(RetrievalRequest(NAME)), away, at=at)
        assert isinstance(guided.command, Do)
        assert isinstance(guided.command.action, ByHand)
        assert guided.save is None


def test_what_the_person_types_before_the_random_end_is_kept() -> None:
    guided = decided(IN_PANEL, panel_tab(form_page("My ERP")))
    assert isinstance(guided.command, Do)
    assert isinstance(guided.command.action, Type)
    assert guided.command.action.text == f"My ERP {END}"
    guided = decided(guided.progress, panel_tab(form_page(f"My ERP {END}")), at=101.0)
    assert guided.command.step is StepId.SET_SCOPES  # type: ignore[union-attr]
    assert guided.progress.request.api_account_name == f"My ERP {END}"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", NAME),
        ("   ", NAME),
        (END, NAME),
        (NAME, NAME),
        ("ERP", f"ERP {END}"),
        (f"ERP {END}", f"ERP {END}"),
        ("E  R P ", f"E R P {END}"),
        ("x" * 81, NAME),
        ("bad\x07name", NAME),
    ],
)
def test_the_name_always_ends_in_the_random_letters(typed: str, name: str) -> None:
    assert name_as_wished(typed, NAME) == name
    assert name.endswith(f" {END}")


def test_save_is_watched_from_the_moment_the_form_is_there() -> None:
    guided = decided(IN_PANEL, panel_tab(form_page()))
    assert guided.save is not None
    assert guided.save.name == "Save"


def test_an_account_saved_unseen_is_noticed_and_not_saved_again() -> None:
    page = panel_tab(form_page(NAME, SET, extra=credentials_dialog()))
    guided = decided(IN_PANEL, page, downloads=(DownloadedText(credentials_text()),))
    assert guided.progress.save_pressed_at == 100.0
    assert guided.progress.window is not None
    assert guided.progress.window.client_id == CLIENT_ID
    assert not guided.progress.name_was_there


def test_an_account_saved_without_the_random_end_is_never_deleted() -> None:
    page = panel_tab(form_page("ERP", SET, extra=credentials_dialog()))
    guided = decided(IN_PANEL, page, downloads=(DownloadedText(credentials_text(name="ERP")),))
    assert guided.progress.request.api_account_name == "ERP"
    assert guided.progress.name_was_there
    assert not isinstance(guided.command, Stop)


def test_a_refused_save_can_be_mended_and_is_remembered() -> None:
    alert = '<div role="alert"><h4>Create account</h4><span>An account with this name already exists.</span></div>'
    page = panel_tab(form_page(NAME, SET, extra=alert))
    progress = replace(IN_PANEL, save_pressed_at=90.0, acted_at=90.0).looked(Observation(91.0, (page,)))
    guided = decided(progress, page)
    assert isinstance(guided.command, Do)
    assert isinstance(guided.command.action, ByHand)
    assert isinstance(guided.command.action.error, PanelRefused)
    assert guided.progress.save_pressed_at is None
    assert guided.progress.may_exist
    assert guided.progress.not_tried(progress).save_pressed_at is None  # so that it can be pressed again


@pytest.mark.parametrize(
    ("alert", "says"),
    [
        ('<div role="alert">You have reached the maximum of 50 API accounts.</div>', "maximum of 50"),
        ("", "lies over it"),
    ],
)
def test_a_save_that_was_pressed_too_often_says_what_the_form_says_of_it(alert: str, says: str) -> None:
    page = panel_tab(form_page(NAME, SET, extra=alert))
    progress = replace(IN_PANEL, may_exist=bool(alert), tries=(("save", 4),), goal="save", goal_since=50.0)
    progress = replace(progress.over(StepId.SET_SCOPES), checked_at=99.0).looked(Observation(99.5, (page,)))
    guided = decided(progress, page)
    assert isinstance(guided.command, Do)
    assert isinstance(guided.command.action, ByHand)
    assert says in str(guided.command.action.error)
    assert "--headed" not in guided.command.action.error.explained.next_step


def test_tries_are_counted_anew_once_the_person_is_on_another_page() -> None:
    progress = replace(IN_PANEL, tries=(("row", 2), ("menu", 2), ("save", 1)), address="https://elsewhere.example/")
    guided = decided(progress, panel_tab(home_page()))
    assert guided.progress.tried("save") == 1
    assert (guided.progress.tried("row"), guided.progress.tried("menu")) in {(0, 0), (1, 0), (0, 1)}


def test_a_page_that_a_press_has_led_to_is_given_time_to_draw_itself() -> None:
    home, opened = panel_tab(home_page()), panel_tab("", "/manage/settings", pending=1)
    began = decided(replace(IN_PANEL, address=""), home)
    assert isinstance(began.command, Do)
    assert isinstance(began.command.action, Press)
    assert began.command.action.control.name == "Settings"
    after = decided(began.progress, opened, at=101.0)
    assert isinstance(after.command, Wait)
    assert isinstance(decided(after.progress, opened, at=104.0).command, Wait)


PANEL = panel_tab(home_page())
SIGN_IN = login_tab(sign_in_page())


@pytest.mark.parametrize(
    ("step", "action", "shown", "tells"),
    [
        (StepId.SIGN_IN, EnterSignIn(None, None, None), SIGN_IN, True),
        (StepId.SIGN_IN, Open("https://login.bigcommerce.com/login"), blank_tab(), False),
        (StepId.SIGN_IN, Open("https://login.bigcommerce.com/login"), SIGN_IN, True),
        (StepId.SIGN_IN, Open(f"https://store-{STORE}.mybigcommerce.com/manage"), PANEL, False),
        (StepId.OPEN_STOREFRONT, Open("https://store.example/", tab=None), PANEL, False),
        (StepId.READ_SUBDOMAIN, Open("https://store.example/"), storefront_tab(number=0), False),
        (StepId.OPEN_API_ACCOUNTS, Open("https://store.example/"), PANEL, True),
        (StepId.OPEN_API_ACCOUNTS, Open("https://store.example/"), replace(PANEL, status=503), False),
    ],
)
def test_what_is_pressed_typed_or_chosen_is_shown_and_what_goes_by_itself_is_not(
    step: StepId, action: object, shown: Tab, tells: bool
) -> None:
    assert is_for_a_person(step, action, shown) is tells  # type: ignore[arg-type]


def credit(step: StepId, status: str = "done", *, asked=(), helper=(), person=()) -> str:  # type: ignore[no-untyped-def]
    return credited(step, status, asked=frozenset(asked), helper=frozenset(helper), person=frozenset(person))


def test_a_step_counts_as_the_persons_where_they_had_a_hand_in_it() -> None:
    step = StepId.SET_SCOPES
    assert credit(step, helper=[step]) == "done"
    assert credit(step, person=[step]) == "by-user"
    assert credit(step, helper=[step], person=[step]) == "by-user"
    assert credit(step) == "by-user"  # nobody else was there
    assert credit(step, "skipped", person=[step]) == "skipped"


def test_what_was_so_already_is_nobodys_work() -> None:
    assert credit(StepId.CHOOSE_TOKEN_TYPE) == "done"
    assert credit(StepId.SIGN_IN) == "done"
    assert credit(StepId.SIGN_IN, asked=[StepId.SIGN_IN]) == "by-user"


@pytest.mark.parametrize("step", [StepId.READ_SUBDOMAIN, StepId.READ_STORE_HASH, StepId.READ_CREDENTIALS])
def test_reading_is_never_the_persons_work(step: StepId) -> None:
    assert credit(step, person=[step]) == "done"


def test_a_page_that_is_at_work_is_waited_for() -> None:
    progress = replace(IN_PANEL.trying("menu"), acted_at=100.0, changed_at=100.0)
    assert isinstance(decided(progress, panel_tab(home_page(), pending=1)).command, Wait)


def press(role: str, *, aside: bool = False) -> Press:
    return Press(Control(0, 1, role, ""), aside=aside)


# A list closes once anything else is pressed, the panel's button included: opening and choosing are one wish


@pytest.mark.parametrize(
    ("before", "step", "action", "one_wish"),
    [
        ((StepId.CHOOSE_TOKEN_TYPE, press("combobox")), StepId.CHOOSE_TOKEN_TYPE, press("option"), True),
        ((StepId.SET_SCOPES, press("combobox")), StepId.SET_SCOPES, press("option"), True),
        ((StepId.CREATE_API_ACCOUNT, press("link")), StepId.CREATE_API_ACCOUNT, press("link"), True),
        ((StepId.OPEN_STOREFRONT, press("button")), StepId.OPEN_STOREFRONT, press("menuitem"), True),
        ((StepId.SET_SCOPES, press("switch")), StepId.SET_SCOPES, press("switch"), False),
        ((StepId.CHOOSE_TOKEN_TYPE, press("combobox")), StepId.SET_SCOPES, press("option"), False),
        ((StepId.CHOOSE_TOKEN_TYPE, press("combobox")), StepId.CHOOSE_TOKEN_TYPE, press("option", aside=True), False),
        ((StepId.SAVE, press("button")), StepId.SAVE, press("button"), False),
        (None, StepId.CHOOSE_TOKEN_TYPE, press("option"), False),
    ],
)
def test_who_opens_a_list_for_the_person_also_chooses_from_it(
    before: tuple[StepId, Press] | None, step: StepId, action: Press, one_wish: bool
):
    assert picks_from_what_was_opened(before, step, action) is one_wish


def test_guided_a_name_that_is_taken_gives_way_to_another_of_the_same_beginning() -> None:
    page = panel_tab(list_page(["ERP", NAME]), "/manage/settings/api-accounts")
    guided = decided(replace(IN_PANEL, may_exist=False), page)
    name = guided.progress.request.api_account_name
    assert name != NAME
    assert (name.rpartition(" ")[0], len(name.rpartition(" ")[2])) == (NAME.rpartition(" ")[0], 10)
    assert not guided.progress.name_was_there
    assert not isinstance(guided.command, Stop)
    assert decided(guided.progress, page).progress.request.api_account_name == name


def test_guided_after_a_refused_save_the_name_in_the_list_may_be_ours_and_is_kept() -> None:
    page = panel_tab(list_page(["ERP", NAME]), "/manage/settings/api-accounts")
    guided = decided(replace(IN_PANEL, may_exist=True), page)
    assert guided.progress.request.api_account_name == NAME
    assert guided.progress.name_was_there
