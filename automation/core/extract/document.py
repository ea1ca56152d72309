"""A document's elements with the role, name, state and value that a person using it would perceive.

Roles and names follow HTML-AAM and "Accessible Name and Description Computation" as far as control panels need them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache

from bs4 import BeautifulSoup, Tag

from automation.core.extract.wording import is_one_of, normal
from automation.core.snapshot import PageSnapshot

CHOICE_ROLES = frozenset({"switch", "radio", "checkbox", "menuitemradio", "menuitemcheckbox", "tab"})
FIELD_ROLES = frozenset({"textbox", "searchbox", "combobox", "listbox", "spinbutton"})
CLICKABLE_ROLES = frozenset({"button", "link", "menuitem", "option", "tab", "switch", "radio", "checkbox"})

_ROLE_OF_TAG = {
    "article": "article",
    "button": "button",
    "dialog": "dialog",
    "fieldset": "group",
    "form": "form",
    "header": "banner",
    "li": "listitem",
    "main": "main",
    "nav": "navigation",
    "ol": "list",
    "option": "option",
    "progress": "progressbar",
    "summary": "button",
    "table": "table",
    "td": "cell",
    "textarea": "textbox",
    "th": "columnheader",
    "tr": "row",
    "ul": "list",
}
_ROLE_OF_INPUT = {
    "button": "button",
    "checkbox": "checkbox",
    "image": "button",
    "number": "spinbutton",
    "radio": "radio",
    "range": "slider",
    "reset": "button",
    "search": "searchbox",
    "submit": "button",
}
_NAMED_BY_CONTENT = frozenset(
    {
        "button",
        "cell",
        "checkbox",
        "columnheader",
        "heading",
        "link",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "option",
        "radio",
        "row",
        "switch",
        "tab",
        "treeitem",
    }
)
_LONGEST_NAME = 200
_ICONS = frozenset({"i", "img", "svg"})
_SELECTED_CLASSES = frozenset({"active", "checked", "is-active", "is-checked", "is-selected", "selected"})


class Way(StrEnum):
    """How a control was found, in order of trust."""

    NAME = "name"
    TEXT = "text"
    TRANSLATION = "translation"
    ADDRESS = "address"
    STRUCTURE = "structure"


@dataclass(frozen=True)
class Control:
    """One element of a snapshot, enough to find it again in the browser.

    Attributes:
        frame: the document in its tab; 0 is the top one.
        ref: its `data-ref` in the snapshot.
        role, name: as `Element`; used to find it by role and name, and in messages.
        shown: False where it is in the page but cannot be seen, as a visually hidden radio.
        way: how it was found.
    """

    frame: int
    ref: int
    role: str
    name: str
    document: str = field(default="", compare=False)
    shown: bool = field(default=True, compare=False)
    way: Way = field(default=Way.NAME, compare=False)


class Element:
    """One element, seen the way assistive technology sees it."""

    def __init__(self, document: Document, tag: Tag) -> None:
        self._document = document
        self.tag = tag

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and self.tag is other.tag

    def __hash__(self) -> int:
        return id(self.tag)

    def __repr__(self) -> str:
        return f"<Element {self.tag.name} role={self.role!r} ref={self.ref}>"

    def attribute(self, name: str, otherwise: str = "") -> str:
        """Return an attribute's value, `otherwise` where it is not set."""
        return str(self.tag.get(name, otherwise))

    @cached_property
    def ref(self) -> int:
        """Its place among the elements of the document, in document order."""
        return int(self.attribute("data-ref", "-1"))

    @cached_property
    def role(self) -> str:
        """Its explicit role, else the one that HTML gives it, else the empty string."""
        explicit = _attribute(self.tag, "role").split()
        if explicit:
            return explicit[0].lower()
        name = self.tag.name
        if name == "a":
            return "link" if self.tag.has_attr("href") else ""
        if name == "input":
            return _ROLE_OF_INPUT.get(_attribute(self.tag, "type").lower(), "textbox")
        if name == "select":
            return "listbox" if self.tag.has_attr("multiple") else "combobox"
        if len(name) == 2 and name[0] == "h" and name[1] in "123456":
            return "heading"
        return _ROLE_OF_TAG.get(name, "")

    @cached_property
    def shown(self) -> bool:
        """Whether it is rendered; a control too small to be seen counts as rendered."""
        return self.attribute("data-shown") != "no"

    @property
    def tiny(self) -> bool:
        """Whether it is rendered but cannot be seen, as a visually hidden radio."""
        return self.attribute("data-shown") == "tiny"

    @property
    def strong(self) -> bool:
        """Whether it is a button that is filled with a colour, as the primary one of a page is."""
        return self.tag.has_attr("data-strong")

    @property
    def disabled(self) -> bool:
        """Whether it takes no input now."""
        return self.tag.has_attr("disabled") or _attribute(self.tag, "aria-disabled").lower() == "true"

    @property
    def readonly(self) -> bool:
        """Whether its value cannot be typed into."""
        return self.tag.has_attr("readonly")

    @cached_property
    def text(self) -> str:
        """The text a person sees in it, white space folded."""
        return _folded(self.tag)

    @cached_property
    def plain_text(self) -> str:
        """The text a person sees in it but for what icons are called."""
        if not any(tag.name in _ICONS for tag in _tags_in(self.tag)):
            return self.text
        return _folded(self.tag, icons=False)

    def text_apart_from(self, others: Iterable[Element]) -> str:
        """Return the text a person sees in it but for that of some elements in it."""
        return _folded(self.tag, apart=frozenset(id(other.tag) for other in others))

    @cached_property
    def own_text(self) -> str:
        """The text that stands directly in it, not in its children."""
        return " ".join("".join(text for text in self.tag.children if isinstance(text, str)).split())

    @cached_property
    def value(self) -> str:
        """What a field holds: typed text, or the text of the chosen option."""
        if self.tag.name == "select":
            return next((option.text for option in self.options if option.tag.has_attr("selected")), "")
        if self.tag.name == "input":
            return _attribute(self.tag, "value")
        if self.tag.name == "textarea" or self.tag.has_attr("contenteditable"):
            return "".join(text for text in self.tag.children if isinstance(text, str))
        return self.text

    @cached_property
    def options(self) -> tuple[Element, ...]:
        """The options of a native select."""
        return tuple(self._document.element(tag) for tag in _tags_in(self.tag) if tag.name == "option")

    @property
    def chosen(self) -> bool | None:
        """Whether a choice is on; None where the page does not tell."""
        for attribute in ("aria-checked", "aria-pressed", "aria-selected"):
            if self.tag.has_attr(attribute):
                return _attribute(self.tag, attribute).lower() == "true"
        if self.tag.name == "input" and _attribute(self.tag, "type").lower() in {"radio", "checkbox"}:
            return self.tag.has_attr("checked")
        if self.tag.has_attr("aria-current"):
            return _attribute(self.tag, "aria-current").lower() not in {"", "false"}
        state = _attribute(self.tag, "data-state").lower()
        if state in {"on", "checked", "active", "off", "unchecked", "inactive"}:
            return state in {"on", "checked", "active"}
        return None

    @property
    def looks_chosen(self) -> bool:
        """Whether only its class says that it is on, as in older pages."""
        classes = {name.lower() for name in _attribute(self.tag, "class").split()}
        return any(
            name in _SELECTED_CLASSES or name.endswith(("--active", "--selected", "-selected")) for name in classes
        )

    @cached_property
    def name(self) -> str:
        """Its accessible name."""
        return self._document.name_of(self)

    @property
    def address(self) -> str:
        """Where a link leads, absolute; empty where it leads nowhere, or only to another place on the same page."""
        address = _attribute(self.tag, "data-href")
        page, hash_, place = address.partition("#")
        here = bool(hash_) and not place.startswith(("/", "!")) and page == self._document.url.partition("#")[0]
        return "" if here else address

    @property
    def control(self) -> Control:
        """What the browser needs to find it again."""
        return self.found_by(Way.NAME)

    def found_by(self, way: Way) -> Control:
        """Return what the browser needs to find it again, and how it was found."""
        return Control(
            self._document.snapshot.frame,
            self.ref,
            self.role,
            self.name,
            self._document.snapshot.document,
            shown=not self.tiny and self.shown,
            way=way,
        )

    def ancestors(self) -> Iterator[Element]:
        """Its ancestors, nearest first, up to the body."""
        for parent in _tags_around(self.tag):
            yield self._document.element(parent)

    def descendants(self) -> Iterator[Element]:
        """All elements in it, in document order."""
        for tag in _tags_in(self.tag):
            yield self._document.element(tag)

    def contains(self, other: Element) -> bool:
        """Whether `other` stands in it."""
        return any(parent is self.tag for parent in _tags_around(other.tag))


