"""The pages of BigCommerce's sign-in: form, code, pickers, and the reasons it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from automation.core.extract.document import Document, once_a_document
from automation.core.extract.element import Control, Element, first
from automation.core.extract.messages import error_text
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.targets import CONTINUE, SIGN_IN, VERIFY_CODE
from companion.core.redaction import redacted

_SAID_LONGEST = 200
_CODE_LENGTHS = range(4, 9)
_CODE_IDS = ("device_verification_otp_code",)
_CHALLENGES = (
    "verify you are human",
    "verify you're human",
    "verify that you are human",
    "verifying you are human",
    "verify that you are not a robot",
    "verify you are not a robot",
    "confirm you are human",
    "prove you are human",
    "are you human",
    "are you a human",
    "are you a robot",
    "i'm not a robot",
    "i am not a robot",
    "i am human",
    "press and hold",
    "press & hold",
    "security check",
    "security verification",
    "checking your browser",
    "checking if the site connection is secure",
    "unusual traffic",
    "unusual activity",
    "captcha",
)
_CHALLENGE_MARKS = ("captcha", "recaptcha", "hcaptcha", "turnstile", "cf-challenge", "challenge-platform", "arkose")
_BADGE = "grecaptcha-badge"
_CHALLENGE_LONGEST = 1500
_SINGLE_SIGN_ON = ("single sign-on", "single sign on", "sso", "identity provider")
_PICKER_HEADINGS = ("Choose an account", "Choose account", "Select an account", "Choose a store", "Select a store")


class Lock(StrEnum):
    """What keeps a user out, whatever the password."""

    LOCKED = "locked"
    PASSWORD_EXPIRED = "expired"  # noqa: S105  a state, not a password


@dataclass(frozen=True)
class SignInForm:
    """The sign-in form; a form that asks for the e-mail address first has no password yet."""

    email: Control | None
    password: Control | None
    submit: Control | None
    error: str | None


@dataclass(frozen=True)
class CodeForm:
    """The page that asks for a one-time code.

    Attributes:
        field: the box for the code, or for its first digit.
        boxes: one for each digit, where the page has them so; empty where it has one box.
    """

    field: Control
    submit: Control | None
    from_authenticator: bool
    error: str | None
    boxes: tuple[Control, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One entry of a picker."""

    text: str
    value: str
    control: Control
    chosen: bool


@dataclass(frozen=True)
class Picker:
    """A page that asks which account or store is meant.

    Attributes:
        select: the native select, or the box that opens the list; None where there is neither.
        native: whether `select` is a native select, whose options cannot be pressed.
        closed: whether the list shows its choices only once it is opened.
    """

    choices: tuple[Choice, ...]
    select: Control | None
    proceed: Control | None
    proceed_disabled: bool
    native: bool = False
    closed: bool = False


def sign_in_form(document: Document) -> SignInForm | None:
    """Read the sign-in form; None where the page has none."""
    fields = [element for element in document.shown if element.tag == "input"]
    password = first(f for f in fields if _type(f) == "password" and not f.readonly)
    email = (
        first(f for f in fields if _id(f) == "user_email")
        or first(f for f in fields if _type(f) == "email")
        or first(
            f
            for f in fields
            if _type(f) in {"", "text"}
            and mentions(f.name + " " + _id(f), ("email", "e-mail", "user name", "username", "email address"))
        )
        or (first(f for f in fields if _type(f) in {"", "text"} and f.role == "textbox") if password else None)
    )
    if password is None and (email is None or code_form(document) is not None):
        return None
    return SignInForm(
        email=email.control if email else None,
        password=password.control if password else None,
        submit=_submit(document, SIGN_IN.names, near=password or email),
        error=error_text(document),
    )


def code_form(document: Document) -> CodeForm | None:
    """Read the page that asks for a one-time code; None where it does not."""
    if any(_type(element) == "password" for element in document.of_role("textbox")):
        return None
    fields = [
        element
        for element in document.of_role("textbox", "spinbutton")
        if element.tag == "input" and not element.disabled and _type(element) in {"", "text", "tel", "number"}
    ]
    field = (
        first(f for f in fields if _id(f) in _CODE_IDS)
        or first(f for f in fields if f.attribute("autocomplete") == "one-time-code")
        or first(
            f
            for f in fields
            if mentions(
                f.name,
                (
                    "verification code",
                    "authentication code",
                    "security code",
                    "code",
                    "otp",
                    "one-time password",
                    "one-time code",
                    "6-digit code",
                ),
            )
        )
        or first(
            f
            for f in fields
            if any(
                mark in (_id(f) + f.attribute("name")).lower() for mark in ("otp", "totp", "mfa", "two_factor", "2fa")
            )
        )
    )
    digits = [f for f in fields if f.attribute("maxlength") == "1"]
    boxes = digits if len(digits) in _CODE_LENGTHS else []
    field = boxes[0] if boxes else field
    if field is None:
        return None
    says = document.text
    return CodeForm(
        field=field.control,
        boxes=tuple(box.control for box in boxes),
        submit=_submit(document, VERIFY_CODE.names, near=field),
        from_authenticator=mentions(says, ("authenticator", "authenticator app", "authentication app")),
        error=error_text(document),
    )


