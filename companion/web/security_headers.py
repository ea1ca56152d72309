"""The headers that every answer carries, whoever made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from companion.web.public_access import AT_PUBLIC_ADDRESS

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# The web page has a stylesheet, a script and forms of its own, and nothing inline. With `no-referrer` a browser would
# give the origin of its forms as null.
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
}

# Over TLS alone, which the proxy at the public address ends: browsers ignore it over http (RFC 6797, section 8.1).
HSTS = ("Strict-Transport-Security", "max-age=31536000")

# In the environment of a request that is answered with a screen of the web page.
IS_PAGE = "companion.is_page"

_SECURITY_NAMES = frozenset(name.lower() for name in (*SECURITY_HEADERS, HSTS[0]))
_ON_ALL = list(SECURITY_HEADERS.items())
_ON_PAGES = list({**SECURITY_HEADERS, **PAGE_HEADERS}.items())


def protected(app: WSGIApplication) -> WSGIApplication:
    """Return the application with the security headers on all that it answers, in place of any that it has set."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            kept = [header for header in headers if header[0].lower() not in _SECURITY_NAMES]
            if AT_PUBLIC_ADDRESS in environ:
                kept.append(HSTS)
            return start_response(status, kept + (_ON_PAGES if environ.get(IS_PAGE) else _ON_ALL), exc_info)

        return app(environ, start)

    return answer
