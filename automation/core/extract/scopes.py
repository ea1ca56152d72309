"""Where the form has the control of a wanted scope."""

from __future__ import annotations

import re
from dataclasses import replace

from automation.core.extract.document import Document
from automation.core.extract.element import Element, Way, first
from automation.core.extract.scope_blocks import blocks_of, control_from
from automation.core.extract.scope_options import (
    ScopeControl,
    choices_among,
    handle_of,
    is_choice,
    is_drop_down,
    list_owner,
)
from automation.core.extract.wording import is_one_of, normal
from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS, WantedScope
from automation.core.targets import CANCEL, SAVE

_TEXT_FIELDS = frozenset({"textbox", "searchbox", "spinbutton"})


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


def _named_group(document: Document, labels: tuple[str, ...]) -> ScopeControl | None:
    for element in document.of_role("group", "radiogroup", "tablist", "toolbar"):
        if is_one_of(element.name, labels):
            control = control_from(document, element.name, list(element.descendants()))
            if control is not None:
                return control
    for element in document.of_role("combobox", "listbox"):
        if is_one_of(element.name, labels):
            return control_from(document, element.name, [list_owner(document, element) or element])
    return None


def _labelled(document: Document, labels: tuple[str, ...]) -> ScopeControl | None:
    for label, members in blocks_of(document, labels):
        control = control_from(document, label, members)
        if control is not None:
            return control
    return None


def _with_parameter(document: Document, wanted: WantedScope) -> ScopeControl | None:
    """Find the fields that bear BigCommerce's own name for the scope, as forms send it."""
    if not wanted.parameter:
        return None
    bearing = [e for e in document.elements if _bears(e, wanted.parameter)]
    for element in bearing:
        if is_drop_down(element) and element.shown:
            return control_from(document, element.name or wanted.parameter, [element])
    choices = [e for e in bearing if is_choice(document, e)]
    if choices:
        name = choices[0].attribute("name")
        same = [e for e in document.elements if name and e.attribute("name") == name and is_choice(document, e)]
        return control_from(document, wanted.parameter, same or choices)
    for element in bearing:
        found = control_from(document, element.name or wanted.parameter, list(element.descendants()))
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
    found = [control_from(document, *blocks[place]) for place in places]
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
    return {handle_of(option.control) for option in one.options} == {
        handle_of(option.control) for option in another.options
    }


def _unnamed_blocks(document: Document) -> list[tuple[str, list[Element]]]:
    """Return each group of choices, or drop-down, with its label: the first text between it and the one before.

    Before the first of them, and behind a field for text, stand other things as well: headings, help, the labels of
    fields. There it is the first text of the smallest part of the page that has any.
    """
    blocks: list[tuple[str, list[Element]]] = []
    texts: list[Element] = []
    last: Element | None = None
    beside_last = False
    for element in document.shown:
        if last is not None and (last.contains(element) or last == element):
            continue
        members: list[Element] = []
        if is_drop_down(element):
            last, members = element, [element]
        elif is_choice(document, element):
            around = first(a for a in element.ancestors() if len(choices_among(document, list(a.descendants()))) > 1)
            if around is not None:
                last, members = around, list(around.descendants())
        elif element.role in _TEXT_FIELDS:
            texts, beside_last = [], False
        elif element.own_text:
            texts.append(element)
        if members and last is not None:
            blocks.append((_label_before(last, texts, beside_last=beside_last), members))
            texts, beside_last = [], True
    return blocks


def _label_before(block: Element, texts: list[Element], *, beside_last: bool) -> str:
    if beside_last and texts:
        return texts[0].text
    for around in (block, *block.ancestors()):
        inside = [text for text in texts if around.contains(text)]
        if inside:
            return inside[0].text
    return ""
