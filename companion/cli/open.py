"""`companion open`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from companion.cli.output import Output, with_output_of_failures
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.client import CompanionClient
    from companion.settings import Settings


@click.command("open", short_help="Open the web page in your browser, with a sign-in link that works once.")
@click.option(
    "--install",
    is_flag=True,
    help="Make a launcher to double-click, and a service that starts when you log in, instead.",
)
@click.option("--remove", is_flag=True, help="Take both away again.")
@with_output_of_failures
def open_(output: Output, install: bool, remove: bool) -> int:
    """Open the web page in the default browser, with a sign-in link that works once and for five minutes.

    Where no service runs, one is started here, and runs until it is stopped with Ctrl-C. What --install writes holds
    no secret, and takes no settings over but the place of the data folder: put others into its config.toml. --remove
    ends with 9 where a file was changed since, which is left.
    """
    if install and remove:
        raise click.UsageError("--install and --remove exclude each other.")
    if install or remove:
        return _install(output) if install else _remove(output)
    _open(output)
    return ExitCode.DONE


def _install(output: Output) -> int:
    from companion.cli.desktop import install, settings_left_out
    from companion.settings import load_settings

    files = install(load_settings())
    left_out = settings_left_out()
    document = {
        "installed": [{"path": str(each.path), "what": each.what} for each in files],
        "settings_left_out": left_out,
    }
    output.result(document, "\n".join(f"{each.what}: {each.path}" for each in files))
    output.note("The service starts when you log in, and now where it can. Take both away: companion open --remove")
    if left_out:
        output.note(
            f"Set here, and not for the service: {', '.join(left_out)}. What it needs of these goes into config.toml "
            "in the data folder, without the prefix; it starts locked where a passphrase is needed."
        )
    return ExitCode.DONE


def _remove(output: Output) -> int:
    from companion.cli.desktop import remove
    from companion.settings import load_settings

    gone, left = remove(load_settings())
    lines = [f"Removed {each}" for each in gone] or ["Nothing was installed."]
    output.result({"removed": gone, "left": left}, "\n".join(lines if gone or not left else []))
    for each in left:
        output.note(f"{each} is not what was installed, or cannot be removed, and was left. Look at it, and remove it.")
    return ExitCode.ATTENTION_DUE if left else ExitCode.DONE


def _open(output: Output) -> None:
    import contextlib

    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.session import running_client
    from companion.cli.waiting import wait_for_interrupt
    from companion.client import CompanionClient
    from companion.settings import load_settings
    from companion.wiring.service import running_service

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
