"""The pages of BigCommerce's sign-in: the form, the code, the pickers of three ages, and the reasons for a refusal."""

import pytest
from panel_pages import code_page, picker_page, sign_in_page
from written_pages import document

from automation.core.extract.document import Document
from automation.core.extract.sign_in import Lock, code_form, is_picker_page, lock_of, picker, sign_in_form

LOGIN = "https://login.bigcommerce.com/login"


def page(html: str, url: str = LOGIN) -> Document:
    return document(html, url)


def id_of(document: Document, ref: int) -> str:
    return str(next(e.attributes.get("id", "") for e in document.elements if e.ref == ref))


# The form


def test_the_documented_form_is_read():
    found = sign_in_form(page(sign_in_page()))
    assert found is not None
    assert found.email is not None
    assert found.password is not None
    assert found.submit is not None
    assert (found.email.name, found.password.name, found.submit.name) == ("Email Address", "Password", "Log in")
    assert found.error is None


@pytest.mark.parametrize(
    "html",
    [
        "<form><input id=user_email><input type=password id=user_password><input type=submit value='Log in'></form>",
        "<form><input placeholder='Email'><input type=password placeholder=Password><button>Log in</button></form>",
        "<form><label for=e>E-mail</label><input id=e><input type=password><button>Sign in</button></form>",
        "<form><input placeholder='Your login'><input type=password><button type=submit>Go</button></form>",
        "<div><input type=email><input type=password><button type=button>Log in</button></div>",
    ],
)
def test_the_boxes_are_found_without_their_documented_ids(html: str):
    found = sign_in_form(page(html))
    assert found is not None
    assert found.email is not None
    assert found.password is not None
    assert found.submit is not None
    assert found.email.ref != found.password.ref


def test_log_in_is_not_mistaken_for_log_in_with_sso():
    html = (
        "<form><button>Log in with SSO</button><input id=user_email><input type=password><button>Log in</button></form>"
    )
    found = sign_in_form(page(html))
    assert found is not None
    assert found.submit is not None
    assert found.submit.name == "Log in"


def test_the_eye_in_the_password_box_is_not_the_submit_button():
    html = """<form><input id=user_email><div><input type=password><button type=button><svg></svg></button></div>
    <button type=submit><span>Enter</span></button></form>"""
    found = sign_in_form(page(html))
    assert found is not None
    assert found.submit is not None
    assert found.submit.name == "Enter"


def test_a_form_that_asks_for_the_address_first_has_no_password_yet():
    found = sign_in_form(
        page("<form><label for=e>Email address</label><input id=e type=email><button>Next</button></form>")
    )
    assert found is not None
    assert found.email is not None
    assert found.password is None


def test_the_second_half_of_such_a_form_has_a_password_and_no_address():
    found = sign_in_form(page("<form><p>owner@shop.example</p><input type=password><button>Log in</button></form>"))
    assert found is not None
    assert found.email is None
    assert found.password is not None


@pytest.mark.parametrize(
    "message",
    [
        "Your email or password is incorrect.",
        "Invalid email or password",
        "The e-mail address and password don't match.",
        "We couldn't log you in. Try again.",
    ],
)
def test_a_refusal_is_read(message: str):
    found = sign_in_form(page(sign_in_page(message)))
    assert found is not None
    assert found.error == message


def test_a_welcome_is_no_refusal():
    found = sign_in_form(page(sign_in_page("You have been logged out successfully.")))
    assert found is not None
    assert found.error is None


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Home</h1><input aria-label=Search placeholder='Search products, orders, customers'>",
        "<p>Nothing here</p>",
        "<div hidden><form><input id=user_email><input type=password></form></div>",
        code_page(),
    ],
)
def test_other_pages_have_no_sign_in_form(html: str):
    assert sign_in_form(page(html)) is None


# The code


def test_the_documented_code_page_is_read():
    found = code_form(page(code_page()))
    assert found is not None
    assert found.submit is not None
    assert (found.field.name, found.submit.name) == ("Verification Code", "Verify")
    assert (found.from_authenticator, found.error) == (False, None)


