"""Text files that pages download: read at once, kept in memory, deleted from disk."""

from __future__ import annotations

import codecs
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from automation.core.snapshot import DownloadedText

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Download, Page

SIZE_LIMIT = 64 * 1024
"""Bytes. The credentials file has about 400; what is larger is none."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Downloads:
    """Collects the text files that any tab of a browser context downloads."""

    def __init__(self) -> None:
        self._texts: list[DownloadedText] = []

    def watch(self, context: BrowserContext) -> None:
        """Collect from now on, in the tabs that are open and in those that will be."""
        context.on("page", self._watch_page)
        for page in context.pages:
            self._watch_page(page)

    def texts(self) -> tuple[DownloadedText, ...]:
        """Return the texts of the finished downloads since the start, oldest first."""
        return tuple(self._texts)

    def forget(self) -> None:
        """Drop every text: those of an API account that is gone, and all at the end of a run."""
        self._texts.clear()

    def _watch_page(self, page: Page) -> None:
        page.on("download", self._collect)

    def _collect(self, download: Download) -> None:
        from playwright.sync_api import Error

        # A tab that closes, or a run that ends, breaks a download off: then there is no text, and no harm.
        with contextlib.suppress(Error, OSError):
            if not download.suggested_filename.lower().endswith(".txt"):
                download.cancel()
                return
            path = Path(download.path())
            try:
                content = path.read_bytes() if path.stat().st_size <= SIZE_LIMIT else b""
            finally:
                path.unlink(missing_ok=True)
            if content:
                self._texts.append(DownloadedText(text_from_bytes(content)))


def text_from_bytes(content: bytes) -> str:
    """Read a text file by its byte order mark, else as UTF-8, else byte by byte, so that no file is unreadable."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
