"""The same done to many connections: some at once, told of in their order, one's failure nobody else's."""

import io
import threading

import pytest

from companion.cli.at_once import each_at_once
from companion.cli.progress_bar import progress_bar
from companion.core.errors import NotFound, ServiceUnreachable


def test_as_many_as_allowed_are_under_way_at_once_and_no_more():
    together = threading.Barrier(3, timeout=30)
    under_way: set[int] = set()
    most = 0
    lock = threading.Lock()

    def work(item: int) -> int:
        nonlocal most
        with lock:
            under_way.add(item)
            most = max(most, len(under_way))
        together.wait()
        with lock:
            under_way.discard(item)
        together.wait()
        return item * item

    assert list(each_at_once(work, range(9), 3)) == [(item, item * item) for item in range(9)]
    assert most == 3


def test_each_is_told_of_in_order_as_soon_as_it_is_known_and_a_failure_is_its_own():
    second_may_end = threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            assert second_may_end.wait(30)
        if item == "bad":
            raise NotFound("There is no connection named 'bad'.", next_step="`companion list` shows all.")
        return item.upper()

    outcomes = each_at_once(work, ["quick", "slow", "bad", "last"], 2)
    assert next(outcomes) == ("quick", "QUICK")
    second_may_end.set()
    assert next(outcomes) == ("slow", "SLOW")
    item, outcome = next(outcomes)
    assert (item, type(outcome)) == ("bad", NotFound)
    assert list(outcomes) == [("last", "LAST")]


def test_where_the_service_is_gone_nothing_further_is_begun():
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        raise ServiceUnreachable("The service does not answer.", next_step="Start it with `companion serve`.")

    with pytest.raises(ServiceUnreachable):
        list(each_at_once(work, range(1000), 2))
    assert len(begun) < 1000


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_counts_all_that_are_over_and_what_failed_as_well(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)

    def work(item: int) -> int:
        if item == 1:
            raise NotFound("There is no such connection.", next_step="`companion list` shows all.")
        return item

    assert [item for item, _ in each_at_once(work, range(5), 2)] == [0, 1, 2, 3, 4]
    assert "Connections" in terminal.getvalue()
    assert "5/5" in terminal.getvalue()


def test_elsewhere_there_is_no_bar(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with progress_bar("Connections", 5) as bar:
        assert bar is None
