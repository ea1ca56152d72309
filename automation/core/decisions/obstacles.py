"""What lies in the way of the documented steps, and how it is put aside without losing the form."""

from __future__ import annotations

from automation.core.actions import Command, Do, Press, Wait
from automation.core.extract import messages
from automation.core.extract.credentials_window import credentials_window
from automation.core.extract.document import Document
from automation.core.extract.element import Control
from automation.core.extract.roles import FIELD_ROLES
from automation.core.extract.storefronts import offers_storefronts
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.view import View

_MOST_PER_CONTROL = 2
_MOST = 24
_ANSWER_SECONDS = 1.5


def put_aside(progress: Progress, view: View, step: StepId) -> tuple[Progress, Command] | None:
    """Decide to put something aside; None where nothing is in the way, or nothing helps."""
    for document in view.documents:
        control = _in_the_way(document, blocked=progress.blocked)
        if control is None:
            continue
        # A tour may come on every page anew, in the same frame, or in a page that is never loaded again.
        place = f"{document.snapshot.document} {view.tab.url.partition('?')[0]}"
        key = f"put aside {place} {control.name}"
        if progress.tried(key) and progress.now - progress.acted_at < _ANSWER_SECONDS:
            return progress, Wait(step)  # a server may have to be asked first, as whether a session goes on
        if progress.tried(key) < _MOST_PER_CONTROL and progress.tried("put aside") < _MOST:
            return progress.trying(key).trying("put aside"), Do(
                step, Press(control, view.tab.number, forced=progress.blocked, aside=True)
            )
    return None


def _in_the_way(document: Document, *, blocked: bool) -> Control | None:
    dialogs = messages.dialogs(document)
    if not (dialogs or blocked) or credentials_window(document) is not None:
        return None
    for dialog in dialogs:
        asks = [e for e in dialog.descendants() if e.shown and e.role in FIELD_ROLES and not e.readonly]
        if not asks and not offers_storefronts(dialog):  # a dialog with fields is a form that is worked on
            control = messages.dismissal(document, within=dialog)
            if control is not None:
                return control
    return messages.dismissal(document) if blocked else None
