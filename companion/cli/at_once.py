"""Does the same to many connections, some of them at once, and tells of each in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import click

from companion.cli.progress_bar import progress_bar
from companion.core.errors import CompanionError, ServiceUnreachable

T = TypeVar("T")
R = TypeVar("R")
C = TypeVar("C", bound=Callable[..., object])

_AT_ONCE = 4
_MOST_AT_ONCE = 8
"""Fewer than the service has threads, so that it goes on answering everybody else."""


def parallel_option(command: C) -> C:
    """Add `--parallel`; the command takes it as the keyword argument `parallel`."""
    return click.option(
        "--parallel",
        type=click.IntRange(1, _MOST_AT_ONCE),
        default=_AT_ONCE,
        show_default=True,
        help="How many at once. Each store has a rate limit of its own.",
    )(command)


def each_at_once(work: Callable[[T], R], items: Sequence[T], parallel: int) -> Iterator[tuple[T, R | CompanionError]]:
    """Give what came of each item, in their order and as soon as it is known; what failed for one is nobody else's.

    On a terminal a progress bar says how many are over, whichever they are.

    Raises:
        ServiceUnreachable: nothing further can be done; what had not begun is not begun.
    """

    with (
        progress_bar("Connections", len(items)) as bar,
        ThreadPoolExecutor(parallel, thread_name_prefix="connection") as threads,
    ):

        def outcome_of(item: T) -> R | CompanionError:
            try:
                return work(item)
            except ServiceUnreachable:
                raise
            except CompanionError as failure:
                return failure
            finally:
                if bar is not None:
                    bar.ended(True)

        try:
            yield from zip(items, threads.map(outcome_of, items), strict=True)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
