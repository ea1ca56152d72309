"""Panels drawn at random whose form never shows all of its scopes at once, and comes with some of them set."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import ClassVar

from random_panels import BLOCKS, IMPERSONATION, TOKENS, RandomPanel

from automation.core.actions import Action, Press, Scroll, Type

_MORE = ("Orders", "Products", "Themes", "Marketing", "Carts", "Checkouts", "Order transactions", "Store logs",
         "Information & settings", "Sites & routes", "Channel settings", "Channel listings")  # fmt: skip
_VIEW = 4


@dataclass
class HidingPanel(RandomPanel):
    """One panel that hides scopes as `hides` says, of `WAYS`."""

    WAYS: ClassVar[tuple[str, ...]] = (
        "search", "search-all", "search-beginning", "search-whole-words", "folded", "folded-one-open", "in-view",
        "pages", "more",
    )  # fmt: skip

    hides: str = "search"
    query: str = ""
    open_parts: set[int] = field(default_factory=set)
    place: int = 0
    draft: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        draw = random.Random(f"{self.seed} {self.hides}")  # noqa: S311  a page, not a secret
        for label in _MORE:
            if label not in self.order:
                self.order.append(label)
        if draw.random() < 0.5:
            draw.shuffle(self.order)
        if self.make.startswith("table"):
            self.make = "switches"
        self.chosen = {label: self._options(label)[0] for label in self.order}
        others = [label for label in self.order if label not in {TOKENS, IMPERSONATION}]
        self.draft = set(draw.sample(others, draw.randrange(3)))
        if draw.random() < 0.2:
            self.draft.add(TOKENS)
        for label in self.draft:
            self.chosen[label] = self._options(label)[-1]

    def act(self, action: Action) -> str | None:
        """Do what an action does; see `RandomPanel`."""
        match action:
            case Scroll(_, to):
                self.place = len(self.order) if to == "end" else self.place + (2 if to == "down" else -2)
                self.place = max(0, min(self.place, len(self.order) - _VIEW))
                return None
            case Type(control, text) if self._mark(control.frame, control.ref) == "search":
                self.query = text
                return None
            case Press(control) if self._mark(control.frame, control.ref).startswith("part:"):
                part = int(self._mark(control.frame, control.ref).removeprefix("part:"))
                self.open_parts = {part} if self.hides == "folded-one-open" else self.open_parts | {part}
                return None
            case Press(control) if self._mark(control.frame, control.ref).startswith("page:"):
                self.place = int(self._mark(control.frame, control.ref).removeprefix("page:"))
                return None
        return super().act(action)

    def _options(self, label: str) -> tuple[str, ...]:
        return self.words.get(label) or BLOCKS.get(label, ("None", "read-only", "modify"))

    def _parts(self) -> list[list[str]]:
        return [self.order[at : at + 5] for at in range(0, len(self.order), 5)]

    def _in_view(self) -> list[str]:
        query = self.query.lower()
        match self.hides:
            case "search" | "search-all":
                if not query:
                    return self.order if self.hides == "search-all" else []
                return [label for label in self.order if query in label.lower()]
            case "search-beginning":
                return [label for label in self.order if query and label.lower().startswith(query)]
            case "search-whole-words":
                return [label for label in self.order if len(query) >= 3 and query in label.lower()]
            case "folded" | "folded-one-open":
                return [
                    label for number, part in enumerate(self._parts()) if number in self.open_parts for label in part
                ]
            case "in-view":
                return self.order[self.place : self.place + _VIEW]
            case "pages":
                return self._parts()[self.place]
            case _:
                return self.order if self.place else self.order[:7]

    def _around(self, blocks: str) -> str:
        match self.hides:
            case "folded" | "folded-one-open":
                return "".join(
                    f"<div><button type=button aria-expanded={str(number in self.open_parts).lower()} "
                    f'data-do="part:{number}">Part {number}</button>'
                    + "".join(self._block(self.order.index(each), each) for each in part if number in self.open_parts)
                    + "</div>"
                    for number, part in enumerate(self._parts())
                )
            case "in-view":
                last = self.place >= len(self.order) - _VIEW
                told = "start" if not self.place else "end" if last else f"middle {self.place}"
                return f'<div data-scroll="{told}">{blocks}</div>'
            case "pages":
                before = "disabled" if not self.place else f'data-do="page:{self.place - 1}"'
                after = "disabled" if self.place == len(self._parts()) - 1 else f'data-do="page:{self.place + 1}"'
                return f"""{blocks}<nav aria-label=pagination><button {before} aria-label="Previous page"></button>
                <button {after} aria-label="Next page"></button></nav>"""
            case "more":
                return blocks + ("" if self.place else '<button data-do="page:1">Show more</button>')
            case _:
                return f'<input type=search aria-label="Search scopes" value="{self.query}" data-do=search>{blocks}'
