"""How the storefront is opened and its subdomain is read."""

from __future__ import annotations

from dataclasses import replace

from automation.core.actions import CloseTab, Command, Do, Open, Press, Wait
from automation.core.extract.addresses import Place, place_of, storefront_host
from automation.core.extract.element import Found, Way
from automation.core.extract.storefronts import (
    links_to_new_tabs,
    links_to_storefronts,
    one_of,
    opened_choices,
    pressable,
)
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress, Storefront
from automation.core.snapshot import Observation, Tab
from automation.core.targets import VIEW_STOREFRONT
from automation.core.view import View
from companion.core.store_urls import StoreHost, canonical_hosts

_STEP = StepId.OPEN_STOREFRONT
_MOST_PRESSES = 2
_REDIRECT_SECONDS = 5.0
_NEW_TAB_SECONDS = 10.0
_SLOW_TAB_SECONDS = 30.0
_CHOOSER_SECONDS = 2.0
_DRAWN_SECONDS = 0.3


def decide_storefront(progress: Progress, observation: Observation, view: View) -> tuple[Progress, Command]:
    """Decide until `progress.storefront` is known; a storefront that cannot be opened is no reason to give up."""
    progress = progress.toward("storefront")
    opened = [tab for tab in observation.tabs if tab.number != view.tab.number]
    for tab in opened:
        if place_of(tab.url) is Place.STOREFRONT and _arrived(progress, tab):
            # What the control panel shows was seen just now, and is what is needed next.
            return _read(progress, tab.url), Do(StepId.READ_SUBDOMAIN, CloseTab(tab.number), look=False)
    if opened:
        tab = opened[-1]
        if _leads_elsewhere(progress, tab) or _spent(progress, tab):
            return progress.trying("storefront-lost"), Do(_STEP, CloseTab(tab.number))
        return progress, Wait(_STEP)
    lost = progress.tried("storefront-lost")
    if progress.tried("storefront") and not lost:
        choice = one_of(opened_choices(view.documents[0], progress.before_storefront), progress.request.channel_id)
        if choice is not None and progress.tried("storefront-choice") == 0:
            if not progress.still_for(_DRAWN_SECONDS):
                return progress, Wait(_STEP)
            return _pressing(progress.trying("storefront-choice"), view, Found(choice, Way.STRUCTURE))
        if not _led_nowhere(progress, view):
            return progress, Wait(_STEP)
        if opened_choices(view.documents[0], progress.before_storefront):
            lost = 1  # several storefronts, and none that is surely the channel's: pressing again would only close them
    if _subdomain(progress.storefront_address) is not None:
        # The browser did not show it in time, yet the link says where it leads, and its host is all there is to know.
        return _read(progress, progress.storefront_address), Wait(StepId.READ_SUBDOMAIN)
    if progress.tried("storefront") < _MOST_PRESSES and not lost:
        found = next(view.ways(VIEW_STOREFRONT), None)
        if found is None and progress.stuck(busy=view.busy):
            found = _by_structure(progress, view)
        if found is not None:
            return _pressing(progress.trying("storefront"), view, found)
        if not progress.stuck(busy=view.busy):
            return progress, Wait(_STEP)
    hosts = canonical_hosts(progress.store_hash, progress.request.channel_id) if progress.store_hash else ()
    if progress.tried("storefront-address") < len(hosts):
        host = hosts[progress.tried("storefront-address")]
        return replace(progress.trying("storefront-address"), goal_since=progress.now), Do(
            _STEP, Open(f"https://{host}/", tab=None)
        )
    return _settled(progress, Storefront(None, None)), Wait(_STEP)


def _by_structure(progress: Progress, view: View) -> Found | None:
    """Return the link to the storefront by where it leads, or as the only one that opens a tab of the store."""
    top = view.documents[0]
    named = one_of(links_to_storefronts(top), progress.request.channel_id)
    if named is not None:
        return Found(named, Way.ADDRESS)
    opening = links_to_new_tabs(top)
    return Found(opening[0], Way.STRUCTURE) if len(opening) == 1 else None


