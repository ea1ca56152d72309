"""How connections are handed out: in pages."""

from __future__ import annotations

MAX_PAGE = 200
"""Connections on one page at most, wherever pages are asked for."""

DEFAULT_PAGE = 50
