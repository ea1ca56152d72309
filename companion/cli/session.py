"""A client of the service: the one that is running, else a private one for as long as the command takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from companion.core.connection import World
from companion.core.errors import InvalidSetting, ServiceUnreachable, StorageFailed, WrongWorld
from companion.service_state import read_state

if TYPE_CHECKING:
    from companion.client import CompanionClient
    from companion.core.secret import Secret
    from companion.settings import Settings

_WORLDS = {World.REAL: "BigCommerce itself", World.SIMULATED: "a simulated store"}


@contextmanager
def open_client(settings: Settings) -> Iterator[CompanionClient]:
    """Open a client of the service that `settings` lead to; a private service ends with the context.

    Raises:
        ServiceUnreachable: `COMPANION_URL` is set and what it names does not answer, or is another service.
        WrongWorld: the service that answers sends BigCommerce's names elsewhere than these settings do.
    """
    running = running_client(settings)
    if running is not None:
        with running:
            yield running
        return
    with private_client(settings, notice=lambda text: sys.stderr.write(text.rstrip() + "\n")) as client:
        yield client


@contextmanager
def private_client(
    settings: Settings, *, notice: Callable[[str], object] = lambda _text: None
) -> Iterator[CompanionClient]:
    """Run a service of this command's own, and open a client of it.

    Args:
        notice: called with what the user must be told about the key provider, where there is anything.
    """
    from companion.cli.passphrase import AskForPassphrase
    from companion.client import CompanionClient
    from companion.wiring.service import running_service

    with (
        running_service(settings, ask=AskForPassphrase(settings)) as service,
        CompanionClient(service.url, service.api_token) as client,
    ):
        if service.notice:
            notice(service.notice)
        yield client


def running_client(settings: Settings) -> CompanionClient | None:
    """Return a client of the running service after it has proven itself, None where none runs.

    Raises:
        ServiceUnreachable, WrongWorld: as `open_client`.
    """
    from companion.client import CompanionClient

    url = settings.url or running_url(settings)
    if url is None:
        return None
    token = _api_token(settings)
    if token is None:
        return None
    try:
        client = CompanionClient(url, token, extra_ca_file=settings.extra_ca_file)
    except InvalidSetting:
        if settings.url:
            raise
        return None  # no service of ours wrote this into the state file
    try:
        world = client.health()["world"]
    except ServiceUnreachable:
        client.close()
        if settings.url:
            raise
        return None  # the state file outlived its service, or the port is another program's now
    except BaseException:
        client.close()
        raise
    if world != settings.world:
        client.close()
        raise WrongWorld(
            f"The service at {url} is connected to {_WORLDS[World(world)]}, this command to {_WORLDS[settings.world]}.",
            next_step="Set COMPANION_HOST_MAP and COMPANION_CA_FILE for both alike, or unset them for both.",
        )
    return client


def running_url(settings: Settings) -> str | None:
    """Return the address that the service of this data folder left in its state file, None where there is none."""
    state = read_state(settings.state_file)
    return None if state is None else state.url


def is_another_service(settings: Settings) -> bool:
    """Say whether `COMPANION_URL` names a service that is not this data folder's own."""
    from companion.client import checked_base_url

    return settings.url is not None and checked_base_url(settings.url) != running_url(settings)


def refuse_another_service(settings: Settings, why: str) -> None:
    """Refuse what opens this data folder itself where a service elsewhere is meant.

    Raises:
        InvalidSetting: `COMPANION_URL` names a service that is not this data folder's own.
    """
    if is_another_service(settings):
        raise InvalidSetting(
            "COMPANION_URL names a service that is not this data folder's own.",
            why=why,
            next_step="Unset COMPANION_URL, or run this as the user, and on the machine, of that service.",
        )


def _api_token(settings: Settings) -> Secret | None:
    from companion.api_token import kept_token

    try:
        return kept_token(settings.token_file)
    except StorageFailed as failure:
        if settings.url is None:
            return None
        raise ServiceUnreachable(
            f"The service at {settings.url} cannot be used without its API token.",
            why=failure.explained.what,
            next_step="Set COMPANION_API_TOKEN_FILE to the file that `companion serve` names, or unset COMPANION_URL.",
        ) from None
