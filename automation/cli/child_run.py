"""One retrieval by an order of the companion service, and what is told of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automation.cli.sign_in import unattended_sign_in
from automation.core.guidance import Guidance
from automation.core.oauth_scopes import wanted_scopes
from automation.core.presets import scopes_of_presets
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from automation.core.seen import seen_in_words
from automation.core.snapshot import Observation
from automation.jobs.account_names import api_account_name_from
from automation.jobs.hand_over import WantedConnection
from automation.jobs.kept_session import WithSession
from automation.jobs.left_accounts import Noting
from automation.jobs.reports import step_of, with_steps
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import GuideSettings, RunOptions
from automation.jobs.ticket_service import TicketService
from automation.runners.loop import Decide, StepReport
from companion.account_notes import AccountNote, AccountNotes, HeldNote, LeftNote
from companion.client import CompanionClient, Ticket
from companion.core.errors import CompanionError
from companion.core.exit_codes import ExitCode
from companion.core.proof import ProofKey
from companion.core.retrieval_events import Ended, Event, Failure, MayExist, Ready, Says, Sees, StepOver, ToDo
from companion.core.retrieval_order import RetrievalMode, RetrievalOrder
from companion.settings import Settings, load_settings

if TYPE_CHECKING:
    from automation.core.actions import Command
    from automation.jobs.interruption import Interruption
    from automation.jobs.reports import RetrievalReport
    from automation.runners.orders import Orders

Tell = Callable[[Event], None]

_LOOKS_APART = 0.2  # seconds: who watches from elsewhere reads no faster
_COMMAND = "the web page of the companion"


@dataclass
class ChildRun:
    """Carries the order out.

    Attributes:
        tell: called with each event, in any thread.
    """

    order: RetrievalOrder
    orders: Orders
    interruption: Interruption
    tell: Tell
    _around: WithSession = field(init=False)

    def __post_init__(self) -> None:
        self._around = WithSession(self.order.sign_in.kept_session)

    def run(self) -> int:
        """Run to the end, tell what it led to, and return the exit code."""
        try:
            report = self._retrieved()
        except CompanionError as failure:
            self.tell(self._ended_with(with_steps(failure)))
            return int(failure.exit_code)
        except Exception as failure:  # noqa: BLE001  what it says may hold a secret
            self.tell(
                Ended(Failure("retrieval-unexpected", f"Something unexpected happened: {type(failure).__name__}."))
            )
            return int(ExitCode.UNEXPECTED)
        self.tell(
            Ended(
                None,
                None,
                report.connection["id"],
                tuple(made.name for made in report.created),
                report.human_actions,
                self._around.is_over(),
            )
        )
        return int(ExitCode.DONE)

    def _retrieved(self) -> RetrievalReport:
        wanted = self.order.wanted
        settings = _settings(self.order)
        request = self._request()
        guided = wanted.mode is RetrievalMode.GUIDED
        self._check(guided)
        sign_in = unattended_sign_in(
            _SignInValues(self.order),
            self.order.sign_in.code_command,
            interrupted=self.interruption.is_requested,
            needed=not guided and not self._around.begins_signed_in,
        )
        self.tell(Ready(request.api_account_name, tuple(scope.grant for scope in request.scopes)))
        given = self.order.ticket
        ticket = Ticket(given.id, given.text, given.expires_at, given.replaces, given.supersedes)  # type: ignore[arg-type]
        proof = ProofKey(self.order.id, self.order.proof_key.reveal().encode())
        guide = GuideSettings(alone=not guided, on_show=self._show) if guided or wanted.has_window else None
        with CompanionClient(self.order.service_url, given.text, proof=proof) as client:
            return retrieve_and_hand_over(
                request,
                self._wanted_connection(),
                TicketService(client, ticket, self.order.replaced),  # type: ignore[arg-type]
                RunOptions(
                    settings,
                    sign_in,
                    headed=wanted.shown and wanted.attach is None,
                    guide=guide,
                    attach=wanted.attach,
                    on_step=self._step,
                    say=lambda line: self.tell(Says(line)),
                    interruption=self.interruption,
                    around=self._around,
                    noting=Noting(_TellingNotes(settings.data_dir, self.tell), settings.world, _COMMAND),
                    orders=self.orders,
                    watching=_Watch(self.tell).watching,
                    verifies=False,
                ),
            )

    def _check(self, guided: bool) -> None:
        from automation.browser.endpoint import endpoint_from_text
        from automation.browser.window import check_window

        wanted = self.order.wanted
        if wanted.attach is not None:
            endpoint_from_text(wanted.attach)
        elif guided or wanted.shown:
            check_window(os.environ, sys.platform)

    def _request(self) -> RetrievalRequest:
        wanted = self.order.wanted
        return RetrievalRequest(
            api_account_name=api_account_name_from(wanted.api_account_name),
            store_hash=wanted.store_hash,
            channel_id=wanted.channel_id or 1,
            scopes=wanted_scopes(scopes_of_presets(wanted.presets, wanted.oauth_scopes)),
        )

    def _wanted_connection(self) -> WantedConnection:
        wanted = self.order.wanted
        return WantedConnection(
            wanted.name, wanted.replace, wanted.auth_type, wanted.channel_id, wanted.scopes, wanted.tags
        )

    def _step(self, report: StepReport) -> None:
        if report.status is not None:
            self.tell(StepOver(str(report.id), report.status, round(report.seconds, 3)))

    def _show(self, guidance: Guidance) -> None:
        self.tell(ToDo(str(guidance.step), guidance.what, guidance.why, guidance.alert, guidance.where))

    def _ended_with(self, failure: CompanionError) -> Ended:
        document: dict[str, Any] = getattr(failure, "document", {})
        step = step_of(failure)
        return Ended(
            failure_of(failure),
            None if step is None else str(step),
            None,
            tuple(made.name for made in getattr(failure, "created", ())),
            int(document.get("human_actions", 0)),
            self._around.is_over(failure),
        )


def failure_of(failure: CompanionError) -> Failure:
    """Return an error as the events tell it."""
    explained = failure.explained
    fields = tuple((each.pointer, each.detail) for each in failure.fields)
    return Failure(failure.code, explained.what, explained.why, explained.next_step, int(failure.exit_code), fields)


class _Watch:
    """Tells what is seen, as often as it changes and somebody could read it."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._seen = 0
        self._looked_at = float("-inf")
        self._told: Sees | None = None

    def watching(self, decide: Decide) -> Decide:
        """Return the rule with a look at each observation."""

        def decided(progress: Progress, observation: Observation) -> tuple[Progress, Command]:
            after, command = decide(progress, observation)
            self._look(after, observation)
            return after, command

        return decided

    def _look(self, progress: Progress, observation: Observation) -> None:
        from automation.core.decide import current_step
        from automation.core.flows.retrieval import StepId

        now = time.monotonic()
        if progress.seen == self._seen or now < self._looked_at + _LOOKS_APART:
            return
        self._seen, self._looked_at = progress.seen, now
        step = StepId.READ_CREDENTIALS if progress.save_pressed_at is not None else current_step(progress)
        sees = Sees(str(step), seen_in_words(observation, progress.request.scopes))
        if sees != self._told:
            self._told = sees
            self._tell(sees)


