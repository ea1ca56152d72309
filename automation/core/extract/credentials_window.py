"""The window that shows an API account's credentials once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from automation.core.extract.addresses import store_hash_from_api_path
from automation.core.extract.document import Control, Document, Element, first
from automation.core.extract.wording import is_one_of, normal
from automation.core.targets import ACCESS_TOKEN, API_PATH, CLIENT_ID, CLIENT_SECRET, DONE, STORE_HASH
from companion.core.secret import Secret

# No length is promised; all seen are 30 or more. Eight keeps words such as "hidden" or "copied" out.
_SHORTEST = 8
_VALUE = re.compile(r"[A-Za-z0-9._~+/=-]+")


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


def credentials_window(document: Document) -> CredentialsWindow | None:
    """Read the window, a dialog or not, with boxes or plain text; None where there is none, or not yet a token."""
    labels = (*CLIENT_ID, *CLIENT_SECRET, *ACCESS_TOKEN, *STORE_HASH, *API_PATH)
    token = _value(document, ACCESS_TOKEN, labels)
    client_id = _value(document, CLIENT_ID, labels)
    if token is None or (
        client_id is None and _value(document, CLIENT_SECRET, labels) is None and not _in_dialog(document)
    ):
        return None
    client_secret = _value(document, CLIENT_SECRET, labels)
    shown_hash = _value(document, STORE_HASH, labels, shortest=1)
    path = _value(document, API_PATH, labels, any_text=True)
    return CredentialsWindow(
        access_token=Secret(token),
        client_id=client_id,
        client_secret=Secret(client_secret) if client_secret else None,
        store_hash=shown_hash.lower() if shown_hash else store_hash_from_api_path(path or ""),
        done=_done(document),
    )


def _value(
    document: Document,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    *,
    shortest: int = _SHORTEST,
    any_text: bool = False,
) -> str | None:
    for element in document.of_role("textbox", "searchbox", "spinbutton"):
        if is_one_of(element.name, names):
            value = _shaped(element.value, shortest, any_text)
            if value is not None:
                return value
    known = {normal(label) for label in labels}
    for label in document.with_text(names):
        beside = _beside(label, names, shortest, any_text)
        if beside is not None:
            return beside
        for element in _following(document, label):
            if normal(element.own_text) in known or normal(element.text) in known:
                break
            text = element.value if element.tag.name in {"input", "textarea"} else element.own_text
            value = _shaped(text, shortest, any_text)
            if value is not None and element.role not in {"button", "link", "heading"}:
                return value
    return _inline(document, names, shortest, any_text)


def _beside(label: Element, names: tuple[str, ...], shortest: int, any_text: bool) -> str | None:
    """Read `<p><b>Access token:</b> VALUE</p>`: the value stands in the label's parent, behind it."""
    parent = first(label.ancestors())
    if parent is None or len(parent.text) > 500:
        return None
    return _after_name(parent.own_text and parent.text, names, shortest, any_text)


def _inline(document: Document, names: tuple[str, ...], shortest: int, any_text: bool) -> str | None:
    """Read `Access token: VALUE` in one text."""
    for element in document.shown:
        if element.own_text and ":" in element.own_text:
            value = _after_name(element.own_text, names, shortest, any_text)
            if value is not None:
                return value
    return None


def _after_name(text: str, names: tuple[str, ...], shortest: int, any_text: bool) -> str | None:
    for name in names:
        found = re.match(rf"\s*{re.escape(name)}\s*:?\s+(\S+)\s*$", text, re.IGNORECASE)
        if found:
            return _shaped(found[1], shortest, any_text)
    return None


def _following(document: Document, label: Element) -> tuple[Element, ...]:
    start = next((n for n, element in enumerate(document.shown) if element is label), None)
    return () if start is None else document.shown[start + 1 : start + 25]


def _shaped(text: str, shortest: int, any_text: bool) -> str | None:
    value = text.strip()
    if any_text:
        return value or None
    return value if len(value) >= shortest and _VALUE.fullmatch(value) else None


def _in_dialog(document: Document) -> bool:
    return any(
        is_one_of(label.text, ACCESS_TOKEN) and any(a.role in {"dialog", "alertdialog"} for a in label.ancestors())
        for label in document.with_text(ACCESS_TOKEN)
    )


def _done(document: Document) -> Control | None:
    for name in DONE.names:
        found = first(e for e in document.named(DONE.roles, (name,)) if not e.disabled and not e.tiny)
        if found is not None:
            return found.control
    return None
