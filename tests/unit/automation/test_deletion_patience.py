"""The deletion of an account has its own patience, however long the hand-over was tried before."""

from __future__ import annotations

from automation.core.actions import Do, Removal, Removed
from automation.core.decisions.deletion import decide_deletion, deletion_after
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Observation, PageSnapshot, Tab

REQUEST = RetrievalRequest("Companion abcdefghjk", patience=45.0)
CREATED = Progress(
    REQUEST, now=20.0, goal_since=10.0, acted_at=19.0, save_pressed_at=18.0, panel_seen=True, store_hash="abc"
)


def looking(at: float) -> Observation:
    page = PageSnapshot("https://store-abc.mybigcommerce.com/manage/settings/api-accounts/create", "<html></html>")
    return Observation(at, (Tab(0, (page,)),))


def test_it_begins_even_minutes_after_the_last_look() -> None:
    progress, command = decide_deletion(deletion_after(CREATED), looking(at=500.0))
    assert isinstance(command, Do)
    assert progress.goal_since == 500.0


def test_it_ends_once_its_own_patience_is_used_up() -> None:
    progress, _ = decide_deletion(deletion_after(CREATED), looking(at=500.0))
    _, command = decide_deletion(progress, looking(at=546.0))
    assert command == Removed(Removal.LEFT)
