"""A scope's control on the create form, whatever it is made of.

Seen or likely: a segmented control of `role="switch"` buttons, in a group with or without a name; radios, also visually
hidden ones; older buttons with `aria-pressed`; native selects and drop-downs; rows of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from automation.core.extract.document import Document
from automation.core.extract.element import Control, Element, Way, first
from automation.core.extract.looks import has_class, selected_class
from automation.core.extract.roles import CHOICE_ROLES
from automation.core.extract.wording import is_one_of, normal
from automation.core.oauth_scopes import SCOPE_NAMES
from automation.core.request import IMPERSONATION_TOKENS, NOTHING, STOREFRONT_TOKENS, WantedScope
from automation.core.targets import CANCEL, SAVE

_MOST_OPTIONS = 8


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
        known = any(is_one_of(option.name, _KNOWN_OPTIONS) for option in self.options)
        if not known and len(self.options) == 2 and wanted.has_one_option:
            return self.options[1]
        return None


_KNOWN_OPTIONS = (
    "None", "read-only", "read only", "modify", "manage", "create", "login", "full", "standard", "generate tokens",
    "read", "write", "no access", "off", "disabled",
)  # fmt: skip


def scope_control(document: Document, wanted: WantedScope) -> ScopeControl | None:
    """Return the control of the wanted scope; None where the form has none.

    The store's own name for a scope is matched as a whole, so that no scope is taken for another. Where no name is
    known, BigCommerce's parameter in the form's fields tells, then our translations, then that of all scopes two speak
    of the Storefront API.
    """
    found = _named_group(document, wanted.labels) or _labelled(document, wanted.labels)
    if found is not None:
        return found
    found = _with_parameter(document, wanted)
    if found is not None:
        return replace(found, way=Way.STRUCTURE)
    translated = wanted.translated
    found = (_named_group(document, translated) or _labelled(document, translated)) if translated else None
    if found is not None:
        return replace(found, way=Way.TRANSLATION)
    return _of_storefront_pair(document, wanted)


def _with_parameter(document: Document, wanted: WantedScope) -> ScopeControl | None:
    """Find the fields that bear BigCommerce's own name for the scope, as forms send it."""
    if not wanted.parameter:
        return None
    bearing = [e for e in document.elements if _bears(e, wanted.parameter)]
    for element in bearing:
        if _is_drop_down(element) and element.shown:
            return _from_members(document, element.name or wanted.parameter, [element])
    choices = [e for e in bearing if _is_choice(document, e)]
    if choices:
        name = choices[0].attribute("name")
        same = [e for e in document.elements if name and e.attribute("name") == name and _is_choice(document, e)]
        return _from_members(document, wanted.parameter, same or choices)
    for element in bearing:
        found = _from_members(document, element.name or wanted.parameter, list(element.descendants()))
        if found is not None:
            return found
    return None


def _bears(element: Element, parameter: str) -> bool:
    for attribute in ("name", "id", "value"):
        text = element.attribute(attribute)
        if parameter in text and parameter in re.split(r"[^a-z0-9_]+", text.lower()):
            return True
    return False


_STOREFRONT = frozenset({STOREFRONT_TOKENS.parameter, IMPERSONATION_TOKENS.parameter})


def _of_storefront_pair(document: Document, wanted: WantedScope) -> ScopeControl | None:
    """Return one of the two scopes of the Storefront API on a form in an unknown language.

    They are the two that stand together, or are called Storefront, that speak of an API, which is called so in all
    languages, and that have two options.
    Both are always wanted, so that it does not matter which is which; that they were granted is proven by using them.
    """
    if wanted.parameter not in _STOREFRONT or any(
        document.named(("button", "link"), (*SAVE.names[:1], *CANCEL.names))  # "Create" is an option, too
    ):
        return None
    blocks = _unnamed_blocks(document)
    places = [place for place, (label, _) in enumerate(blocks) if re.search(r"(?<![a-z])api(?![a-z])", normal(label))]
    if len(places) != 2:
        return None
    if places[1] - places[0] != 1 and not all("storefront" in normal(blocks[place][0]) for place in places):
        return None
    found = [_from_members(document, *blocks[place]) for place in places]
    if any(each is None or (len(each.options) != 2 and each.drop_down is None) for each in found):
        return None
    first_of_them = wanted.parameter == STOREFRONT_TOKENS.parameter
    other = IMPERSONATION_TOKENS if first_of_them else STOREFRONT_TOKENS
    known = _named_group(document, other.translated) or _labelled(document, other.translated)
    if known is not None:  # then this is the other one, in whichever order they stand
        found = [each for each in found if each is not None and not _same(each, known)]
        control = found[0] if len(found) == 1 else None
    else:
        control = found[0 if first_of_them else 1]
    return None if control is None else replace(control, way=Way.STRUCTURE)


