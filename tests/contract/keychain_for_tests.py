"""A keychain for tests: a backend of the library `keyring`, chosen with PYTHON_KEYRING_BACKEND like any other.

Its entries lie in a file that the test names, since each request is made by a process of its own. How it behaves is
told by the environment, for real keychains are locked, hang and forget without saying so beforehand.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Keychain(KeyringBackend):
    """Works as `KEYCHAIN_FOR_TESTS` says: works, locked, dismissed, hangs, forgets, fails, dies-rewriting."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self._file = Path(os.environ["KEYCHAIN_FOR_TESTS_FILE"])
        self._behaviour = os.environ.get("KEYCHAIN_FOR_TESTS", "works")

    def get_password(self, service: str, username: str) -> str | None:
        """Return the entry."""
        self._behave()
        return self._entries().get(f"{service}\n{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the entry."""
        self._behave()
        if self._behaviour == "locked":  # a locked keychain looks usable until something is written
            raise KeyringLocked(f"cannot write {password}")
        if self._behaviour == "dies-rewriting" and f"{service}\n{username}" in self._entries():
            self.delete_password(service, username)  # as macOS's does, and then the machine goes down
            os._exit(1)
        if self._behaviour != "forgets":
            self._file.write_text(json.dumps(self._entries() | {f"{service}\n{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        """Drop the entry."""
        self._behave()
        entries = self._entries()
        if entries.pop(f"{service}\n{username}", None) is None:
            raise PasswordDeleteError("no such entry")
        self._file.write_text(json.dumps(entries))

    def _entries(self) -> dict[str, str]:
        return dict(json.loads(self._file.read_text())) if self._file.exists() else {}

    def _behave(self) -> None:
        if self._behaviour == "hangs":
            threading.Event().wait()
        if self._behaviour == "fails":
            raise OSError("the bus is gone")
        if self._behaviour == "dismissed":
            dismiss_the_prompt()


def dismiss_the_prompt() -> None:
    """Let the library secretstorage unlock a keychain whose prompt its user closes, as GNOME Keyring's does."""
    from secretstorage.util import unlock_objects  # on Linux alone

    unlock_objects(_BusWhereThePromptIsClosed(), ["/org/freedesktop/secrets/collection/login"])  # type: ignore[arg-type]


class _BusWhereThePromptIsClosed:
    """A connection to the bus, as far as `unlock_objects` looks at it: the result that comes along is a text."""

    def send_and_get_reply(self, message: Any) -> Any:
        from jeepney import HeaderFields, MessageType

        is_unlock = message.header.fields[HeaderFields.member] == "Unlock"
        body = ([], "/org/freedesktop/secrets/prompt/1") if is_unlock else ()
        return SimpleNamespace(header=SimpleNamespace(message_type=MessageType.method_return), body=body)

    @contextmanager
    def filter(self, _rule: Any) -> Iterator[None]:
        yield

    def recv_until_filtered(self, _signals: None, **_limits: float | None) -> Any:
        return SimpleNamespace(body=(True, ("s", "")))


class PlaintextKeyring(Keychain):
    """Named like a backend that must be refused."""


class CryptFileKeyring(Keychain):
    """Named like a backend that must be refused."""
