"""A snapshot's markup as nodes, nested exactly as the page nests them.

An HTML parser would mend what scripts may build and HTML does not allow, such as a block in a paragraph or a link in a
link, and so tear labels from their controls. `snapshot.js` closes every element, so the markup is read as XML;
it escapes all texts and writes no declarations, so there are no entities to expand.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import overload
from xml.parsers import expat


class Node:
    """One element of the markup.

    Attributes:
        name: its tag, in lower case.
        children: nodes and texts, in their order.
        parent: None for the outermost.
    """

    __slots__ = ("_attributes", "children", "name", "parent")

    def __init__(self, name: str, attributes: Mapping[str, str], parent: Node | None) -> None:
        self.name = name
        self.parent = parent
        self.children: list[Node | str] = []
        self._attributes = attributes

    @overload
    def get(self, attribute: str) -> str | None: ...

    @overload
    def get(self, attribute: str, default: str) -> str: ...

    def get(self, attribute: str, default: str | None = None) -> str | None:
        """Return an attribute's value."""
        return self._attributes.get(attribute, default)

    def has_attr(self, attribute: str) -> bool:
        """Whether an attribute is set, be it empty."""
        return attribute in self._attributes

    def ancestors(self) -> Iterator[Node]:
        """Give its ancestors, nearest first."""
        parent = self.parent
        while parent is not None:
            yield parent
            parent = parent.parent

    def descendants(self) -> Iterator[Node]:
        """Give all nodes in it, in document order."""
        stack = [iter(self.children)]
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
            elif isinstance(child, Node):
                yield child
                stack.append(iter(child.children))

    def within(self, name: str) -> Node | None:
        """Return the nearest ancestor with this tag."""
        return next((node for node in self.ancestors() if node.name == name), None)


class _Builder:
    """Puts nodes together as the parser tells of their beginnings and ends."""

    def __init__(self) -> None:
        self.found: list[Node] = []
        self._around: list[Node] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._around[-1] if self._around else None
        node = Node(name.lower(), attributes, parent)
        if parent is not None:
            parent.children.append(node)
        self._around.append(node)
        self.found.append(node)

    def end(self, _name: str) -> None:
        self._around.pop()

    def text(self, text: str) -> None:
        if self._around:
            self._around[-1].children.append(text)


def nodes(html: str) -> tuple[Node, ...]:
    """Return all nodes in document order; of what is not well-formed, those before its first mistake."""
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.begin
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(html.strip().encode("utf-8", "replace"), True)
    return tuple(builder.found)
