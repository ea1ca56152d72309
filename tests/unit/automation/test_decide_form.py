"""Filling in the form, as transcripts: each value is read back, and nothing is saved that is not as wanted."""

from dataclasses import replace

import pytest
from panel_pages import (
    IMPERSONATION,
    NAME,
    TOKENS,
    V2_V3,
    form_page,
    home_page,
    list_page,
    panel_tab,
    shell,
    storefront_tab,
    toggle,
)
from transcripts import LOOK_EVERY, Play

from automation.core.errors import PanelRefused, ScopeNotOffered, ScopesUnread, StepFailed, WitnessesDisagree
from automation.core.oauth_scopes import wanted_scopes
from automation.core.request import STOREFRONT_TOKENS

CREATE = "/manage/settings/api-accounts/create"
BOTH = {TOKENS: "manage", IMPERSONATION: "manage"}
SET = "set-scopes: press “manage”"
CHECK, SAVE = "save: check before save", "save: press “Save”"
ENTER = f"enter-name: type “{NAME}” into “Name”"


def on_form(**request: object) -> Play:
    """A run that sees the form for the first time next."""
    play = Play(**request)
    home = panel_tab(home_page())
    play.sees(home).acts()
    play.sees(home, storefront_tab()).acts()
    return play


def shows(play: Play, html: str) -> Play:
    return play.sees(panel_tab(html, CREATE))


# The store


def test_another_store_in_the_api_path_stops_before_anything_is_entered():
    play = on_form()
    path = "https://api.bigcommerce.com/stores/zz9/v3/"
    error = shows(play, form_page(NAME, BOTH, path=path)).stops(WitnessesDisagree)
    assert "zz9" in str(error)
    assert "abc123" in str(error)
    assert not any(line.startswith(("save", "enter-name", "set-scopes")) for line in play.log)


def test_another_store_that_shows_only_after_filling_in_stops_before_save():
    play = on_form()
    shows(play, form_page(path="")).does(ENTER)
    shows(play, form_page(NAME, BOTH, path="https://api.bigcommerce.com/stores/zz9/v3/")).stops(WitnessesDisagree)
    assert play.presses_of_save == 0


def test_an_account_level_form_is_refused():
    play = on_form()
    path = "https://api.bigcommerce.com/accounts/0c2d4b1e/v3/"
    shows(play, form_page(NAME, BOTH, path=path)).stops(WitnessesDisagree)
    assert play.presses_of_save == 0


def test_a_form_without_an_api_path_is_filled_in_all_the_same():
    shows(on_form(), form_page(NAME, BOTH, path="")).does(CHECK)


# What one look is enough for


def test_name_and_scopes_are_entered_by_one_look_and_read_back_by_the_next():
    play = on_form()
    shows(play, form_page()).does(ENTER).goes_on(SET).goes_on(SET).needs_a_look()
    shows(play, form_page(NAME, BOTH)).does_at_once(CHECK)


def test_what_does_not_read_back_is_entered_again_and_not_saved():
    play = on_form()
    shows(play, form_page()).does(ENTER).goes_on(SET).goes_on(SET)
    shows(play, form_page("", {TOKENS: "manage"})).does(ENTER)
    shows(play, form_page(NAME, {TOKENS: "manage"})).does(SET).needs_a_look()
    shows(play, form_page("", BOTH)).does(ENTER).needs_a_look()
    shows(play, form_page(NAME, BOTH)).does(CHECK)


def test_a_name_that_never_reads_back_stops_the_run_although_all_scopes_do():
    play = on_form()
    shows(play, form_page("Other")).does(ENTER).goes_on(SET).goes_on(SET)
    shows(play, form_page("Other", BOTH)).does(ENTER).does(ENTER).does(ENTER)
    error = play.stops(StepFailed)
    assert error.step == "enter-name"
    assert "enter-name" not in dict(play.progress.steps)
    assert play.presses_of_save == 0


def test_what_was_only_shown_to_a_person_does_not_count_as_entered():
    play = on_form()
    before = play.progress
    shows(play, form_page()).does(ENTER)
    play.progress = play.progress.not_tried(before)
    play.now -= LOOK_EVERY  # a clock that stands still for the person
    play.does_at_once(ENTER)


