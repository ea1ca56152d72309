"""What the pages load besides themselves: a stylesheet, two scripts and the picture of the tab."""

from __future__ import annotations

import functools
from pathlib import Path

from flask import Blueprint, Response

_STATIC = Path(__file__).parents[1] / "static"


def assets_blueprint() -> Blueprint:
    """Return their routes, open to anybody."""
    assets = Blueprint("assets", __name__)

    @assets.get("/style.css")
    def style() -> Response:
        """The parts of the stylesheet in the order of their names."""
        return Response(_style(), content_type="text/css; charset=utf-8")

    @assets.get("/icon.svg")
    def icon() -> Response:
        """The picture of the tab, which a browser that is told of none asks for at an address of its own."""
        return Response(_text("icon.svg"), content_type="image/svg+xml")

    @assets.get("/htmx.js")
    def htmx() -> Response:
        """The one library that the pages load, unchanged; its licence stands beside it."""
        return Response(_text("htmx/htmx.min.js"), content_type="text/javascript; charset=utf-8")

    @assets.get("/page.js")
    def script() -> Response:
        """What the pages do of their own with a script on."""
        return Response(_text("page.js"), content_type="text/javascript; charset=utf-8")

    @assets.get("/retrieval.js")
    def retrieval() -> Response:
        """Follows a retrieval, on its page alone."""
        return Response(_text("retrieval.js"), content_type="text/javascript; charset=utf-8")

    return assets


@functools.cache
def _style() -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted((_STATIC / "style").glob("*.css")))


@functools.cache
def _text(name: str) -> str:
    return (_STATIC / name).read_text("utf-8")
