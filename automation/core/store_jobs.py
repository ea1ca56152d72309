"""A store to be connected by a worker, as it stands in the queue: what to do, and never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automation.core.batch_rows import COLUMNS, BatchRow, rows_from_csv
from companion.core.connection import name_key
from companion.core.errors import InvalidInput

TASK = "connect-store"
ANY_USER = "stores"
"""The queue of the stores whose row names no user."""


@dataclass(frozen=True)
class StoreJob:
    """One store.

    Attributes:
        account_prefix: how the name of the new API account begins; its random end is drawn at each try.
        oauth_scopes: on top of the two that are always set, as `--oauth-scope` takes them.
        patience: seconds after which a page that does not get on is given up.
    """

    row: BatchRow
    account_prefix: str
    oauth_scopes: tuple[str, ...] = ()
    patience: float = 60.0

    @property
    def queue(self) -> str:
        """The name of the queue: that of the user who signs in, so that a worker gets no others' stores."""
        return queue_of(self.row.email)

    @property
    def lock(self) -> str:
        """What one worker at a time holds: two in one store would count each other's API accounts."""
        return f"store {self.row.store_hash}"

    @property
    def key(self) -> str:
        """What stands in the queue once: the connection's name, as names are compared."""
        return name_key(self.row.name)

    def arguments(self) -> dict[str, Any]:
        """Return it as it stands in the queue: JSON."""
        row = self.row
        cells = {
            "name": row.name,
            "store_hash": row.store_hash,
            "subdomain": row.subdomain or "",
            "channel_id": str(row.channel_id),
            "auth_type": row.auth_type.value if row.auth_type is not None else "",
            "scopes": ";".join(row.scopes or ()),
            "email": row.email or "",
            "tags": ";".join(row.tags),
        }
        return {
            "store": cells,
            "account_prefix": self.account_prefix,
            "oauth_scopes": list(self.oauth_scopes),
            "patience": self.patience,
        }


def queue_of(email: str | None) -> str:
    """Return the name of the queue of a user's stores."""
    return f"{ANY_USER} of {email.lower()}" if email else ANY_USER


def store_job_from(arguments: Mapping[str, Any]) -> StoreJob:
    """Read what stands in the queue, where others can write: it is checked as a file is.

    Raises:
        InvalidInput: it is no such job.
    """
    cells, prefix = arguments.get("store"), arguments.get("account_prefix")
    scopes, patience = arguments.get("oauth_scopes", []), arguments.get("patience", 60.0)
    if (
        not isinstance(cells, dict)
        or not all(isinstance(each, str) for each in (*cells.values(), prefix, *_listed(scopes)))
        or not isinstance(patience, int | float)
        or not 1 <= patience <= 3600
    ):
        raise InvalidInput("What stands in the queue is no store to connect.", next_step="Hand it out again.")
    line = ",".join(_quoted(cells.get(column, "")) for column in COLUMNS)
    (row,) = rows_from_csv(f"{','.join(COLUMNS)}\n{line}\n")
    return StoreJob(row, str(prefix), tuple(_listed(scopes)), float(patience))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [None]
