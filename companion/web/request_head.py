"""The head of a request, read so that nobody on the way can take it for another.

RFC 9112 (sections 5.1, 5.2, 6.1, 6.3) and RFC 9110 (5.3, 5.5) let a server refuse each of the forms below, and most
demand it: a proxy in front that reads them otherwise would see other requests than the service does. cheroot's own
reader takes the last of two lines of a name, joins folded lines, and allows spaces before the colon.
"""

from __future__ import annotations

import re
from typing import Any

from cheroot.server import HeaderReader

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Each is decided by: were there two, one reader would go by the first and the next by the last.
_ONCE = frozenset(
    {
        b"Authorization", b"Content-Length", b"Content-Type", b"Cookie", b"Host", b"Origin", b"Referer",
        b"Sec-Fetch-Dest", b"Sec-Fetch-Mode", b"Sec-Fetch-Site", b"Transfer-Encoding",
    }
)  # fmt: skip
_MOST_DIGITS = 18


class HeadReader(HeaderReader):
    """Reads the lines of a head up to the empty one; cheroot answers the ValueErrors with 400 and closes."""

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        """Return the headers by name, spelled `Content-Type`; into `hdict` where it is given.

        Those with an underscore are left out, since WSGI could not tell them from others. What is said of a name in
        several lines is one list. Raises ValueError.
        """
        found: dict[bytes, bytes] = {} if hdict is None else hdict
        while (line := rfile.readline()) != b"\r\n":
            name, colon, value = line.partition(b":")
            if not line.endswith(b"\r\n") or not colon or _NAME.fullmatch(name) is None:
                raise ValueError("A line of the head is no header.")
            value = value[:-2].strip(b" \t")
            if _CONTROL.search(value) is not None:
                raise ValueError("A header holds a control character.")
            if b"_" in name:
                continue
            name = name.title()
            if name not in found:
                found[name] = value
            elif name in _ONCE:
                raise ValueError("A header stands twice that may stand once.")
            else:
                found[name] += b", " + value
        _check_length(found)
        return found


def _check_length(found: dict[bytes, bytes]) -> None:
    """Raise ValueError where the end of the body is not told in one way alone."""
    length, coding = found.get(b"Content-Length"), found.get(b"Transfer-Encoding")
    if length is not None and (coding is not None or not length.isdigit() or len(length) > _MOST_DIGITS):
        raise ValueError("The length of the body is told twice, or is no number.")
    if coding is not None and (not coding or coding.lower().count(b"chunked") > 1):
        raise ValueError("The body is in chunks twice, or in nothing.")
