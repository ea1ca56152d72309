"""What a page says when it refuses, waits, or has something in the way."""

import pytest
from panel_pages import NAME, code_page, form_page, home_page, list_page, settings_page, sign_in_page
from written_pages import document, snapshot

from automation.core.extract.document import Document
from automation.core.extract.messages import (
    alerts,
    busy,
    denied,
    dialogs,
    dismissal,
    error_text,
    fault,
    is_error,
    limit_reached,
)

USUAL_PAGES = [home_page(), settings_page(), list_page(["ERP"]), form_page(NAME), sign_in_page(), code_page()]


@pytest.mark.parametrize(
    "text",
    [
        "Name must be at least 4 characters long",
        "An API account with this name already exists",
        "Could not create the account",
        "Name has already been taken.",
        "Choose a different name",
        "Something went wrong",
        "The account could not be saved successfully",
        "Failed to copy",
    ],
)
def test_a_failure_is_told_from_a_success(text: str):
    assert is_error(text)


@pytest.mark.parametrize(
    "text",
    [
        "Account created successfully",
        "Create account Account created successfully",
        "Copied",
        "Your file was downloaded",
        "",
    ],
)
def test_a_success_is_no_failure(text: str):
    assert not is_error(text)


@pytest.mark.parametrize(
    "html",
    [
        "<div role=alert><h4>Create account</h4><span>Could not be saved</span><button></button></div>",
        "<div role=status>Could not be saved</div>",
        "<div class='flash-error'>Could not be saved</div>",
        "<p class='Toast__danger'>Could not be saved</p>",
    ],
)
def test_toasts_and_inline_messages_are_read(html: str):
    assert any("Could not be saved" in text for text in alerts(document(form_page() + html)))


def test_a_message_that_is_not_shown_is_not_read():
    assert alerts(document("<div role=alert hidden>Could not be saved</div><div role=alert></div>")) == ()


def test_an_error_beside_a_box_is_read():
    page = document("<form><input id=user_email><p>Your password is incorrect.</p></form>")
    assert error_text(page) == "Your password is incorrect."


@pytest.mark.parametrize("html", USUAL_PAGES)
def test_the_usual_pages_say_nothing_is_wrong(html: str):
    page = document(html)
    assert (error_text(page), denied(page), fault(page), limit_reached(page), busy(page)) == (
        None,
        None,
        None,
        None,
        False,
    )


@pytest.mark.parametrize(
    "text",
    [
        "You don't have permission to view this page. Ask the store owner for access.",
        "You do not have permission to do this.",
        "Access denied",
        "403 Forbidden",
        "You\u2019re not authorized to see this.",
    ],
)
def test_a_refusal_is_recognised(text: str):
    assert denied(document(f"<main><h1>Settings</h1><p>{text}</p></main>")) is not None


@pytest.mark.parametrize(
    "text", ["Something went wrong.", "We'll be back", "Down for Maintenance", "503 Service Unavailable"]
)
def test_a_fault_is_recognised(text: str):
    assert fault(document(f"<h1>{text}</h1>")) is not None


@pytest.mark.parametrize(
    "text", ["You have reached the maximum of 50 API accounts", "You have reached the limit of API accounts."]
)
def test_the_limit_of_accounts_is_recognised_in_a_message(text: str):
    assert limit_reached(document(list_page(["ERP"], extra=f"<div role=alert>{text}</div>"))) == text


@pytest.mark.parametrize(
    "html",
    [
        "<div role=progressbar></div>",
        "<div aria-busy=true></div>",
        "<p>Loading…</p>",
        "<p>Loading...</p>",
        "<p>Please wait</p>",
    ],
)
def test_a_page_that_is_still_loading_is_busy(html: str):
    assert busy(document(html))


def test_a_document_that_is_not_there_yet_is_busy():
    assert busy(Document(snapshot("<p>Half", ready="loading")))
    assert not busy(Document(snapshot("<p>Half", ready="interactive")))


