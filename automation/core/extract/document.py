"""A document's elements, found by role, name, text or id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache, partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from automation.core.extract.accessible_names import AccessibleNames
from automation.core.extract.element import Element
from automation.core.extract.markup import read_markup
from automation.core.extract.roles import NAMED_BY_CONTENT
from automation.core.extract.text import folded
from automation.core.extract.wording import forget_texts, is_one_of, normal
from automation.core.snapshot import PageSnapshot

P = ParamSpec("P")
T = TypeVar("T")
_LONGEST_NAME = 200


class Document:
    """The elements of one snapshot."""

    def __init__(self, snapshot: PageSnapshot) -> None:
        self.snapshot = snapshot
        everything: list[Element] = []
        self._names = AccessibleNames(everything)
        make: Callable[..., Element] = partial(Element, snapshot=snapshot, names=self._names)
        read_markup(snapshot.html, make, everything)
        self._everything = everything
        self._named: dict[str, dict[str, list[Element]]] = {}
        self.answers: dict[tuple[object, ...], Any] = {}
        """What `once_a_document` read in it."""

    @property
    def url(self) -> str:
        """The document's address."""
        return self.snapshot.url

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """All elements, in document order."""
        return tuple(element for element in self._everything if element.ref >= 0)

    @cached_property
    def shown(self) -> tuple[Element, ...]:
        """The elements that are rendered."""
        return tuple(element for element in self.elements if element.shown)

    @cached_property
    def text(self) -> str:
        """All text a person sees."""
        return folded(self._everything[0]) if self._everything else ""

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
            _in_order({e for role in set(roles) for wording in wordings for e in self._of_name(role).get(wording, ())})
        )

    def _of_name(self, role: str) -> dict[str, list[Element]]:
        known = self._named.get(role)
        if known is None:
            known = self._named[role] = {}
            for element in self._of_role.get(role, ()):
                names = {element.name, element.plain_text} if role in NAMED_BY_CONTENT else {element.name}
                for name in set(map(normal, names)):
                    known.setdefault(name, []).append(element)
        return known

    def with_text(self, texts: Iterable[str]) -> Iterator[Element]:
        """The innermost rendered elements whose whole text is one of `texts`, in document order."""
        wordings = {normal(text) for text in texts}
        return iter(_in_order({element for wording in wordings for element in self._by_text.get(wording, ())}))

    def by_id(self, identifier: str) -> Element | None:
        """Return the element with this id."""
        return self._names.by_id(identifier)

    def label_of(self, element: Element) -> Element | None:
        """Return the rendered `label` of a field, by which a hidden control can be clicked."""
        return next((label for label in self._names.labels_of(element) if label.shown), None)


def read(snapshot: PageSnapshot) -> Document:
    """Return the document of a snapshot; reading the same snapshot again costs nothing."""
    return _read(snapshot)


def once_a_document(extractor: Callable[Concatenate[Document, P], T]) -> Callable[Concatenate[Document, P], T]:
    """Let an extractor answer at once what it was asked of the same document before; its arguments must have hashes.

    A page is decided on several times while it stays as it is: between two fields that are filled in, or while another
    document beside it changes.
    """

    @wraps(extractor)
    def answered(document: Document, *args: P.args, **kwargs: P.kwargs) -> T:
        asked = (extractor, *args, *kwargs.items())
        if asked not in document.answers:
            document.answers[asked] = extractor(document, *args, **kwargs)
        answer: T = document.answers[asked]
        return answer

    return cast("Callable[Concatenate[Document, P], T]", answered)


def forget_documents() -> None:
    """Let go of all documents that were read; what they show, credentials among it, need not stay in memory."""
    _read.cache_clear()
    forget_texts()


def is_named(element: Element, names: Iterable[str]) -> bool:
    """Whether the element's whole name, or whole text, is one of `names`."""
    wordings = tuple(names)
    return is_one_of(element.name, wordings) or is_one_of(element.text, wordings)


@lru_cache(maxsize=96)  # a few documents a look, of several stores at once
def _read(snapshot: PageSnapshot) -> Document:
    return Document(snapshot)


def _in_order(elements: Iterable[Element]) -> list[Element]:
    return sorted(elements, key=lambda element: element.place)
