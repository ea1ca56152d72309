"""The same done to many connections: some at once, told of in their order, one's failure nobody else's."""

import threading

import pytest

from companion.cli.at_once import each_at_once
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
