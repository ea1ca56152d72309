"""The names by which assistive technology calls a document's elements.

They follow "Accessible Name and Description Computation" and HTML-AAM as far as control panels need them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Generic, TypeVar

from automation.core.extract.markup import Node
from automation.core.extract.roles import NAMED_BY_CONTENT, role_of
from automation.core.extract.text import folded

N = TypeVar("N", bound=Node)
_LABELLED = frozenset({"input", "select", "textarea", "button", "progress"})


class AccessibleNames(Generic[N]):
    """The names of all elements of one document; what names others is looked up once."""

    def __init__(self, everything: Sequence[N]) -> None:
        self._everything = everything

    def name_of(self, node: N) -> str:
        """Return the accessible name of an element."""
        by_id = self._by_id
        labelled_by = " ".join(
            folded(by_id[identifier], hidden_too=True)
            for identifier in node.attribute("aria-labelledby").split()
            if identifier in by_id
        ).strip()
        if labelled_by:
            return labelled_by
        label = node.attribute("aria-label").strip()
        if label:
            return label
        return self._native_name(node) or node.attribute("title").strip() or node.attribute("placeholder").strip()

    def by_id(self, identifier: str) -> N | None:
        """Return the first element with this id."""
        return self._by_id.get(identifier)

    def labels_of(self, node: N) -> list[N]:
        """Return the `label` elements of a field: those that name its id, then the one around it."""
        identifier = node.attribute("id")
        labels = list(self._labels.get(identifier, ())) if identifier else []
        around = next((each for each in node.ancestors() if each.tag == "label"), None)
        if around is not None and around not in labels:
            labels.append(around)
        return labels

    @cached_property
    def _by_id(self) -> dict[str, N]:
        found: dict[str, N] = {}
        for node in self._everything:
            if node.has("id"):
                found.setdefault(node.attribute("id"), node)
        return found

    @cached_property
    def _labels(self) -> dict[str, list[N]]:
        found: dict[str, list[N]] = {}
        for node in self._everything:
            if node.tag == "label" and node.has("for"):
                found.setdefault(node.attribute("for"), []).append(node)
        return found

    def _native_name(self, node: N) -> str:
        kind = node.attribute("type").lower()
        if node.tag == "input" and kind in {"submit", "button", "reset"}:
            return node.attribute("value") or {"submit": "Submit", "reset": "Reset"}.get(kind, "")
        if node.tag == "input" and kind == "image":
            return node.attribute("alt")
        if node.tag in _LABELLED:
            labels = " ".join(folded(label, apart=(node,)) for label in self.labels_of(node)).strip()
            if labels:
                return labels
        if node.tag == "fieldset":
            legend = next((inner for inner in node.descendants() if inner.tag == "legend"), None)
            return folded(legend) if legend is not None else ""
        if node.tag == "img":
            return node.attribute("alt")
        return folded(node) if role_of(node) in NAMED_BY_CONTENT else ""
