"""How long a batch will still take."""

from __future__ import annotations

import io

import pytest

from automation.cli.batch import _display
from automation.core.batch_rows import rows_from_csv
from automation.jobs.batch_values import Outcome, RowReport
from companion.cli.output import Output
from companion.core.errors import InvalidInput
from companion.core.time_left import FEWEST, LOOKED_AT, TimeLeft, time_left_text


def after(ends: list[float], rows: int) -> TimeLeft:
    left = TimeLeft(rows)
    left.begin(0.0)
    for end in ends:
        left.ended(end, took_time=True)
    return left


def test_nothing_is_said_before_there_is_a_pace() -> None:
    assert after([5.0] * (FEWEST - 1), 100).seconds(10.0) is None


def test_an_even_pace_goes_on() -> None:
    assert after([10.0, 20.0, 30.0, 40.0], 10).seconds(40.0) == pytest.approx(60.0)
    assert after([10.0 * number for number in range(1, 101)], 200).seconds(1000.0) == pytest.approx(1000.0)


def test_rows_that_were_done_before_make_it_no_faster() -> None:
    left = TimeLeft(200)
    left.begin(0.0)
    for _ in range(150):
        left.ended(0.1, took_time=False)
    for end in (10.0, 20.0, 30.0):
        left.ended(end, took_time=True)
    assert left.seconds(30.0) == pytest.approx(470.0)


def test_a_slower_pace_counts_soon() -> None:
    fast = [float(number) for number in range(1, 101)]
    slow = [100.0 + 30.0 * number for number in range(1, LOOKED_AT + 1)]
    assert after(fast + slow, 220).seconds(slow[-1]) == pytest.approx(100 * 30.0)


def test_while_nothing_ends_it_grows() -> None:
    left = after([10.0, 20.0, 30.0], 10)
    assert [left.seconds(now) for now in (30.0, 60.0, 300.0)] == pytest.approx([70.0, 140.0, 700.0])


def test_at_the_end_nothing_is_left() -> None:
    assert after([1.0, 2.0, 3.0], 3).seconds(100.0) == 0.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "time left: not known yet"),
        (0.0, "done"),
        (3.0, "about 10 seconds left"),
        (44.0, "about 40 seconds left"),
        (100.0, "about 2 minutes left"),
        (3600.0, "about 60 minutes left"),
        (9000.0, "about 2.5 hours left"),
    ],
)
def test_it_is_said_no_more_exactly_than_it_is_known(seconds: float | None, text: str) -> None:
    assert time_left_text(seconds) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_bar_of_a_batch_says_it() -> None:
    rows = rows_from_csv("name,store_hash\n" + "".join(f"shop {number},abc{number}\n" for number in range(6)))
    terminal = Terminal()
    with _display(Output(), terminal, len(rows)) as (on_row, _):
        for row in rows:
            on_row(RowReport(row, Outcome.FAILED, failure=InvalidInput("made up"), seconds=1.0))
    assert "6/6" in terminal.getvalue()
    assert "done" in terminal.getvalue()
