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
from collections.abc import Iterator
from dataclasses import dataclass
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


class Guide:
    """The panel in the pages that it meets, and what was done in it.

    Args:
        cover: whether the values in the credentials window are covered.
    """

    def __init__(self, *, cover: bool = True) -> None:
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
        from playwright.sync_api import Error

        worlds: dict[int, _World] = {}
        with contextlib.suppress(Error):  # a tab that is closed at once has none
            cdp = page.context.new_cdp_session(page)
            cdp.on("Runtime.bindingCalled", lambda event: self._on_call(page, cdp, worlds, event))
            cdp.on("Runtime.executionContextDestroyed", lambda event: _forget(worlds, event))
            cdp.on("Runtime.executionContextsCleared", lambda _event: worlds.clear())
            page.on("framenavigated", lambda frame: self._on_arrival(cdp, worlds, frame))
            cdp.send("Page.enable")
            cdp.send("Runtime.enable")
            cdp.send("Runtime.addBinding", {"name": BINDING, "executionContextName": WORLD})
            self._enter(cdp, worlds)

    def show(self, guidance: Guidance) -> None:
        """Show this from now on; a page learns of it with its next call."""
        if guidance != self._shown:
            self._shown = guidance
            self._version += 1

    def heard(self) -> tuple[Call, ...]:
        """Return what was done since the last time, oldest first."""
        heard, self._heard = tuple(self._heard), []
        return heard

    def _on_arrival(self, cdp: CDPSession, worlds: dict[int, _World], frame: Frame) -> None:
        if may_hold(frame.url):
            self._enter(cdp, worlds)

    def _enter(self, cdp: CDPSession, worlds: dict[int, _World]) -> None:
        from playwright.sync_api import Error

        with contextlib.suppress(Error):  # a document that is gone by now
            for frame in _frames(cdp.send("Page.getFrameTree")["frameTree"]):
                if may_hold(frame["url"]):
                    made = cdp.send("Page.createIsolatedWorld", {"frameId": frame["id"], "worldName": WORLD})
                    context_id = made["executionContextId"]
                    if context_id not in worlds:
                        worlds[context_id] = _World(frame["url"])
                        self._call(cdp, context_id, _GUIDE, self._config)

    def _on_call(self, page: Page, cdp: CDPSession, worlds: dict[int, _World], event: dict[str, Any]) -> None:
        from playwright.sync_api import Error

        world = worlds.get(event["executionContextId"])
        if event.get("name") != BINDING or world is None or not may_hold(world.url) or not may_hold(page.url):
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
                    self._call(cdp, event["executionContextId"], "(news) => globalThis.companionGuide(news)", news)
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