def _same(one: ScopeControl, another: ScopeControl) -> bool:
    return {_handle(option.control) for option in one.options} == {
        _handle(option.control) for option in another.options
    }


def _unnamed_blocks(document: Document) -> list[tuple[str, list[Element]]]:
    """Return each group of choices, or drop-down, with the first text between it and the one before."""
    blocks: list[tuple[str, list[Element]]] = []
    label = ""
    last: Element | None = None
    for element in document.shown:
        if last is not None and (last.contains(element) or last == element):
            continue
        if _is_drop_down(element):
            blocks.append((label, [element]))
            last, label = element, ""
        elif _is_choice(document, element):
            around = first(a for a in element.ancestors() if len(_choices(document, list(a.descendants()))) > 1)
            if around is not None:
                blocks.append((label, list(around.descendants())))
                last, label = around, ""
        elif element.own_text and (not label or last is None):  # before the first stands all the rest of the page
            label = element.text
    return blocks


def set_besides(document: Document, wanted: Iterable[ScopeControl]) -> tuple[ScopeControl, ...]:
    """Return what grants something on the form and is none of the wanted scopes' controls.

    Every scope, be it one that nobody knows, offers to grant nothing: what stands beside that is the scope's control.
    """
    theirs = {_handle(option.control) for control in wanted for option in control.options}
    theirs |= {_handle(control.drop_down) for control in wanted if control.drop_down is not None}
    found: list[ScopeControl] = []
    for label, members in _granting_blocks(document):
        control = _from_members(document, label, members)
        if control is None or any(_handle(option.control) in theirs for option in control.options):
            continue
        if control.drop_down is not None and _handle(control.drop_down) in theirs:
            continue
        chosen = control.chosen()
        if chosen is not None and not _grants_nothing(chosen):
            found.append(control)
    return tuple(found)


def _handle(control: Control) -> tuple[int, int]:
    return control.frame, control.ref


def _grants_nothing(option: str) -> bool:
    return is_one_of(option, NOTHING) or any(normal(option).endswith(f" {normal(nothing)}") for nothing in NOTHING)


def _granting_blocks(document: Document) -> Iterator[tuple[str, list[Element]]]:
    """Give the elements around each option that grants nothing, or the drop-down that may, with the text before."""
    label = ""
    last: Element | None = None
    for element in document.elements:
        if last is not None and (last.contains(element) or last == element):
            continue
        if not element.shown and not _is_set_by_its_label(document, element):
            continue
        if _is_drop_down(element) and _may_be_scope(element):
            yield (label if element.name in {"", element.text} else element.name), [element]
            last, label = element, ""
        elif _may_be_option(document, element) and _grants_nothing(_option(document, "", element).name):
            around = first(a for a in element.ancestors() if len(_choices(document, list(a.descendants()))) > 1)
            if around is not None:
                yield label, list(around.descendants())
                last, label = around, ""
        elif element.own_text and not is_one_of(element.text, (*NOTHING, *_KNOWN_OPTIONS)):
            label = element.text


def _may_be_option(document: Document, element: Element) -> bool:
    return _is_choice(document, element) or (element.role == "button" and bool(element.text)) or _leads_nowhere(element)


def _is_set_by_its_label(document: Document, element: Element) -> bool:
    """Whether a field is not drawn, but the label that stands for it is."""
    label = document.label_of(element) if element.tag == "input" and element.role in CHOICE_ROLES else None
    return label is not None and label.shown


def _may_be_scope(element: Element) -> bool:
    """Whether a drop-down offers, or shows, what scopes do."""
    if element.tag == "select":
        return any(_grants_nothing(option.text) for option in element.options)
    return is_one_of(element.value or element.text, (*NOTHING, *_KNOWN_OPTIONS))


def offered_scopes(document: Document) -> tuple[str, ...]:
    """Return the known scopes whose names stand on the page, for messages."""
    present = {normal(element.own_text) for element in document.shown if element.own_text}
    return tuple(name for name in SCOPE_NAMES if normal(name) in present)


def holds_no_scope(element: Element) -> bool:
    """Whether no known scope is named in an element."""
    return _scope_labels(list(element.descendants())) == 0


def _named_group(document: Document, labels: tuple[str, ...]) -> ScopeControl | None:
    for element in document.of_role("group", "radiogroup", "tablist", "toolbar"):
        if is_one_of(element.name, labels):
            control = _from_members(document, element.name, list(element.descendants()))
            if control is not None:
                return control
    for element in document.of_role("combobox", "listbox"):
        if is_one_of(element.name, labels):
            return _from_members(document, element.name, [list_owner(document, element) or element])
    return None


def _labelled(document: Document, labels: tuple[str, ...]) -> ScopeControl | None:
    for label, members in _blocks(document, labels):
        control = _from_members(document, label, members)
        if control is not None:
            return control
    return None


