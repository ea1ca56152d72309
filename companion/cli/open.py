"""`companion open`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from companion.cli.output import Output, with_output

if TYPE_CHECKING:
    from companion.client import CompanionClient
    from companion.settings import Settings


@click.command("open", short_help="Open the web page in your browser, with a sign-in link that works once.")
@with_output
def open_(output: Output) -> None:
    """Open the web page in the default browser, with a sign-in link that works once and for five minutes.

    Where no service runs, one is started here, and runs until it is stopped with Ctrl-C.
    """
    import contextlib

    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.session import running_client
    from companion.cli.waiting import wait_for_interrupt
    from companion.client import CompanionClient
    from companion.settings import load_settings
    from companion.wiring import running_service

    settings = load_settings()
    running = running_client(settings)
    if running is not None:
        with running:
            _lead_browser(output, running, settings)
        return
    with (
        contextlib.suppress(KeyboardInterrupt),
        running_service(settings, settings.port, public=True, ask=AskForPassphrase(settings)) as service,
    ):
        output.note(f"Listening on {service.url} (this machine only). Stop it with Ctrl-C.")
        with CompanionClient(service.url, service.api_token) as client:
            _lead_browser(output, client, settings)
        wait_for_interrupt()
    output.note("Stopped.")


def _lead_browser(output: Output, client: CompanionClient, settings: Settings) -> None:
    """Open a browser at a file that leads to the link: what stands in its arguments, every user of the machine sees.

    Raises:
        Conflict: the service listens on a Unix socket alone.
    """
    import webbrowser

    from companion.core.errors import Conflict, StorageFailed
    from companion.private_files import make_private_folder, replace_private_file

    if client.base_url.startswith("unix:"):
        raise Conflict(
            "The running service has no web page.",
            why="It listens on a Unix socket alone, which no browser opens.",
            next_step="Start it with `companion serve --port N`, or with both.",
        )
    link = client.sign_in_link().reveal()
    file = settings.sign_in_file
    try:
        make_private_folder(file.parent)
        replace_private_file(file, leading_to(link).encode())
    except OSError as failure:
        raise StorageFailed(
            f"The file {file} could not be written: {failure.strerror}.", next_step="Check the data folder."
        ) from None
    webbrowser.open(file.absolute().as_uri())
    output.note(f"If no browser shows the page, open this, once and within 5 minutes: {link}")


def leading_to(link: str) -> str:
    """Return a page that leads a browser to `link` by itself."""
    return (
        '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0; url={link}"><title>BigCommerce Companion</title>'
        f'<p><a href="{link}">Sign in</a></p>\n'
    )
