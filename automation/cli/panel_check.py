"""`companion doctor --panel`: whether each documented control of the control panel can be found, and how."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from automation.core.actions import Do, Stop, Surveyed, Wait
from automation.core.decide import decide
from automation.core.errors import AutomationError, BrowserUnavailable
from automation.core.extract.document import forget_documents
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest, Sighting
from automation.core.survey import CONTROLS, OPTIONAL, Difference, decide_survey, differences, ways_of
from companion.core.connection import Finding, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from automation.runners.loop import Hands
    from companion.settings import Settings

FILE = "panel-controls.json"
"""In the data folder: the way each control was found the last time, for each world."""

_WAYS = {
    "name": "by its role and name",
    "text": "by its text alone",
    "translation": "by our translation of its name",
    "address": "by where its link leads",
    "structure": "by what stands around it",
}


def check_panel(settings: Settings, *, store_hash: str | None = None) -> Iterator[Finding]:
    """Sign in, walk to the form and leave it; nothing is typed, pressed or made that changes anything.

    Raises:
        SignInNeeded: there is nothing to sign in with.
        BrowserUnavailable: no browser could be started, or it ended.
    """
    from playwright.sync_api import Error

    from automation.cli.kept_session import kept_session
    from automation.cli.sign_in import unattended_sign_in
    from automation.jobs.run_options import RunOptions, making_nothing
    from companion.settings import SignInSettings

    values = SignInSettings()
    said: list[str] = []
    try:
        with kept_session(settings, values.email, said.append) as around:
            sign_in = unattended_sign_in(values, settings.verification_code_command, needed=not around.begins_signed_in)
            options = RunOptions(settings, sign_in, around=around)
            with making_nothing(options, RetrievalRequest("", store_hash=store_hash)) as hands:
                seen, failure = survey(hands, store_hash)
    except Error:
        raise BrowserUnavailable("The browser ended before the control panel was looked through.") from None
    finally:
        forget_documents()
    for line in said:
        yield Finding("kept-session", line, "", Severity.NOTE)
    file = settings.data_dir / FILE
    before = last_ways(file, settings.world)
    if failure is None:  # what a walk did not come to is no difference
        keep_ways(file, settings.world, ways_of(seen))
    yield from findings(seen, failure, differences(before, seen) if failure is None else ())


def survey(hands: Hands, store_hash: str | None) -> tuple[tuple[Sighting, ...], AutomationError | None]:
    """Walk through the control panel; returns what was found, and what ended the walk before its end."""
    rule = partial(decide, on_panel=decide_survey)
    progress = Progress(RetrievalRequest("", store_hash=store_hash))
    while True:
        progress, command = rule(progress, hands.observe())
        match command:
            case Do(step, action, _):
                hands.act(step, action)
            case Wait():
                hands.wait()
            case Stop(error):
                return progress.sightings, error
            case Surveyed(sightings):
                return sightings, None
            case _:
                raise TypeError("a survey does not end with this")


def findings(
    seen: tuple[Sighting, ...], failure: AutomationError | None, otherwise: tuple[Difference, ...]
) -> Iterator[Finding]:
    """Say of each documented control whether and how it was found, and what is otherwise than the last time."""
    found = {each.control: each for each in seen}
    changed = {each.control: each for each in otherwise}
    for control, called in CONTROLS.items():
        sighting, difference = found.get(control), changed.get(control)
        since = "" if difference is None else f" The last time it was {_how(difference.before)}."
        if sighting is not None:
            yield Finding(
                f"panel-{control}",
                f"{called} was {_how(sighting.way)}, as “{sighting.name[:80]}”.{since}",
                "Nothing; please report it, since the control panel has changed." if difference is not None else "",
                Severity.NOTE,
            )
        elif failure is None:
            yield Finding(
                f"panel-{control}",
                f"{called} was not found.{since}",
                "Retrievals do without it."
                if control in OPTIONAL
                else "Please report it: a retrieval stops there. `companion connect NAME --evidence FILE` writes what "
                "the page looks like, masked.",
                Severity.NOTE if control in OPTIONAL else Severity.BROKEN,
            )
    if failure is not None:
        explained = failure.explained
        yield Finding(
            failure.code,
            f"The control panel was not looked through to its end. {explained.what} {explained.why}".strip(),
            explained.next_step,
            Severity.BROKEN,
        )


def last_ways(file: Path, world: str) -> dict[str, str | None]:
    """Return the way each control was found the last time; empty where nothing is known."""
    try:
        kept = json.loads(file.read_text("utf-8"))
        ways = kept[str(world)]
        return {str(control): None if way is None else str(way) for control, way in ways.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def keep_ways(file: Path, world: str, ways: Mapping[str, str | None]) -> None:
    """Keep the ways for the next time, beside those of the other world."""
    from companion.private_files import make_private_folder, replace_private_file

    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        kept = {}
    kept = kept if isinstance(kept, dict) else {}
    kept[str(world)] = dict(ways)
    make_private_folder(file.parent)
    replace_private_file(file, json.dumps(kept, indent=1).encode() + b"\n")


def _how(way: str | None) -> str:
    return "not found" if way is None else f"found {_WAYS.get(way, way)}"
