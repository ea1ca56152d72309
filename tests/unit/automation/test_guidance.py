"""What a person is told."""

from __future__ import annotations

import pytest

from automation.core.actions import Action, ByHand, Choose, EnterCode, EnterSignIn, Open, Press, Type
from automation.core.errors import NotPermitted, StepFailed
from automation.core.extract.element import Control
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.guidance import LABELS, Guidance, Verb, question, to_do, under_way, where_to_look, with_loss


def button(name: str, role: str = "button") -> Control:
    return Control(0, 1, role, name)


def shown(step: StepId, action: Action, **others: bool) -> Guidance:
    return to_do(step, action, **{"can_help": True, **others})  # type: ignore[arg-type]


def test_it_says_where_we_are_what_to_press_and_why() -> None:
    guidance = shown(StepId.CREATE_API_ACCOUNT, Press(button("Create API account")))
    assert (guidance.number, guidance.total) == (6, 13)
    assert guidance.what == "Press “Create API account”."
    assert guidance.why
    assert guidance.highlights
    assert guidance.offers == (Verb.DO_IT, Verb.DO_REST, Verb.CANNOT_FIND, Verb.STOP)


@pytest.mark.parametrize(
    ("step", "action", "said"),
    [
        (StepId.OPEN_API_ACCOUNTS, Press(button("Advanced Settings")), "Press “Advanced Settings”."),
        (StepId.ENTER_NAME, Type(button("Name", "textbox"), "ERP k3v9q2x7ab"), "Type: ERP k3v9q2x7ab"),
        (StepId.SET_SCOPES, Choose(button("Content", "combobox"), "modify"), "Choose “modify”."),
        (StepId.SIGN_IN, Press(button("Maple Lanterns", "link")), "“Maple Lanterns”"),
        (StepId.SIGN_IN, EnterCode(button("Code", "textbox"), None, from_authenticator=True), "authenticator"),
        (StepId.SIGN_IN, EnterCode(button("Code", "textbox"), None, from_authenticator=False), "sent you"),
        (StepId.SIGN_IN, Open("https://login.bigcommerce.com/login"), "not known here"),
        (
            StepId.SIGN_IN,
            Open("https://store-x.mybigcommerce.com/manage"),
            "choosing your store; its address is https://store-x.mybigcommerce.com/manage",
        ),
        (
            StepId.OPEN_API_ACCOUNTS,
            Open("https://store-x.mybigcommerce.com/manage"),
            "https://store-x.mybigcommerce.com",
        ),
        (StepId.SAVE, Press(button("Skip tour"), aside=True), "Something lies over the page. Press “Skip tour”."),
    ],
)
def test_each_kind_of_action_is_put_into_words(step: StepId, action: Action, said: str) -> None:
    assert said in shown(step, action).what


def test_without_a_password_the_helper_does_not_offer_to_sign_in() -> None:
    action = EnterSignIn(button("Email", "textbox"), button("Password", "textbox"), button("Log in"))
    assert shown(StepId.SIGN_IN, action, can_help=False).offers == (Verb.CANNOT_FIND, Verb.STOP)


def test_what_cannot_be_done_is_told_and_left_to_the_person() -> None:
    error = NotPermitted("This user may not create API accounts.", next_step="Ask the store's owner.")
    guidance = shown(StepId.CREATE_API_ACCOUNT, ByHand(error))
    assert guidance.alert == "This user may not create API accounts. Ask the store's owner."
    assert guidance.offers == (Verb.CANNOT_FIND, Verb.STOP)
    assert not guidance.highlights


def test_who_cannot_find_it_is_told_where_it_is_under_which_names_and_at_which_address() -> None:
    lines = " ".join(
        to_do(
            StepId.OPEN_API_ACCOUNTS,
            Press(button("Settings", "menuitem")),
            can_help=True,
            lost=True,
            store_hash="abc123",
        ).where
    )
    assert "at the left" in lines
    assert "“Store-level API tokens”" in lines
    assert "https://store-abc123.mybigcommerce.com/manage/settings/api-accounts" in lines


def test_every_step_that_asks_something_of_a_person_says_why_and_where() -> None:
    for step in STEPS[:10]:
        if step.id not in {StepId.READ_SUBDOMAIN, StepId.READ_STORE_HASH}:
            assert step.why, step.id
            assert step.where, step.id
            assert where_to_look(step.id, None)


def test_while_the_helper_does_the_rest_the_person_may_take_over() -> None:
    assert Verb.PAUSE in under_way(StepId.SET_SCOPES, helping=True).offers
    assert Verb.PAUSE not in under_way(StepId.SET_SCOPES).offers


def test_a_lost_account_is_named_before_it_is_deleted() -> None:
    asked = question(StepId.READ_CREDENTIALS, StepFailed("The credentials were not shown."), "ERP k3v9q2x7ab")
    assert "“ERP k3v9q2x7ab”" in asked.what
    assert asked.offers == (Verb.YES, Verb.NO)


def test_every_word_that_can_be_asked_has_a_label() -> None:
    assert set(LABELS) == set(Verb)


def test_a_network_that_is_away_is_told_beside_what_to_do() -> None:
    guidance = shown(StepId.CREATE_API_ACCOUNT, Press(button("Create API account")))
    told = with_loss(guidance, "net::ERR_INTERNET_DISCONNECTED")
    assert "The network is away" in told.alert
    assert "net::ERR_INTERNET_DISCONNECTED" in told.alert
    assert told.what == guidance.what


def test_nothing_is_told_of_a_network_that_is_there() -> None:
    guidance = under_way(StepId.SAVE)
    assert with_loss(guidance, None) == guidance
