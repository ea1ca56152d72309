"""What a page looked like when a run failed, for a public report: roles, names and structure, nothing of value.

Kept are the names of controls, headings and labels, since a renamed one is what a report is about, and the texts of
messages. Removed are what fields hold, what tables list, every longer text, addresses beyond their kind, e-mail
addresses, numbers, and whatever could be a credential or belongs to this store. A document that shows credentials is
left out as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from automation.core.extract.addresses import Place, place_of
from automation.core.extract.credentials_window import credentials_window
from automation.core.extract.document import Document, read
from automation.core.extract.element import Element
from automation.core.extract.sign_in import is_picker_page, picker
from automation.core.extract.wording import mentions
from automation.core.snapshot import Observation, PageSnapshot
from automation.core.targets import ACCESS_TOKEN, CLIENT_SECRET
from companion.core.redaction import redacted

_MOST_LINES = 400
_LONGEST_NAME = 80
_NAMED = frozenset({
    "button", "checkbox", "columnheader", "combobox", "heading", "link", "listbox", "menuitem", "menuitemradio",
    "option", "radio", "searchbox", "spinbutton", "switch", "tab", "textbox", "treeitem", "alert", "status",
})  # fmt: skip
_STRUCTURE = frozenset({
    "alertdialog", "banner", "cell", "dialog", "form", "group", "gridcell", "list", "main", "menu", "navigation",
    "progressbar", "radiogroup", "row", "table", "tablist", "toolbar",
})  # fmt: skip
_VALUES = frozenset({"textbox", "searchbox", "spinbutton", "combobox"})
_LISTED = frozenset({"row", "cell", "gridcell", "rowheader"})
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_NUMBER = re.compile(r"\d+")
# Parts of the panel's addresses that are the same in every store.
_WORD = re.compile(r"[a-z][a-z.\-]{0,40}")


def masked_summary(observation: Observation, *, code: str, step: str, private: Iterable[str]) -> str:
    """Return the summary of all open tabs.

    Args:
        code: of the error that ended the run.
        private: what is known of this store and run and must not stand there: hash, subdomain, names.
    """
    known = tuple(sorted({each for each in private if each}, key=len, reverse=True))
    lines = [
        "BigCommerce Companion: what the pages looked like when a run failed.",
        "Values, lists, longer texts, addresses and numbers are removed. Look through it before you attach it.",
        f"Error: {code}. Step: {step}.",
    ]
    for tab in observation.tabs:
        state = f"HTTP {tab.status}" if tab.status is not None else "no answer"
        if tab.failure is not None:
            state = _masked(tab.failure, known)
        lines += ["", f"Tab {tab.number} ({state}, {tab.pending} requests pending)"]
        for page in tab.pages:
            lines += [f"  Document {page.frame}: {_address(page, known)} ({page.ready})"]
            lines += [f"    {line}" for line in _document(read(page), known)]
    return "\n".join(lines) + "\n"


def _document(document: Document, known: tuple[str, ...]) -> Iterator[str]:
    if credentials_window(document) is not None or mentions(document.text, (*ACCESS_TOKEN, *CLIENT_SECRET)):
        yield "(left out as a whole: it may show credentials)"
        return
    at_sign_in = place_of(document.url) is Place.SIGN_IN
    chooses_store = at_sign_in and (is_picker_page(document) or picker(document) is not None)
    depths: dict[Element, int] = {}
    written = 0
    for element in document.shown:
        depth = next((depths[each] + 1 for each in element.ancestors() if each in depths), 0)
        line = _line(element, known, listed=chooses_store and element.role in {"option", "link", "radio"})
        if line is None:
            continue
        depths[element] = depth
        written += 1
        if written > _MOST_LINES:
            yield "(and more)"
            return
        yield f"{'  ' * depth}{line}"


def _line(element: Element, known: tuple[str, ...], *, listed: bool) -> str | None:
    if element.tag == "label" or element.role in _NAMED:
        kind = element.role or element.tag
        name = element.name or element.text
        listed = listed or (_in_list(element) and element.role != "columnheader" and not _is_menu(element))
        text = f"[{len(name)} characters]" if listed and name else f"“{_masked(name, known)}”" if name else "(no name)"
        return " ".join([kind, text, *_states(element)])
    if element.role in _STRUCTURE or element.tag in {"iframe", "frame"}:
        return " ".join([element.role or element.tag, *_states(element)])
    if element.own_text and not any(each.role in _NAMED for each in element.ancestors()):
        return f"text [{len(element.own_text)} characters]"
    return None


def _states(element: Element) -> Iterator[str]:
    if element.role in _VALUES and element.tag != "select":
        yield f"holds [{len(element.value)} characters]"
    if element.disabled:
        yield "disabled"
    if element.readonly:
        yield "read-only"
    if element.chosen is not None:
        yield "on" if element.chosen else "off"
    for attribute in ("aria-expanded", "aria-haspopup", "aria-busy"):
        if element.has(attribute):
            value = element.attribute(attribute)
            yield f"{attribute}={value if _WORD.fullmatch(value) else '…'}"
    if element.tiny:
        yield "too small to be seen"


def _in_list(element: Element) -> bool:
    return element.role in _LISTED or any(each.role in _LISTED for each in element.ancestors())


def _is_menu(element: Element) -> bool:
    return any(each.role in {"menu", "listbox", "dialog", "alertdialog"} for each in element.ancestors())


def _masked(text: str, known: tuple[str, ...]) -> str:
    shown = _EMAIL.sub("…@…", text)
    for each in known:
        shown = re.sub(re.escape(each), "…", shown, flags=re.IGNORECASE)
    return redacted(_NUMBER.sub("0", redacted(shown, longest=2 * _LONGEST_NAME)), longest=_LONGEST_NAME)


def _address(page: PageSnapshot, known: tuple[str, ...]) -> str:
    """The kind of an address, and the parts of its path that are the same in every store."""
    place = place_of(page.url)
    if place not in {Place.PANEL, Place.SIGN_IN}:
        return place.value
    parts = [part if _WORD.fullmatch(part) else "…" for part in urlsplit(page.url).path.strip("/").split("/")]
    return _masked(f"{place.value} /{'/'.join(parts)}", known)
