"""One element with the role, name, state and value that a person using it would perceive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Self

from automation.core.extract.accessible_names import AccessibleNames
from automation.core.extract.markup import Node
from automation.core.extract.roles import role_of
from automation.core.extract.text import ICONS, folded
from automation.core.snapshot import PageSnapshot

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


class Element(Node):
    """One element, seen the way assistive technology sees it.

    Attributes:
        ref: its place among the elements that the page keeps for us; -1 for one that it does not keep.
        role: its explicit role, else the one that HTML gives it, else the empty string.
        shown: whether it is rendered; a control too small to be seen counts as rendered.
    """

    def __init__(
        self,
        tag: str,
        attributes: Mapping[str, str],
        parent: Self | None,
        everything: Sequence[Self],
        *,
        snapshot: PageSnapshot,
        names: AccessibleNames[Element],
    ) -> None:
        super().__init__(tag, attributes, parent, everything)
        self._snapshot = snapshot
        self._names = names
        self.ref = int(attributes.get("data-ref", -1))
        self.role = role_of(self)
        self.shown = attributes.get("data-shown") != "no"

    def __repr__(self) -> str:
        return f"<Element {self.tag} role={self.role!r} ref={self.ref}>"

    @property
    def tiny(self) -> bool:
        """Whether it is rendered but cannot be seen, as a visually hidden radio."""
        return self.attribute("data-shown") == "tiny"

    @property
    def strong(self) -> bool:
        """Whether it is a button that is filled with a colour, as the primary one of a page is."""
        return self.has("data-strong")

    @property
    def disabled(self) -> bool:
        """Whether it takes no input now."""
        return self.has("disabled") or self.attribute("aria-disabled").lower() == "true"

    @property
    def readonly(self) -> bool:
        """Whether its value cannot be typed into."""
        return self.has("readonly")

    @cached_property
    def text(self) -> str:
        """The text a person sees in it, white space folded."""
        return folded(self)

    @cached_property
    def plain_text(self) -> str:
        """The text a person sees in it but for what icons are called."""
        if not any(inner.tag in ICONS for inner in self.descendants()):
            return self.text
        return folded(self, icons=False)

    def text_apart_from(self, others: Iterable[Element]) -> str:
        """Return the text a person sees in it but for that of some elements in it."""
        return folded(self, apart=others)

    @cached_property
    def own_text(self) -> str:
        """The text that stands directly in it, not in its children."""
        return " ".join(self._texts().split())

    @cached_property
    def value(self) -> str:
        """What a field holds: typed text, or the text of the chosen option."""
        if self.tag == "select":
            return next((option.text for option in self.options if option.has("selected")), "")
        if self.tag == "input":
            return self.attribute("value")
        if self.tag == "textarea" or self.has("contenteditable"):
            return self._texts()
        if self.role == "combobox":  # until 2023 the role was on what stands around the field
            field_ = first(inner for inner in self.descendants() if inner.tag == "input")
            return self.text if field_ is None else field_.value
        return self.text

    @property
    def field(self) -> Element:
        """The field that a combobox is worked by: itself, or the one in it.

        BigDesign before 2023 has the role on what stands around the field, which may be much wider than it is.
        """
        if self.role != "combobox" or self.tag in {"input", "select", "textarea"}:
            return self
        return first(e for e in self.descendants() if e.tag == "input" and e.shown and not e.tiny) or self

    @cached_property
    def options(self) -> tuple[Element, ...]:
        """The options of a native select."""
        return tuple(inner for inner in self.descendants() if inner.tag == "option")

    @property
    def chosen(self) -> bool | None:
        """Whether a choice is on; None where the page does not tell."""
        for attribute in ("aria-checked", "aria-pressed", "aria-selected"):
            if self.has(attribute):
                return self.attribute(attribute).lower() == "true"
        if self.tag == "input" and self.attribute("type").lower() in {"radio", "checkbox"}:
            return self.has("checked")
        if self.has("aria-current"):
            return self.attribute("aria-current").lower() not in {"", "false"}
        state = self.attribute("data-state").lower()
        if state in {"on", "checked", "active", "off", "unchecked", "inactive"}:
            return state in {"on", "checked", "active"}
        return None

    @property
    def looks_chosen(self) -> bool:
        """Whether only its class says that it is on, as in older pages."""
        classes = {name.lower() for name in self.attribute("class").split()}
        return any(
            name in _SELECTED_CLASSES or name.endswith(("--active", "--selected", "-selected")) for name in classes
        )

    @cached_property
    def name(self) -> str:
        """Its accessible name."""
        return self._names.name_of(self)

    @property
    def address(self) -> str:
        """Where a link leads, absolute; empty where it leads nowhere, or only to another place on the same page."""
        address = self.attribute("data-href")
        page, hash_, place = address.partition("#")
        here = bool(hash_) and not place.startswith(("/", "!")) and page == self._snapshot.url.partition("#")[0]
        return "" if here else address

    @property
    def control(self) -> Control:
        """What the browser needs to find it again."""
        return self.found_by(Way.NAME)

    def found_by(self, way: Way) -> Control:
        """Return what the browser needs to find it again, and how it was found."""
        return Control(
            self._snapshot.frame,
            self.ref,
            self.role,
            self.name,
            self._snapshot.document,
            shown=not self.tiny and self.shown,
            way=way,
        )

    def _texts(self) -> str:
        return "".join(child for child in self.children if isinstance(child, str))


@dataclass(frozen=True)
class Found:
    """A control, and how it was found."""

    element: Element
    way: Way

    @property
    def control(self) -> Control:
        """What the browser needs to find it again."""
        return self.element.found_by(self.way)


def first(elements: Iterable[Element]) -> Element | None:
    """Return the first element, None where there is none."""
    return next(iter(elements), None)
