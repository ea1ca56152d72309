"""Talks to the operating system's keychain, in a process of its own that can be ended when the keychain hangs.

Run as `python -P -m companion.keys.keychain_child`. It prints the line `ready` once everything is imported, reads one
JSON request from standard input and prints one JSON answer; the secret travels in these two alone.

    request  {"operation": "probe" | "get" | "set" | "delete", "service": …, "user": …, "password": …}
    answer   {"outcome": "done" | "none" | "refused" | "locked" | "failed", "backend": …, "password": …, "detail": …}

`backend` is its full name, `module.Class`; `detail` the kind of a failure, never its text, which could hold the secret.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

# Backends that keep secrets as plain text, throw them away, or want a password typed on the terminal each time.
_REFUSED_MODULES = ("keyring.backends.null", "keyrings.alt", "keyrings.cryptfile")
_REFUSED_WORDS = ("plaintext", "null", "cryptfile")

# What the libraries below `keyring` raise, and `keyring` passes on, where a keychain is locked and stays so.
_LOCKED_IN_SECRETSTORAGE = ("LockedException", "PromptDismissedException")
_LOCKED_ON_THE_BUS = "org.freedesktop.Secret.Error.IsLocked"


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request."""
    from keyring import get_keyring

    configured = get_keyring()
    backends = [backend for backend in _chained(configured) if not _keeps_nothing(backend)]
    if not backends:
        return {"outcome": "none", "backend": name_of(configured)}
    usable = [backend for backend in backends if not is_refused(name_of(backend))]
    if not usable:
        return {"outcome": "refused", "backend": name_of(backends[0])}
    return {"outcome": "done", "backend": name_of(usable[0]), **_carried_out(request, usable)}


def is_refused(name: str) -> bool:
    """Say whether a backend, by its full name, does not protect what it keeps."""
    lowered = name.lower()
    module, _, kind = lowered.rpartition(".")
    return module.startswith(_REFUSED_MODULES) or any(word in kind for word in _REFUSED_WORDS)


def name_of(backend: KeyringBackend) -> str:
    """Return the backend's module and class."""
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def says_locked(failure: Exception) -> bool:
    """Say whether what a backend raised means that the keychain is locked, and nobody unlocked it.

    A prompt of the Secret Service that is dismissed carries a result of any type. The library secretstorage asserts
    that it is a list of paths, so whoever closes the prompt of GNOME Keyring meets an AssertionError
    (secretstorage 3.5, `util.unlock_objects`; borgbase/vorta#1267).
    """
    from keyring.errors import InitError, KeyringLocked

    if isinstance(failure, KeyringLocked | InitError):
        return True
    kind = type(failure)
    if kind.__module__.startswith("secretstorage"):
        return kind.__name__ in _LOCKED_IN_SECRETSTORAGE
    if isinstance(failure, AssertionError):
        raised_in = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(failure.__traceback__)]
        return bool(raised_in) and raised_in[-1].startswith("secretstorage.")
    return getattr(failure, "name", None) == _LOCKED_ON_THE_BUS


def _carried_out(request: dict[str, Any], backends: list[KeyringBackend]) -> dict[str, Any]:
    try:
        return _carry_out(request, backends)
    except Exception as failure:  # noqa: BLE001  whatever a backend raises
        return {"outcome": "locked" if says_locked(failure) else "failed", "detail": type(failure).__name__}


def _carry_out(request: dict[str, Any], backends: list[KeyringBackend]) -> dict[str, Any]:
    service, user = request["service"], request["user"]
    match request["operation"]:
        case "probe":
            # A locked keychain looks usable until something is written to it.
            backends[0].set_password(service, user, request["password"])
            kept = backends[0].get_password(service, user) == request["password"]
            backends[0].delete_password(service, user)
            return {} if kept else {"outcome": "failed", "detail": "it does not give back what was written"}
        case "get":
            found = (backend.get_password(service, user) for backend in backends)
            return {"password": next((password for password in found if password is not None), None)}
        case "set":
            backends[0].set_password(service, user, request["password"])
            return {}
        case "delete":
            for backend in backends:
                if backend.get_password(service, user) is not None:
                    backend.delete_password(service, user)
            return {}
        case unknown:
            raise ValueError(f"no such operation: {unknown}")


def _chained(backend: KeyringBackend) -> list[KeyringBackend]:
    from keyring.backends.chainer import ChainerBackend

    return list(backend.backends) if isinstance(backend, ChainerBackend) else [backend]


def _keeps_nothing(backend: KeyringBackend) -> bool:
    from keyring.backends import fail

    return isinstance(backend, fail.Keyring)


def _main() -> None:
    import keyring.backends.chainer
    import keyring.errors  # noqa: F401  imported before it says that it is ready

    print("ready", flush=True)  # noqa: T201  the protocol
    try:
        result = answer(json.load(sys.stdin))
    except Exception as failure:  # noqa: BLE001  whatever the library raises while it looks for its backends
        result = {"outcome": "failed", "detail": type(failure).__name__}
    print(json.dumps(result), flush=True)  # noqa: T201  the protocol


if __name__ == "__main__":
    _main()
