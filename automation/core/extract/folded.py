"""What of a form is not drawn yet: parts that are folded up or scrolled away, and scopes that a search brings up."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import takewhile

from automation.core.extract.document import Document
from automation.core.extract.element import Control, Element, first
from automation.core.extract.roles import FIELD_ROLES
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.oauth_scopes import SCOPE_NAMES

_OUTSIDE = frozenset({"banner", "dialog", "navigation", "row", "toolbar"})
_SCOPES_ARE_IN = ("storefront", "scope", "scopes", "permission", "permissions", "api")
_SEARCHES = ("search", "filter", "find")
_SHORTEST = 4
_BESIDE_THE_POINT = ("help", "learn", "tour", "what's new", "support", "feedback", "example", "examples")
_MORE = tuple(
    f"{verb} {what}".strip()
    for verb in ("Show", "Load", "View", "See")
    for what in ("more", "all", "more scopes", "all scopes")
)
_NEXT = ("Next page", "Next")
_PREVIOUS = ("Previous page", "Previous", "Prev")


@dataclass(frozen=True)
class Folded:
    """What unfolds a part of the page.

    Attributes:
        key: its name, and which of those of this name on the page it is.
    """

    control: Control
    key: str


@dataclass(frozen=True)
class Scroller:
    """What scrolls, and of whose content most is not drawn, or more may come at its end.

    Attributes:
        at_start, at_end: whether it is scrolled there.
        sparse: whether most of what it scrolls over is not drawn, as in a list that keeps only the rows in view.
    """

    control: Control
    at_start: bool
    at_end: bool
    sparse: bool


@dataclass(frozen=True)
class Pages:
    """The buttons that turn the pages of the form's scopes; None where there is none, or it takes no press now."""

    next: Control | None
    previous: Control | None


def folded_parts(document: Document, name: Control | None = None) -> tuple[Folded, ...]:
    """Return what unfolds a part of the page, the likeliest to hold scopes first; menus and lists are none.

    Args:
        name: the form's name box: a dialog that the form itself stands in counts as the page.
    """
    found: list[tuple[Element, Folded]] = []
    seen: dict[str, int] = {}
    for element in document.shown:
        if not _may_unfold(element) or _apart(document, element, name) or _opens_a_list(document, element):
            continue
        called = normal(element.name)
        seen[called] = seen.get(called, 0) + 1
        if _unfolds(element):
            found.append((element, Folded(element.control, f"{called} {seen[called]}")))
    found.sort(key=lambda each: not mentions(each[0].text or each[0].name, _SCOPES_ARE_IN))
    return tuple(folded for _, folded in found)


def _apart(document: Document, element: Element, name: Control | None) -> bool:
    """Whether an element stands in a part of the page that is none of the form with this name box."""
    box = first(e for e in document.elements if e.ref == name.ref) if name is not None else None
    return any(a.role in _OUTSIDE and (box is None or not a.contains(box)) for a in element.ancestors())


def _may_unfold(element: Element) -> bool:
    """Whether an element folds something up, or unfolds it; so that those of one name can be told by their order."""
    if element.role not in {"button", "tab"} or element.has("aria-haspopup"):
        return False
    return element.role == "tab" or element.tag == "summary" or element.has("aria-expanded")


def _unfolds(element: Element) -> bool:
    if element.disabled:
        return False
    if element.role == "tab":
        return element.chosen is False
    if element.tag == "summary":
        around = first(element.ancestors())
        others = [e for e in around.descendants() if e is not element and not element.contains(e)] if around else []
        return bool(others) and not any(e.shown for e in others)
    return element.attribute("aria-expanded").lower() == "false"


def _opens_a_list(document: Document, button: Element) -> bool:
    """Whether a button is the arrow of a field's list, as beside BigDesign's Select."""
    if button.role != "button" or button.tag == "summary":
        return False
    opened = button.attribute("aria-controls")
    box = document.by_id(opened) if opened else None
    if box is not None and box.role in {"listbox", "menu"}:
        return True
    near = (around for around, _ in zip(button.ancestors(), range(2), strict=False))
    for around in near:
        if sum(e.role == "button" for e in around.descendants()) > 1:
            return False
        if any(e.role in {"combobox", "listbox"} for e in around.descendants()):
            return True
    return False


def _search_fields(document: Document, name: Control | None = None) -> list[Element]:
    fields = [
        e
        for e in document.of_role("searchbox", "textbox")
        if (e.role == "searchbox" or mentions(_called(e), _SEARCHES)) and not e.readonly and not e.disabled
    ]
    return [e for e in fields if not _apart(document, e, name)]


