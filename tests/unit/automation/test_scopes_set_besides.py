"""Scopes that are set and were not asked for: taken back, or left by a person who was told, and never saved unsaid."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hiding_panels import HidingPanel
from panel_pages import IMPERSONATION, NAME, STORE, TOKENS, form_page, panel_tab, toggle
from random_panels import RandomPanel
from transcripts import Play
from written_pages import refs_of

from automation.core.actions import CheckBeforeSave, Command, Do, Press, Scroll, Stop, Type
from automation.core.errors import ScopesUnread
from automation.core.flows.retrieval import StepId
from automation.core.guidance import Guidance, Verb, to_do
from automation.core.guided import Guided, decide_guided
from automation.core.progress import Progress, Storefront, SubmittedForm
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Observation

CREATE = "/manage/settings/api-accounts/create"
BOTH = {TOKENS: "manage", IMPERSONATION: "manage"}
WANTED = ("store_storefront_api", "store_storefront_api_customer_impersonation")
ON_FORM = Progress(
    RetrievalRequest(NAME), store_hash=STORE, storefront=Storefront("maple.mybigcommerce.com", "maple"), panel_seen=True
).over(StepId.OPEN_API_ACCOUNTS)
NONE, SAVE = "set-scopes: press “None”", "save: press “Save”"
CLOSED = "<div><b>Loyalty points</b><x-scope data-closed></x-scope></div>"


def form(extra: str = "", **chosen: str) -> str:
    return form_page(NAME, {**BOTH, **chosen}).replace("</form>", f"{extra}</form>")


def part(number: int, inside: str = "") -> str:
    opened = "true" if inside else "false"
    return f"<div><button type=button aria-expanded={opened}>Part {number}</button>{inside}</div>"


class Session:
    """A play with a person, who has all the time in the world and leaves things as they are when asked to."""

    def __init__(self) -> None:
        self.guided: Guided | None = None
        self.left: Progress | None = None
        self.play = Play(ON_FORM, rule=self.rule)

    def rule(self, progress: Progress, observation: Observation) -> tuple[Progress, Command]:
        if self.left is not None:
            progress, self.left = replace(progress, kept=self.left.kept, unread_kept=self.left.unread_kept), None
        self.guided = decide_guided(progress, observation)
        command = self.guided.command
        by_hand = isinstance(command, Do) and not self.guided.looks_through
        by_hand = by_hand and not isinstance(command.action, CheckBeforeSave | Scroll)  # type: ignore[union-attr]
        after = self.guided.progress
        return (after.not_tried(progress) if by_hand else after), command

    def sees(self, html: str) -> Play:
        return self.play.sees(panel_tab(html, CREATE))

    def leaves_it_so(self) -> None:
        assert self.guided is not None
        assert self.guided.may_stay
        self.left = self.guided.left_so()

    @property
    def told(self) -> Guidance:
        assert self.guided is not None
        assert isinstance(self.guided.command, Do)
        command, besides = self.guided.command, self.guided.progress.besides
        return to_do(command.step, command.action, can_help=True, besides=besides, may_stay=self.guided.may_stay)


# Without a person


def test_what_is_set_besides_is_taken_back_before_what_is_looked_for_next_hides_it() -> None:
    wanted = "".join(toggle(label, ("None", "manage"), "manage") for label in BOTH)

    def shows(first: str = "", second: str = "") -> None:
        html = form_page(NAME, without=tuple(BOTH)).replace("</form>", f"{part(1, first)}{part(2, second)}</form>")
        play.sees(panel_tab(html, CREATE))

    def others(**chosen: str) -> str:
        return "".join(toggle(label, ("None", "modify"), chosen.get(label, "None")) for label in ("Orders", "Products"))

    play = Play(ON_FORM)
    shows(first=wanted)
    play.does("set-scopes: press “Part 2”")
    shows(second=others(Orders="modify", Products="modify"))
    play.does(NONE)
    shows(second=others(Products="modify"))
    play.does(NONE)
    shows(second=others())
    play.does("set-scopes: press “Part 1”")


def test_a_field_that_is_not_drawn_is_taken_back_by_its_label() -> None:
    fields = "".join(
        f"<input type=radio name=o id=o{place} hidden{' checked' if place else ''}><label for=o{place}>{option}</label>"
        for place, option in enumerate(("None", "modify"))
    )
    html = form(f"<p><b>Orders</b></p><div>{fields}</div>")
    play = Play(ON_FORM)
    play.sees(panel_tab(html, CREATE)).acts()
    assert isinstance(play.command, Do)
    assert isinstance(play.command.action, Press)
    assert refs_of(html)[play.command.action.control.ref].text == "None"


def test_a_closed_list_is_read_by_what_it_shows_and_not_by_a_menu_elsewhere_on_the_page() -> None:
    menu = "<nav><ul role=menu><li role=menuitem>Home</li><li role=menuitem>Sales</li></ul></nav>"
    box = "<div><div>Orders</div><button aria-haspopup=listbox aria-expanded=false>modify</button></div>"
    play = Play(ON_FORM)
    play.sees(panel_tab(menu + form(box), CREATE)).does("set-scopes: press “modify”")


# With a person


def test_a_scope_that_came_set_with_the_form_is_told_and_asked_back_before_anything_is_saved() -> None:
    session = Session()
    session.sees(form(Customers="read-only")).does(NONE)
    assert session.told.alert == "The scope “Customers” is set to “read-only”, which was not asked for."
    assert session.told.what == "Take the scope “Customers” back. Press “None”."
    assert session.told.offers == (Verb.DO_IT, Verb.DO_REST, Verb.LEAVE_SO, Verb.CANNOT_FIND, Verb.STOP)
    session.sees(form()).does("save: check before save").does(SAVE)
    assert session.guided is not None
    assert session.guided.progress.oauth_scopes == WANTED


def test_a_scope_that_the_person_leaves_set_is_saved_and_recorded() -> None:
    session = Session()
    session.sees(form(Customers="read-only")).does(NONE)
    session.leaves_it_so()
    session.play.does("save: check before save").does(SAVE)
    assert session.guided is not None
    assert session.guided.progress.oauth_scopes == (*WANTED, "store_v2_customers_read_only")


def test_what_was_left_set_is_asked_about_again_once_it_is_set_to_more() -> None:
    session = Session()
    session.sees(form(Customers="read-only")).does(NONE)
    session.leaves_it_so()
    session.play.does("save: check before save").does(SAVE)
    session.sees(form(Customers="modify")).does(NONE)
    assert "“modify”" in session.told.alert


def test_what_was_left_set_and_is_taken_back_after_all_is_not_recorded() -> None:
    session = Session()
    session.sees(form(Customers="read-only")).does(NONE)
    session.leaves_it_so()
    session.play.does("save: check before save").does(SAVE)
    session.sees(form()).does(SAVE)
    assert session.guided is not None
    assert session.guided.progress.oauth_scopes == WANTED


def test_a_scope_of_no_known_name_that_is_left_set_is_recorded_in_the_words_of_the_form() -> None:
    session = Session()
    session.sees(form(toggle("Loyalty points", ("None", "modify"), "modify"))).does(NONE)
    assert "“Loyalty points”" in session.told.alert
    session.leaves_it_so()
    session.play.does("save: check before save").does(SAVE)
    assert session.guided is not None
    assert session.guided.progress.oauth_scopes == (*WANTED, "Loyalty points=modify")


def test_a_part_that_is_folded_up_is_looked_into_by_the_helper_and_what_is_set_there_is_told() -> None:
    session = Session()
    session.sees(form(part(1))).does("set-scopes: press “Part 1”")
    assert session.guided is not None
    assert session.guided.looks_through
    session.sees(form(part(1, toggle("Orders", ("None", "modify"), "modify")))).does(NONE)
    assert not session.guided.looks_through
    assert "“Orders”" in session.told.alert
    session.leaves_it_so()
    session.play.does("save: check before save").does(SAVE)
    session.sees(form(part(1))).does(SAVE)
    assert "store_v2_orders" in session.guided.progress.oauth_scopes  # folded up again, it is granted all the same


def test_what_cannot_be_read_is_told_and_saved_only_by_who_says_so() -> None:
    session = Session()
    session.sees(form(CLOSED)).acts()
    assert "closed shadow tree" in session.told.alert
    assert Verb.LEAVE_SO in session.told.offers
    assert Verb.DO_REST not in session.told.offers
    session.leaves_it_so()
    session.play.does("save: check before save").does(SAVE)


def test_without_a_person_what_cannot_be_read_is_refused() -> None:
    Play(ON_FORM).sees(panel_tab(form(CLOSED), CREATE)).stops(ScopesUnread)


def test_nothing_else_that_is_asked_for_may_be_left_as_it_is() -> None:
    session = Session()
    session.sees(form_page(NAME)).does("set-scopes: press “manage”")
    assert Verb.LEAVE_SO not in session.told.offers


@pytest.mark.sampled(6)
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("hides", HidingPanel.WAYS)
def test_who_leaves_everything_to_the_helper_gets_no_scope_that_came_with_a_draft(hides: str, seed: int) -> None:
    panel: RandomPanel = HidingPanel(seed, hides=hides)
    guided: list[Guided] = []

    def rule(progress: Progress, observation: Observation) -> tuple[Progress, Command]:
        guided.append(decide_guided(progress, observation))
        return guided[-1].progress, guided[-1].command

    play = Play(Progress(RetrievalRequest(NAME), submitted=SubmittedForm("earlier", True), panel_seen=True), rule=rule)
    for _ in range(1500):
        play.sees(*panel.tabs()).look()
        assert not isinstance(play.command, Stop), play.log
        if isinstance(play.command, Do):
            panel.act(play.command.action)
            if guided[-1].looks_through:
                assert isinstance(play.command.action, Press | Type | Scroll)
        if panel.made:
            break
    ((_, scopes),) = panel.made
    assert {label for label, option in scopes.items() if option not in {"None", "Standard"}} == {TOKENS, IMPERSONATION}
    assert play.progress.oauth_scopes == WANTED