class _TellingNotes(AccountNotes):
    """Notes that are told as well, so that who started this process can name the account should it be killed."""

    def __init__(self, data_dir: Path, tell: Tell) -> None:
        super().__init__(data_dir)
        object.__setattr__(self, "_tell", tell)

    def held(self) -> HeldNote:
        """See `AccountNotes.held`."""
        plain = super().held()
        return _TellingNote(plain, self._tell)  # type: ignore[attr-defined]

    def left(self, world: str) -> tuple[LeftNote, ...]:
        """None: which of them a connection uses is not for the holder of a ticket to see."""
        del world
        return ()


class _TellingNote(HeldNote):
    def __init__(self, held: HeldNote, tell: Tell) -> None:
        self._held = held
        self._tell = tell
        self._name: str | None = None

    def write(self, note: AccountNote) -> None:
        self._held.write(note)
        if note.name != self._name:
            self._name = note.name
            self._tell(MayExist(note.name))

    def remove(self) -> None:
        self._held.remove()
        if self._name is not None:
            self._name = None
            self._tell(MayExist(None))


@dataclass(frozen=True)
class _SignInValues:
    """What the order has of a sign-in, as `automation.cli.sign_in` takes it."""

    order: RetrievalOrder

    @property
    def email(self) -> str | None:
        return self.order.sign_in.email

    @property
    def password_secret(self) -> Any:
        return self.order.sign_in.password

    @property
    def authenticator_secret(self) -> Any:
        return self.order.sign_in.totp_secret


def _settings(order: RetrievalOrder) -> Settings:
    return load_settings(**order.settings)
