"""What a scope's control is made of: its options, and which of them is set.

Seen or likely: a segmented control of `role="switch"` buttons, in a group with or without a name; radios, also visually
hidden ones; older buttons with `aria-pressed`; native selects and drop-downs; rows of a table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from automation.core.extract.document import Document
from automation.core.extract.element import Control, Element, Way, first
from automation.core.extract.roles import CHOICE_ROLES
from automation.core.extract.wording import is_one_of, normal
from automation.core.request import NOTHING, WantedScope

KNOWN_OPTIONS = (
    "None", "read-only", "read only", "modify", "manage", "create", "login", "full", "standard", "generate tokens",
    "read", "write", "no access", "off", "disabled",
)  # fmt: skip


@dataclass(frozen=True)
class ScopeOption:
    """One option of a scope.

    Attributes:
        name: its wording on the page.
        chosen: whether it is set; None where the page does not tell.
        control: what to press to set it.
        grants: the value that the form would send for it, where it is a field.
    """

    name: str
    chosen: bool | None
    control: Control
    disabled: bool
    grants: str = ""


@dataclass(frozen=True)
class ScopeControl:
    """A scope's control.

    Attributes:
        label: the scope's name on the page.
        options: its options in page order; of a closed drop-down only the one it shows.
        drop_down: what to press to open the options, or the native select itself.
        native: whether `drop_down` is a native select, whose options cannot be pressed.
        way: how it was found.
    """

    label: str
    options: tuple[ScopeOption, ...]
    drop_down: Control | None = None
    native: bool = False
    way: Way = Way.NAME

    def chosen(self) -> str | None:
        """Return the wording of the option that is set; None where none is, or the page does not tell."""
        option = self.chosen_option()
        return None if option is None else option.name

    def chosen_option(self) -> ScopeOption | None:
        """Return the option that is set; None where none or several are, or the page does not tell."""
        set_ = [option for option in self.options if option.chosen]
        return set_[0] if len(set_) == 1 else None

    def wanted_option(self, wanted: WantedScope) -> ScopeOption | None:
        """Return the option that makes the wanted grant; None where the control has none.

        By its wording; by BigCommerce's name for the grant; and where the page is in words that are not known, the
        second of two, since the scopes that have two options have "None" and one more.
        """
        for name in wanted.options:
            for option in self.options:
                if is_one_of(option.name, (name,)):
                    return option
        for option in self.options:
            if wanted.parameter and option.grants == wanted.parameter:
                return option
        known = any(is_one_of(option.name, KNOWN_OPTIONS) for option in self.options)
        if not known and len(self.options) == 2 and wanted.has_one_option:
            return self.options[1]
        return None


def choices_among(document: Document, members: list[Element]) -> list[Element]:
    choices = [m for m in members if is_choice(document, m)]
    if choices:
        return [c for c in choices if not any(other is not c and other.contains(c) for other in choices)]
    choices = [m for m in members if m.shown and ((m.role == "button" and m.text) or leads_nowhere(m))]
    return choices if len(choices) > 1 else []  # a lone button beside the scope's name leads elsewhere


def is_choice(document: Document, element: Element) -> bool:
    if element.role not in CHOICE_ROLES and not element.has("aria-pressed"):
        return False
    # A field that is not rendered at all is set by its label.
    return element.shown or (element.tag == "input" and document.label_of(element) is not None)


def leads_nowhere(element: Element) -> bool:
    """Whether a link is a button in disguise, as in older pages."""
    address = element.attribute("href")
    return element.role == "link" and bool(element.text) and (address == "#" or address.startswith("javascript:"))


def is_drop_down(element: Element) -> bool:
    return element.role in {"combobox", "listbox"} or (
        element.role == "button" and element.attribute("aria-haspopup") in {"listbox", "menu", "true"}
    )


def read_drop_down(document: Document, label: str, element: Element, members: list[Element]) -> ScopeControl:
    if element.tag == "select":
        options = tuple(
            ScopeOption(
                option.text,
                option.has("selected"),
                option.control,
                option.disabled,
                option.attribute("value"),
            )
            for option in element.options
        )
        return ScopeControl(label, options, element.control, native=True)
    shows = element.value or element.text
    open_options = _open_options(document, element, members)
    options = tuple(
        ScopeOption(option.name, normal(option.name) == normal(shows), option.control, option.disabled)
        for option in open_options
    )
    if not options and shows:
        options = (ScopeOption(shows, True, element.control, element.disabled),)
    return ScopeControl(label, options, element.field.control)


def _open_options(document: Document, box: Element, members: list[Element]) -> list[Element]:
    """Return the options of a list that is open: in the list it names, beside it, or drawn elsewhere on the page."""
    lists = (document.by_id(name) for name in f"{box.attribute('aria-controls')} {box.attribute('aria-owns')}".split())
    for list_ in lists:
        named = [e for e in list_.descendants() if _is_list_option(e)] if list_ is not None else []
        if named:
            return named
    beside = [member for member in members if _is_list_option(member)]
    if beside:
        return beside
    for ancestor in box.ancestors() if box.attribute("aria-expanded") != "false" else ():
        inside = list(ancestor.descendants())
        if any(is_drop_down(e) and e is not box and not box.contains(e) and e.tag != "ul" for e in inside):
            break
        options = [e for e in inside if _is_list_option(e)]
        if options:
            return options
    if box.attribute("aria-expanded") != "true":
        return []
    return [e for e in document.shown if _is_list_option(e) and e.role == "option"]


def _is_list_option(element: Element) -> bool:
    return element.shown and element.role in {"option", "menuitem"} and element.tag != "option"


def read_option(document: Document, label: str, choice: Element) -> ScopeOption:
    name = choice.plain_text if choice.tag != "input" and choice.plain_text else choice.name
    name = _without_label(name, label) or _column_heading(choice) or choice.attribute("value")
    chosen = choice.chosen
    if chosen is None:
        inner = first(e for e in choice.descendants() if e.tag == "input" and e.chosen is not None)
        chosen = None if inner is None else inner.chosen
    if chosen is None and choice.looks_chosen:
        chosen = True
    pressed = choice
    if choice.tiny or not choice.shown:
        pressed = document.label_of(choice) or choice
    return ScopeOption(name, chosen, pressed.control, choice.disabled, choice.attribute("value"))


def _without_label(name: str, label: str) -> str:
    """Return the option's own part of a name such as "Storefront API tokens: manage", empty where it has none."""
    read, around = normal(name), re.escape(normal(label))
    own = re.sub(rf"^{around}\W+|\W+(?:(?:for|of|on)\W+)?{around}$", "", read)
    if own == normal(label):
        return ""
    return name if own == read else own


