"""The window that shows an API account's credentials once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from automation.core.extract.addresses import store_hash_from_api_path
from automation.core.extract.document import Document, once_a_document
from automation.core.extract.element import Control, Element, first
from automation.core.extract.messages import dialogs
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.targets import ACCESS_TOKEN, API_PATH, CLIENT_ID, CLIENT_SECRET, DONE, REVEAL, STORE_HASH
from companion.core.credentials_file import CredentialsFile
from companion.core.secret import Secret

# No length is promised; all seen are 30 or more, lower-case letters and digits. A word such as "clipboard", a mask, and
# a value that is cut short are no values.
_SHORTEST = 8
_SHORTEST_WITHOUT_DIGIT = 20
_FEWEST_LETTERS = 5
_LONGEST_AROUND = 500
_VALUE = re.compile(r"[A-Za-z0-9._~+/=-]+")
_CUT_OR_MASKED = re.compile(r"\.\.|([x._~-])\1{5}", re.IGNORECASE)


@dataclass(frozen=True)
class CredentialsWindow:
    """What the window shows.

    Attributes:
        store_hash: from an extra field or an API path in the window; None where it shows none.
        done: what closes the window for good.
    """

    access_token: Secret
    client_id: str | None
    client_secret: Secret | None
    store_hash: str | None
    done: Control | None


@once_a_document
def credentials_window(document: Document) -> CredentialsWindow | None:
    """Read the window, a dialog or not, with boxes or plain text; None where there is none, or not yet a token.

    A dialog is read by itself, since the form behind it has an API path and buttons of its own.
    """
    for dialog in dialogs(document):
        found = _read(document, tuple(e for e in dialog.descendants() if e.shown), in_dialog=True)
        if found is not None:
            return found
    return _read(document, document.shown, in_dialog=False)


def window_of_file(document: Document, file: CredentialsFile) -> CredentialsWindow | None:
    """Read a window whose labels are not known by the values of the downloaded file; None where it shows no token.

    What stands in both places was read twice, whatever the labels say.
    """
    token = file.access_token.reveal()
    shown = [(e, _whole_value(e)) for e in document.shown if e.tag in {"input", "textarea"} or e.own_text]
    bearing = first(e for e, value in shown if value == token)
    if bearing is None:
        return None
    values = {value for _, value in shown}
    part = tuple(document.shown)
    strong = [e for e in part if e.role == "button" and e.strong and any(a.role == "dialog" for a in e.ancestors())]
    return CredentialsWindow(
        access_token=file.access_token,
        client_id=file.client_id if file.client_id in values else None,
        client_secret=file.client_secret if file.client_secret and file.client_secret.reveal() in values else None,
        store_hash=None,
        done=_done(part, bearing) or (strong[0].control if len(strong) == 1 else None),
    )


def reveal_token(document: Document) -> Control | None:
    """Return what shows an access token that is masked: the button for it nearest to its label; None where none is."""
    for label in document.with_text(ACCESS_TOKEN):
        for around, _ in zip(label.ancestors(), range(4), strict=False):
            inside = [e for e in around.descendants() if e.shown]
            if any(normal(e.text) in _LABELS and not is_one_of(e.text, ACCESS_TOKEN) for e in inside if e.own_text):
                break  # of several values: whose button it is does not show
            found = first(e for e in inside if e.role in _REVEALING and mentions(_words(e), REVEAL) and not e.disabled)
            if found is not None:
                return found.control
    return _reveal_all(document)


def _reveal_all(document: Document) -> Control | None:
    """Return the one button of a window with these labels that shows what it hides."""
    if not all(any(document.with_text(names)) for names in (ACCESS_TOKEN, CLIENT_ID)):
        return None
    for dialog in dialogs(document):
        found = [e for e in dialog.descendants() if e.shown and e.role in _REVEALING and mentions(_words(e), REVEAL)]
        if len(found) == 1 and not found[0].disabled:
            return found[0].control
    return None


_REVEALING = frozenset({"button", "link", "switch"})


def _words(element: Element) -> str:
    return f"{element.name} {element.text} {element.attribute('title')}"


def _read(document: Document, part: tuple[Element, ...], *, in_dialog: bool) -> CredentialsWindow | None:
    token = _value(document, part, ACCESS_TOKEN)
    if token is None:
        return None
    client_id = _value(document, part, CLIENT_ID)
    client_secret = _value(document, part, CLIENT_SECRET)
    # A lone "Access token" outside a dialog may be anything; inside one, the label has to stand there, too.
    if client_id is None and client_secret is None and not in_dialog:
        return None
    shown_hash = _value(document, part, STORE_HASH, shortest=1)
    path = _value(document, part, API_PATH, any_text=True)
    return CredentialsWindow(
        access_token=Secret(token[0]),
        client_id=client_id[0] if client_id else None,
        client_secret=Secret(client_secret[0]) if client_secret else None,
        store_hash=shown_hash[0].lower() if shown_hash else store_hash_from_api_path(path[0] if path else ""),
        done=_done(part, token[1]),
    )


_LABELS = frozenset(normal(label) for label in (*CLIENT_ID, *CLIENT_SECRET, *ACCESS_TOKEN, *STORE_HASH, *API_PATH))


def _value(
    document: Document,
    part: tuple[Element, ...],
    names: tuple[str, ...],
    *,
    shortest: int = _SHORTEST,
    any_text: bool = False,
) -> tuple[str, Element] | None:
    """Return the value that bears one of the names, and the element that showed it."""
    for element in part:
        if element.role in {"textbox", "searchbox", "spinbutton"} and is_one_of(element.name, names):
            value = _shaped(element.value, shortest, any_text)
            if value is not None:
                return value, element
    places = {element: place for place, element in enumerate(part)}
    for label in document.with_text(names):
        if label not in places:
            continue
        beside = _beside(label, names, shortest, any_text)
        if beside is not None:
            return beside, label
        for element in part[places[label] + 1 : places[label] + 25]:
            if normal(element.own_text) in _LABELS or normal(element.text) in _LABELS:
                break
            if any(e.role in _NO_VALUES for e in (element, *element.ancestors())):
                continue
            value = _shaped(_whole_value(element), shortest, any_text)
            if value is not None:
                return value, element
    return _inline(part, names, shortest, any_text)


_NO_VALUES = frozenset({"button", "link", "heading", "tooltip"})


def _whole_value(element: Element) -> str:
    """Return what a field holds, or an element's text with what is drawn around it, as far as that is one word."""
    if element.tag in {"input", "textarea"}:
        return element.value
    text = element.own_text
    for around in (element, *element.ancestors()):
        whole = _but_controls(around) if len(around.text) <= _LONGEST_AROUND else ""
        if not whole or " " in whole:
            break
        text = whole
    return text


