"""Pages are not trusted: not with a password, not with an agreement, and not to be quoted as they are."""

from __future__ import annotations

from dataclasses import replace

from panel_pages import IMPERSONATION, NAME, STORE, TOKENS, form_page, login_tab, panel_tab, sign_in_page
from transcripts import Play
from written_pages import document, snapshot

from automation.core.actions import CheckBeforeSave, Do, EnterSignIn, Press
from automation.core.extract.messages import alerts, dismissal, error_text
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress, Storefront
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Tab

CANARY = "q7w8e9r0t1y2u3i4o5p6a7s8d9f0g1h"


def test_a_frame_of_another_site_is_never_signed_in_to() -> None:
    top = login_tab(sign_in_page()).pages[0]
    box = "<form><input type=email id=user_email><input type=password id=user_password><button>Log in</button></form>"
    framed = replace(snapshot(box, "https://ads.example/"), frame=1)
    play = Play().sees(Tab(0, (top, framed)))
    play.acts()
    assert isinstance(play.command, Do)
    assert isinstance(play.command.action, EnterSignIn)
    assert play.command.action.password is not None
    assert play.command.action.password.frame == 0


def test_terms_are_not_agreed_to() -> None:
    page = "<div role=dialog><h2>New terms of service</h2><p>Please agree.</p><button>I agree</button></div>"
    assert dismissal(document(page)) is None


def test_leaving_the_form_is_not_confirmed() -> None:
    page = "<div role=dialog><p>Leave this page? Unsaved changes are lost.</p><button>OK</button></div>"
    assert dismissal(document(page)) is None


def test_cookies_are_agreed_to_where_nothing_else_is_offered() -> None:
    page = (
        "<div class=cookie-bar><p>We use cookies.</p><button>Settings</button><button>Accept all cookies</button></div>"
    )
    found = dismissal(document(page))
    assert found is not None
    assert found.name == "Accept all cookies"


def test_a_notice_with_one_button_is_put_aside() -> None:
    found = dismissal(document("<div role=dialog><h2>New colours</h2><button>OK</button></div>"))
    assert found is not None


def test_what_is_quoted_holds_no_credential() -> None:
    page = document(f"<div role=alert>The token {CANARY} could not be saved</div><input><p>Invalid value {CANARY}</p>")
    assert CANARY not in " ".join([*alerts(page), error_text(page) or ""])
    assert alerts(page) == ("The token … could not be saved",)


def test_a_window_with_credentials_is_no_message() -> None:
    page = "<div role=alertdialog>Client ID abc Access token def error</div>"
    assert alerts(document(page)) == ()


def test_the_hand_over_is_checked_again_after_a_detour() -> None:
    progress = Progress(
        RetrievalRequest(NAME), store_hash=STORE, storefront=Storefront("shop.example", None), panel_seen=True
    )
    form = form_page(NAME, {TOKENS: "manage", IMPERSONATION: "manage"})
    ready = panel_tab(form, "/manage/settings/api-accounts/create")
    play = Play(progress).sees(ready)
    play.look()
    assert play.command == Do(StepId.SAVE, CheckBeforeSave(), look=False)
    play.now += 600
    play.look()
    assert play.command == Do(StepId.SAVE, CheckBeforeSave(), look=False)
    play.look()
    assert isinstance(play.command, Do)
    assert isinstance(play.command.action, Press)
