"""Jobs in the control panel that commands of the companion offer; a package that drives a browser brings them.

They are found by the entry point group `companion.browser_jobs`, since the companion itself drives no browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, cast

from companion.core.errors import InvalidInput

if TYPE_CHECKING:
    from companion.cli.output import Output
    from companion.client import CompanionClient, ConnectionDocument
    from companion.core.connection import Finding
    from companion.settings import Settings

JOB_GROUP = "companion.browser_jobs"


class RevokedDocument(TypedDict):
    """An API account that was deleted in the control panel."""

    kind: str
    name: str
    client_id: str | None
    webhooks: int | None


class RevokeJob(Protocol):
    """Deletes the API account of a connection in the control panel, and proves that its token is refused."""

    def __call__(
        self,
        output: Output,
        connection: ConnectionDocument,
        client: CompanionClient,
        settings: Settings,
        *,
        agreed: Callable[[int | None], None],
        headed: bool,
    ) -> RevokedDocument:
        """Do it.

        Args:
            agreed: asked just before the deletion, with the number of active webhooks where the list says it; raises
                where the answer is no.
        """
        ...


def revoke_job() -> RevokeJob:
    """Return the job that deletes an API account in the control panel.

    Raises:
        InvalidInput: nothing that drives a browser is installed.
    """
    return cast("RevokeJob", _job("revoke"))


class PanelCheck(Protocol):
    """Looks for each documented control in the control panel, and changes nothing there."""

    def __call__(self, settings: Settings, *, store_hash: str | None) -> Iterable[Finding]:
        """Yield what was found, and how that differs from the last time."""
        ...


def panel_check() -> PanelCheck:
    """Return the check of the control panel.

    Raises:
        InvalidInput: nothing that drives a browser is installed.
    """
    return cast("PanelCheck", _job("panel"))


def sweep_temporary_folders() -> tuple[Path, ...]:
    """Remove what killed runs left in the temporary folder; returns what was removed."""
    return tuple(path for entry in entry_points(group=JOB_GROUP, name="sweep") for path in entry.load()())


def shared_caches() -> tuple[str, ...]:
    """Return the folders of browsers that this program may have brought, and others may use."""
    return tuple(str(each) for entry in entry_points(group=JOB_GROUP, name="caches") for each in entry.load()())


def _job(name: str) -> Any:
    for entry in entry_points(group=JOB_GROUP, name=name):
        return entry.load()
    raise InvalidInput(
        "Nothing that drives a browser is installed.",
        next_step="Install the whole program: `pipx install bigcommerce-companion`.",
    )