def test_while_a_person_takes_part_each_thing_is_looked_at():
    play = on_form()
    play.progress = replace(play.progress, with_person=True)
    shows(play, form_page()).does(ENTER).needs_a_look()
    shows(play, form_page(NAME)).does(SET).needs_a_look()


# The token type


def test_a_stencil_token_is_changed_to_a_v2_v3_one():
    play = on_form()
    shows(play, form_page(token_type="Stencil-CLI token")).does("choose-token-type: press “Token type”")
    is_open = form_page(token_type="Stencil-CLI token", list_open=True)
    shows(play, is_open).does(f"choose-token-type: press “{V2_V3}”")
    shows(play, form_page()).does(ENTER)


def test_a_box_that_does_not_open_is_opened_by_its_arrow():
    play = on_form()
    shows(play, form_page(token_type="Stencil-CLI token")).does("choose-token-type: press “Token type”")
    play.does("choose-token-type: press “toggle menu”")


def test_a_native_select_is_chosen_from():
    form = form_page(token_type=None).replace(
        "<form>", f"<form><label>Token type <select><option>Stencil-CLI token<option>{V2_V3}</select></label>"
    )
    shows(on_form(), form).does(f"choose-token-type: choose “{V2_V3}” of “Token type”")


@pytest.mark.parametrize("list_open", [False, True])
def test_a_token_type_that_cannot_be_set_is_named_and_nothing_is_saved(list_open: bool):
    html = form_page(token_type="Stencil-CLI token", list_open=list_open).replace(f'<li role="option">{V2_V3}</li>', "")
    play = on_form()
    error = shows(play, html).through_to(StepFailed)
    assert error.step == "choose-token-type"
    assert play.presses_of_save == 0


# The name


def test_a_name_that_is_changed_by_the_page_is_not_saved():
    play = on_form()
    error = shows(play, form_page(NAME[:10])).through_to(StepFailed)
    assert play.log.count(ENTER) == 4
    assert error.step == "enter-name"


def test_a_name_that_was_there_before_is_replaced():
    shows(on_form(), form_page("ERP connection")).does(ENTER)


# The scopes


def test_both_scopes_are_set_and_nothing_else():
    play = on_form()
    shows(play, form_page(NAME)).does(SET)
    shows(play, form_page(NAME, {TOKENS: "manage"})).does(SET)
    shows(play, form_page(NAME, BOTH)).does(CHECK)
    assert play.log.count(SET) == 2


def test_scopes_that_are_set_already_are_left_alone():
    shows(on_form(), form_page(NAME, BOTH)).does(CHECK)


@pytest.mark.parametrize("missing", [[TOKENS], [IMPERSONATION], [TOKENS, IMPERSONATION]])
def test_a_scope_that_is_not_on_the_form_is_named_and_no_other_is_set(missing: list[str]):
    play = on_form()
    error = shows(play, form_page(without=missing)).stops(ScopeNotOffered)
    assert all(name in str(error) for name in missing)
    assert not any(line.startswith(("set-scopes", "save")) for line in play.log)


def test_scopes_that_come_late_are_waited_for():
    play = on_form()
    shows(play, form_page(without=[TOKENS])).waits(2)
    shows(play, form_page(NAME)).does(SET)


def test_a_press_that_sets_nothing_is_repeated_and_then_given_up():
    play = on_form()
    error = shows(play, form_page(NAME)).through_to(StepFailed)
    assert error.step == "set-scopes"
    assert 2 <= sum(line.startswith(SET) for line in play.log) <= 4
    assert play.presses_of_save == 0


def test_a_scope_whose_options_are_disabled_is_named():
    html = form_page(NAME).replace('aria-checked="false">manage', 'aria-checked="false" disabled>manage')
    play = on_form()
    error = shows(play, html).stops(ScopeNotOffered)
    assert "disabled" in str(error)


def test_a_scope_without_the_wanted_option_is_named_with_what_it_offers():
    play = on_form()
    error = shows(play, form_page(NAME).replace(">manage<", ">read-only<")).stops(ScopeNotOffered)
    assert "read-only" in str(error)


