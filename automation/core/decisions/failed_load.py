"""What to do about a page whose content is lost, and what to say of one that does not load."""

from __future__ import annotations

from automation.core.actions import Command, Do, Open
from automation.core.errors import PanelUnreachable
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.view import View

_MOST_TIMES_ANEW = 2
# Chromium's names, net/base/net_error_list.h; the first beginning that fits counts.
_WHAT_TO_DO = (
    (
        "ERR_CERT_",
        (
            "The browser does not trust the certificate. Behind a company's proxy, set COMPANION_EXTRA_CA_FILE to its "
            "authority; with COMPANION_HOST_MAP, set COMPANION_CA_FILE to the simulated store's."
        ),
    ),
    (
        ("ERR_PROXY_", "ERR_TUNNEL_", "ERR_NO_SUPPORTED_PROXIES", "ERR_SOCKS_"),
        "Check HTTPS_PROXY and NO_PROXY: the proxy does not answer, or does not let this through.",
    ),
    (
        "ERR_NAME_NOT_RESOLVED",
        (
            "Check the network. With COMPANION_HOST_MAP set, a name that it does not have is never found: add it, or "
            "unset the map."
        ),
    ),
)


def load_anew(progress: Progress, view: View, step: StepId) -> tuple[Progress, Command] | None:
    """Decide to load a page again whose content is gone, as when its frame has crashed; None once that has not helped.

    The page around a frame looks whole, and nothing else brings back what was in it.
    """
    if progress.tried("anew") >= _MOST_TIMES_ANEW:
        return None
    return progress.trying("anew"), Do(step, Open(view.tab.url, view.tab.number))


def unreachable(view: View, step: StepId) -> PanelUnreachable:
    """Return the error for a tab whose page did not load, or came with a server's error."""
    failure, status = view.tab.failure, view.tab.status
    why = f"The browser says {failure}." if failure else f"The answer was {status}." if status else ""
    return PanelUnreachable(
        "BigCommerce's pages could not be loaded.", why=why, next_step=_what_to_do(failure or ""), step=step
    )


def _what_to_do(failure: str) -> str:
    name = failure.removeprefix("net::")
    for beginnings, advice in _WHAT_TO_DO:
        if name.startswith(beginnings):
            return advice
    return "Check the network, and BigCommerce's status page; then try again."
