"""What a run knows by now; a value, so that every decision can be repeated in a test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from automation.core.extract.addresses import Place, panel_url, place_of
from automation.core.extract.api_accounts import AccountRow
from automation.core.extract.credentials_window import CredentialsWindow
from automation.core.flows.retrieval import STEPS, StepId
from automation.core.request import RetrievalRequest, Sighting
from automation.core.snapshot import Busy, Observation
from companion.core.connection import Finding
from companion.core.credentials_file import CredentialsFile

LAST_LOOK = "last look"
"""The key under which it counts that a page is looked at once more, with all the time that a slow one may need."""

_ORDER = tuple(step.id for step in STEPS)


@dataclass(frozen=True)
class Storefront:
    """Where the storefront opened.

    Attributes:
        host: None where it could not be opened.
        subdomain: None where the host is not `SUBDOMAIN.mybigcommerce.com`.
    """

    host: str | None
    subdomain: str | None


@dataclass(frozen=True)
class SubmittedForm:
    """A sign-in form, or the half of one that asks for the e-mail address first.

    Attributes:
        document: the tab's top document at that moment.
        sent: the tab's `sent` at that moment.
    """

    document: str
    with_password: bool
    sent: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Progress:
    """What a run knows by now.

    Attributes:
        steps: the steps that are over, with `done` or `skipped`.
        seen: fingerprint of the last observation, and `changed_at` when it last differed from the one before.
        acted_at: when the last action was asked for.
        awaited_at: when a tab was last seen to wait for an answer.
        goal, goal_since: what is being worked on, and since when; a goal has the request's patience.
        tries: how often each action was tried, by its key.
        blocked: whether the last action did not reach its control.
        notices: the last native dialogs, redacted.
        standing: the complaints that stood on the page before the last press that can be refused; they answer nothing.
        submitted: the sign-in form that was submitted last; another document that asks again means no.
        unanswered: what came instead of an answer to that form; None where it was answered, or may be yet.
        list_address: what the address bar showed with the list of API accounts, empty before that.
        sightings: the documented controls that a survey has found so far.
        listed: the rows of the list's pages that were looked through, and `listed_page` those of the last page.
        name_was_there: whether an API account with our whole name stood in the list before Save.
        account_seen: whether the account is known to exist, since its credentials were shown.
        store_hash_confirmed: whether a second witness named the same store hash.
        checked_at: when the hand-over was last checked, which is done just before Save.
        panel_seen: whether the control panel was reached since the last sign-in.
        panel_passed: whether it opened since then, be it for so short a time that it was not looked at.
        panel_host: the control panel's host where it names no store, as `NAME.mybigcommerce.com`; else empty.
        storefront_address: where the link to the storefront leads, empty where it does not say.
        before_storefront: role and name of all that could be pressed before that link was.
        address: what the address bar showed at the last look, without query, and `moved_at` since when; kept where a
            person may move about.
        picked: scopes, and the wording of the option that was picked for them in a list whose words are not known.
        read_back: first labels of the wanted scopes that were read as set since the last one was set.
        entered: what was entered in the form since the last look, by the keys of `tries`; the next look reads it back.
        looked_through: what was done since then to see all of the form, in order.
        scopes_seen: the known scopes that the form has shown, `form_document` the document of that form, and
            `form_address` what the address bar showed with it.
        with_person: whether a person takes part, so that what is set besides is theirs to say.
        besides: a scope that is set and was not asked for, and its option, as the form has just shown it; None where
            there is none.
        kept: those that the person leaves set, and `unread_kept` whether they go on although not all can be read.
        may_exist: whether Save was pressed and refused, so that an account may, against all odds, have been made.
    """

    request: RetrievalRequest
    steps: tuple[tuple[StepId, str], ...] = ()
    seen: int = 0
    changed_at: float = 0.0
    now: float = 0.0
    acted_at: float = 0.0
    awaited_at: float = 0.0
    goal: str = ""
    goal_since: float = 0.0
    tries: tuple[tuple[str, int], ...] = ()
    blocked: bool = False
    notices: tuple[str, ...] = ()
    standing: frozenset[str] = frozenset()
    submitted: SubmittedForm | None = None
    unanswered: str | None = None
    code_document: str | None = None
    panel_seen: bool = False
    panel_passed: bool = False
    store_hash: str | None = None
    panel_host: str = ""
    storefront: Storefront | None = None
    storefront_address: str = ""
    before_storefront: frozenset[tuple[str, str]] = frozenset()
    list_address: str = ""
    sightings: tuple[Sighting, ...] = ()
    listed: tuple[AccountRow, ...] = ()
    listed_page: tuple[str, ...] | None = None
    name_was_there: bool = False
    account_seen: bool = False
    store_hash_confirmed: bool = False
    checked_at: float | None = None
    save_pressed_at: float | None = None
    window: CredentialsWindow | None = None
    window_at: float | None = None
    file: CredentialsFile | None = None
    oauth_scopes: tuple[str, ...] = ()
    address: str = ""
    moved_at: float = 0.0
    picked: tuple[tuple[str, str], ...] = ()
    read_back: frozenset[str] = frozenset()
    entered: frozenset[str] = frozenset()
    looked_through: tuple[str, ...] = ()
    scopes_seen: frozenset[str] = frozenset()
    form_document: str = ""
    form_address: str = ""
    with_person: bool = False
    besides: tuple[str, str] | None = None
    kept: tuple[tuple[str, str], ...] = ()
    unread_kept: bool = False
    may_exist: bool = False
    findings: tuple[Finding, ...] = ()

    def looked(self, observation: Observation) -> Progress:
        """Return the progress with what every observation tells."""
        seen = hash(
            tuple(
                (tab.number, page.url, page.document, page.html, page.size)
                for tab in observation.tabs
                for page in tab.pages
            )
        )
        return replace(
            self,
            seen=seen,
            now=observation.at,
            entered=self.entered if (seen, observation.at) == (self.seen, self.now) else frozenset(),
            changed_at=observation.at if seen != self.seen else self.changed_at,
            goal_since=self.goal_since or observation.at,
            acted_at=self.acted_at or observation.at,
            awaited_at=observation.at if any(tab.pending for tab in observation.tabs) else self.awaited_at,
            blocked=self.blocked or observation.blocked,
            notices=(*self.notices, *observation.notices)[-5:],
            panel_passed=self.panel_passed
            or any(place_of(url) is Place.PANEL for tab in observation.tabs for url in tab.passed),
        )

    def toward(self, goal: str) -> Progress:
        """Return the progress with this goal; its patience starts when the goal changes."""
        return self if goal == self.goal else replace(self, goal=goal, goal_since=self.now)

    def tried(self, key: str) -> int:
        """Return how often an action was tried."""
        return dict(self.tries).get(key, 0)

    def trying(self, key: str) -> Progress:
        """Return the progress with one more try of an action, asked for now."""
        tries = dict(self.tries)
        tries[key] = tries.get(key, 0) + 1
        return replace(self, tries=tuple(tries.items()), acted_at=self.now, blocked=False)

    def forgetting(self, key: str) -> Progress:
        """Return the progress with no try of an action counted."""
        if not self.tried(key):
            return self
        return replace(self, tries=tuple((name, number) for name, number in self.tries if name != key))

    def not_tried(self, before: Progress) -> Progress:
        """Return what is known now, as if what was just asked for had not been."""
        return replace(
            self,
            acted_at=before.acted_at,
            tries=before.tries,
            entered=frozenset(),  # it is looked at again
            submitted=before.submitted,
            unanswered=before.unanswered,
            code_document=before.code_document,
            panel_seen=before.panel_seen,
            panel_passed=before.panel_passed,
            save_pressed_at=None if self.save_pressed_at is None else before.save_pressed_at,
            standing=before.standing,
            storefront_address=before.storefront_address,
            before_storefront=before.before_storefront,
        )

    def over(self, step: StepId, status: str = "done") -> Progress:
        """Return the progress with a step, and all before it, over."""
        known = dict(self.steps)
        for earlier in _ORDER[: _ORDER.index(step)]:
            known.setdefault(earlier, "done")
        known.setdefault(step, status)
        return replace(self, steps=tuple((s, known[s]) for s in _ORDER if s in known))

    def with_finding(self, finding: Finding) -> Progress:
        """Return the progress with a finding, once."""
        return self if finding in self.findings else replace(self, findings=(*self.findings, finding))

    def panel(self, path: str = "") -> str:
        """Return the address of a control panel page of this run's store."""
        return f"https://{self.panel_host}/manage{path}" if self.panel_host else panel_url(self.store_hash or "", path)

    @property
    def impatient(self) -> bool:
        """Whether the goal has used up the request's patience."""
        return self.now - self.goal_since > self.request.patience

    def still_for(self, seconds: float) -> bool:
        """Whether nothing changed, and nothing was done, for this long."""
        return self.now - max(self.changed_at, self.acted_at) >= seconds

    def at_rest(self, *, busy: Busy) -> bool:
        """Whether the page has done what it does about the last action."""
        still = self.still_for(5.0 if busy else 1.0) or self.now - self.acted_at >= 10.0  # some never stop moving
        return busy is not Busy.LOADING and still

    def stuck(self, *, busy: Busy) -> bool:
        """Whether the last action seems to have led nowhere: a still page, or one that moves without getting on."""
        since_action = self.now - self.acted_at
        if self.blocked:
            # What moved since then may be what the click led to, told of too late.
            return self.changed_at <= self.acted_at or self.still_for(1.0)
        if busy is Busy.LOADING:
            return since_action >= self.request.patience / 2
        if busy is Busy.WAITING:
            return since_action >= min(self.request.patience / 2, max(15.0, self.request.patience / 4))
        if self.tried(LAST_LOOK):
            return since_action >= min(15.0, self.request.patience / 3)
        return self.still_for(3.0) or since_action >= 15.0