def _pressing(progress: Progress, view: View, found: Found) -> tuple[Progress, Command]:
    element = found.element
    address = element.address if place_of(element.address) is Place.STOREFRONT else ""
    before = progress.before_storefront or pressable(view.documents[0])
    progress = replace(progress, storefront_address=address, before_storefront=before, standing=view.complaints())
    return progress, Do(_STEP, Press(found.control, view.tab.number, forced=progress.blocked))


def _led_nowhere(progress: Progress, view: View) -> bool:
    """Whether the last press led nowhere; a tab is told of only when its server answers, and may be slow."""
    if progress.blocked or progress.storefront_address or view.busy:
        return progress.stuck(busy=view.busy)
    longest = _NEW_TAB_SECONDS
    if opened_choices(view.documents[0], progress.before_storefront):
        longest = _CHOOSER_SECONDS
    return progress.now - progress.acted_at >= longest


def storefront_in_main_tab(progress: Progress, url: str) -> Progress:
    """Return the progress after the storefront opened in the control panel's own tab."""
    return _read(progress, url)


def storefront_not_pressed(progress: Progress) -> Progress:
    """Return the progress after what was pressed lay under something: what the page draws since answers no press."""
    tries = tuple((key, number) for key, number in progress.tries if key != "storefront")
    return replace(progress, tries=tries, storefront_address="", before_storefront=frozenset())


def storefront_known(progress: Progress, subdomain: str) -> Progress:
    """Return the progress where nobody has to open the storefront: its subdomain is known."""
    progress = replace(progress.over(_STEP, "skipped"), storefront=Storefront(None, subdomain))
    return progress.over(StepId.READ_SUBDOMAIN, "skipped").over(StepId.READ_STORE_HASH)


def _arrived(progress: Progress, tab: Tab) -> bool:
    """Whether the address will not change any more: a vanity host is the end of the way, others may lead on."""
    if tab.failure is not None:
        return True
    found = storefront_host(tab.url)
    ready = tab.pages[0].ready if tab.pages else "loading"
    if found and found[1] is not None and found[1].store_hash is None:
        return ready != "loading"
    return ready == "complete" or progress.still_for(_REDIRECT_SECONDS)


def _leads_elsewhere(progress: Progress, tab: Tab) -> bool:
    """Whether a tab has come to rest on a page that is no storefront, such as the sign-in page."""
    loaded = bool(tab.pages) and tab.pages[0].ready == "complete" and tab.pending == 0
    return loaded and place_of(tab.url) in {Place.SIGN_IN, Place.PANEL} and progress.still_for(_REDIRECT_SECONDS)


def _spent(progress: Progress, tab: Tab) -> bool:
    longest = _NEW_TAB_SECONDS if _subdomain(progress.storefront_address) else _SLOW_TAB_SECONDS
    return tab.failure is not None or progress.now - progress.goal_since > min(progress.request.patience, longest)


def _read(progress: Progress, url: str) -> Progress:
    found = storefront_host(url)
    store = found[1] if found is not None else None
    if found is None or (store is not None and _of_another_store(progress, store)):
        return _settled(progress, Storefront(None, None))  # the storefront of another store says nothing of this one
    return _settled(progress, Storefront(found[0], _subdomain(url) if _of_channel(progress) else None))


def _of_another_store(progress: Progress, store: StoreHost) -> bool:
    known = progress.store_hash
    return known is not None and store.store_hash is not None and store.store_hash != known


def _of_channel(progress: Progress) -> bool:
    """Whether the storefront that opened is the wanted channel's: "View storefront" opens the default one's.

    The subdomain of another channel is told by the store itself, once there is a token to ask with.
    """
    wanted = progress.request.channel_id
    found = storefront_host(progress.storefront_address)
    store = found[1] if found is not None else None
    return wanted == 1 or progress.tried("storefront-address") > 0 or (store is not None and store.channel_id == wanted)


def _subdomain(url: str) -> str | None:
    """Return the subdomain that a storefront's address shows, where it does."""
    found = storefront_host(url)
    store = found[1] if found is not None else None
    return store.subdomain if store is not None and store.store_hash is None else None


def _settled(progress: Progress, storefront: Storefront) -> Progress:
    status = "done" if storefront.host else "skipped"
    progress = replace(progress.over(_STEP, status), storefront=storefront)
    return progress.over(StepId.READ_SUBDOMAIN, status).over(StepId.READ_STORE_HASH)
