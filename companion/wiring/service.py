"""The service: built, and run until it is stopped."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from companion.api_token import api_token
from companion.core.secret import Secret
from companion.keys.choice import AskPassphrase
from companion.service.locking import is_locked
from companion.service.panel_jobs import PanelJobs
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.service.try_out import TryOut
from companion.service_state import announced, only_service
from companion.wiring.clock import utc_now
from companion.wiring.identity import identities_of
from companion.wiring.panel_jobs import panel_jobs_of, stop_panel_jobs
from companion.wiring.parts import open_parts
from companion.wiring.retrievals import retrievals_of, stop_retrievals
from companion.wiring.try_out import try_out_of

if TYPE_CHECKING:
    from flask import Flask

    from companion.ports.bigcommerce import BigCommerce
    from companion.settings import Settings


@dataclass(frozen=True)
class CompanionService:
    """The service, ready to be served.

    Attributes:
        notice: what the user must be told now about the key provider; None where there is nothing.
    """

    parts: Parts
    app: Flask
    api_token: Secret
    notice: str | None
    retrievals: Retrievals
    try_out: TryOut
    panel_jobs: PanelJobs

    def close(self) -> None:
        """Let go of storage and network; what is under way in a browser, and a try-out, end first."""
        self.retrievals.close()
        self.panel_jobs.close()
        self.try_out.close()
        self.parts.close()


@dataclass(frozen=True)
class RunningService:
    """A service that answers.

    Attributes:
        url: such as `http://127.0.0.1:7467`, or `unix:` and the path of a socket.
        api_token: authorizes everything.
        notice: as `CompanionService.notice`.
        locked: it waits for its passphrase.
    """

    url: str
    api_token: Secret
    notice: str | None = None
    locked: bool = False


def build(
    settings: Settings,
    *,
    log_stream: TextIO | None = None,
    log_level: int = logging.INFO,
    around: Callable[[BigCommerce], BigCommerce] | None = None,
    ask: AskPassphrase | None = None,
    may_be_locked: bool = False,
) -> CompanionService:
    """Build the service and its application.

    Args:
        log_stream: where the request log goes; standard error if None.
        log_level: as `create_app`.
        around, ask, may_be_locked: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    from companion.web.app import create_app
    from companion.web.public_access import PublicAccess

    parts, notice = open_parts(settings, around=around, ask=ask, may_be_locked=may_be_locked)
    try:
        token = api_token(settings.token_file)
        retrievals = retrievals_of(settings, parts)
        try_out = try_out_of(settings)
        panel_jobs = panel_jobs_of(settings, parts, retrievals.can_sign_in)
        access = PublicAccess(
            settings.public_url, identities_of(settings), settings.identity_header, settings.identity_sign_out
        )
        app = create_app(
            parts,
            token,
            retrievals,
            try_out,
            panel_jobs,
            access=access,
            log_stream=log_stream,
            log_level=log_level,
        )
    except BaseException:
        parts.close()
        raise
    return CompanionService(parts, app, token, notice, retrievals, try_out, panel_jobs)


@contextmanager
def running_service(
    settings: Settings,
    port: int | None = 0,
    *,
    socket: Path | None = None,
    public: bool = False,
    log_stream: TextIO | None = None,
    around: Callable[[BigCommerce], BigCommerce] | None = None,
    ask: AskPassphrase | None = None,
) -> Iterator[RunningService]:
    """Run the service in a thread of this process until the context ends; requests in flight are finished.

    Args:
        port: 0 picks a free one; None listens on none, which needs a socket.
        socket: where a Unix socket is made that this user alone can connect to.
        public: others are to find it: it holds the data folder's lock, leaves a state file while it runs, logs
            every request and says what the user must be told about the key provider; without the passphrase it
            starts locked. Else it is a command's own, beside others of its kind, and saying that is left to it.
        log_stream: where the request log goes; standard error if None.
        around, ask: as `open_parts`.

    Raises:
        PortInUse: another program listens on `port`, or on the socket.
        InvalidInput: the socket cannot be made there.
        AlreadyRunning: with `public`; another service of this data folder runs.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    from companion.web.server import LoopbackServer, RunningServer, SocketServer

    with ExitStack() as stack:
        if public:
            stack.enter_context(only_service(settings.state_file))
        # What a private service refuses, the command explains; only the service's own failures are for its log.
        level = logging.INFO if public else logging.ERROR
        service = build(settings, log_stream=log_stream, log_level=level, around=around, ask=ask, may_be_locked=public)
        stack.callback(service.close)
        if service.notice and public:
            (log_stream or sys.stderr).write(service.notice.rstrip() + "\n")
        servers: list[RunningServer] = []
        if port is not None:
            servers.append(stack.enter_context(LoopbackServer(service.app, port)))
        if socket is not None:
            servers.append(stack.enter_context(SocketServer(service.app, socket)))
        url = servers[0].url
        service.retrievals.service_url = url
        # Before the servers stop: what works in the control panel needs them to the end.
        stack.callback(stop_panel_jobs, service.panel_jobs, log_stream or sys.stderr)
        # Also before: they would wait for pages that follow a retrieval.
        stack.callback(stop_retrievals, service.retrievals, log_stream or sys.stderr)
        if public:
            # What is there by now stays. To look through it for what nobody needs would halt every request meanwhile.
            gc.freeze()
            stack.callback(gc.unfreeze)
            stack.callback(settings.sign_in_file.unlink, missing_ok=True)
            stack.enter_context(announced(settings.state_file, url, utc_now()))
        yield RunningService(url, service.api_token, service.notice, locked=is_locked(service.parts))
