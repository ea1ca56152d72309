"""A progress bar for work on many stores, where standard error is a terminal."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Bar:
    """What a bar is told.

    Attributes:
        say: shows a line above it.
        ended: one more is over, for any thread; takes whether it took the time that others will take.
    """

    say: Callable[[str], None]
    ended: Callable[[bool], None]


@contextlib.contextmanager
def progress_bar(what: str, count: int, stream: TextIO | None = None) -> Iterator[Bar | None]:
    """Show how many are over, and how long it will still take; gives None where nobody would see it.

    Args:
        what: is counted, such as `Stores`.
        stream: standard error unless given. What is written to standard output meanwhile is shown above the bar where
            that is a terminal, too.
    """
    stream = sys.stderr if stream is None else stream
    if not stream.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.text import Text

    from companion.cli.output import showable
    from companion.core.time_left import TimeLeft, time_left_text

    left = TimeLeft(count)
    left.begin(time.monotonic())

    class TimeLeftColumn(ProgressColumn):
        """Rich's own counts what was done before, and stands still while nothing ends."""

        max_refresh = 1.0

        def render(self, task: Task) -> Text:
            del task
            return Text(time_left_text(left.seconds(time.monotonic())))

    console = Console(file=stream)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeLeftColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, redirect_stdout=sys.stdout.isatty(), redirect_stderr=False) as progress:
        task = progress.add_task(what, total=count)

        def say(text: str) -> None:
            console.print(showable(text), markup=False, highlight=False)

        lock = threading.Lock()

        def ended(took_time: bool) -> None:
            with lock:
                left.ended(time.monotonic(), took_time=took_time)
            progress.advance(task)

        yield Bar(say, ended)
