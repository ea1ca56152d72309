"""Takes the pictures of the guide while a retrieval goes on: each of what something is about to be done to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from automation.core.actions import Command
from automation.core.flows.retrieval import STEP_IDS
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
    from automation.core.request import RetrievalRequest
    from automation.runners.clean_up import ConfirmingHands
    from automation.runners.unattended import UnattendedHands


class Illustrating(Around):
    """What is around a retrieval that is pictured; `watching` goes into its options.

    Args:
        hidden: texts that no picture may show.

    Attributes:
        pictures: those taken so far, in order.
    """

    def __init__(self, language: Language, *, hidden: tuple[str, ...] = ()) -> None:
        self._language = language
        self._hidden = hidden
        self._hands: UnattendedHands | None = None
        self._kept: tuple[str, ...] = ()
        self._seen: set[Scene] = set()
        self.pictures: list[Picture] = []

    def begin(self, hands: ConfirmingHands, request: RetrievalRequest) -> RetrievalRequest:
        """See `Around.begin`."""
        self._hands = cast("UnattendedHands", hands)
        self._kept = (request.api_account_name,)
        return request

    def watching(self, decide: Decide) -> Decide:
        """Return the rule of the run, which takes the pictures before anything is done."""

        def watched(progress: Progress, observation: Observation) -> tuple[Progress, Command]:
            after, command = decide(progress, observation)
            for scene in scenes(command, self._language):
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
        png = take_picture(page, controls, mark=mark, hidden=self._hidden, kept=self._kept, covered=scene.covered)
        host = host_parts(scene.step, urlsplit(page.url).hostname or "")
        self.pictures.append(Picture(scene.step, png, scene.instruction, host))
