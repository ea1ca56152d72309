"""`companion serve`."""

from __future__ import annotations

import click

from companion.cli.output import Output, with_output


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port on 127.0.0.1; 7467 unless given, 0 takes a free one.")
@with_output
def serve(output: Output, port: int | None) -> None:
    """Run the local service until it is stopped with Ctrl-C."""
    import contextlib

    from companion.cli.waiting import wait_for_interrupt
    from companion.settings import load_settings
    from companion.wiring import running_service

    settings = load_settings()
    with (
        contextlib.suppress(KeyboardInterrupt),
        running_service(settings, settings.port if port is None else port, public=True) as service,
    ):
        output.note(f"Listening on {service.url} (this machine only). Stop it with Ctrl-C.")
        output.note(f"API at {service.url}/api/v1; its token is in {settings.token_file}.")
        wait_for_interrupt()
    output.note("Stopped.")
