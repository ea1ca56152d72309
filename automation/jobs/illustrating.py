"""Takes the pictures of the guide while a retrieval goes on: each of what something is about to be done to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from automation.core.actions import Command
from automation.core.errors import BrowserUnavailable
from automation.core.flows.retrieval import STEP_IDS
from automation.core.guide.known_words import known_words
from automation.core.guide.page import label
from automation.core.guide.pictures import MOST_OF_ONE_STEP, Picture, Scene, host_parts, scenes
from automation.core.guide.words import Language
from automation.core.progress import Progress
from automation.core.snapshot import Observation
from automation.jobs.run_options import Around
from automation.overlay.picture import take_picture
from automation.pages.locate import locate
from automation.runners.loop import Decide

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from playwright.sync_api import BrowserContext

    from automation.browser.downloads import Downloads
    from automation.browser.session import BrowserSettings
    from automation.core.request import RetrievalRequest
    from automation.runners.clean_up import ConfirmingHands
    from automation.runners.unattended import UnattendedHands


class Illustrating(Around):
    """What is around a retrieval that is pictured; `watching` goes into its options.

    Args:
        hidden: texts that no picture may show.
        own: what else is around the retrieval, where it goes through somebody's own control panel: then a picture shows
            nothing but what every panel says, and one that cannot be taken is left out. None for a simulated store.

    Attributes:
        pictures: those taken so far, in order.
    """

    def __init__(self, language: Language, *, hidden: tuple[str, ...] = (), own: Around | None = None) -> None:
        self._language = language
        self._hidden = hidden
        self._own = own
        self._hands: UnattendedHands | None = None
        self._kept: tuple[str, ...] = ()
        self._seen: set[Scene] = set()
        self.pictures: list[Picture] = []

    def session(
        self, settings: BrowserSettings, *, headed: bool, downloads: Downloads, say: Callable[[str], None]
    ) -> AbstractContextManager[BrowserContext]:
        """See `Around.session`."""
        give = super().session if self._own is None else self._own.session
        return give(settings, headed=headed, downloads=downloads, say=say)

    def begin(self, hands: ConfirmingHands, request: RetrievalRequest) -> RetrievalRequest:
        """See `Around.begin`."""
        self._hands = cast("UnattendedHands", hands)
        self._kept = (request.api_account_name,)
        return request if self._own is None else self._own.begin(hands, request)

    def watching(self, decide: Decide) -> Decide:
        """Return the rule of the run, which takes the pictures before anything is done."""
        from playwright.sync_api import Error

        def watched(progress: Progress, observation: Observation) -> tuple[Progress, Command]:
            after, command = decide(progress, observation)
            for scene in scenes(command, self._language, own=self._own is not None):
                with contextlib.nullcontext() if self._own is None else contextlib.suppress(BrowserUnavailable, Error):
                    self._picture(scene)
            return after, command

        return watched

    def _picture(self, scene: Scene) -> None:
        earlier = sum(each.step is scene.step for each in self.pictures)
        page = None if self._hands is None else self._hands.page(scene.tab)
        if scene in self._seen or earlier >= MOST_OF_ONE_STEP or page is None:
            return
        self._seen.add(scene)
        controls = [found for each in scene.controls if (found := locate(page, each)) is not None]
        mark = label(STEP_IDS.index(scene.step) + 1, earlier)
        known = None if self._own is None else known_words()
        png = take_picture(
            page, controls, mark=mark, hidden=self._hidden, kept=self._kept, covered=scene.covered, known=known
        )
        host = host_parts(scene.step, urlsplit(page.url).hostname or "", own=self._own is not None)
        self.pictures.append(Picture(scene.step, png, scene.instruction, host))
