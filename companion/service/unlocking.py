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

    After the n-th wrong passphrase in a row nothing is tried for 2^(n-1) seconds, five minutes at most. Where the clock
    is set back meanwhile, the pause begins anew: it neither lasts until the clock is there again, nor ends.
    """

    def __init__(self, keys: LockableKeys, clock: Clock) -> None:
        """Take over the keys."""
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong = 0
        self._pause = timedelta(0)
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
            now = self._clock()
            self._not_before = min(self._not_before, now + self._pause)
            left = self._not_before - now
            if left > timedelta(0):
                raise TooManyTries(left.seconds + 1)
            try:
                self._keys.unlock(passphrase)
            except WrongPassphrase:
                self._wrong += 1
                self._pause = min(_FIRST_PAUSE * 2 ** min(self._wrong - 1, 20), _LONGEST_PAUSE)
                self._not_before = self._clock() + self._pause
                raise
            self._wrong = 0

    def check_lockable(self) -> None:
        """Raise `Conflict` where there is nothing to lock."""
        self._keys.check_lockable()

    def lock(self) -> None:
        """Lock the keys. Raises `Conflict`: there is nothing to lock."""
        self._keys.lock()
