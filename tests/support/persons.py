"""People in front of a guided run: they see what is drawn, and click and type like anybody else.

A person reads the panel and the ring as they are drawn (through the browser's own view of the page, since no script can
see them), and uses mouse and keyboard. They know nothing of the run.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from playwright.sync_api import CDPSession, Error, Page

from simulated_store.people.user import User

DO_IT, DO_REST, CANNOT_FIND, STOP = "Do it for me", "Do the rest for me", "I can't find it", "Stop"
LEAVE_SO = "Leave it so"
ASTRAY = "https://store-{store_hash}.mybigcommerce.com/manage/orders"


@dataclass(frozen=True)
class Box:
    """A place on the screen."""

    x: float
    y: float
    width: float
    height: float

    def moved(self, x: float, y: float) -> Box:
        return Box(self.x + x, self.y + y, self.width, self.height)

    def meets(self, other: Box) -> bool:
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Seen:
    """What is drawn over the page.

    Attributes:
        texts: by class: `step`, `what`, `why`, `alert`.
        buttons: places by label.
        ring: what is pointed at; None where nothing is.
        covers: places of covers.
        panel: where the panel is.
    """

    texts: dict[str, str]
    where: list[str]
    buttons: dict[str, Box]
    ring: Box | None
    covers: tuple[Box, ...]
    panel: Box | None = None

    @property
    def what(self) -> str:
        return self.texts.get("what", "")


class Eyes:
    """Sees what the panel draws in a tab, in all its documents."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._cdp.send("DOM.enable")

    def look(self) -> Seen | None:
        """Return what is drawn; None where there is no panel now."""
        try:
            seen = self._seen(self._cdp, self._drawn(self._cdp))
        except Error:
            return None  # the page has just changed
        return seen and self._with_frames_apart(seen)

    def _with_frames_apart(self, seen: Seen) -> Seen:
        """Add what is drawn in frames that have a process of their own."""
        for frame in self.page.frames[1:]:
            try:
                cdp = self.page.context.new_cdp_session(frame)
            except Error:
                continue  # it is in its tab's process, and seen already
            try:
                cdp.send("DOM.enable")
                at = frame.frame_element().bounding_box() or {"x": 0, "y": 0}
                drawn = self._rings_and_covers(cdp, self._drawn(cdp))
                ring, covers = ([box.moved(at["x"], at["y"]) for box in boxes] for boxes in drawn)
            except Error:
                continue
            finally:
                with contextlib.suppress(Error):
                    cdp.detach()
            seen = replace(seen, ring=seen.ring or next(iter(ring), None), covers=(*seen.covers, *covers))
        return seen

    def _drawn(self, cdp: CDPSession) -> list[dict[str, Any]]:
        tree = cdp.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        roots = [host["shadowRoots"][0] for host in _all(tree) if host["localName"] == "companion-guide"]
        return [node for root in roots for node in _all(root)]

    def _rings_and_covers(self, cdp: CDPSession, nodes: list[dict[str, Any]]) -> tuple[list[Box], list[Box]]:
        found: tuple[list[Box], list[Box]] = ([], [])
        for node in nodes:
            names = _attributes(node).get("class", "").split()
            for name, boxes in zip(("ring", "cover"), found, strict=True):
                if name in names and "hidden" not in _attributes(node) and (box := self._box(cdp, node)) is not None:
                    boxes.append(box)
        return found

    def _seen(self, cdp: CDPSession, nodes: list[dict[str, Any]]) -> Seen | None:
        by_class: dict[str, list[dict[str, Any]]] = {}
        for node in nodes:
            for name in _attributes(node).get("class", "").split():
                by_class.setdefault(name, []).append(node)
        panel = by_class.get("panel")
        if not panel or "hidden" in _attributes(panel[0]):
            return None
        rings, covers = self._rings_and_covers(cdp, nodes)
        return Seen(
            texts={name: _text(by_class[name][0]) for name in ("step", "what", "why", "alert")},
            where=[_text(node) for node in _all(by_class["where"][0]) if node["localName"] == "li"],
            buttons={
                _text(node): box
                for node in nodes
                if node["localName"] == "button" and (box := self._box(cdp, node)) is not None
            },
            ring=next(iter(rings), None),
            covers=tuple(covers),
            panel=self._box(cdp, panel[0]),
        )

    def _box(self, cdp: CDPSession, node: dict[str, Any]) -> Box | None:
        try:
            x, y, _, _, right, bottom, _, _ = cdp.send("DOM.getBoxModel", {"nodeId": node["nodeId"]})["model"]["border"]
        except Error:
            return None  # it is not drawn
        return Box(x, y, right - x, bottom - y)


