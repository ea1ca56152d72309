"""What a batch is asked for, and what it reports of each row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from automation.core.batch_rows import BatchRow
from automation.core.request import WantedScope
from companion.core.errors import CompanionError

if TYPE_CHECKING:
    from companion.client import ConnectionDocument

DEFAULT_PARALLEL = 2
MOST_PARALLEL = 16


class Outcome(StrEnum):
    """What became of a row."""

    CONNECTED = "connected"
    ALREADY = "already"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True)
class RowReport:
    """What became of a row.

    Attributes:
        connection: as the API shows it; None where there is none.
        failure: why it failed, or was not tried.
        unverified: why a stored connection could not be verified now.
        seconds: how long it took.
    """

    row: BatchRow
    outcome: Outcome
    connection: ConnectionDocument | None = None
    failure: CompanionError | None = None
    unverified: CompanionError | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class BatchRequest:
    """What holds for every row.

    Attributes:
        account_prefix: how the names of the new API accounts begin.
        parallel: how many contexts at most.
    """

    account_prefix: str
    scopes: tuple[WantedScope, ...]
    patience: float = 60.0
    parallel: int = DEFAULT_PARALLEL
    headed: bool = False