def _blocks(document: Document, labels: tuple[str, ...]) -> Iterator[tuple[str, list[Element]]]:
    """Give, for each place where a label stands, the elements that belong to it."""
    for label in document.with_text(labels):
        if label.role in CHOICE_ROLES or label.role in {"option", "link"}:
            continue
        for ancestor in label.ancestors():
            members = list(ancestor.descendants())
            if not _choices(document, members) and not any(m.shown and _is_drop_down(m) for m in members):
                continue
            if _scope_labels(members) > 1:  # siblings without a block of their own: take what follows the label
                members = _first_group(document, _until_next_label(members, label))
            yield label.text, members
            break


def _first_group(document: Document, members: list[Element]) -> list[Element]:
    """Return the first group of choices alone, since a scope that is not known may follow."""
    choices = _choices(document, members)
    if len(choices) < 3:
        return members
    around = first(a for a in choices[0].ancestors() if sum(a.contains(each) for each in choices) > 1)
    inside = [m for m in members if around is not None and around.contains(m)]
    return inside if len(_choices(document, inside)) > 1 else members


def _scope_labels(members: list[Element]) -> int:
    known = {normal(name) for name in SCOPE_NAMES}
    return len({normal(member.own_text) for member in members if member.own_text} & known)


def _until_next_label(members: list[Element], label: Element) -> list[Element]:
    known = {normal(name) for name in SCOPE_NAMES} - {normal(label.text)}
    following = members[members.index(label) + 1 :] if label in members else []
    for position, member in enumerate(following):
        if member.own_text and normal(member.own_text) in known:
            return following[:position]
    return following


def _leads_nowhere(element: Element) -> bool:
    """Whether a link is a button in disguise, as in older pages."""
    address = element.attribute("href")
    return element.role == "link" and bool(element.text) and (address == "#" or address.startswith("javascript:"))


def _is_drop_down(element: Element) -> bool:
    return element.role in {"combobox", "listbox"} or (
        element.role == "button" and element.attribute("aria-haspopup") in {"listbox", "menu", "true"}
    )


def without_options(buttons: list[Element]) -> list[Element]:
    """Return the buttons that are no scope's options, as "create": those tell whether they are set, or join "None"."""
    groups = [
        first(a for a in nothing.ancestors() if any(b is not nothing and a.contains(b) for b in buttons))
        for nothing in buttons
        if _grants_nothing(nothing.text)
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


def _from_members(document: Document, label: str, members: list[Element]) -> ScopeControl | None:
    drop_down = first(member for member in members if member.shown and _is_drop_down(member))
    if drop_down is not None:
        return _drop_down(document, label, drop_down, members)
    choices = _choices(document, members)
    if not choices or len(choices) > _MOST_OPTIONS:
        return None
    options = tuple(_option(document, label, choice) for choice in choices)
    if all(option.chosen is None for option in options):
        class_ = _selected_class(document)
        if class_ is not None:
            options = tuple(
                replace(option, chosen=has_class(choice, class_))
                for option, choice in zip(options, choices, strict=True)
            )
    return ScopeControl(label, options)


def _choices(document: Document, members: list[Element]) -> list[Element]:
    choices = [m for m in members if _is_choice(document, m)]
    if choices:
        return [c for c in choices if not any(other is not c and other.contains(c) for other in choices)]
    choices = [m for m in members if m.shown and ((m.role == "button" and m.text) or _leads_nowhere(m))]
    return choices if len(choices) > 1 else []  # a lone button beside the scope's name leads elsewhere


def _is_choice(document: Document, element: Element) -> bool:
    if element.role not in CHOICE_ROLES and not element.has("aria-pressed"):
        return False
    # A field that is not rendered at all is set by its label.
    return element.shown or (element.tag == "input" and document.label_of(element) is not None)


_selected_classes: WeakKeyDictionary[Document, str | None] = WeakKeyDictionary()


def _selected_class(document: Document) -> str | None:
    if document not in _selected_classes:
        _selected_classes[document] = _read_selected_class(document)
    return _selected_classes[document]


def _read_selected_class(document: Document) -> str | None:
    blocks = []
    for name in SCOPE_NAMES:
        found = next((_choices(document, members) for _, members in _blocks(document, (name,))), [])
        if found:
            blocks.append(found)
    return selected_class(blocks)


def _drop_down(document: Document, label: str, element: Element, members: list[Element]) -> ScopeControl:
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
    return ScopeControl(label, options, element.control)


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
        if any(_is_drop_down(e) and e is not box and not box.contains(e) and e.tag != "ul" for e in inside):
            break
        options = [e for e in inside if _is_list_option(e)]
        if options:
            return options
    if box.attribute("aria-expanded") != "true":
        return []
    return [e for e in document.shown if _is_list_option(e) and e.role == "option"]


def _is_list_option(element: Element) -> bool:
    return element.shown and element.role in {"option", "menuitem"} and element.tag != "option"


def _option(document: Document, label: str, choice: Element) -> ScopeOption:
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
