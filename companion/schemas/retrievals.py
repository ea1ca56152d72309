"""What `/api/v1/retrievals` takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from companion.core.retrieval import Retrieval, RetrievalState, StepState, what_to_do
from companion.core.retrieval_changes import Change, ChangeKind
from companion.core.retrieval_events import Failure
from companion.core.retrieval_order import RetrievalMode, WantedRetrieval
from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS, RETRIEVAL_STEPS
from companion.core.timestamps import timestamp
from companion.schemas.fields import In, Out, Text

_Texts = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=100)]
_StepId = Literal[*RETRIEVAL_STEP_IDS]  # type: ignore[valid-type]
_TITLES = {step.id: step.title for step in RETRIEVAL_STEPS}


class RetrievalPath(BaseModel):
    """Which retrieval."""

    id: str = Field(description="The retrieval's id.")


class RetrievalIn(In):
    """What is to be retrieved. No password is taken: who signs in does so in the browser, or is the service itself."""

    name: Text = Field(description="Of the connection to store.")
    mode: Literal["guided", "unattended"] = Field(
        "guided",
        description="guided: a person signs in in the browser window, and may do any step. unattended: with a browser "
        "session that was kept, or with BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD of the service.",
    )
    replace: bool = Field(False, description="Replace a connection of this name, in place, if there is one.")
    auth_type: Text | None = None
    channel_id: Annotated[int, Field(ge=1)] | None = None
    scopes: _Texts | None = Field(None, description="Scopes of the private tokens.")
    tags: _Texts | None = None
    store_hash: Text | None = Field(None, description="The store to use, where the user has several.")
    oauth_scopes: _Texts = Field(
        default_factory=list,
        description="Of the API account, on top of the two that are always set, as `Products=read-only`.",
    )
    presets: _Texts = Field(default_factory=list, description="Purposes, each with the OAuth scopes that it needs.")
    api_account_name: Text = Field(
        "BigCommerce Companion", description="How the name of the new API account begins; it ends in random letters."
    )
    show_browser: bool | None = Field(
        None, description="Whether the browser window is shown: guided always, unattended where it is wished."
    )
    attach: Text | None = Field(
        None, description="Join a browser that was started for this, at its debugging port on this machine."
    )

    def to_wanted(self) -> WantedRetrieval:
        """Return what is wanted; the fields' own rules are the service's."""
        mode = RetrievalMode(self.mode)
        return WantedRetrieval(
            name=self.name,
            mode=mode,
            replace=self.replace,
            auth_type=self.auth_type,
            channel_id=self.channel_id,
            scopes=None if self.scopes is None else tuple(self.scopes),
            tags=None if self.tags is None else tuple(self.tags),
            store_hash=self.store_hash,
            oauth_scopes=tuple(self.oauth_scopes),
            presets=tuple(self.presets),
            api_account_name=self.api_account_name,
            shown=mode is RetrievalMode.GUIDED or bool(self.show_browser),
            attach=self.attach,
        )


class RetrievalOrderIn(In):
    """What is asked of a retrieval while it goes on."""

    order: Literal["pause", "resume", "mine", "cancel"] = Field(
        description="mine: the person at the browser does this step; what comes after it is done for them again."
    )
    step: _StepId | None = Field(None, description="With `mine`: which step; the one under way where left out.")


class RetrievalStepOut(Out):
    """One step of a retrieval."""

    id: _StepId
    title: str
    status: Literal["waiting", "running", "done", "by-user", "skipped", "failed"]
    seconds: float | None = Field(description="How long it took; null while it is not over.")
    since: str | None = Field(None, description="When it began, while it is running.")


class RetrievalNowOut(Out):
    """What is going on now."""

    step: _StepId | None
    sees: str = Field(description="What the helper sees, in words.")
    to_do: str = Field(description="What the person should do now.")
    where: list[str] = Field(description="Where to look, for who asked in the browser.")
    paused: bool
    mine: _StepId | None = Field(description="The step that is left to the person.")
    lines: list[str] = Field(description="What was said beside the steps, oldest first.")


class RetrievalFailureOut(Out):
    """What ended a retrieval."""

    code: str
    detail: str
    next_step: str
    exit_code: int


class RetrievalCreatedOut(Out):
    """Something that exists at BigCommerce because of a retrieval."""

    kind: Literal["api-account"]
    name: str


class RetrievalApiAccountOut(Out):
    """The API account that a retrieval makes."""

    name: str
    oauth_scopes: list[str]


class RetrievalOut(Out):
    """A retrieval; no secret in it."""

    id: str
    name: str
    mode: Literal["guided", "unattended"]
    state: Literal["starting", "running", "stopping", "done", "failed", "cancelled"]
    has_window: bool
    steps: list[RetrievalStepOut]
    now: RetrievalNowOut
    api_account: RetrievalApiAccountOut | None = Field(description="What it makes; null before that is known.")
    created: list[RetrievalCreatedOut] = Field(description="What exists at BigCommerce because of it, once it is over.")
    connection_id: str | None
    failure: RetrievalFailureOut | None
    human_actions: int
    started_at: str
    ended_at: str | None


class RetrievalsOut(Out):
    """The retrievals that are remembered, newest first."""

    retrievals: list[RetrievalOut]


def retrieval_document(retrieval: Retrieval) -> dict[str, Any]:
    """Return a retrieval as the API shows it."""
    return {
        **_state_document(retrieval),
        "steps": [_step_document(retrieval, each) for each in retrieval.steps],
        "now": _now_document(retrieval),
    }


def change_document(change: Change) -> dict[str, Any]:
    """Return what changed as an event tells it."""
    match change.kind:
        case ChangeKind.STEP:
            step = next(each for each in change.retrieval.steps if each.id == change.step)
            return _step_document(change.retrieval, step)
        case ChangeKind.NOW:
            return _now_document(change.retrieval)
        case ChangeKind.STATE:
            return _state_document(change.retrieval)


def _state_document(retrieval: Retrieval) -> dict[str, Any]:
    is_over = retrieval.state.is_over
    created = retrieval.created if is_over else ()
    account = retrieval.api_account
    return {
        "id": retrieval.id,
        "name": retrieval.wanted.name,
        "mode": retrieval.wanted.mode.value,
        "state": retrieval.state.value,
        "has_window": retrieval.wanted.has_window,
        "api_account": None if account is None else {"name": account, "oauth_scopes": list(retrieval.oauth_scopes)},
        "created": [{"kind": "api-account", "name": name} for name in created],
        "connection_id": retrieval.connection_id,
        "failure": None if retrieval.failure is None else _failure_document(retrieval.failure),
        "human_actions": retrieval.human_actions,
        "started_at": timestamp(retrieval.started_at),
        "ended_at": None if retrieval.ended_at is None else timestamp(retrieval.ended_at),
    }


def _step_document(retrieval: Retrieval, step: StepState) -> dict[str, Any]:
    runs = step.status == "running" and retrieval.step_since is not None
    return {
        "id": step.id,
        "title": _TITLES[step.id],
        "status": step.status,
        "seconds": step.seconds,
        "since": timestamp(retrieval.step_since) if runs and retrieval.step_since is not None else None,
    }


def _now_document(retrieval: Retrieval) -> dict[str, Any]:
    running = retrieval.state is RetrievalState.RUNNING
    return {
        "step": retrieval.step_under_way,
        "sees": retrieval.sees,
        "to_do": what_to_do(retrieval),
        "where": list(retrieval.to_do.where) if running and retrieval.to_do is not None else [],
        "paused": retrieval.paused,
        "mine": retrieval.mine,
        "lines": list(retrieval.lines),
    }


def _failure_document(failure: Failure) -> dict[str, Any]:
    return {
        "code": failure.code,
        "detail": " ".join(part for part in (failure.what, failure.why) if part),
        "next_step": failure.next_step,
        "exit_code": failure.exit_code,
    }