@dataclass(frozen=True)
class Found:
    """A control, and how it was found."""

    element: Element
    way: Way

    @property
    def control(self) -> Control:
        """What the browser needs to find it again."""
        return self.element.found_by(self.way)


class Document:
    """The elements of one snapshot."""

    def __init__(self, snapshot: PageSnapshot) -> None:
        self.snapshot = snapshot
        self._tags = _tags_of(snapshot.html)
        self._elements: dict[int, Element] = {}
        self._named: dict[str, dict[str, list[Element]]] = {}

    @property
    def url(self) -> str:
        """The document's address."""
        return self.snapshot.url

    def element(self, tag: Tag) -> Element:
        """Return the element of a tag; the same one each time."""
        known = self._elements.get(id(tag))
        if known is None:
            known = self._elements[id(tag)] = Element(self, tag)
        return known

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """All elements, in document order."""
        return tuple(self.element(tag) for tag in self._tags if tag.has_attr("data-ref"))

    @cached_property
    def shown(self) -> tuple[Element, ...]:
        """The elements that are rendered."""
        return tuple(element for element in self.elements if element.shown)

    @cached_property
    def text(self) -> str:
        """All text a person sees."""
        return _folded(self._tags[0]) if self._tags else ""

    @cached_property
    def _by_id(self) -> dict[str, Tag]:
        found: dict[str, Tag] = {}
        for tag in self._tags:
            if tag.has_attr("id"):
                found.setdefault(_attribute(tag, "id"), tag)
        return found

    @cached_property
    def _labels(self) -> dict[str, list[Tag]]:
        found: dict[str, list[Tag]] = {}
        for tag in self._tags:
            if tag.name == "label" and tag.has_attr("for"):
                found.setdefault(_attribute(tag, "for"), []).append(tag)
        return found

    @cached_property
    def _of_role(self) -> dict[str, list[Element]]:
        found: dict[str, list[Element]] = {}
        for element in self.shown:
            found.setdefault(element.role, []).append(element)
        return found

    @cached_property
    def _by_text(self) -> dict[str, list[Element]]:
        found: dict[str, list[Element]] = {}
        for element in self.shown:
            own = element.own_text
            if own and len(own) <= _LONGEST_NAME:
                for text in {normal(own), normal(element.text)}:
                    found.setdefault(text, []).append(element)
        return found

    def of_role(self, *roles: str) -> Iterator[Element]:
        """The rendered elements of these roles, in document order."""
        if len(roles) == 1:
            return iter(self._of_role.get(roles[0], ()))
        return iter(_in_order(element for role in set(roles) for element in self._of_role.get(role, ())))

    def named(self, roles: Iterable[str], names: Iterable[str]) -> Iterator[Element]:
        """The rendered elements of these roles whose whole name is one of `names`, in document order."""
        wordings = {normal(name) for name in names}
        return iter(
            _in_order({e for role in set(roles) for wording in wordings for e in self._names(role).get(wording, ())})
        )

    def _names(self, role: str) -> dict[str, list[Element]]:
        known = self._named.get(role)
        if known is None:
            known = self._named[role] = {}
            for element in self._of_role.get(role, ()):
                names = {element.name, element.plain_text} if role in _NAMED_BY_CONTENT else {element.name}
                for name in set(map(normal, names)):
                    known.setdefault(name, []).append(element)
        return known

    def with_text(self, texts: Iterable[str]) -> Iterator[Element]:
        """The innermost rendered elements whose whole text is one of `texts`, in document order."""
        wordings = {normal(text) for text in texts}
        return iter(_in_order({element for wording in wordings for element in self._by_text.get(wording, ())}))

    def by_id(self, identifier: str) -> Element | None:
        """Return the element with this id."""
        tag = self._by_id.get(identifier)
        return None if tag is None else self.element(tag)

    def label_of(self, element: Element) -> Element | None:
        """Return the rendered `label` of a field, by which a hidden control can be clicked."""
        for tag in self._label_tags(element):
            label = self.element(tag)
            if label.shown:
                return label
        return None

    def name_of(self, element: Element) -> str:
        """Return the accessible name of an element."""
        tag = element.tag
        labelled_by = " ".join(
            _folded(self._by_id[identifier], hidden_too=True)
            for identifier in _attribute(tag, "aria-labelledby").split()
            if identifier in self._by_id
        ).strip()
        if labelled_by:
            return labelled_by
        label = _attribute(tag, "aria-label").strip()
        if label:
            return label
        return self._native_name(element) or _attribute(tag, "title").strip() or _attribute(tag, "placeholder").strip()

    def _native_name(self, element: Element) -> str:
        tag = element.tag
        kind = _attribute(tag, "type").lower()
        if tag.name == "input" and kind in {"submit", "button", "reset"}:
            return _attribute(tag, "value") or {"submit": "Submit", "reset": "Reset"}.get(kind, "")
        if tag.name == "input" and kind == "image":
            return _attribute(tag, "alt")
        if tag.name in {"input", "select", "textarea", "button", "progress"}:
            labels = " ".join(_folded(label, without=tag) for label in self._label_tags(element)).strip()
            if labels:
                return labels
        if tag.name == "fieldset":
            legend = next((inner for inner in _tags_in(tag) if inner.name == "legend"), None)
            return self.element(legend).text if legend is not None else ""
        if tag.name == "img":
            return _attribute(tag, "alt")
        return element.text if element.role in _NAMED_BY_CONTENT else ""

    def _label_tags(self, element: Element) -> list[Tag]:
        identifier = _attribute(element.tag, "id")
        labels = list(self._labels.get(identifier, ())) if identifier else []
        around = element.tag.find_parent("label")
        if around is not None and all(around is not label for label in labels):
            labels.append(around)
        return labels


