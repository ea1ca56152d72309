"""The text a person sees in an element."""

from __future__ import annotations

from collections.abc import Iterable

from automation.core.extract.markup import Node

ICONS = frozenset({"i", "img", "svg"})
_DECORATION = frozenset({"span", "svg", "i", "label"})
_BLOCKS = frozenset(
    {"div", "p", "li", "td", "th", "tr", "dt", "dd", "section", "br", "h1", "h2", "h3", "h4", "label", "option"}
)


def folded(node: Node, *, apart: Iterable[Node] = (), hidden_too: bool = False, icons: bool = True) -> str:
    """Return the text a person sees in a node, white space folded.

    Args:
        apart: nodes in it whose text is left out.
        hidden_too: whether what is not rendered counts, too.
        icons: whether the names of icons count.
    """
    match node.children:
        case []:
            return ""
        case [str(only)]:  # as most elements have it
            return " ".join(only.split())
    texts: list[str] = []
    _write(node, texts, frozenset(each.place for each in apart), hidden_too=hidden_too, icons=icons)
    return " ".join("".join(texts).split())


def _write(node: Node, texts: list[str], apart: frozenset[int], *, hidden_too: bool, icons: bool) -> None:
    for child in node.children:
        if isinstance(child, str):
            texts.append(child)
            continue
        if child.place in apart or (not hidden_too and child.attribute("data-shown") == "no"):
            continue
        if child.attribute("aria-hidden") == "true" and child.tag in _DECORATION:
            continue  # such as the star of a required field
        if not icons and child.tag in ICONS:
            continue
        if child.tag == "img":
            texts.append(child.attribute("alt"))
            continue
        block = child.tag in _BLOCKS
        if block:
            texts.append(" ")
        _write(child, texts, apart, hidden_too=hidden_too, icons=icons)
        if block:
            texts.append(" ")
