"""What a form has set besides the scopes that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from automation.core.extract.document import Document, once_a_document
from automation.core.extract.element import Element, first
from automation.core.extract.roles import CHOICE_ROLES
from automation.core.extract.scope_blocks import control_from
from automation.core.extract.scope_options import (
    KNOWN_OPTIONS,
    ScopeControl,
    choices_among,
    grants_nothing,
    handle_of,
    is_choice,
    is_drop_down,
    leads_nowhere,
    read_option,
)
from automation.core.extract.wording import is_one_of
from automation.core.request import NOTHING


@once_a_document
def set_besides(document: Document, wanted: Iterable[ScopeControl]) -> tuple[ScopeControl, ...]:
    """Return what grants something on the form and is none of the wanted scopes' controls.

    Every scope, be it one that nobody knows, offers to grant nothing: what stands beside that is the scope's control.
    """
    theirs = {handle_of(option.control) for control in wanted for option in control.options}
    theirs |= {handle_of(control.drop_down) for control in wanted if control.drop_down is not None}
    found: list[ScopeControl] = []
    for label, members in _granting_blocks(document):
        control = control_from(document, label, members)
        if control is None or any(handle_of(option.control) in theirs for option in control.options):
            continue
        if control.drop_down is not None and handle_of(control.drop_down) in theirs:
            continue
        chosen = control.chosen()
        if chosen is not None and not grants_nothing(chosen):
            found.append(control)
    return tuple(found)


def _granting_blocks(document: Document) -> Iterator[tuple[str, list[Element]]]:
    """Give the elements around each option that grants nothing, or the drop-down that may, with the text before."""
    label = ""
    last: Element | None = None
    for element in document.elements:
        if last is not None and (last.contains(element) or last == element):
            continue
        if not element.shown and not _is_set_by_its_label(document, element):
            continue
        if is_drop_down(element) and _may_be_scope(element):
            yield (label if element.name in {"", element.text} else element.name), [element]
            last, label = element, ""
        elif _may_be_option(document, element) and grants_nothing(read_option(document, "", element).name):
            around = first(a for a in element.ancestors() if len(choices_among(document, list(a.descendants()))) > 1)
            if around is not None:
                yield label, list(around.descendants())
                last, label = around, ""
        elif element.own_text and not is_one_of(element.text, (*NOTHING, *KNOWN_OPTIONS)):
            label = element.text


def _may_be_option(document: Document, element: Element) -> bool:
    return is_choice(document, element) or (element.role == "button" and bool(element.text)) or leads_nowhere(element)


def _is_set_by_its_label(document: Document, element: Element) -> bool:
    """Whether a field is not drawn, but the label that stands for it is."""
    label = document.label_of(element) if element.tag == "input" and element.role in CHOICE_ROLES else None
    return label is not None and label.shown


def _may_be_scope(element: Element) -> bool:
    """Whether a drop-down offers, or shows, what scopes do."""
    if element.tag == "select":
        return any(grants_nothing(option.text) for option in element.options)
    return is_one_of(element.value or element.text, (*NOTHING, *KNOWN_OPTIONS))
