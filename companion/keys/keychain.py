"""The key provider `keyring`: keys in the operating system's keychain, bounded in time."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from companion.core.entropy import Entropy
from companion.core.errors import KeysUnavailable, Locked
from companion.keys.held import HeldKeys, keys_from_text, keys_to_text

NAME = "keyring"
SERVICE = "bigcommerce-companion"

# The keychain is given 3 seconds. Starting Python and importing its library is not the keychain's time.
ANSWER_SECONDS = 3.0
START_SECONDS = 30.0

_WHERE = "the keychain"
_SPOKEN = {
    "keyring.backends.SecretService": "the Secret Service of this session (GNOME Keyring, KWallet or KeePassXC)",
    "keyring.backends.libsecret": "the Secret Service of this session (GNOME Keyring, KWallet or KeePassXC)",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "the Keychain of macOS",
    "keyring.backends.Windows": "the Credential Manager of Windows",
}
_KEEP_OUT_OF_THE_CHILD = ("BIGCOMMERCE_", "COMPANION_PASSPHRASE", "COMPANION_API_TOKEN")
_NEXT_STEP = (
    "Unlock the keychain, in a session that may ask you for its password, and try again. Nothing was changed and no "
    "other place was chosen."
)


class Usable(StrEnum):
    """What a probe found."""

    YES = "yes"
    NO_KEYCHAIN = "no-keychain"


@dataclass(frozen=True)
class Keychain:
    """The keychain that the library `keyring` finds on this machine.

    Attributes:
        environment: of the child process; None means this one's, without anybody's passwords.
        answer_seconds: how long the keychain may take for one answer.
    """

    environment: Mapping[str, str] | None = None
    answer_seconds: float = ANSWER_SECONDS

    @property
    def name(self) -> str:
        """The name of the provider."""
        return NAME

    def probe(self, entropy: Entropy) -> Usable:
        """Find out whether there is a usable keychain, by writing to it.

        Raises:
            Locked, KeysUnavailable: there is one, and it is locked, silent or failing, or protects nothing.
        """
        answer = self._ask("probe", f"probe:{entropy(8).hex()}", entropy(16).hex())
        return Usable.NO_KEYCHAIN if answer["outcome"] == "none" else Usable.YES

    @property
    def place(self) -> str:
        """Nowhere else: this user's session has one keychain."""
        return ""

    def load(self, folder_id: str) -> HeldKeys | None:
        """Return the keys of a data folder, None where the keychain answers and has none.

        Raises:
            Locked, KeysUnavailable: the keychain cannot be asked.
        """
        for entry in (folder_id, _next(folder_id)):
            password = self._ask_one_that_is_there("get", entry).get("password")
            if password is not None:
                return keys_from_text(password, where=_WHERE)
        return None

    def store(self, folder_id: str, held: HeldKeys) -> None:
        """Add the keys of a new data folder. Raises `Locked`, `KeysUnavailable`."""
        if self.load(folder_id) is not None:
            raise KeysUnavailable(
                "The keychain has a key for this data folder already.", next_step="Choose another data folder."
            )
        self._ask_one_that_is_there("set", folder_id, keys_to_text(held))

    def replace(self, folder_id: str, held: HeldKeys) -> None:
        """Keep these keys in place of those the data folder has here. Raises `Locked`, `KeysUnavailable`.

        Some keychains delete an entry before they write it anew. So the new keys are first put beside it, where `load`
        finds them if the entry is gone.
        """
        text = keys_to_text(held)
        for entry in (_next(folder_id), folder_id):
            self._ask_one_that_is_there("set", entry, text)
            if self._ask_one_that_is_there("get", entry).get("password") != text:
                raise KeysUnavailable(
                    "The keychain did not keep the new key.",
                    why="It gives back something else than was written.",
                    next_step=_NEXT_STEP,
                )
        self._ask_one_that_is_there("delete", _next(folder_id))

    def remove(self, folder_id: str) -> None:
        """Forget the keys of a data folder. Raises `Locked`, `KeysUnavailable`."""
        for entry in (_next(folder_id), folder_id):
            self._ask_one_that_is_there("delete", entry)

    def _ask_one_that_is_there(self, operation: str, folder_id: str, password: str | None = None) -> dict[str, Any]:
        answer = self._ask(operation, f"key-encryption-keys:{folder_id}", password)
        if answer["outcome"] == "none":
            raise KeysUnavailable(
                "The keychain cannot be reached.",
                why="The key provider of this data folder is `keyring`, and this session has no keychain.",
                next_step=_NEXT_STEP,
            )
        return answer

    def _ask(self, operation: str, user: str, password: str | None = None) -> dict[str, Any]:
        request = {"operation": operation, "service": SERVICE, "user": user, "password": password}
        answer = self._talk(json.dumps(request))
        match answer.get("outcome"):
            case "done" | "none":
                return answer
            case "locked":
                raise Locked(
                    "The keychain is locked.",
                    why=f"It is {spoken_name(answer.get('backend'))}, and nobody unlocked it.",
                    next_step=_NEXT_STEP,
                )
            case "refused":
                raise KeysUnavailable(
                    "The keychain that is configured does not protect what it keeps.",
                    why=f"The library keyring is set to {answer.get('backend')}, which is not used for keys.",
                    next_step="Configure another keyring backend, or accept a key file: COMPANION_KEY_PROVIDER=file.",
                )
            case _:
                raise KeysUnavailable(
                    "The keychain did not do what it was asked.",
                    why=f"It is {spoken_name(answer.get('backend'))}, and what it met is: "
                    f"{answer.get('detail', 'nothing that it told')}.",
                    next_step="See with the keychain's own program that it is unlocked and keeps what is put into it, "
                    "and try again. Nothing was changed and no other place was chosen.",
                )

    def _talk(self, request: str) -> dict[str, Any]:
        command = [sys.executable, "-P", "-m", "companion.keys.keychain_child"]
        try:
            child = subprocess.Popen(  # noqa: S603  our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=dict(_environment() if self.environment is None else self.environment),
                text=True,
                encoding="utf-8",
            )
        except OSError as failure:
            raise KeysUnavailable(
                "The keychain could not be asked.",
                why=f"The process for it did not start: {failure.strerror}.",
                next_step="Try again.",
            ) from None
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        reader = threading.Thread(target=_read_lines, args=(child, lines), daemon=True)
        reader.start()
        try:
            _next_line(lines, START_SECONDS)
            assert child.stdin is not None  # noqa: S101  a pipe was asked for
            child.stdin.write(request)
            child.stdin.close()
            answer = json.loads(_next_line(lines, self.answer_seconds))
        except queue.Empty:
            raise KeysUnavailable(
                "The keychain does not answer.",
                why=f"It was given {self.answer_seconds:g} seconds.",
                next_step=_NEXT_STEP,
            ) from None
        except (OSError, ValueError):
            answer = {"outcome": "failed", "detail": "the process for it ended early"}
        finally:
            child.kill()
            child.wait()
            reader.join(timeout=1)  # a keychain's own child may hold the pipe open; it is not waited for
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    _close(stream)
        return dict(answer)


def spoken_name(backend: str | None) -> str:
    """Return how people call the keychain behind a backend, by the full name of its class."""
    if backend is None:
        return "the one that the library keyring chose"
    return _SPOKEN.get(backend.rpartition(".")[0], f"the one behind {backend}")


def _next(folder_id: str) -> str:
    return f"{folder_id}:next"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_KEEP_OUT_OF_THE_CHILD)}


def _read_lines(child: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    assert child.stdout is not None  # noqa: S101  a pipe was asked for
    for line in child.stdout:
        lines.put(line)
    lines.put("")


def _next_line(lines: queue.SimpleQueue[str], seconds: float) -> str:
    return lines.get(timeout=seconds)


def _close(stream: Any) -> None:
    try:
        stream.close()
    except OSError:  # what was still to be written has nobody to read it
        return
