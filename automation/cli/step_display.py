"""How the steps of a run are shown: a live list on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TextIO

from automation.core.flows.retrieval import STEPS, StepId
from automation.runners.loop import StepReport

if TYPE_CHECKING:
    from rich.table import Table

_MARKS = {"done": "✓", "by-user": "✓", "skipped": "-", "failed": "✗"}
_STYLES = {"done": "green", "by-user": "green", "skipped": "dim", "failed": "bold red"}


@contextlib.contextmanager
def step_display(stream: TextIO) -> Iterator[tuple[Callable[[StepReport], None], Callable[[str], None]]]:
    """Give what shows a step that is over, and what shows a line beside the steps.

    Args:
        stream: standard error.
    """
    if not stream.isatty():
        yield (lambda report: _write(stream, line_of(report))), (lambda line: _write(stream, line))
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream)
    steps = _Steps()
    with Live(steps, console=console, refresh_per_second=8, redirect_stdout=False, redirect_stderr=False):
        yield steps.add, lambda line: console.print(line, markup=False, highlight=False)


def line_of(report: StepReport) -> str:
    """Return a step that is over as a line."""
    return f"{report.id}: {report.status} ({report.seconds:.1f} s)"


class _Steps:
    """The list of all steps, drawn anew at every refresh."""

    def __init__(self) -> None:
        from rich.spinner import Spinner

        self._reports: dict[StepId, StepReport] = {}
        self._spinner = Spinner("dots", style="cyan")

    def add(self, report: StepReport) -> None:
        self._reports[report.id] = report

    def __rich__(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        under_way = next((step.id for step in STEPS if step.id not in self._reports), None)
        if any(report.status == "failed" for report in self._reports.values()):
            under_way = None
        for step in STEPS:
            report = self._reports.get(step.id)
            if report is not None and report.status is not None:
                style = _STYLES[report.status]
                table.add_row(
                    Text(_MARKS[report.status], style=style),
                    Text(step.say),
                    Text(f"{report.seconds:.1f} s", style="dim"),
                )
            elif step.id == under_way:
                table.add_row(self._spinner, Text(step.say, style="bold"), Text(""))
            else:
                table.add_row(Text(" "), Text(step.say, style="dim"), Text(""))
        return table


def _write(stream: TextIO, line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
        stream.write(line + "\n")
        stream.flush()
