"""What of a form is not drawn yet: parts that are folded up, and scopes that a search field brings up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from automation.core.extract.document import Control, Document, Element, first
from automation.core.extract.wording import mentions

_OUTSIDE = frozenset({"banner", "dialog", "navigation", "row", "toolbar"})
_SCOPES_ARE_IN = ("storefront", "scope", "scopes", "permission", "permissions", "api")
_SEARCHES = ("search", "filter", "find")
_SHORTEST = 4


def folded_parts(document: Document) -> tuple[Control, ...]:
    """Return what unfolds a part of the page, the likeliest to hold scopes first; menus and lists are none."""
    found = [e for e in document.shown if _unfolds(e) and not any(a.role in _OUTSIDE for a in e.ancestors())]
    found.sort(key=lambda e: not mentions(e.text or e.name, _SCOPES_ARE_IN))
    return tuple(e.control for e in found)


def _unfolds(element: Element) -> bool:
    if element.disabled or element.role not in {"button", "tab"} or element.tag.get("aria-haspopup") is not None:
        return False
    if element.role == "tab":
        return element.chosen is False
    if element.tag.name == "summary":
        around = first(element.ancestors())
        others = [e for e in around.descendants() if e is not element and not element.contains(e)] if around else []
        return bool(others) and not any(e.shown for e in others)
    return element.attribute("aria-expanded").lower() == "false"


def scope_search(document: Document) -> Control | None:
    """Return the field by which scopes are searched for on the form; None where there is none, or it is not certain."""
    fields = [
        e
        for e in document.of_role("searchbox", "textbox")
        if mentions(f"{e.name} {e.attribute('placeholder')}", _SEARCHES) and not e.readonly and not e.disabled
    ]
    fields = [e for e in fields if not any(a.role in _OUTSIDE for a in e.ancestors())]
    return fields[0].control if len(fields) == 1 else None


def words_in_common(labels: Sequence[str]) -> str:
    """Return what to search for so that all of these names are found: their common beginning, else the first name."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*labels, strict=False))
    common = "".join(letters[0] for letters in alike).strip()
    return common if len(common) >= _SHORTEST else labels[0]
