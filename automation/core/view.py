"""One tab, read: its documents together, and what can be found in any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from automation.core.extract import messages
from automation.core.extract.addresses import Place, is_browsers_error, leads_to, place_of
from automation.core.extract.document import Document, read
from automation.core.extract.element import Element, Found, Way, first
from automation.core.extract.roles import CLICKABLE_ROLES
from automation.core.snapshot import Busy, Tab
from automation.core.targets import Target

_T = TypeVar("_T")
_LONGEST_ROW = 600  # characters


@dataclass(frozen=True)
class View:
    """The documents of a tab: the top one and its frames."""

    tab: Tab

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The tab's documents, the top one first; a frame that did not load counts as empty.

        What stands in such a frame are the browser's words in its own language, none of the control panel's.
        """
        return tuple(
            read(replace(page, html="") if page.frame and is_browsers_error(page.url) else page)
            for page in self.tab.pages
        )

    @cached_property
    def busy(self) -> Busy:
        """Whether the tab still waits for something."""
        if self.blank or any(messages.busy(document) for document in self.documents):
            return Busy.LOADING
        if any(messages.undrawn(document) for document in self.documents):
            return Busy.WAITING
        return Busy.WAITING if self.tab.pending > 0 else Busy.NO

    @cached_property
    def blank(self) -> bool:
        """Whether the content is not drawn yet: nothing on the page, or nothing in any frame where one is large."""
        if not self.documents or self.tab.failure is not None:
            return False
        top, *frames = self.documents
        if not top.text and not any(frame.text for frame in frames):
            return place_of(top.url) in {Place.PANEL, Place.SIGN_IN}
        large = any(element.has("data-large") for element in top.shown)
        return large and bool(frames) and not any(frame.text for frame in frames)

    def only(self, belongs: Callable[[Document], bool]) -> View:
        """Return the tab with those documents alone."""
        return View(replace(self.tab, pages=tuple(d.snapshot for d in self.documents if belongs(d))))

    def read(self, extractor: Callable[[Document], _T | None]) -> _T | None:
        """Return what the extractor reads in the first document where it reads anything; frames count first.

        Content is drawn in a frame in today's control panel, in another or in none in others.
        """
        for document in (*self.documents[1:], *self.documents[:1]):
            found = extractor(document)
            if found is not None:
                return found
        return None

    def find(self, target: Target) -> Element | None:
        """Return the control in any document, top one first, by the way most to be trusted."""
        return first(self.find_all(target))

    def find_all(self, target: Target) -> Iterator[Element]:
        """Return the controls in any document, by the way most to be trusted first; today's name first."""
        return (found.element for found in self.ways(target))

    def ways(self, target: Target) -> Iterator[Found]:
        """Return the controls in any document, and how each was found; one may be found in several ways.

        By role and name first, then by its text alone, both by the names on record; then by our translations, and last
        by where its link leads.
        """
        for name in target.names:
            yield from self._named(target, name, Way.NAME)
        for name in target.names:
            yield from self._with_text(name, Way.TEXT)
        for name in target.translated:
            yield from self._named(target, name, Way.TRANSLATION)
        for name in target.translated:
            yield from self._with_text(name, Way.TRANSLATION)
        if target.addresses:
            for document in self.documents:
                for element in document.of_role("link", "menuitem", "option"):
                    if not element.disabled and leads_to(element.address, target.addresses):
                        yield Found(element, Way.ADDRESS)

    def _named(self, target: Target, name: str, way: Way) -> Iterator[Found]:
        for document in self.documents:
            for element in document.named(target.roles, (name,)):
                if not element.disabled:
                    yield Found(element, way)

    def _with_text(self, name: str, way: Way) -> Iterator[Found]:
        for document in self.documents:
            for element in document.with_text((name,)):
                clickable = first(a for a in (element, *element.ancestors()) if a.role in CLICKABLE_ROLES)
                if clickable is not None and clickable.disabled:
                    continue
                if clickable is not None and len(clickable.text) < _LONGEST_ROW:
                    yield Found(clickable, way)
                elif element.role != "heading":
                    yield Found(element, way)
                    beside = _pressable_beside(element)
                    if beside is not None:
                        yield Found(beside, way)

    def alerts(self) -> tuple[str, ...]:
        """Return the texts of toasts and messages in all documents."""
        return tuple(text for document in self.documents for text in messages.alerts(document))

    def errors(self, standing: Set[str] = frozenset()) -> tuple[str, ...]:
        """Return those messages, beyond `standing`, that tell of something that failed."""
        return tuple(text for text in self.alerts() if text not in standing and messages.is_error(text))

    def refusals(self, standing: Set[str] = frozenset()) -> tuple[str, ...]:
        """Return the errors, and what stands at a form's fields of what is wrong with them, beyond `standing`."""
        at_fields = (text for document in self.documents for text in messages.field_errors(document))
        return (*self.errors(standing), *(text for text in at_fields if text not in standing))

    def denied(self, standing: Set[str] = frozenset()) -> str | None:
        """Return what any document says, beyond `standing`, where the user may not do this."""
        return self.read(lambda document: messages.denied(document, standing))

    def fault(self, standing: Set[str] = frozenset()) -> str | None:
        """Return what any document says, beyond `standing`, where the server failed."""
        return self.read(lambda document: messages.fault(document, standing))

    def limit_reached(self, standing: Set[str] = frozenset()) -> str | None:
        """Return what any document says, beyond `standing`, of the limit of API accounts."""
        return self.read(lambda document: messages.limit_reached(document, standing))

    def complaints(self) -> frozenset[str]:
        """Return all that stands on the page of refusals, faults, limits and errors."""
        return frozenset().union(*(messages.complaints(document) for document in self.documents))


def _pressable_beside(element: Element) -> Element | None:
    """Return what can be pressed in the entry or row that a text stands in, where that is one thing."""
    for around in element.ancestors():
        if len(around.text) >= _LONGEST_ROW:
            return None
        pressable = [e for e in around.descendants() if e.shown and e.role in CLICKABLE_ROLES and not e.disabled]
        if pressable:
            return pressable[0] if len(pressable) == 1 else None
    return None
