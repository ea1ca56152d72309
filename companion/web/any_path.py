"""Paths within an address, whatever is in them, so that they are refused by the rule for paths and by its words."""

from __future__ import annotations

from werkzeug.routing import PathConverter


class AnyPath(PathConverter):
    """Werkzeug's takes no line feed and no slash at the start, and then answers that there is no such address."""

    regex = r"[\s\S]+?"
    part_isolating = False  # Werkzeug goes by whether a slash is spelled in the pattern
