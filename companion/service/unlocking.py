"""Opens and closes a running service whose keys are sealed under a passphrase; wrong tries are slowed down."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from companion.core.errors import TooManyTries, WrongPassphrase
from companion.core.secret import Secret
from companion.ports.clock import Clock
from companion.ports.keys import LockableKeys

_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(minutes=5)


class Unlocking:
    """One at a time: a try takes 64 MiB of memory for part of a second.

    After the n-th wrong passphrase in a row nothing is tried for 2^(n-1) seconds, five minutes at most.
    """

    def __init__(self, keys: LockableKeys, clock: Clock) -> None:
        """Take over the keys."""
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong = 0
        self._not_before = datetime.min.replace(tzinfo=UTC)

    def unlock(self, passphrase: Secret) -> None:
        """Unlock the keys.

        Raises:
            WrongPassphrase: one text for all wrong ones.
            TooManyTries: nothing was tried.
            Conflict: there is nothing to unlock.
            KeysUnavailable: the keys are damaged or missing.
        """
        with self._lock:
            pause = self._not_before - self._clock()
            if pause > timedelta(0):
                raise TooManyTries(pause.seconds + 1)
            try:
                self._keys.unlock(passphrase)
            except WrongPassphrase:
                self._wrong += 1
                pause = min(_FIRST_PAUSE * 2 ** min(self._wrong - 1, 20), _LONGEST_PAUSE)
                self._not_before = self._clock() + pause
                raise
            self._wrong = 0

    def check_lockable(self) -> None:
        """Raise `Conflict` where there is nothing to lock."""
        self._keys.check_lockable()

    def lock(self) -> None:
        """Lock the keys. Raises `Conflict`: there is nothing to lock."""
        self._keys.lock()
