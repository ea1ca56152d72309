"""Which part of the form belongs to a scope's name, and the control that is read out of a part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

from automation.core.extract.document import Document
from automation.core.extract.element import Element, first
from automation.core.extract.looks import has_class, selected_class
from automation.core.extract.roles import CHOICE_ROLES
from automation.core.extract.scope_options import (
    ScopeControl,
    choices_among,
    is_drop_down,
    read_drop_down,
    read_option,
)
from automation.core.extract.wording import normal
from automation.core.oauth_scopes import SCOPE_NAMES

_MOST_OPTIONS = 8


def control_from(document: Document, label: str, members: list[Element]) -> ScopeControl | None:
    drop_down = first(member for member in members if member.shown and is_drop_down(member))
    if drop_down is not None:
        return read_drop_down(document, label, drop_down, members)
    choices = choices_among(document, members)
    if not choices or len(choices) > _MOST_OPTIONS:
        return None
    options = tuple(read_option(document, label, choice) for choice in choices)
    if all(option.chosen is None for option in options):
        class_ = _selected_class(document)
        if class_ is not None:
            options = tuple(
                replace(option, chosen=has_class(choice, class_))
                for option, choice in zip(options, choices, strict=True)
            )
    return ScopeControl(label, options)


def blocks_of(document: Document, labels: tuple[str, ...]) -> Iterator[tuple[str, list[Element]]]:
    """Give, for each place where a label stands, the elements that belong to it."""
    for label in document.with_text(labels):
        if label.role in CHOICE_ROLES or label.role in {"option", "link"}:
            continue
        for ancestor in label.ancestors():
            members = list(ancestor.descendants())
            if not choices_among(document, members) and not any(m.shown and is_drop_down(m) for m in members):
                continue
            if _scope_labels(members) > 1:  # siblings without a block of their own: take what follows the label
                members = _first_group(document, _until_next_label(members, label))
            yield label.text, members
            break


def _first_group(document: Document, members: list[Element]) -> list[Element]:
    """Return the first group of choices alone, since a scope that is not known may follow."""
    choices = choices_among(document, members)
    if len(choices) < 3:
        return members
    around = first(a for a in choices[0].ancestors() if sum(a.contains(each) for each in choices) > 1)
    inside = [m for m in members if around is not None and around.contains(m)]
    return inside if len(choices_among(document, inside)) > 1 else members


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


def offered_scopes(document: Document) -> tuple[str, ...]:
    """Return the known scopes whose names stand on the page, for messages."""
    present = {normal(element.own_text) for element in document.shown if element.own_text}
    return tuple(name for name in SCOPE_NAMES if normal(name) in present)


def holds_no_scope(element: Element) -> bool:
    """Whether no known scope is named in an element."""
    return _scope_labels(list(element.descendants())) == 0


_selected_classes: WeakKeyDictionary[Document, str | None] = WeakKeyDictionary()


def _selected_class(document: Document) -> str | None:
    if document not in _selected_classes:
        _selected_classes[document] = _read_selected_class(document)
    return _selected_classes[document]


def _read_selected_class(document: Document) -> str | None:
    blocks = []
    for name in SCOPE_NAMES:
        found = next((choices_among(document, members) for _, members in blocks_of(document, (name,))), [])
        if found:
            blocks.append(found)
    return selected_class(blocks)
