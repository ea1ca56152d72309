"""The last words of a command that is ended by a second signal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automation.core.errors import Created
    from companion.cli.output import Output


def report_end_at_once(output: Output, at_stake: tuple[Created, ...] = ()) -> None:
    """Say, as the last thing before the process ends, what could not be finished.

    Args:
        at_stake: what was made at BigCommerce and stays there.
    """
    from automation.core.errors import Interrupted
    from automation.jobs.reports import with_steps
    from companion.cli.failure import explained_failure

    them = f"the API account{'s' if len(at_stake) > 1 else ''} named above"
    failure = Interrupted(
        "Ended at once, without cleaning up.",
        next_step=f"Delete {them} in the control panel." if at_stake else "",
        created=at_stake,
    )
    explained = explained_failure(with_steps(failure))
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[?25h\n")  # a live list hides the cursor, and will not get to show it again
    if output.as_json and not output.printed:
        output.document(explained.document)
    output.note(explained.text)
    sys.stdout.flush()
    sys.stderr.flush()