def _column_heading(choice: Element) -> str:
    cell = first(ancestor for ancestor in choice.ancestors() if ancestor.tag in {"td", "th"})
    row = first(ancestor for ancestor in choice.ancestors() if ancestor.tag == "tr")
    table = first(ancestor for ancestor in choice.ancestors() if ancestor.tag == "table")
    if cell is None or row is None or table is None:
        return ""
    cells = [child for child in row.children if isinstance(child, Element) and child.tag in {"td", "th"}]
    place = next((number for number, child in enumerate(cells) if child is cell), None)
    heading_row = first(element for element in table.descendants() if element.tag == "tr")
    if place is None or heading_row is None:
        return ""
    headings = [element for element in heading_row.descendants() if element.tag in {"th", "td"}]
    return headings[place].text if place < len(headings) else ""


def handle_of(control: Control) -> tuple[int, int]:
    return control.frame, control.ref


def grants_nothing(option: str) -> bool:
    return is_one_of(option, NOTHING) or any(normal(option).endswith(f" {normal(nothing)}") for nothing in NOTHING)


def without_options(buttons: list[Element]) -> list[Element]:
    """Return the buttons that are no scope's options, as "create": those tell whether they are set, or join "None"."""
    groups = [
        first(a for a in nothing.ancestors() if any(b is not nothing and a.contains(b) for b in buttons))
        for nothing in buttons
        if grants_nothing(nothing.text)
    ]
    return [
        b for b in buttons if not b.has("aria-pressed") and not any(g is not None and g.contains(b) for g in groups)
    ]


def list_owner(document: Document, list_: Element) -> Element | None:
    """Return the box that opens a list, where it is not the list itself that is the field."""
    identifier = list_.attribute("id")
    if list_.role != "listbox" or not identifier:
        return None
    return first(
        e
        for e in document.shown
        if e is not list_
        and identifier in f"{e.attribute('aria-controls')} {e.attribute('aria-owns')}".split()
        and e.role == "combobox"
    )