def test_a_hidden_circle_is_no_work():
    assert not busy(document("<div hidden><div role=progressbar></div></div>"))


# What lies in the way


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ("<div role=dialog>5:00 left<button>Log out</button><button>Stay signed in</button></div>", "Stay signed in"),
        ("<div class=cookie-bar><p>We use cookies</p><button>Accept all cookies</button></div>", "Accept all cookies"),
        ("<div id=onboarding-tour><button>Start tour</button><button>Skip tour</button></div>", "Skip tour"),
        ("<div style='position: fixed'><button>Reject all</button><button>Accept all</button></div>", "Reject all"),
        (
            "<div class=promo-modal><button aria-label=Close></button><a href='/plans'>Select a plan</a></div>",
            "Close",
        ),
        ("<div class=popover><button>Next</button><button><svg><title>Close</title></svg></button></div>", "Close"),
        ("<div class=nps-survey><button>10</button><button>\u00d7</button></div>", "\u00d7"),
    ],
)
def test_what_lies_in_the_way_is_put_aside_kindly(html: str, name: str):
    found = dismissal(document(form_page(NAME) + html))
    assert found is not None
    assert found.name == name


def test_a_tour_over_the_form_that_stays_in_place_is_put_aside():
    form = "<div style='position: fixed'><input aria-label=Name><button>Cancel</button><button>Save</button>"
    found = dismissal(document(f"{form}<div class=tour><p>New</p><button>Skip tour</button></div></div>"))
    assert found is not None
    assert found.name == "Skip tour"


def test_a_cross_without_a_name_is_taken_where_it_is_the_only_way():
    found = dismissal(document("<div class=modal-overlay><button><svg></svg></button><p>News</p></div>"))
    assert found is not None
    assert found.name == ""


@pytest.mark.parametrize(
    "html",
    [
        form_page(NAME),
        list_page(["ERP"]),
        "<main><button>Close</button><button>Accept all</button></main>",
        "<div style='position: fixed'><button>Delete store</button></div>",
        "<div style='position: fixed'><button>Save</button><button><svg></svg></button></div>",
        "<div role=dialog hidden><button>Close</button></div>",
        "<form><div style='position: fixed'><a href='#'>Cancel</a><button disabled>Save</button></div></form>",
        "<form><div style='position: fixed'><a href='#'>Annuler</a><input type=submit value=Enregistrer></div></form>",
        "<div style='position: fixed'><input aria-label=Name><button>Cancel</button><button>Save</button></div>",
    ],
)
def test_what_belongs_to_the_page_is_not_put_aside(html: str):
    assert dismissal(document(html)) is None


def test_within_a_dialog_nothing_else_is_pressed():
    page = document(
        "<div class=cookie-bar><button>Reject all</button></div><div role=dialog><p>Hi</p><button>Close</button></div>"
    )
    found = dismissal(page, within=dialogs(page)[0])
    assert found is not None
    assert found.name == "Close"


def test_the_dialog_opened_last_comes_first():
    page = document(
        "<div role=dialog>One</div><div role=dialog><div role=dialog>Inner</div>Two</div><div role=dialog></div>"
    )
    assert [dialog.text for dialog in dialogs(page)] == ["Inner Two", "One"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div role=progressbar></div>", True),
        ("<progress></progress>", True),
        ("<div role=progressbar aria-valuenow=60></div>", False),
        ("<progress value=3 max=5></progress>", False),
    ],
)
def test_a_bar_that_tells_how_far_a_set_up_is_does_not_mean_that_the_page_loads(html: str, expected: bool):
    assert busy(document(html)) is expected


def test_a_form_in_a_dialog_is_not_put_aside_for_what_lies_over_it():
    buttons = "<button>Cancel</button><button>Save</button>"
    form = f"<div role=dialog><h2>Create account</h2><input aria-label=Name>{buttons}</div>"
    warning = "<div role=dialog><p>Your session is about to expire.</p><button>Log out</button></div>"
    assert dismissal(document(form + warning)) is None
