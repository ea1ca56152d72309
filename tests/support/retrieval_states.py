"""The states of the screen that follows a retrieval; no browser is driven, a played job tells what one would."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx2
from played_jobs import ACCOUNT, READY, PlayedJobs
from playwright.sync_api import Page
from web_pages import WebPages, web_pages

from companion.core.retrieval_events import Ended, Event, Failure, Heeds, MayExist, Says, Sees, StepOver, ToDo
from companion.core.retrieval_steps import RETRIEVAL_STEP_IDS
from companion.wiring import retrievals as wired_retrievals

Act = Callable[[Page, WebPages, dict[str, str]], None]

_CANCELLED = Failure("interrupted", "The retrieval was interrupted.", "", "Start it again when you are ready.")
_REFUSED = Failure(
    "step-failed",
    "The step `set-scopes` could not be done.",
    "The form has no scope named “Storefront API tokens”.",
    "Run `companion doctor --panel`, or set the scopes by hand and give the access token yourself.",
)
_numbers = count(1)


@contextmanager
def pages_with_retrievals(folder: Path, **settings: Any) -> Iterator[WebPages]:
    """Run the service and the simulated store; its retrievals are played, and it could sign in by itself.

    However long a run through all states takes, nobody is asked to sign in again on the way.
    """
    jobs = PlayedJobs()
    sign_in = {"BIGCOMMERCE_EMAIL": "o@shop.example", "BIGCOMMERCE_PASSWORD": "made-up"}
    with (
        patch.object(wired_retrievals, "ChildProcesses", lambda *_: jobs),
        patch.dict(os.environ, sign_in),
        patch("companion.core.web_sessions.CONFIRMED_FOR", timedelta(hours=2)),
        web_pages(folder, **settings) as pages,
    ):
        pages.jobs = jobs
        yield pages
        end(pages)


def end(pages: WebPages) -> None:
    """See to it that no retrieval is under way."""
    for job in pages.jobs.started:
        if not job.over.is_set():
            job.on_event(READY)
            job.ends(Ended(_CANCELLED))
    pages.jobs.first = (READY,)


def done(*steps: str, by_user: tuple[str, ...] = ("sign-in",)) -> list[Event]:
    """Return what tells that these steps are over."""
    return [
        StepOver(step, "by-user" if step in by_user else "done", 0.4 + 1.3 * number)
        for number, step in enumerate(steps)
    ]


UP_TO_SAVE = done(*RETRIEVAL_STEP_IDS[:9])
UP_TO_HAND_OVER = done(*RETRIEVAL_STEP_IDS[:12])


def under_way(*events: Event, mode: str = "guided") -> Act:
    """The screen of a retrieval of which these events were told."""

    def act(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
        begin(page, pages, mode)
        _tell(page, pages, events)

    return act


def over(*events: Event, ended: Callable[[dict[str, str]], Ended | None]) -> Act:
    """The screen of one that is over; None ends it without a word."""

    def act(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
        begin(page, pages)
        _tell(page, pages, events)
        pages.jobs.job.ends(ended(ids))
        page.locator("#retrieval:not(:has(#now))").wait_for()

    return act


def begin(page: Page, pages: WebPages, mode: str = "guided") -> None:
    """Press “Begin” as somebody does."""
    end(pages)
    page.goto(pages.url + "/retrieval")
    page.get_by_label("Name your connection").fill(f"Floristería Núñez {next(_numbers)}")
    page.locator(f'input[name="mode"][value="{mode}"]').check()
    page.get_by_role("button", name="Begin").click()
    page.locator("#retrieval").wait_for()


def _tell(page: Page, pages: WebPages, events: tuple[Event, ...]) -> None:
    for event in events:
        pages.jobs.job.on_event(event)
    for event in events:
        if isinstance(event, StepOver):
            page.locator(f'[data-step="{event.id}"][data-status="{event.status}"]').wait_for()
        elif isinstance(event, Sees):
            page.locator("#sees", has_text=event.words).wait_for()
        elif isinstance(event, Heeds):
            page.locator('[data-order="resume"]:not([hidden])').wait_for()


def starting(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    """Seen from a second tab, since the first waits until it is known whether it can begin."""
    end(pages)
    pages.jobs.first = ()
    before = len(pages.jobs.started)

    def start() -> None:
        httpx2.post(
            f"{pages.url}/api/v1/retrievals",
            json={"name": f"Starting {next(_numbers)}", "mode": "guided"},
            headers={"Authorization": f"Bearer {pages.service.api_token.reveal()}"},
            trust_env=False,
            timeout=90,
        )

    threading.Thread(target=start, daemon=True).start()
    while len(pages.jobs.started) == before:
        page.wait_for_timeout(20)
    page.goto(f"{pages.url}/retrieval/{pages.jobs.job.order.id}")


def stopping(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    begin(page, pages)
    pages.jobs.job.ends_when_cancelled = False
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="Stopping").wait_for()


def form(*, has_way: bool = True, options_open: bool = False) -> Act:
    """The screen before it begins."""

    def act(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
        end(pages)
        with patch.object(pages.jobs, "has_display", has_way), patch.dict(os.environ):
            if not has_way:
                del os.environ["BIGCOMMERCE_PASSWORD"]
            page.goto(pages.url + "/retrieval")
        if options_open:
            for each in page.locator("summary").all():
                each.click()

    return act


def refused(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    end(pages)
    page.goto(pages.url + "/retrieval")
    page.locator("summary", has_text="Another store").click()
    page.get_by_label("Channel ID").fill("zero")
    page.get_by_role("button", name="Begin").click()
    page.locator("#refusals").wait_for()


def second(page: Page, pages: WebPages, ids: dict[str, str]) -> None:
    begin(page, pages)
    page.goto(pages.url + "/retrieval")


RETRIEVAL_STATES: dict[str, Act] = {
    "retrieval-new": form(),
    "retrieval-new-open": form(options_open=True),
    "retrieval-new-no-way": form(has_way=False),
    "retrieval-new-refused": refused,
    "retrieval-new-second": second,
    "retrieval-starting": starting,
    "retrieval-sign-in": under_way(
        Says("A browser is being installed, which takes a minute."),
        Sees("sign-in", "The sign-in page of BigCommerce."),
        ToDo("sign-in", "Sign in to BigCommerce.", "The helper does not read what you type into the password box."),
    ),
    "retrieval-paused": under_way(*UP_TO_SAVE[:4], Heeds(paused=True, mine=None)),
    "retrieval-mine": under_way(
        *UP_TO_SAVE[:7],
        Sees("enter-name", "The form for a new API account."),
        ToDo("enter-name", f"Enter {ACCOUNT} into the box “Name”.", "You do this one.", "The name is not the one yet."),
        Heeds(paused=False, mine="enter-name"),
    ),
    "retrieval-unattended": under_way(*UP_TO_SAVE, Sees("save", "The form for a new API account."), mode="unattended"),
    "retrieval-proving": under_way(*UP_TO_HAND_OVER),
    "retrieval-stopping": stopping,
    "retrieval-done": over(
        *UP_TO_HAND_OVER, *done("verify"), ended=lambda ids: Ended(None, None, ids["fresh"], (ACCOUNT,), 1)
    ),
    "retrieval-done-unproven": over(
        *UP_TO_HAND_OVER,
        StepOver("verify", "failed", 3.1),
        Says("BigCommerce did not answer, so nothing was proven. Verify the connection later."),
        ended=lambda ids: Ended(None, None, ids["fresh"], (ACCOUNT,), 1),
    ),
    "retrieval-failed": over(*UP_TO_SAVE[:8], ended=lambda _: Ended(_REFUSED, "set-scopes")),
    "retrieval-left-behind": over(
        *UP_TO_SAVE, MayExist(ACCOUNT), ended=lambda _: Ended(_REFUSED, "read-credentials", None, (ACCOUNT,))
    ),
    "retrieval-lost": over(*UP_TO_SAVE, MayExist(ACCOUNT), ended=lambda _: None),
    "retrieval-cancelled": over(*UP_TO_SAVE[:3], ended=lambda _: Ended(_CANCELLED, "read-store-hash")),
}
"""Before, during and after, in the order in which one comes to them."""
