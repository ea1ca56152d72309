"""`companion unlock` and `companion lock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from companion.cli.output import Output, with_output

if TYPE_CHECKING:
    from companion.client import CompanionClient
    from companion.settings import Settings


@click.command(short_help="Open the running service with the passphrase.")
@with_output
def unlock(output: Output) -> None:
    """Open the running service, whose keys are sealed under a passphrase.

    The passphrase is asked for on the terminal, or taken from COMPANION_PASSPHRASE. Other commands open the data folder
    in the same way by themselves, where no service runs.
    """
    from companion.cli.passphrase import AskForPassphrase
    from companion.core.errors import Locked, WrongPassphrase
    from companion.settings import load_settings

    settings = load_settings()
    ask = AskForPassphrase(settings)
    with _running(settings) as client:
        _refuse_where_nothing_locks(settings)
        passphrase = ask(new=False, again=False)
        while passphrase is not None:
            try:
                client.unlock(passphrase)
            except WrongPassphrase:
                passphrase = ask(new=False, again=True)
                if passphrase is None:
                    raise
            else:
                break
        else:
            raise Locked(
                "The passphrase is missing.",
                why="There is no terminal to ask on.",
                next_step="Run this on a terminal, or set COMPANION_PASSPHRASE.",
            )
        output.result({"status": "ok", "url": client.base_url}, f"The service at {client.base_url} is unlocked.")


@click.command(short_help="Let the running service forget its keys.")
@with_output
def lock(output: Output) -> None:
    """Let the running service forget its keys, which are sealed under a passphrase, until `companion unlock`."""
    from companion.settings import load_settings

    with _running(load_settings()) as client:
        client.lock()
        output.result({"status": "locked", "url": client.base_url}, f"The service at {client.base_url} is locked.")


def _refuse_where_nothing_locks(settings: Settings) -> None:
    """Say so before anybody is asked for a passphrase that there is not. Raises `Conflict`."""
    from companion.cli.session import is_another_service
    from companion.core.errors import Conflict
    from companion.wiring.keys import key_provider_of

    provider = None if is_another_service(settings) else key_provider_of(settings)
    if provider not in {None, "passphrase"}:
        raise Conflict(
            "There is nothing to unlock.",
            why=f"The key provider of this data folder is `{provider}`, which has no passphrase.",
            next_step="Nothing. `companion keys status` says where the key is.",
        )


def _running(settings: Settings) -> CompanionClient:
    from companion.cli.session import running_client
    from companion.core.errors import ServiceUnreachable

    client = running_client(settings)
    if client is None:
        raise ServiceUnreachable(
            "No service of this data folder is running.",
            why="Without one there is nothing to unlock or lock: each command asks for the passphrase by itself.",
            next_step="Start one with `companion serve`.",
        )
    return client