@pytest.mark.parametrize("wording", ["Manage", "modify", "Generate Tokens"])
def test_the_option_is_found_under_its_other_names(wording: str):
    shows(on_form(), form_page(NAME).replace(">manage<", f">{wording}<")).does(f"set-scopes: press “{wording}”")


def test_a_further_scope_that_was_asked_for_is_set_too():
    play = on_form(scopes=wanted_scopes(("Content=read-only",)))
    seen = []
    html = form_page(NAME, BOTH)
    text = shows(play, html).acts()
    seen.append(text)
    assert text == "set-scopes: press “read-only”"
    shows(play, form_page(NAME, {**BOTH, "Content": "read-only"})).does(CHECK)


def test_a_scope_whose_parameter_is_nowhere_documented_is_recorded_in_the_words_of_the_form():
    play = on_form(scopes=wanted_scopes(("B2B Edition=modify",)))
    assert play.progress.request.scopes[-1].parameter == ""
    untouched, pressed = form_page(NAME, BOTH), form_page(NAME, {**BOTH, "Content": "modify"})
    shows(play, untouched.replace("Content<", "B2B Edition<")).does("set-scopes: press “modify”")
    shows(play, pressed.replace("Content<", "B2B Edition<")).does(CHECK)
    assert play.progress.oauth_scopes == (
        "store_storefront_api",
        "store_storefront_api_customer_impersonation",
        "B2B Edition=modify",
    )


# Save


def test_the_hand_over_is_checked_before_save_and_once():
    play = on_form()
    shows(play, form_page(NAME, BOTH)).does(CHECK).does(SAVE)
    assert play.log.count(CHECK) == 1


def test_a_save_that_is_disabled_for_a_moment_is_waited_for():
    play = on_form()
    shows(play, form_page(NAME, BOTH, save=False)).waits(2)
    shows(play, form_page(NAME, BOTH)).does(CHECK)


def test_a_save_that_stays_disabled_is_named_with_what_the_page_says():
    play = on_form()
    alert = "<div role=alert>Name must be at least 4 characters long</div>"
    error = shows(play, form_page(NAME, BOTH, save=False, extra=alert)).stops(PanelRefused)
    assert "at least 4 characters" in str(error)
    assert play.presses_of_save == 0


def test_a_save_that_was_covered_is_pressed_again_and_only_then():
    play = on_form()
    form = form_page(NAME, BOTH)
    shows(play, form).does(CHECK).does(SAVE)
    play.sees(panel_tab(form, CREATE), blocked=True)
    assert play.acts().startswith("save: press “Save”")
    play.waits(10)
    assert play.presses_of_save == 2


def test_a_cookie_bar_over_save_is_put_aside_first():
    play = on_form()
    form = form_page(NAME, BOTH)
    shows(play, form).does(CHECK).does(SAVE)
    bar = shell("<div class=cookie-bar style='position: fixed'><button>Accept all cookies</button></div>")
    play.sees(panel_tab(form, CREATE, top=bar), blocked=True)
    assert "Accept all cookies" in play.acts()
    play.sees(panel_tab(form, CREATE))
    assert play.acts().startswith("save: press “Save”")


def test_a_save_that_is_always_covered_is_given_up_and_nothing_was_created():
    play = on_form()
    form = panel_tab(form_page(NAME, BOTH), CREATE)
    play.sees(form).does(CHECK)
    for _ in range(4):
        assert play.acts().startswith("save: press “Save”")
        play.sees(form, blocked=True)
    error = play.stops(StepFailed)
    assert error.step == "save"
    assert play.progress.save_pressed_at is None


def test_a_form_that_is_drawn_anew_is_filled_in_anew():
    play = on_form()
    shows(play, form_page(NAME, BOTH)).does(CHECK)
    play.sees(panel_tab(list_page(["ERP"]), "/manage/settings/api-accounts")).does(
        "create-api-account: press “Create API account”"
    )
    shows(play, form_page()).does(ENTER)


