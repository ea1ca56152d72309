"""Which option of a segmented control is on, where only its class says so, and the class is a made-up word.

A block that nobody touched shows its first option selected (screenshots of 2023 to 2026). On a form with many blocks,
the class that the first option of most of them bears, and no other option of theirs, is therefore the class of what is
selected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from automation.core.extract.element import Element

_FEWEST_BLOCKS = 4


def selected_class(blocks: Sequence[Sequence[Element]]) -> str | None:
    """Return the class of selected options; None where the blocks do not agree on one."""
    telling = [block for block in blocks if len(block) >= 2]
    if len(telling) < _FEWEST_BLOCKS:
        return None
    votes: Counter[str] = Counter()
    for first, *others in telling:
        votes.update(_classes(first) - set().union(*(_classes(each) for each in others)))
    for name, number in votes.most_common():
        once = all(sum(name in _classes(each) for each in block) == 1 for block in telling)
        if number > len(telling) / 2 and once:
            return name
    return None


def has_class(option: Element, name: str) -> bool:
    """Whether an option bears the class, itself or through an element that holds it alone."""
    return name in _classes(option)


def _classes(option: Element) -> set[str]:
    names = set(_own(option))
    for ancestor in option.ancestors():  # such as `<li class="x"><a>manage</a></li>`
        if ancestor.text != option.text:
            break
        names |= set(_own(ancestor))
    return names


def _own(element: Element) -> list[str]:
    return element.attribute("class").split()
