"""What a job led to, and what of it stands in the JSON documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from automation.core.actions import Rehearsed
from automation.core.errors import Created
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.request import RetrievalRequest
from automation.runners.loop import StepReport
from companion.core.errors import CompanionError

if TYPE_CHECKING:
    from companion.client import ApiAccountDocument, ConnectionDocument

API_ACCOUNT = "api-account"

OnStep = Callable[[StepReport], None]


@dataclass(frozen=True)
class RetrievalReport:
    """What a retrieval led to.

    Attributes:
        connection: as the API shows it.
        steps: all 13, in their order.
        seconds: from the start to the end, the browser's start included.
        created: what now exists at BigCommerce because of the run.
        superseded: the API account of the connection that was replaced; it stays alive at BigCommerce.
        unverified: why the connection could not be verified now; None where it was.
        dealt_with: how many codes, choices and challenges of the sign-in a person dealt with.
    """

    connection: ConnectionDocument
    steps: tuple[StepReport, ...]
    seconds: float
    created: tuple[Created, ...]
    superseded: ApiAccountDocument | None = None
    unverified: CompanionError | None = None
    dealt_with: int = 0

    @property
    def human_actions(self) -> int:
        """How many steps a person did, and codes, choices and challenges they dealt with."""
        return _human_actions(self.steps, self.dealt_with)

    def document(self) -> dict[str, Any]:
        """Return the document of `connect --json` and `demo --json`."""
        superseded = {} if self.superseded is None else {"superseded": self.superseded}
        return {
            "connection": self.connection,
            "steps": steps_document(self.steps),
            "human_actions": self.human_actions,
            "seconds": round(self.seconds, 3),
            "created": created_document(self.created),
            **superseded,
        }


@dataclass(frozen=True)
class RehearsalReport:
    """What a dry run led to; nothing was made.

    Attributes:
        steps: all 13, in their order; those from Save on were skipped.
    """

    rehearsed: Rehearsed
    request: RetrievalRequest
    steps: tuple[StepReport, ...]
    seconds: float
    dealt_with: int = 0

    def document(self) -> dict[str, Any]:
        """Return the document of `connect --dry-run --json`."""
        return {
            "dry_run": True,
            "connection": None,
            "would_make": {
                "store_hash": self.rehearsed.store_hash,
                "subdomain": self.rehearsed.subdomain,
                "channel_id": self.request.channel_id,
                "api_account": {"name": self.request.api_account_name},
                "oauth_scopes": list(self.rehearsed.oauth_scopes),
            },
            "steps": steps_document(self.steps),
            "human_actions": _human_actions(self.steps, self.dealt_with),
            "seconds": round(self.seconds, 3),
            "created": [],
        }


@dataclass
class Record:
    """The steps as they end; tells a listener of each, once."""

    on_step: OnStep
    reports: dict[StepId, StepReport] = field(default_factory=dict)
    dealt_with: int = 0

    def add(self, report: StepReport) -> None:
        self.reports[report.id] = report
        self.on_step(report)

    def all_steps(self) -> tuple[StepReport, ...]:
        return tuple(self.reports.get(step.id) or StepReport(step.id, "skipped", 0.0) for step in STEPS)


def steps_document(steps: Iterable[StepReport]) -> list[dict[str, Any]]:
    """Return the steps as the JSON documents show them."""
    return [
        {"id": str(each.id), "status": each.status, "seconds": round(each.seconds, 3)}
        | ({} if each.found_by is None else {"found_by": each.found_by})
        for each in steps
    ]


def created_document(created: Iterable[Created]) -> list[dict[str, str]]:
    """Return what was created as the JSON documents show it."""
    return [{"kind": each.kind, "name": each.name} for each in created]


def with_steps(failure: CompanionError) -> CompanionError:
    """Give a failure that came before the first step what a failure's document has to hold."""
    return failure if hasattr(failure, "document") else annotated(failure, Record(lambda _report: None), (), 0.0)


def step_of(failure: CompanionError) -> StepId | None:
    """Return the step that was under way; None where none was."""
    step = getattr(failure, "step", None)
    return None if step is None else StepId(step)


def at_step(failure: CompanionError, step: StepId, left: tuple[Created, ...]) -> CompanionError:
    """Say of a failure at which step it came, and what is left; it keeps its class, also where it knows of neither."""
    vars(failure).update(step=str(step), created=left)
    return failure


def annotated(failure: CompanionError, record: Record, made: tuple[Created, ...], seconds: float) -> CompanionError:
    """Give a failure all that its document holds: its step, what was made, and the steps so far."""
    step = step_of(failure)
    if step is not None:
        known = record.reports.get(step)
        record.add(StepReport(step, "failed", known.seconds if known else 0.0))
    steps = record.all_steps()
    document = {
        "steps": steps_document(steps),
        "human_actions": _human_actions(steps, record.dealt_with),
        "seconds": round(seconds, 3),
    }
    created = getattr(failure, "created", ()) or made
    vars(failure).update(step=None if step is None else str(step), created=created, document=document)
    return failure


def _human_actions(steps: Iterable[StepReport], dealt_with: int) -> int:
    return sum(report.status == "by-user" for report in steps) + dealt_with
