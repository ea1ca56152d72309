"""The public keys of an identity provider (JWKS, RFC 7517): fetched when needed, and fetched again when they change."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import jwt

from companion.core.errors import IdentityUnavailable

KEPT_FOR = 3600.0
"""Seconds after which the keys are fetched anew, so that one that was withdrawn ends."""

APART = 30.0
"""Seconds between two fetches at least: whoever sends unknown key ids must not make us ask again and again."""

_TIMEOUT = 5.0
_LONGEST = 256 * 1024

Fetch = Callable[[], bytes]


class SigningKeys:
    """Finds a key by its id.

    Args:
        fetch: gives the document; raises OSError where it cannot.
        seconds: a clock that only goes on.
    """

    def __init__(self, fetch: Fetch, seconds: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._seconds = seconds
        self._lock = threading.Lock()
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def key(self, key_id: str | None) -> jwt.PyJWK | None:
        """Return the key with this id; None where there is none. Without an id, the only key there is.

        Raises:
            IdentityUnavailable: no keys could be fetched yet.
        """
        if not self._is_fresh() or self._find(key_id) is None:
            self._refresh()
        if self._fetched_at is None:
            raise IdentityUnavailable(
                "Nobody can sign in at the moment.",
                why="The keys of the identity provider could not be fetched.",
                next_step="Check that COMPANION_IDENTITY_JWKS can be reached from the service, then try again.",
            )
        return self._find(key_id)

    def _find(self, key_id: str | None) -> jwt.PyJWK | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _is_fresh(self) -> bool:
        return self._fetched_at is not None and self._seconds() - self._fetched_at < KEPT_FOR

    def _refresh(self) -> None:
        # Who finds another at it goes on with what is known; only where nothing is, all wait.
        if not self._lock.acquire(blocking=self._fetched_at is None):
            return
        try:
            now = self._seconds()
            if self._tried_at is not None and now - self._tried_at < APART:
                return
            self._tried_at = now
            try:
                found = _keys_in(self._fetch())
            except (OSError, ValueError, jwt.PyJWTError):
                return  # those that are known go on counting
            self._keys = {each.key_id: each for each in found if each.public_key_use in {None, "sig"}}
            self._fetched_at = now
        finally:
            self._lock.release()


def _keys_in(document: bytes) -> list[jwt.PyJWK]:
    """Return the keys of a JWKS document; raises ValueError or PyJWTError where there are none."""
    read = json.loads(document)
    if not isinstance(read, dict):
        raise ValueError("no key set")
    return jwt.PyJWKSet.from_dict(read).keys


def fetch_from(address: str, extra_ca_file: Path | None = None) -> Fetch:
    """Return what reads the keys from an https address, an http address on loopback, or a file's absolute path."""
    if address.startswith("/"):
        return Path(address).read_bytes
    trust = httpx2.create_ssl_context()
    if extra_ca_file is not None:
        trust.load_verify_locations(cafile=extra_ca_file)

    def fetch() -> bytes:
        try:
            answer = httpx2.get(address, timeout=_TIMEOUT, follow_redirects=False, verify=trust)
        except httpx2.HTTPError as failure:
            raise OSError(type(failure).__name__) from None
        if answer.status_code != 200 or len(answer.content) > _LONGEST:
            raise OSError("no keys")
        return answer.content

    return fetch
