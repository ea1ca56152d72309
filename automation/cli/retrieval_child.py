"""A retrieval as a process of the companion service, which started it for its web page.

    python -m automation.cli.retrieval_child           orders on standard input, events on standard output
    python -m automation.cli.retrieval_child --sweep   removes what killed runs left in the temporary folder

The first line holds all it needs, the secrets too: neither its arguments nor its environment have any. Each further
line is a word of `companion.core.retrieval_order.OrderWord`. Where standard input ends, the service is gone: the run
stops in order, as it does with `cancel`.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from automation.cli.child_pipes import EventsOut, LinesIn
from companion.core.retrieval_events import Heeds
from companion.core.retrieval_order import LONGEST_ORDER, OrderWord, order_from_line
from companion.core.secret import Secret

if TYPE_CHECKING:
    from automation.jobs.interruption import Interruption
    from automation.runners.orders import Orders

_STANDARD_INPUT = 0
_NOT_UNDERSTOOD = 2


def main() -> int:
    """Run one retrieval, or sweep; returns the exit code."""
    if sys.argv[1:] == ["--sweep"]:
        return _sweep()
    lines = LinesIn(_STANDARD_INPUT, LONGEST_ORDER)
    events = EventsOut()
    try:
        order = order_from_line(Secret(next(iter(lines), b"").decode("utf-8", "replace")))
    except ValueError:
        return _NOT_UNDERSTOOD
    from automation.cli.child_run import ChildRun
    from automation.jobs.interruption import Interruption
    from automation.runners.orders import Orders

    orders, interruption = Orders(), Interruption()
    listening = (lines, orders, interruption, events)
    threading.Thread(target=listen, args=listening, name="orders", daemon=True).start()
    with interruption:
        return ChildRun(order, orders, interruption, events.tell).run()


def listen(lines: LinesIn, orders: Orders, interruption: Interruption, events: EventsOut) -> None:
    """Heed every line until the other side is gone; then let the run stop."""
    for line in lines:
        if line.strip() == OrderWord.CANCEL.value.encode():
            break
        if heed(line, orders):
            events.tell(Heeds(orders.paused, None if orders.mine is None else str(orders.mine)))
    interruption.request()


def heed(line: bytes, orders: Orders) -> bool:
    """Carry out one line; returns False where it is no order."""
    from automation.core.flows.retrieval import StepId

    word, _, step = line.decode("ascii", "replace").strip().partition(" ")
    try:
        match OrderWord(word):
            case OrderWord.PAUSE if not step:
                orders.pause()
            case OrderWord.RESUME if not step:
                orders.resume()
            case OrderWord.MINE:
                orders.leave(StepId(step))
            case _:
                return False
    except ValueError:
        return False
    return True


def _sweep() -> int:
    from automation.browser.session import sweep_places

    sweep_places()
    return os.EX_OK if hasattr(os, "EX_OK") else 0


if __name__ == "__main__":
    sys.exit(main())
