"""Draws the panel into a browser's pages and hears what is done there.

It exists in documents of BigCommerce's sign-in and control panel alone, each in an isolated world that is made once the
document is there; no other document gets world, binding or panel. Each call is checked again: by the world it comes
from, by the tab's address now, and by its form.

Chromium holds back whatever a tab is asked while a navigation waits for its answer, and nothing here has a time limit.
So a page is only ever told something in answer to a call of its own, or when it has just arrived, in a thread of
control of Playwright's; the run itself never waits for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from automation.core.flows.retrieval import StepId
from automation.core.guidance import LABELS, Guidance
from automation.core.targets import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET
from automation.overlay.calls import LOOK, Call, call_from_payload, may_hold

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Frame, Page

WORLD = "companion-guide"
BINDING = "companionGuideCall"
_PERIOD_MS = 120
_MOST_HEARD = 50
_COVERED_FROM = frozenset({StepId.SET_SCOPES, StepId.SAVE, StepId.READ_CREDENTIALS})
_WORDS = {
    "title": "BigCommerce Companion",
    "of": "Step {number} of {total}",
    "here": "Here",
    "covered": "covered",
    "hide": "Hide",
    "show": "Show",
}
_FILES = files("automation.overlay")
_GUIDE = _FILES.joinpath("guide.js").read_text("utf-8")
_STYLE = _FILES.joinpath("guide.css").read_text("utf-8")


@dataclass
class _World:
    """The isolated world of one document.

    Attributes:
        url: the document's address when the world was made; its origin stays the same while it lives.
        busy: whether an answer is on its way.
    """

    url: str
    busy: bool = False


@dataclass
class _Joined:
    """What is heard of the documents of one process: a tab's own, or those of a frame that has another.

    Attributes:
        worlds: by the id of their execution context.
    """

    cdp: CDPSession
    worlds: dict[int, _World] = field(default_factory=dict)


class Guide:
    """The panel in the pages that it meets, and what was done in it.

    Args:
        cover: whether the values in the credentials window are covered.
        on_show: told what is shown from now on, whether or not a page draws it.
    """

    def __init__(self, *, cover: bool = True, on_show: Callable[[Guidance], None] = lambda _guidance: None) -> None:
        self._on_show = on_show
        self._config = {
            "binding": BINDING,
            "css": _STYLE,
            "words": _WORDS,
            "secrets": [name.lower() for name in (*CLIENT_ID, *CLIENT_SECRET, *ACCESS_TOKEN)],
            "cover": cover,
            "hold": True,
            "period": _PERIOD_MS,
        }
        self._version = 0
        self._shown: Guidance | None = None
        self._heard: list[Call] = []

    def meet(self, page: Page) -> None:
        """Draw the panel into the pages of this tab from now on, where they are BigCommerce's."""
        joined = self._joined(page, page)
        if joined is None:  # a tab that is closed at once
            return
        apart: dict[Frame, _Joined] = {}
        page.on("framenavigated", lambda frame: self._on_arrival(page, joined, apart, frame))
        page.on("framedetached", lambda frame: _left(apart, frame))
        self._enter(joined)

    def show(self, guidance: Guidance) -> None:
        """Show this from now on; a page learns of it with its next call."""
        if guidance != self._shown:
            self._shown = guidance
            self._version += 1
            self._on_show(guidance)

    def heard(self) -> tuple[Call, ...]:
        """Return what was done since the last time, oldest first."""
        heard, self._heard = tuple(self._heard), []
        return heard

    def _joined(self, page: Page, target: Page | Frame) -> _Joined | None:
        """Begin to hear of the documents of one process; None where the tab is gone, or the frame is in its tab's."""
        from playwright.sync_api import Error

        try:
            cdp = page.context.new_cdp_session(target)
            joined = _Joined(cdp)
            cdp.on("Runtime.bindingCalled", lambda event: self._on_call(page, joined, event))
            cdp.on("Runtime.executionContextDestroyed", lambda event: _forget(joined.worlds, event))
            cdp.on("Runtime.executionContextsCleared", lambda _event: joined.worlds.clear())
            cdp.send("Page.enable")
            cdp.send("Runtime.enable")
            cdp.send("Runtime.addBinding", {"name": BINDING, "executionContextName": WORLD})
        except Error:
            return None
        return joined

    def _on_arrival(self, page: Page, joined: _Joined, apart: dict[Frame, _Joined], frame: Frame) -> None:
        if not may_hold(frame.url, page.url if frame.parent_frame is not None else ""):
            return
        self._enter(joined)
        if frame.parent_frame is None:
            return
        for _ in range(2):  # a frame that has changed its process is joined anew
            own = apart.get(frame) or self._joined(page, frame)
            if own is None:
                return
            apart[frame] = own
            if self._enter(own, page.url):
                return
            del apart[frame]

    def _enter(self, joined: _Joined, top: str | None = None) -> bool:
        """Make a world in every document that may hold one.

        Args:
            top: the tab's address, for the documents of a frame that has a process of its own.
        """
        from playwright.sync_api import Error

        cdp, worlds = joined.cdp, joined.worlds
        try:
            tree = cdp.send("Page.getFrameTree")["frameTree"]
        except Error:
            return False  # a tab that is gone by now
        entered = True
        for frame in _frames(tree):
            if not may_hold(frame["url"], tree["frame"]["url"] if top is None else top):
                continue
            try:
                made = cdp.send("Page.createIsolatedWorld", {"frameId": frame["id"], "worldName": WORLD})
                context_id = made["executionContextId"]
                if context_id not in worlds:
                    worlds[context_id] = _World(frame["url"])
                    self._call(cdp, context_id, _GUIDE, self._config)
            except Error:
                entered = False  # a document that is gone by now; those after it are not
        return entered

    def _on_call(self, page: Page, joined: _Joined, event: dict[str, Any]) -> None:
        from playwright.sync_api import Error

        world = joined.worlds.get(event["executionContextId"])
        if event.get("name") != BINDING or world is None or not may_hold(page.url):
            return
        if not may_hold(world.url, page.url):
            return
        call = call_from_payload(event.get("payload"))
        if call is None:
            return
        if call.verb != LOOK:
            self._heard = [*self._heard, call][-_MOST_HEARD:]
        elif self._shown is not None and call.seen != self._version and not world.busy:
            world.busy = True
            try:
                with contextlib.suppress(Error):
                    news = {**_document(self._shown), "version": self._version}
                    self._call(
                        joined.cdp, event["executionContextId"], "(news) => globalThis.companionGuide(news)", news
                    )
            finally:
                world.busy = False

    def _call(self, cdp: CDPSession, context_id: int, function: str, argument: Any) -> None:
        parameters = {
            "functionDeclaration": function,
            "executionContextId": context_id,
            "arguments": [{"value": argument}],
            "silent": True,
        }
        cdp.send("Runtime.callFunctionOn", parameters)


def _left(apart: dict[Frame, _Joined], frame: Frame) -> None:
    apart.pop(frame, None)


def _forget(worlds: dict[int, _World], event: dict[str, Any]) -> None:
    worlds.pop(event["executionContextId"], None)


def _document(guidance: Guidance) -> dict[str, Any]:
    return {
        "step": str(guidance.step),
        "number": guidance.number,
        "total": guidance.total,
        "what": guidance.what,
        "why": guidance.why,
        "alert": guidance.alert,
        "where": list(guidance.where),
        "offers": [[str(verb), LABELS[verb]] for verb in guidance.offers],
        "highlights": guidance.highlights,
        "cover": guidance.step in _COVERED_FROM,
    }


def _frames(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree["frame"]
    for child in tree.get("childFrames", ()):
        yield from _frames(child)
