"""How the storefront is opened and its subdomain is read."""

from __future__ import annotations

from dataclasses import replace

from automation.core.commands import CloseTab, Command, Do, Open, Press, Wait
from automation.core.extract.addresses import Place, place_of, storefront_host
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress, Storefront
from automation.core.snapshot import Observation, Tab
from automation.core.targets import VIEW_STOREFRONT
from automation.core.view import View
from companion.core.store_urls import canonical_hosts

_STEP = StepId.OPEN_STOREFRONT
_MOST_PRESSES = 2
_REDIRECT_SECONDS = 5.0


def decide_storefront(progress: Progress, observation: Observation, view: View) -> tuple[Progress, Command]:
    """Decide until `progress.storefront` is known; a storefront that cannot be opened is no reason to give up."""
    progress = progress.toward("storefront")
    opened = [tab for tab in observation.tabs if tab.number != view.tab.number]
    for tab in opened:
        if place_of(tab.url) is Place.STOREFRONT and _arrived(progress, tab):
            return _read(progress, tab.url), Do(StepId.READ_SUBDOMAIN, CloseTab(tab.number))
    if opened:
        tab = opened[-1]
        if (place_of(tab.url) is Place.SIGN_IN and progress.stuck(busy=tab.pending > 0)) or _spent(progress, tab):
            return progress.trying("storefront-lost"), Do(_STEP, CloseTab(tab.number))
        return progress, Wait(_STEP)
    presses = progress.tried("storefront")
    lost = progress.tried("storefront-lost")
    if presses and not lost and not progress.stuck(busy=view.busy):
        return progress, Wait(_STEP)
    if presses < _MOST_PRESSES and not lost:
        link = view.find(VIEW_STOREFRONT)
        if link is not None:
            return progress.trying("storefront"), Do(_STEP, Press(link.control, forced=progress.blocked))
        if not progress.stuck(busy=view.busy):
            return progress, Wait(_STEP)
    hosts = canonical_hosts(progress.store_hash or "", progress.request.channel_id)
    if progress.tried("storefront-address") < len(hosts):
        host = hosts[progress.tried("storefront-address")]
        return replace(progress.trying("storefront-address"), goal_since=progress.now), Do(
            _STEP, Open(f"https://{host}/", tab=None)
        )
    return _settled(progress, Storefront(None, None)), Wait(_STEP)


def storefront_in_main_tab(progress: Progress, url: str) -> Progress:
    """Return the progress after the storefront opened in the control panel's own tab."""
    return _read(progress, url)


def _arrived(progress: Progress, tab: Tab) -> bool:
    """Whether the address will not change any more: a vanity host is the end of the way, others may lead on."""
    if tab.failure is not None:
        return True
    found = storefront_host(tab.url)
    ready = tab.pages[0].ready if tab.pages else "loading"
    if found and found[1] is not None and found[1].store_hash is None:
        return ready != "loading"
    return ready == "complete" or progress.still_for(_REDIRECT_SECONDS)


def _spent(progress: Progress, tab: Tab) -> bool:
    return tab.failure is not None or progress.now - progress.goal_since > min(progress.request.patience, 30.0)


def _read(progress: Progress, url: str) -> Progress:
    found = storefront_host(url)
    if found is None:
        return _settled(progress, Storefront(None, None))
    host, store = found
    subdomain = store.subdomain if store is not None and store.store_hash is None else None
    return _settled(progress, Storefront(host, subdomain))


def _settled(progress: Progress, storefront: Storefront) -> Progress:
    status = "done" if storefront.host else "skipped"
    progress = replace(progress.over(_STEP, status), storefront=storefront)
    return progress.over(StepId.READ_SUBDOMAIN, status).over(StepId.READ_STORE_HASH)
