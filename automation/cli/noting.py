"""How the commands that make API accounts note them, and record what they delete of those that were left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automation.jobs.left_accounts import Noting
    from companion.settings import Settings


def noting_of(settings: Settings, command: str) -> Noting:
    """Return how a command notes the accounts it makes, in this data folder.

    Args:
        command: what is said to have made them, such as `companion connect shop`.
    """
    from automation.jobs.left_accounts import Noting
    from companion.account_notes import AccountNotes
    from companion.cli.left_accounts import record_deletion

    return Noting(AccountNotes(settings.data_dir), settings.world, command, partial(record_deletion, settings))
