"""`companion worker`; nothing heavy is imported before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from companion.cli.output import Output, with_output_of_failures

if TYPE_CHECKING:
    from companion.client import CompanionClient
    from companion.settings import Settings

LOST_AFTER = 60.0


@click.command(short_help="Connect stores that were handed out with `companion jobs add`.")
@click.option("--until-done", is_flag=True, help="End when nothing waits that this worker could take.")
@click.option(
    "--lost-after",
    type=click.FloatRange(min=3, max=3600),
    default=LOST_AFTER,
    show_default=True,
    metavar="SECONDS",
    help="Without a sign of life for so long, a worker counts as gone, and its store is taken up again.",
)
@click.option("--headed", is_flag=True, help="Show the browser.")
@with_output_of_failures
def worker(output: Output, until_done: bool, lost_after: float, headed: bool) -> None:
    """Take stores from the queue, one at a time, and connect each in a browser of this machine.

    It reaches the service by its API, at COMPANION_URL, and the queue at COMPANION_QUEUE_URL. It signs in as the user
    of its environment: BIGCOMMERCE_EMAIL and its like. Told to stop (Ctrl-C, SIGTERM), it finishes the store under way.
    """
    import time

    from automation.cli.sign_in import unattended_sign_in
    from automation.core.store_jobs import StoreJob
    from automation.jobs.interruption import Interruption
    from automation.queue.connecting import StoreConnector
    from automation.queue.database import AWAY
    from automation.queue.kept_browser import KeptBrowser
    from automation.queue.worker import Worker
    from companion.cli.failure import explained_failure
    from companion.settings import SignInSettings, load_settings

    settings = load_settings()
    database = queue_of(settings)
    values = SignInSettings()
    interruption = Interruption()
    sign_in = unattended_sign_in(values, settings.verification_code_command, interrupted=interruption.is_requested)
    _service(settings).close()
    database.prepare()

    def on_outcome(job: StoreJob, outcome: str, document: dict[str, Any]) -> None:
        why = document.get("error", {}).get("detail", "")
        output.note(f"{job.row.name} ({job.row.store_hash}): {outcome}{'. ' + why if why else ''}")

    with KeptBrowser(settings, headed=headed, say=output.note) as kept:
        connector = StoreConnector(
            settings,
            open_service=lambda: _service(settings),
            sign_in=sign_in,
            database=database.patient(AWAY),
            kept=kept,
            world=settings.world,
            interruption=interruption,
            say=output.note,
            pause=time.sleep,
            headed=headed,
        )
        output.note("Waiting for stores. Stop it with Ctrl-C; the store under way is finished first.")
        Worker(
            database,
            email=values.email,
            connect=lambda job: kept.do(lambda: connector.connect(job)),
            explain=lambda failure: explained_failure(failure).document,
            lost_after=lost_after,
            on_outcome=on_outcome,
            patience=AWAY,
            say=output.note,
        ).run(wait=not until_done)
    output.note("Stopped.")


def queue_of(settings: Settings) -> Any:
    """Return the database of the queue.

    Raises:
        InvalidSetting: none is set, or it cannot be used.
    """
    from automation.queue.database import QueueDatabase
    from companion.core.errors import InvalidSetting

    address = settings.queue_url or settings.database_url
    if address is None:
        raise InvalidSetting(
            "There is no queue: COMPANION_QUEUE_URL is not set.",
            next_step="Set it to postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
        )
    return QueueDatabase(address.get_secret_value())


def _service(settings: Settings) -> CompanionClient:
    from companion.cli.session import running_client
    from companion.core.errors import ServiceUnreachable

    client = running_client(settings)
    if client is None:
        raise ServiceUnreachable(
            "A worker needs a service that runs.",
            why="It hands over what it retrieves, and keeps nothing itself.",
            next_step="Set COMPANION_URL and COMPANION_API_TOKEN_FILE, or start `companion serve` here.",
        )
    return client
