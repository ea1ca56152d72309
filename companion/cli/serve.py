"""`companion serve`."""

from __future__ import annotations

import click

from companion.cli.given_path import GivenPath
from companion.cli.output import Output, with_output_of_failures


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port on 127.0.0.1; 7467 unless given, 0 takes a free one.")
@click.option(
    "--socket",
    type=GivenPath(dir_okay=False),
    metavar="PATH",
    help="Listen on a Unix socket that this user alone can connect to; on a port as well only with --port.",
)
@with_output_of_failures
def serve(output: Output, port: int | None, socket: str | None) -> None:
    """Run the local service until it is stopped with Ctrl-C."""
    import contextlib
    from pathlib import Path

    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.waiting import wait_for_interrupt
    from companion.client import CompanionClient
    from companion.settings import load_settings
    from companion.wiring.service import running_service

    settings = load_settings()
    path = None if socket is None else Path(socket).absolute()
    wanted_port = settings.port if port is None and path is None else port
    ask = AskForPassphrase(settings, only_new=True)
    with (
        contextlib.suppress(KeyboardInterrupt),
        running_service(settings, wanted_port, socket=path, public=True, ask=ask) as service,
    ):
        output.note(f"Listening on {service.url} (this machine only). Stop it with Ctrl-C.")
        if path is not None and wanted_port is not None:
            output.note(f"Listening on unix:{path} (this user only).")
        if settings.public_url is not None:
            output.note(f"For other machines: {settings.public_url.origin}, once a proxy there passes it on to here.")
        output.note(f"API at /api/v1; its token is in {settings.token_file}.")
        if service.locked:
            output.note("It is locked: its keys are sealed under a passphrase. Open it with `companion unlock`.")
        elif settings.identity_roles is not None and settings.public_url is not None:
            output.note(f"Web page, for people of your identity provider: {settings.public_url.origin}.")
        elif wanted_port is not None or settings.public_url is not None:
            with CompanionClient(service.url, service.api_token) as client:
                link = client.sign_in_link(settings.public_origin).reveal()
            output.note(f"Web page, once and within 5 minutes: {link} (`companion open` makes another).")
        wait_for_interrupt()
    output.note("Stopped.")