def test_a_question_in_a_dialog_over_the_form_is_not_a_reason_to_save():
    play = on_form()
    question = "<div role=dialog><h2>Leave without saving?</h2><button>Leave</button><button>Stay</button></div>"
    shows(play, form_page(NAME, BOTH, save=False, extra=question)).stops(PanelRefused)
    assert play.presses_of_save == 0


# What is set besides


def test_a_scope_that_is_set_and_not_wanted_is_put_right_before_save():
    play = on_form()
    shows(play, form_page(NAME, {**BOTH, "Customers": "modify"})).does("set-scopes: press “None”")
    shows(play, form_page(NAME, BOTH)).does(CHECK).does(SAVE)


def test_a_scope_that_comes_back_each_time_is_named_and_nothing_is_saved():
    play = on_form()
    error = shows(play, form_page(NAME, {**BOTH, "Customers": "modify"})).through_to(StepFailed)
    assert "“Customers”" in str(error)
    assert "“None”" in str(error)
    assert play.presses_of_save == 0


def test_a_scope_that_nobody_knows_is_put_right_too():
    besides = toggle("Loyalty programmes", ("None", "read-only", "modify"), "read-only")
    html = form_page(NAME, BOTH).replace("</form>", f"{besides}</form>")
    play = on_form()
    shows(play, html).does("set-scopes: press “None”")
    shows(play, form_page(NAME, BOTH)).does(CHECK)


def test_a_scope_that_was_asked_for_stays_as_it_is_set():
    play = on_form(scopes=wanted_scopes(("Customers=modify",)))
    shows(play, form_page(NAME, {**BOTH, "Customers": "modify"})).does(CHECK)


# Lists whose words are not known


def list_box(shows_: str, options: tuple[str, ...] = ()) -> str:
    entries = "".join(f'<div role="option">{option}</div>' for option in options)
    opened = f'<div role="listbox" id="l">{entries}</div>' if options else ""
    return f"""<form><label for=n>Name</label><input id=n value="{NAME}">
    <label for=p>API path</label><input id=p readonly value="https://api.bigcommerce.com/stores/abc123/v3/">
    <div><span>{TOKENS}</span><button type=button role=combobox aria-haspopup=listbox aria-controls=l
      aria-expanded={"true" if options else "false"}>{shows_}</button></div></form>
    <button>Save</button><button>Cancel</button>{opened}"""


def test_the_second_of_two_options_is_picked_and_read_back_in_a_list_in_unknown_words():
    play = on_form(scopes=(STOREFRONT_TOKENS,))
    shows(play, list_box("Ei mitään")).does("set-scopes: press “”")
    shows(play, list_box("Ei mitään", ("Ei mitään", "hallitse"))).does("set-scopes: press “hallitse”")
    shows(play, list_box("hallitse")).does(CHECK)


def test_what_a_list_in_unknown_words_shows_before_it_was_opened_is_not_believed():
    play = on_form(scopes=(STOREFRONT_TOKENS,))
    shows(play, list_box("hallitse")).does("set-scopes: press “”")
    shows(play, list_box("hallitse", ("Ei mitään", "hallitse"))).does(CHECK)


# What is not drawn yet


FOLDED = """<div><h3><button type=button aria-expanded=false>Store data</button></h3></div>
<div><h3><button type=button aria-expanded=false>Storefront</button></h3></div>"""


@pytest.mark.parametrize(
    ("fold", "name"),
    [
        (FOLDED, "Storefront"),
        ("<details><summary>More</summary><div hidden>x</div></details>", "More"),
        ("<div role=tablist><button role=tab aria-selected=false>Storefront</button></div>", "Storefront"),
    ],
)
def test_a_part_that_is_folded_up_is_unfolded_for_a_scope_that_is_not_on_the_form(fold: str, name: str):
    without = ("Storefront API tokens", IMPERSONATION)
    play = on_form()
    shows(play, form_page(without=without).replace("</form>", f"{fold}</form>")).does(f"set-scopes: press “{name}”")
    shows(play, form_page(without=()).replace("</form>", f"{fold}</form>")).does(ENTER)


