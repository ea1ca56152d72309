"""The threads of one process write to a SQLite file one after another, in the order they came, several a commit.

SQLite lets who waits for the file poll with growing pauses, which makes half a second of some waits. Here a thread that
finds nobody writing writes at once; those that come meanwhile are written by the first of them, all in one transaction,
since a commit takes longer than all that they do. None is told that it is done before that commit is on the disk.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, TypeVar, cast

from sqlalchemy import Connection as Transaction

from companion.core.errors import CompanionError
from companion.storage.prepared import run_text

_T = TypeVar("_T")

Work = Callable[[Transaction], Any]

_MOST = 64  # in one transaction


class _Waiting:
    """What one thread wants to be written, and what came of it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        # Who acts is a matter of the thread that asked, not of the one that writes.
        self._context = contextvars.copy_context()
        self.turn = Lock()
        self.turn.acquire()
        self.is_done = False
        self.result: Any = None
        self.failure: BaseException | None = None

    def do(self, transaction: Transaction) -> Any:
        self.failure = None
        self.result = self._context.run(self._work, transaction)
        return self.result


class WriterQueue:
    """Takes writes; safe to share between threads."""

    def __init__(self, transact: Callable[[Work], Any]) -> None:
        """Take what runs work in a transaction of its own; one thread at a time calls it."""
        self._transact = transact
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._is_writing = False

    def write(self, work: Callable[[Transaction], _T]) -> _T:
        """Do the work in a transaction; returns when that is on the disk.

        Args:
            work: may be done more than once, each time from the beginning.

        Raises:
            BaseException: as the work or `transact` does; what others wrote in the same transaction stays.
        """
        with self._lock:
            mine = _Waiting(work) if self._is_writing else None
            if mine is None:
                self._is_writing = True
            else:
                self._waiting.append(mine)
        if mine is None:
            try:
                return cast("_T", self._transact(work))
            finally:
                self._pass_on()
        mine.turn.acquire()
        if not mine.is_done:
            self._write_group()
        if mine.failure is not None:
            raise mine.failure
        return cast("_T", mine.result)

    def _write_group(self) -> None:
        """Write what waits, the first of which is the caller's own."""
        with self._lock:
            group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            if len(group) == 1 or not self._is_written_together(group):
                for each in group:
                    try:
                        self._transact(each.do)
                    except BaseException as failure:  # noqa: BLE001  raised in the thread that asked for it
                        each.failure = failure
        finally:
            for each in group[1:]:
                each.is_done = True
                each.turn.release()
            self._pass_on()

    def _is_written_together(self, group: Sequence[_Waiting]) -> bool:
        try:
            self._transact(lambda transaction: _each_by_itself(transaction, group))
        except Exception:  # noqa: BLE001  whose failure it is shows when each is written alone
            return False
        return True

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].turn.release()
            else:
                self._is_writing = False


def _each_by_itself(transaction: Transaction, group: Sequence[_Waiting]) -> None:
    """Do each in the one transaction; what is refused is undone, and nothing else is."""
    for each in group:
        run_text(transaction, "SAVEPOINT one")
        try:
            each.do(transaction)
        except CompanionError as refusal:
            run_text(transaction, "ROLLBACK TO one")
            each.failure = refusal
        run_text(transaction, "RELEASE one")
