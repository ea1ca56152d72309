"""Text files that pages download: read at once, kept in memory, deleted from disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from automation.core.snapshot import DownloadedText
from companion.core.credentials_file import MAX_FILE_BYTES, text_from_bytes
from companion.core.errors import InvalidInput

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Download, Page


class Downloads:
    """Collects the text files that any tab of a browser context downloads."""

    def __init__(self) -> None:
        self._texts: list[DownloadedText] = []
        self._when_read: Callable[[], None] = lambda: None

    def watch(self, context: BrowserContext) -> None:
        """Collect from now on, in the tabs that are open and in those that will be."""
        context.on("page", self._watch_page)
        for page in context.pages:
            self._watch_page(page)

    def texts(self) -> tuple[DownloadedText, ...]:
        """Return the texts of the finished downloads since the start, oldest first."""
        return tuple(self._texts)

    def tell(self, when_read: Callable[[], None]) -> None:
        """Call `when_read` from now on whenever a text was read."""
        self._when_read = when_read

    def forget(self) -> None:
        """Drop every text: those of an API account that is gone, and all at the end of a run."""
        self._texts.clear()

    def _watch_page(self, page: Page) -> None:
        page.on("download", self._collect)

    def _collect(self, download: Download) -> None:
        from playwright.sync_api import Error

        # A tab that closes, or a run that ends, breaks a download off: then there is no text, and no harm.
        # What is no text holds no credentials.
        with contextlib.suppress(Error, OSError, InvalidInput):
            if not download.suggested_filename.lower().endswith(".txt"):
                download.cancel()
                download.delete()  # it may have been complete by then
                return
            path = Path(download.path())
            try:
                content = path.read_bytes() if path.stat().st_size <= MAX_FILE_BYTES else b""
            finally:
                path.unlink(missing_ok=True)
            if content:
                self._texts.append(DownloadedText(text_from_bytes(content)))
                self._when_read()
