"""Which paths of BigCommerce's REST API a connection may be asked for: those of its own store alone."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from companion.core.errors import FieldError, InvalidPath

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MAX_PATH_LENGTH = 2000

FORWARDED = "X-Forwarded-Answer"
"""The header by which BigCommerce's own answers are told from those of the service."""

# What of BigCommerce's answer is passed on: what the body is, and what the rate limit says. Never a cookie.
_PASSED_ON = ("content-type", "content-language", "etag", "last-modified", "retry-after")
_PASSED_ON_PREFIXES = ("x-rate-limit-", "x-retry-after", "x-bc-", "x-correlation-id")

# What means another place to some program on the way, encoded once more (`%2e`, `%u002e`) or oftener (`%25`), or not.
# U+FFFD stands for bytes that are no UTF-8, such as a dot that is spelled too long.
_FORBIDDEN = re.compile(r"[\\@?#\x00-\x1f\x7f\ufffd]|%2e|%2f|%5c|%25|%u", re.IGNORECASE)
_STORE_PREFIX = re.compile(r"(https://api\.bigcommerce\.com)?/?(stores/(?P<hash>[^/]+)/)?(?P<path>.*)", re.DOTALL)


def is_passed_on(header: str) -> bool:
    """Say whether a header of BigCommerce's answer, in lower case, concerns a caller; all others are not its own."""
    return header in _PASSED_ON or header.startswith(_PASSED_ON_PREFIXES)


def checked_rest_path(path: str) -> str:
    """Return a path below the store, such as `v3/catalog/products`, ready to be sent: its segments encoded.

    Args:
        path: decoded once, without the query.

    Raises:
        InvalidPath: it does not start with `v2/` or `v3/`, or has a segment or a character by which it could lead
            elsewhere. Points at `/path`.
    """
    version, _, rest = path.partition("/")
    if version not in {"v2", "v3"} or not rest:
        raise _refused("It has to start with `v2/` or `v3/`, as in `v3/catalog/products`.")
    if len(path) > MAX_PATH_LENGTH:
        raise _refused(f"It is longer than {MAX_PATH_LENGTH} characters.")
    if _FORBIDDEN.search(path) or not path.isprintable():
        raise _refused("It holds a backslash, `@`, `?`, `#`, a control character, or an encoded dot or slash.")
    # Some servers leave out what follows a semicolon, and then see `..` where `..;` was.
    if any(segment.partition(";")[0].strip() in {"", ".", ".."} for segment in path.split("/")):
        raise _refused("It holds an empty segment, or one that is `.` or `..`.")
    return quote(path, safe="/:,;=+$!*'()~-._")


def rest_path_from_text(text: str, store_hash: str) -> tuple[str, str]:
    """Take apart what a person pastes for a path: `/v3/catalog/products?limit=1`, or a whole address.

    Args:
        store_hash: of the connection; an address that names another store is refused.

    Returns:
        The path as `checked_rest_path` takes it, decoded once, and the query without `?`.

    Raises:
        InvalidPath: another store's address, or a path that `checked_rest_path` refuses.
    """
    given, _, query = text.strip().partition("?")
    found = _STORE_PREFIX.fullmatch(given)
    if found is None:  # the pattern takes everything; kept for the type checker and for whoever changes it
        raise _refused("It cannot be read.")
    named = found["hash"]
    if named is not None and named.lower() != store_hash.lower():
        raise _refused(f"It names the store {named}, and this connection is one to {store_hash}.")
    path = unquote(found["path"])
    checked_rest_path(path)
    return path, query


def _refused(why: str) -> InvalidPath:
    return InvalidPath(
        "This is no path of the store's REST API.",
        why=why,
        next_step="Give a path such as `v3/catalog/products` or `v2/store`.",
        fields=(FieldError("/path", why),),
    )
