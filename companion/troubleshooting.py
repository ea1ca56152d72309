"""The page on what to do about each kind of problem: `docs/troubleshooting.md`, which a wheel brings along."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_PLACES = (_HERE / "troubleshooting.md", _HERE.parent / "docs" / "troubleshooting.md")
_SAYS_ALL = frozenset({"interrupted", "wrong-usage"})


def reference(code: str) -> str | None:
    """Return where more is said of a kind of problem, as `FILE#HEADING`; None where its message says all there is."""
    page = _page()
    if page is None or code in _SAYS_ALL or section(code) is None:
        return None
    here = Path.cwd()
    return f"{page.relative_to(here) if page.is_relative_to(here) else page}#{code}"


@cache
def section(heading: str) -> str | None:
    """Return what stands below a heading, such as `wrong-key`; None where there is no such heading, or no page."""
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", _text(), re.MULTILINE | re.DOTALL)
    return None if found is None else found[1].strip()


def _text() -> str:
    page = _page()
    return "" if page is None else page.read_text("utf-8")


def _page() -> Path | None:
    return next((place for place in _PLACES if place.is_file()), None)