@pytest.mark.parametrize(
    "html",
    [
        "<form><label for=c>Authentication code</label><input id=c inputmode=numeric><button>Verify</button></form>",
        "<form><input autocomplete=one-time-code><button>Continue</button></form>",
        "<form><input name='two_factor[otp]' type=tel><button>Submit</button></form>",
        "<form><input type=number aria-label='6-digit code'><input type=submit value=Verify></form>",
    ],
)
def test_other_code_pages_are_read(html: str):
    found = code_form(page("<p>Open your authenticator app and enter the code it shows.</p>" + html))
    assert found is not None
    assert found.submit is not None
    assert found.from_authenticator


def test_a_refused_code_is_read():
    found = code_form(page(code_page("Invalid verification code. Try again.")))
    assert found is not None
    assert found.error == "Invalid verification code. Try again."


@pytest.mark.parametrize("html", [sign_in_page(), picker_page(("A", "1")), "<input aria-label=Search>"])
def test_other_pages_ask_for_no_code(html: str):
    assert code_form(page(html)) is None


# The pickers


def test_the_picker_of_today_is_read():
    found = picker(page(picker_page(("Maple Lanterns", "abc123"), ("Quiet Tea", "zz9")), f"{LOGIN}/accounts/list"))
    assert found is not None
    assert [(each.text, each.value, each.chosen) for each in found.choices] == [
        ("Maple Lanterns", "abc123", False),
        ("Quiet Tea", "zz9", False),
    ]
    assert found.proceed is not None
    assert found.select is not None


def test_a_picker_of_bigdesign_is_read():
    html = """<h1>Choose an account</h1><div><label id=l for=a>Account</label>
    <input id=a role=combobox aria-labelledby=l aria-expanded=true value=''>
    <ul role=listbox><li role=option>Maple Lanterns</li><li role=option>Quiet Tea</li></ul></div>
    <button disabled>Continue</button>"""
    found = picker(page(html))
    assert found is not None
    assert [each.text for each in found.choices] == ["Maple Lanterns", "Quiet Tea"]
    assert found.proceed_disabled


def test_the_picker_of_2021_is_read():
    html = """<div id=stores><a href="https://store-abc123.mybigcommerce.com/manage"><h4>Maple Lanterns</h4></a>
    <a href="/login/store?x=zz9"><h4>Quiet Tea</h4></a></div><a href="/help">Help</a>"""
    found = picker(page(html))
    assert found is not None
    assert [each.text for each in found.choices] == ["Maple Lanterns", "Quiet Tea"]
    assert found.choices[0].value == "https://store-abc123.mybigcommerce.com/manage"


@pytest.mark.parametrize("html", [sign_in_page(), code_page(), "<p>Signing you in</p>"])
def test_other_pages_pick_nothing(html: str):
    assert picker(page(html)) is None


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        (picker_page(), LOGIN, True),
        ("<h2>Select a store</h2>", LOGIN, True),
        ("<p>x</p>", "https://login.bigcommerce.com/accounts/list", True),
        (sign_in_page(), LOGIN, False),
    ],
)
def test_a_picker_page_is_known_by_its_address_or_heading(html: str, url: str, expected: bool):
    assert is_picker_page(page(html, url)) is expected


# Refusals that are no use trying again


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Your account is locked</h1><button>Resend unlock instructions</button>",
        "<p>This user is locked after too many attempts.</p>",
    ],
)
def test_a_locked_user_is_recognised(html: str):
    assert lock_of(page(html)) is Lock.LOCKED


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Your password has expired</h1><input type=password>",
        """<form><label>New password <input type=password></label>
        <label>Confirm password <input type=password></label></form>""",
        "<h1>Reset your password to continue</h1>",
    ],
)
def test_an_expired_password_is_recognised(html: str):
    assert lock_of(page(html)) is Lock.PASSWORD_EXPIRED


@pytest.mark.parametrize("html", [sign_in_page(), sign_in_page("Incorrect password"), code_page(), picker_page()])
def test_the_usual_pages_are_no_such_refusal(html: str):
    assert lock_of(page(html)) is None