def read(snapshot: PageSnapshot) -> Document:
    """Return the document of a snapshot; reading the same snapshot again costs nothing."""
    return _read(snapshot)


def forget_documents() -> None:
    """Let go of all documents that were read; what they show, credentials among it, need not stay in memory."""
    _read.cache_clear()


def first(elements: Iterable[Element]) -> Element | None:
    """Return the first element, None where there is none."""
    return next(iter(elements), None)


def is_named(element: Element, names: Iterable[str]) -> bool:
    """Whether the element's whole name, or whole text, is one of `names`."""
    wordings = tuple(names)
    return is_one_of(element.name, wordings) or is_one_of(element.text, wordings)


@lru_cache(maxsize=96)  # a few documents a look, of several stores at once
def _read(snapshot: PageSnapshot) -> Document:
    return Document(snapshot)


def _tags_of(html: str) -> tuple[Tag, ...]:
    """Return all tags of a snapshot in document order, nested exactly as the page nests them.

    `snapshot.js` closes every element, so the snapshot is read as XML: as HTML it would be mended where scripts have
    built what HTML does not allow, such as a block in a paragraph, and labels be torn from their controls.
    """
    return tuple(_tags_in(BeautifulSoup(html, "xml")))


def _tags_in(tag: Tag) -> Iterator[Tag]:
    return (inner for inner in tag.descendants if isinstance(inner, Tag))