def _all(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    inner = [*node.get("children", ()), *node.get("shadowRoots", ())]
    if "contentDocument" in node:
        inner.append(node["contentDocument"])
    for child in inner:
        yield from _all(child)


def _attributes(node: dict[str, Any]) -> dict[str, str]:
    flat = node.get("attributes", [])
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _text(node: dict[str, Any]) -> str:
    return "".join(each["nodeValue"] for each in _all(node) if each["nodeType"] == 3)


@dataclass
class Person:
    """Signs in, and then does what they read; at each turn at most one thing.

    Attributes:
        plan: says, for the step's number and what is asked, whether to do it by hand (`hand`), to leave it to the
            helper (`help`), to leave all the rest to it (`rest`), or not to do anything yet (`dawdle`).
        on_turn: called with what is seen at each turn, for what else a test wants to see or do; True ends the turn.
        on_their_own: called with the page where nothing is drawn over it, as at an identity provider.
        patience: turns after which something that led nowhere is done again.
    """

    page_of: Callable[[], Page | None]
    user: User
    code: Callable[[], str] = lambda: ""
    plan: Callable[[str, str], str] = lambda _step, _what: "hand"
    on_turn: Callable[[Seen, Page], bool] = lambda _seen, _page: False
    on_their_own: Callable[[Page], None] = lambda _page: None
    patience: int = 5
    did: list[str] = field(default_factory=list)
    _eyes: Eyes | None = None
    _last: str = ""
    _turns: int = 0

    def turn(self) -> None:
        """Look at the page, and do the next thing."""
        page = self.page_of()
        if page is None or page.is_closed():
            return
        if self._eyes is None or self._eyes.page is not page:
            self._eyes = Eyes(page)
            page.on("dialog", lambda dialog: dialog.dismiss())
        seen = self._eyes.look()
        try:
            if seen is None:
                self.on_their_own(page)
                return
            if self.on_turn(seen, page):
                return
        except Error:
            return  # the page has just changed
        asked = f"{seen.texts['step']} {seen.what}"
        self._turns = self._turns + 1 if asked == self._last else 0
        if asked == self._last and self._turns % self.patience:
            return  # they wait to see what comes of it
        self._last = asked
        try:
            if not self._answer(seen, page):
                self._last = ""  # there was nothing to press yet: they look again
        except Error:
            return  # the page has just changed

    def look(self) -> Seen | None:
        """Return what is drawn over the page now."""
        return self._eyes.look() if self._eyes is not None and not self._eyes.page.is_closed() else None

    def _answer(self, seen: Seen, page: Page) -> bool:
        """Do what is asked for; False where nothing of it can be seen yet."""
        plan = self.plan(seen.texts["step"], seen.what)
        if plan == "dawdle":
            return True
        wanted = {"help": DO_IT, "rest": DO_REST}.get(plan)
        address = re.search(r"its address is (https://\S+)$", seen.what)
        if wanted in seen.buttons:
            self.press(seen, page, wanted)
        elif seen.ring is not None:
            self.by_hand(seen, page)
        elif address is not None:
            self.did.append(f"went to {address[1]}")
            page.goto(address[1], wait_until="commit")
        else:
            return False
        return True

    def press(self, seen: Seen, page: Page, label: str) -> None:
        """Press a button of the panel."""
        self.did.append(f"pressed {label}")
        page.mouse.click(*seen.buttons[label].middle)

    def by_hand(self, seen: Seen, page: Page) -> None:
        """Do in the page what the panel says."""
        assert seen.ring is not None
        self.did.append(f"by hand: {seen.what}")
        if "Sign in to BigCommerce" in seen.what:
            self._sign_in(page)
        elif "Enter the code" in seen.what:
            self._type(page, seen.ring, self.code())
            page.keyboard.press("Enter")
        elif " Type: " in seen.what:
            self._type(page, seen.ring, seen.what.partition(" Type: ")[2])
        elif " Choose “" in seen.what:
            page.mouse.click(*seen.ring.middle)
            page.keyboard.type(seen.what.partition(" Choose “")[2].partition("”")[0])
            page.keyboard.press("Enter")
        else:
            page.mouse.click(*seen.ring.middle)

    def _type(self, page: Page, box: Box, text: str) -> None:
        page.mouse.click(*box.middle)
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(text)

    def _sign_in(self, page: Page) -> None:
        page.get_by_placeholder("Email").or_(page.locator("[type=email]")).first.fill(self.user.email)
        password = page.locator("[type=password]")
        if password.count():
            password.fill(self.user.password)
        page.keyboard.press("Enter")


def whims(seed: int, *, store_hash: str) -> tuple[Callable[[str, str], str], Callable[[Seen, Page], bool]]:
    """Return the plan and the meddling of somebody who mixes everything: by hand, by the helper, astray and back."""
    chance = random.Random(seed)  # noqa: S311  a play, not a secret
    astray = {"times": 0}

    def plan(step: str, what: str) -> str:
        del step, what
        return chance.choice(["hand", "hand", "help", "help", "dawdle"])

    def meddle(seen: Seen, page: Page) -> bool:
        on_panel = "/manage" in page.url
        if on_panel and astray["times"] < 3 and chance.random() < 0.08:
            astray["times"] += 1
            if chance.random() < 0.5:
                page.go_back(wait_until="commit")
            else:
                page.goto(ASTRAY.format(store_hash=store_hash), wait_until="commit")
            return True
        return False

    return plan, meddle
