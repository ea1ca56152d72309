"""The elements of a snapshot's markup, nested exactly as the page nests them.

`snapshot.js` closes every element and escapes every text, so the snapshot is read as XML: as HTML it would be mended
where scripts have built what HTML does not allow, such as a block in a paragraph, and labels be torn from their
controls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Self, TypeVar
from xml.parsers import expat


class Node:
    """One element of the markup.

    Attributes:
        tag: the element's name, such as `input`; that of an element of SVG keeps its case.
        attributes: as they stand in the markup.
        parent: None for the outermost.
        children: elements and the texts between them.
        place: its number among all elements, in document order.
        end: the number after that of the last element in it.
    """

    parent: Self | None
    children: list[Self | str]

    def __init__(
        self, tag: str, attributes: Mapping[str, str], parent: Self | None, everything: Sequence[Self]
    ) -> None:
        """Prepare an element.

        Args:
            everything: all elements of the markup, in document order; it fills up as the reading goes on.
        """
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children = []
        self.place = self.end = len(everything)
        self._everything = everything

    def has(self, attribute: str) -> bool:
        """Whether an attribute is set, be it to nothing."""
        return attribute in self.attributes

    def attribute(self, name: str, otherwise: str = "") -> str:
        """Return an attribute's value, `otherwise` where it is not set."""
        return self.attributes.get(name, otherwise)

    def ancestors(self) -> Iterator[Self]:
        """Its ancestors, nearest first, up to the body."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent

    def descendants(self) -> Sequence[Self]:
        """All elements in it, in document order."""
        return self._everything[self.place + 1 : self.end]

    def contains(self, other: Self) -> bool:
        """Whether `other` stands in it."""
        return self.place < other.place < self.end


N = TypeVar("N", bound=Node)
Make = Callable[[str, Mapping[str, str], N | None, Sequence[N]], N]


def read_markup(markup: str, make: Make[N], everything: list[N]) -> None:
    """Put all elements of the markup into a list, in document order; of one that breaks off, those before that.

    Args:
        make: makes an element of its name, its attributes, its parent and the list.
    """
    open_: list[N] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        node = make(tag, attributes, open_[-1] if open_ else None, everything)
        if open_:
            open_[-1].children.append(node)
        open_.append(node)
        everything.append(node)

    def end(_tag: str) -> None:
        open_.pop().end = len(everything)

    def text(data: str) -> None:
        open_[-1].children.append(data)

    def declaration(*_: object) -> None:
        raise expat.ExpatError("a snapshot declares nothing, so there is nothing to expand")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = declaration
    try:
        parser.Parse(markup.encode("utf-8", "replace"), True)  # half a letter may stand where a text was cut short
    except expat.ExpatError:
        for node in open_:
            node.end = len(everything)
