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


# A tab shows a page a moment before the browser has told who answered.
_WAIT_MS = 50.0
_LOOKS = 60


class ServerCheck:
    """Remembers, for each tab, which server each host's pages came from.

    Of a page that was left before it came, or that the browser had kept, no server is known. What was known of its
    host stands then: one browser does not take two ways to one name.

    Args:
        host_map: with no entries, every server will do.
    """

    def __init__(self, host_map: HostMap) -> None:
        self._host_map = host_map
        self._servers: dict[Page, dict[str, str]] = {}

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
        for _ in range(_LOOKS):
            host = urlsplit(page.url).hostname or ""
            target = self._host_map.target_of(host)
            server = self._servers.get(page, {}).get(host, "")
            if server or target is None:
                break
            page.wait_for_timeout(_WAIT_MS)
        if target is None or server != str(target):
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
            address = response.server_addr()
            if address is not None:
                shown = f"[{address['ipAddress']}]" if ":" in address["ipAddress"] else address["ipAddress"]
                by_host = self._servers.setdefault(page, {})
                by_host[urlsplit(response.url).hostname or ""] = f"{shown}:{address['port']}"