def _tags_around(tag: Tag) -> Iterator[Tag]:
    return (around for around in tag.parents if not isinstance(around, BeautifulSoup))


def _attribute(tag: Tag, name: str) -> str:
    return str(tag.get(name, ""))


def _in_order(elements: Iterable[Element]) -> list[Element]:
    return sorted(elements, key=lambda element: element.ref)


_BLOCKS = frozenset(
    {"div", "p", "li", "td", "th", "tr", "dt", "dd", "section", "br", "h1", "h2", "h3", "h4", "label", "option"}
)


_NONE: frozenset[int] = frozenset()


def _folded(
    tag: Tag,
    *,
    without: Tag | None = None,
    hidden_too: bool = False,
    icons: bool = True,
    apart: frozenset[int] = _NONE,
) -> str:
    """Return the text a person sees in a node, white space folded; `apart` has the ids of tags that are left out."""
    if without is not None:
        apart = frozenset({id(without)})
    texts: list[str] = []
    _write_text(tag, texts, apart, hidden_too=hidden_too, icons=icons)
    return " ".join("".join(texts).split())


def _write_text(tag: Tag, texts: list[str], apart: frozenset[int], *, hidden_too: bool, icons: bool) -> None:
    for child in tag.children:
        if not isinstance(child, Tag):
            texts.append(str(child))
            continue
        if id(child) in apart or (not hidden_too and child.get("data-shown") == "no"):
            continue
        if child.get("aria-hidden") == "true" and child.name in {"span", "svg", "i", "label"}:
            continue  # decoration, such as the star of a required field
        if not icons and child.name in _ICONS:
            continue
        if child.name == "img":
            texts.append(_attribute(child, "alt"))
            continue
        block = child.name in _BLOCKS
        if block:
            texts.append(" ")
        _write_text(child, texts, apart, hidden_too=hidden_too, icons=icons)
        if block:
            texts.append(" ")
