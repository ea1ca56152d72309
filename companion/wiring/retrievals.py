"""The retrievals of the web page, in processes that drive a browser."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, TextIO

from companion.core.retrieval import RetrievalState
from companion.core.retrieval_order import RetrievalMode, SignInAtHand
from companion.launcher import ChildProcesses
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.settings import SignInSettings
from companion.wiring.child_settings import settings_of_child

if TYPE_CHECKING:
    from companion.settings import Settings


def retrievals_of(settings: Settings, parts: Parts) -> Retrievals:
    """Return the retrievals of the web page: in a process of the program that drives a browser, where there is one."""

    def sign_in(mode: RetrievalMode) -> SignInAtHand:
        if mode is RetrievalMode.GUIDED:
            return SignInAtHand()  # the person signs in: the helper does all it can, and must not be able to do that
        values = SignInSettings()
        kept = parts.sessions.find(values.email) if parts.sessions is not None else None
        return SignInAtHand(
            values.email,
            values.password_secret,
            values.authenticator_secret,
            settings.verification_code_command,
            kept,
        )

    def can_sign_in() -> bool:
        values = SignInSettings()
        given = SignInAtHand(values.email, values.password_secret)
        return given.is_enough or (parts.sessions is not None and parts.sessions.is_there(values.email))

    jobs = ChildProcesses(_retrieval_program(), os.environ, settings.data_dir)
    return Retrievals(parts, jobs, sign_in, can_sign_in, settings_of_child(settings))


def stop_retrievals(retrievals: Retrievals, out: TextIO) -> None:
    """Stop what is under way, and say in `out` what of it is left at BigCommerce: its page goes with the service.

    A `KeyboardInterrupt` meanwhile ends the waiting, and is raised again once that was said.
    """
    ids = {each.id for each in retrievals.all() if not each.state.is_over}
    if ids:
        out.write("Stopping: what the retrieval made at BigCommerce is taken back first.\n")
    try:
        retrievals.close()
    finally:
        ended = [each for each in retrievals.all() if each.id in ids and each.state is not RetrievalState.DONE]
        out.writelines(f"{_left(name)}\n" for name in (name for each in ended for name in each.created))


def _left(account: str) -> str:
    return (
        f"The API account {account!r} may be left at BigCommerce. Delete it in the control panel, under Settings > "
        "API > Store-level API accounts, if it is there; `companion connect` in this store does that by itself."
    )


def _retrieval_program() -> list[str]:
    """Return the command line of the program that drives a browser, which is found by its name and never imported.

    Without `-P` a module of that name in the folder where it runs would be taken for it.
    """
    found = next(iter(entry_points(group="companion.browser_jobs", name="retrieval")), None)
    return [] if found is None else [sys.executable, "-P", "-m", found.module]