def test_parts_are_unfolded_one_after_the_other_and_then_the_scopes_are_named():
    html = form_page(without=(TOKENS, IMPERSONATION)).replace("</form>", f"{FOLDED}</form>")
    play = on_form()
    error = shows(play, html).through_to(ScopeNotOffered)
    assert TOKENS in str(error)
    assert play.log.count("set-scopes: press “Store data”") == play.log.count("set-scopes: press “Storefront”") == 4


def test_scopes_that_a_search_field_brings_up_are_searched_for():
    without = (TOKENS, IMPERSONATION)
    field = "<input type=search aria-label='Search scopes'>"
    play = on_form()
    shows(play, form_page(without=without).replace("</form>", f"{field}</form>"))
    play.does("set-scopes: type “Storefront API” into “Search scopes”")
    shows(play, form_page().replace("</form>", f"{field}</form>")).does(ENTER)


def test_the_panels_own_search_is_not_taken_for_one():
    play = on_form()
    top = shell() + "<header><input type=search aria-label='Search products'></header>"
    play.sees(panel_tab(form_page(without=(TOKENS, IMPERSONATION)), CREATE, top=top)).through_to(ScopeNotOffered)
    assert not any("type" in line for line in play.log)


CLOSED = "<div><b>Loyalty points</b><x-scope data-closed></x-scope></div>"


def test_a_part_that_cannot_be_read_refuses_before_save_although_all_that_is_wanted_is_set():
    html = form_page(NAME, BOTH).replace("</form>", f"{CLOSED}</form>")
    play = on_form()
    error = shows(play, html).stops(ScopesUnread)
    assert "closed shadow tree" in str(error.explained.why)
    assert play.presses_of_save == 0


def test_scopes_in_a_part_that_cannot_be_read_are_not_said_to_be_missing():
    html = form_page(without=(TOKENS, IMPERSONATION)).replace("</form>", f"{CLOSED}</form>")
    error = shows(on_form(), html).through_to(ScopesUnread)
    assert "closed shadow tree" in str(error.explained.why)


def test_something_drawn_over_the_form_is_no_part_of_it():
    chat = '<x-chat data-closed style="position:fixed"></x-chat>'
    shows(on_form(), form_page(NAME, BOTH, extra=chat)).does(CHECK)


def test_a_form_that_counts_more_scopes_than_it_shows_is_not_saved():
    field = "<input type=search aria-label='Search scopes'>"
    html = form_page(NAME, BOTH).replace("</form>", f"{field}<p>3 scopes selected</p></form>")
    play = on_form()
    error = shows(play, html).through_to(ScopesUnread)
    assert "3 scopes" in str(error.explained.why)
    assert play.presses_of_save == 0


def test_a_list_of_scopes_that_cannot_be_scrolled_to_its_end_is_not_saved():
    html = form_page(NAME, BOTH).replace("<main>", '<main data-scroll="start">')
    play = on_form()
    error = shows(play, html).through_to(ScopesUnread)
    assert "scrolled" in str(error.explained.why)
    assert play.presses_of_save == 0


def test_the_arrow_of_a_fields_list_is_nothing_to_unfold():
    field = """<div><label for=s>Loyalty points</label><div><input id=s role=combobox aria-expanded=false value="None">
    <button type=button tabindex=-1 aria-label="toggle menu" aria-expanded=false></button></div></div>"""
    html = form_page(NAME, BOTH).replace("</form>", f"{field}</form>")
    shows(on_form(), html).does(CHECK)


def test_parts_without_a_name_are_unfolded_one_by_one():
    folds = "".join(f"<div><b>Part {n}</b><button type=button aria-expanded={{{n}}}></button></div>" for n in range(6))
    play = on_form()
    for number in range(6):
        html = form_page(without=(TOKENS, IMPERSONATION)).replace("</form>", f"{folds}</form>")
        shows(play, html.format(*("true" if n < number else "false" for n in range(6)))).acts()
        pressed = play.command.action.control.ref
        assert f'data-ref="{pressed}" type="button" aria-expanded="false"' in play.seen[0].pages[1].html
    assert play.log[-6:] == ["set-scopes: press “”"] * 6
