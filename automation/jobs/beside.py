"""What the rows of a batch leave to threads, since it would hold up the one in which all of them take turns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from automation.runners.unattended import SignIn
from companion.core.secret import Secret


class Beside:
    """Does beside the rows what would hold them all up."""

    def __init__(self, pool: ThreadPoolExecutor, pause: Callable[[], None]) -> None:
        self._pool = pool
        self._pause = pause

    def all_of(self, service: object) -> object:
        """Return the service with every call done beside."""
        return _Calls(service, self)

    def codes_of(self, sign_in: SignIn) -> SignIn:
        """Return the sign-in with its codes, which may take minutes, got beside."""

        def beside(source: Callable[[], Secret] | None) -> Callable[[], Secret] | None:
            return None if source is None else lambda: self.do(source)

        return replace(
            sign_in,
            authenticator_code=beside(sign_in.authenticator_code),
            emailed_code=beside(sign_in.emailed_code),
        )

    def do(self, job: Callable[[], Any]) -> Any:
        """Do one thing beside."""
        from automation.browser.fibers import in_thread

        return in_thread(self._pool, self._pause, job)


class _Calls:
    def __init__(self, service: object, beside: Beside) -> None:
        self._service = service
        self._beside = beside

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._service, name)
        return lambda *args, **kwargs: self._beside.do(lambda: call(*args, **kwargs))