def picker(document: Document) -> Picker | None:
    """Read a page that asks which account or store is meant; None where it does not."""
    proceed = first(document.named(CONTINUE.roles, CONTINUE.names))
    select = first(e for e in document.of_role("combobox", "listbox") if e.tag == "select")
    if select is not None:
        choices = tuple(
            Choice(option.text, option.attribute("value"), option.control, option.has("selected"))
            for option in select.options
            if option.attribute("value", option.text).strip() and not option.disabled
        )
        return Picker(
            choices,
            select.control,
            proceed.control if proceed else None,
            proceed is not None and proceed.disabled,
            native=True,
        )
    box = first(document.of_role("combobox"))
    options = [e for e in document.of_role("option", "radio") if e.tag != "option"]
    if box is not None or (options and proceed is not None):
        # In an open list, `aria-selected` marks the row under the pointer.
        choices = tuple(
            Choice(e.name, e.attribute("value"), e.control, box is None and bool(e.chosen)) for e in options
        )
        if box is not None and not choices and box.value.strip():
            choices = (Choice(box.value.strip(), "", box.field.control, chosen=True),)
        return Picker(
            choices,
            box.field.control if box else None,
            proceed.control if proceed else None,
            proceed is not None and proceed.disabled,
            closed=box is not None and not options,
        )
    stores = document.by_id("stores")
    links = [e for e in document.of_role("link") if (stores is not None and stores.contains(e)) or _leads_to_store(e)]
    if links:
        return Picker(tuple(Choice(e.text, e.address, e.control, chosen=False) for e in links), None, None, False)
    return None


def is_picker_page(document: Document) -> bool:
    """Whether the page presents itself as an account or store picker."""
    path = normal(document.url)
    return "/accounts/list" in path or any(is_one_of(e.text, _PICKER_HEADINGS) for e in document.of_role("heading"))


def lock_of(document: Document) -> Lock | None:
    """Return what keeps the user out, whatever the password; None where nothing does."""
    if mentions(
        document.text,
        (
            "resend unlock instructions",
            "account has been locked",
            "account is locked",
            "user is locked",
            "locked out",
            "your account is locked",
        ),
    ):
        return Lock.LOCKED
    if mentions(
        document.text,
        (
            "password has expired",
            "password expired",
            "your password is expired",
            "reset your password to continue",
            "change your password to continue",
            "update your password",
            "create a new password",
        ),
    ):
        return Lock.PASSWORD_EXPIRED
    passwords = [e for e in document.of_role("textbox") if _type(e) == "password"]
    if len(passwords) >= 2 and mentions(document.text, ("new password", "confirm password", "confirm new password")):
        return Lock.PASSWORD_EXPIRED
    return None


@once_a_document
def challenge_of(document: Document) -> str | None:
    """Return the first words of a page that only asks for a human; None on any other.

    Forms that have a check of their own beside the password are no such page. Which one BigCommerce shows is not
    established; these are the words of the usual ones, and what marks their widgets in any language.
    """
    if len(document.text) > _CHALLENGE_LONGEST or any(e.role in {"textbox", "combobox"} for e in document.shown):
        return None
    marked = any(_marks_a_challenge(e) for e in document.shown)
    if not marked and not mentions(document.text, _CHALLENGES):
        return None
    heading = first(e for e in document.of_role("heading") if e.shown and e.text)
    return redacted(heading.text if heading is not None else document.text, longest=_SAID_LONGEST)


def _marks_a_challenge(element: Element) -> bool:
    if any(_BADGE in each.attributes.get("class", "") for each in (element, *element.ancestors())):
        return False  # it stands in the corner of ordinary pages, and asks nothing
    if element.has("data-sitekey"):
        return True
    marks = " ".join(element.attributes.get(name, "") for name in ("class", "id", "src")).lower()
    return any(mark in marks for mark in _CHALLENGE_MARKS)


def single_sign_on(document: Document) -> str | None:
    """Return what the page says of single sign-on, the link to it apart; None where it says nothing of it."""
    links = (*document.of_role("link"), *document.of_role("button"))
    for element in document.shown:
        said = element.own_text
        if 0 < len(said) <= _SAID_LONGEST and mentions(said, _SINGLE_SIGN_ON):
            if not any(link is element or link.contains(element) for link in links):
                return redacted(element.text, longest=_SAID_LONGEST)
    return None


def offers_single_sign_on(document: Document) -> bool:
    """Whether the page has a link or button that leads to signing in through an identity provider."""
    return any(mentions(e.name, _SINGLE_SIGN_ON) for e in document.of_role("link", "button"))


def _submit(document: Document, names: tuple[str, ...], near: Element | None) -> Control | None:
    buttons = [e for e in document.of_role("button") if not e.tiny]
    form = first(e for e in near.ancestors() if e.tag == "form") if near else None
    inside = [e for e in buttons if form is None or form.contains(e)]
    for name in names:
        named = first(e for e in inside if is_one_of(e.name, (name,)))
        if named is not None:
            return named.control
    submit = first(e for e in inside if _type(e) == "submit")
    if submit is None and form is not None:
        submit = first(e for e in inside if e.tag == "button" and _type(e) in {"", "submit"} and e.text)
    return submit.control if submit else None


def _leads_to_store(element: Element) -> bool:
    address = element.address
    return "/stores/" in address or "/manage" in address or "/login/store" in address


def _id(element: Element) -> str:
    return element.attribute("id")


def _type(element: Element) -> str:
    return element.attribute("type").lower()