def _called(field: Element) -> str:
    return f"{field.name} {field.attribute('placeholder')}"


def words_in_common(labels: Sequence[str]) -> str:
    """Return what to search for so that all of these names are found: their common beginning, else the first name."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*labels, strict=False))
    common = "".join(letters[0] for letters in alike).strip()
    return common if len(common) >= _SHORTEST else labels[0]


def folded_scopes(document: Document, name: Control) -> tuple[Folded, ...]:
    """Return what unfolds a part of the form behind its name box, where more scopes may be."""
    return tuple(
        folded
        for folded in folded_parts(document, name)
        if folded.control.ref > name.ref and not mentions(folded.control.name, _BESIDE_THE_POINT)
    )


def more_scopes(document: Document, name: Control) -> Control | None:
    """Return the button behind the name box that draws more of the form; None where there is none."""
    buttons = [e for e in _buttons_on_form(document, name) if is_one_of(e.plain_text or e.name, _MORE)]
    return buttons[0].control if buttons else None


def scope_pages(document: Document, name: Control) -> Pages | None:
    """Return what turns the pages of the form's scopes; None where they have no pages.

    A plain "Next" beside the form may lead to its next step, and leave the scopes.
    """
    buttons = list(_buttons_on_form(document, name, disabled_too=True))
    after = first(e for e in buttons if is_one_of(e.name, _NEXT[: None if _turns_pages(e) else 1]))
    before = first(e for e in buttons if is_one_of(e.name, _PREVIOUS[: None if _turns_pages(e) else 1]))
    if after is None or before is None:
        return None
    return Pages(None if after.disabled else after.control, None if before.disabled else before.control)


def _turns_pages(button: Element) -> bool:
    return any(a.role == "navigation" for a in button.ancestors())


def _buttons_on_form(document: Document, name: Control, *, disabled_too: bool = False) -> Sequence[Element]:
    return [
        e
        for e in document.of_role("button")
        if e.ref > name.ref
        and (disabled_too or not e.disabled)
        and not e.has("aria-haspopup")
        and not any(a.role in {"banner", "dialog", "row"} and a.ref > name.ref for a in e.ancestors())
    ]


def scope_searches(document: Document, name: Control) -> tuple[Control, ...]:
    """Return the fields on the form that filter its scopes: behind its name box, or called so."""
    return tuple(
        field.control
        for field in _search_fields(document, name)
        if field.ref > name.ref or mentions(_called(field), ("scope", "scopes", "permission", "permissions"))
    )


def scrollers(document: Document, name: Control) -> tuple[Scroller, ...]:
    """Return what scrolls scopes that may not be drawn yet: boxes around or behind the name box, no field's lists."""
    found = []
    for element in document.shown:
        told = element.attribute("data-scroll")
        if not told or _apart(document, element, name):
            continue
        if element.role in FIELD_ROLES or not (
            element.ref > name.ref or any(e.ref == name.ref for e in element.descendants())
        ):
            continue
        found.append(Scroller(element.control, told == "start", told == "end", sparse=told != "more"))
    return tuple(found)


def scopes_counted(document: Document) -> int:
    """Return how many scopes the form says are set, where it counts them; 0 where it does not."""
    found = [_COUNTED.search(normal(e.text)) for e in document.shown if e.own_text and len(e.text) < 80]
    return max((int(each[1]) for each in found if each is not None), default=0)


_COUNTED = re.compile(
    r"(?<![\w.])(\d{1,2}) (?:of \d+ )?(?:oauth )?(?:scope|permission)s? (?:are |is )?"
    r"(?:selected|granted|set|enabled|chosen)(?!\w)"
)


def unreadable_parts(document: Document, name: Control) -> bool:
    """Whether a part of the form draws what cannot be read, as a closed shadow tree does."""
    box = first(e for e in document.shown if e.ref == name.ref)
    around = [e for e in document.shown if e.has("data-closed")]
    if box is None or not around:
        return False
    form = first(a for a in box.ancestors() if a.tag == "form" or a.role in {"form", "main"})
    return any(
        (form is None or form.contains(e) or e.ref > box.ref)
        and not _apart(document, e, name)
        and not any(a.has("data-fixed") and not a.contains(box) for a in (e, *e.ancestors()))
        for e in around
    )


def names_beside(seen: Set[str]) -> tuple[str, ...]:
    """Return the known scopes, as they are written, that are not among those seen, which are `normal`."""
    return tuple(name for name in SCOPE_NAMES if normal(name) not in seen)
