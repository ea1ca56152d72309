"""Whether a joined browser really goes where the host map says: nothing is typed before that is known.

A browser that is started here gets the map as a flag. One that was started by somebody else may go to the real
BigCommerce, where a made-up password has no place, nor the other way round.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from companion.core.errors import InvalidSetting
from companion.core.host_map import HostMap

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Response


class ServerCheck:
    """Remembers, for each tab, which server its page came from.

    Args:
        host_map: with no entries, every server will do.
    """

    def __init__(self, host_map: HostMap) -> None:
        self._host_map = host_map
        self._servers: dict[Page, tuple[str, str]] = {}

    def watch(self, context: BrowserContext) -> None:
        """Look at every page that is loaded from now on."""
        if self._host_map:
            context.on("response", self._on_response)

    def check(self, page: Page) -> None:
        """Make sure that what the tab shows came from the server that the host map names.

        Raises:
            InvalidSetting: it did not, or nobody can tell.
        """
        if not self._host_map:
            return
        host = urlsplit(page.url).hostname or ""
        target = self._host_map.target_of(host)
        seen_host, server = self._servers.get(page, ("", ""))
        if target is None or seen_host != host or server != str(target):
            wanted = f"COMPANION_HOST_MAP says {target}" if target else "COMPANION_HOST_MAP does not have it"
            raise InvalidSetting(
                f"The browser that was joined does not reach {host or 'its page'} at the simulated store.",
                why=f"{wanted}; the answer came from {server or 'nowhere known'}.",
                next_step="Start that browser with the same names mapped (--host-resolver-rules), or unset the map.",
            )

    def _on_response(self, response: Response) -> None:
        from playwright.sync_api import Error

        request = response.request
        with contextlib.suppress(Error):
            if not request.is_navigation_request() or request.frame.parent_frame is not None:
                return
            page = request.frame.page
            self._servers.pop(page, None)
            address = response.server_addr()
            if address is not None:
                shown = f"[{address['ipAddress']}]" if ":" in address["ipAddress"] else address["ipAddress"]
                self._servers[page] = (urlsplit(response.url).hostname or "", f"{shown}:{address['port']}")