_DOES = ("Copy", "Copied", "Copied!", "Copy to clipboard", "Show", "Hide", "Reveal", "View")


def _but_controls(element: Element) -> str:
    """Return an element's text without that of buttons beside a value, which may follow it without any space."""
    controls = [e for e in element.descendants() if e.role in _NO_VALUES or is_one_of(e.own_text, _DOES)]
    return element.text_apart_from(controls) if controls else element.text


def _beside(label: Element, names: tuple[str, ...], shortest: int, any_text: bool) -> str | None:
    """Read `<p><b>Access token:</b> VALUE</p>`: the value stands in the label's parent, behind it."""
    parent = first(label.ancestors())
    if parent is None or len(parent.text) > _LONGEST_AROUND:
        return None
    return _after_name(parent.own_text and _but_controls(parent), names, shortest, any_text)


def _inline(
    part: tuple[Element, ...], names: tuple[str, ...], shortest: int, any_text: bool
) -> tuple[str, Element] | None:
    """Read `Access token: VALUE` in one text."""
    for element in part:
        if element.own_text and ":" in element.own_text:
            value = _after_name(element.own_text, names, shortest, any_text)
            if value is not None:
                return value, element
    return None


def _after_name(text: str, names: tuple[str, ...], shortest: int, any_text: bool) -> str | None:
    for name in names:
        found = re.match(rf"\s*{re.escape(name)}\s*:?\s+(\S+)\s*$", text, re.IGNORECASE)
        if found:
            return _shaped(found[1], shortest, any_text)
    return None


def _shaped(text: str, shortest: int, any_text: bool) -> str | None:
    value = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    if any_text or shortest < _SHORTEST:
        return value if value and (any_text or _VALUE.fullmatch(value)) else None
    if (
        len(value) < shortest
        or not _VALUE.fullmatch(value)
        or _CUT_OR_MASKED.search(value)
        or len(set(value)) < _FEWEST_LETTERS
    ):
        return None
    telling = len(value) >= _SHORTEST_WITHOUT_DIGIT or any(c.isdigit() for c in value)
    return value if telling else None


def _done(part: tuple[Element, ...], token: Element) -> Control | None:
    """Return what closes the window: the button nearest around the token, since the page behind may have its own."""
    buttons = [e for e in part if e.role in DONE.roles and not e.disabled and not e.tiny]
    for around in token.ancestors():
        for name in DONE.all_names:
            found = first(e for e in buttons if is_one_of(e.name, (name,)) and around.contains(e))
            if found is not None:
                return found.control
    return None
