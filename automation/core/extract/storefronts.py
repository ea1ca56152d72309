"""The chooser that "View storefronts" opens where a store has several: a menu, a list or a window of them.

Its looks are not known, so it is known by what it is: what can be pressed now and could not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from automation.core.extract.addresses import Place, place_of, storefront_host
from automation.core.extract.document import Document
from automation.core.extract.element import Element
from automation.core.extract.wording import is_one_of
from automation.core.targets import CANCEL, DISMISS
from companion.core.store_urls import StoreHost, store_host_from_url

_DEFAULT_CHANNEL = 1
_ROLES = frozenset({"button", "link", "menuitem", "menuitemradio", "option"})
_MOST = 30


def pressable(document: Document) -> frozenset[tuple[str, str]]:
    """Return role and name of all that can be pressed."""
    return frozenset((element.role, element.name) for element in _pressable(document))


def opened_choices(document: Document, before: frozenset[tuple[str, str]]) -> tuple[Element, ...]:
    """Return what can be pressed now and could not before, but for what only closes; empty where it is a whole page."""
    new = [e for e in _pressable(document) if e.name and (e.role, e.name) not in before]
    outer = [e for e in new if not any(e.contains(other) for other in new)]  # a link in an entry is the entry
    choices = tuple(e for e in outer if not is_one_of(e.name, (*DISMISS.all_names, *CANCEL.all_names)))
    return choices if len(choices) <= _MOST else ()


def one_of(choices: Sequence[Element], channel_id: int) -> Element | None:
    """Return the choice that is surely this channel's storefront; None where none is, or several may be."""
    leading = [e for e in choices if not e.address or place_of(e.address) is Place.STOREFRONT]
    channels = [_channel_of(e) if e.address else _channel_beside(e, leading) for e in leading]
    if channel_id in channels:
        return leading[channels.index(channel_id)]
    unknown = [e for e, channel in zip(leading, channels, strict=True) if channel is None]
    return unknown[0] if len(unknown) == 1 and channel_id == _DEFAULT_CHANNEL else None


def links_to_storefronts(document: Document) -> tuple[Element, ...]:
    """Return the links to storefronts at BigCommerce, one an address: older panels name theirs by the store's name."""
    links = {e.address: e for e in document.shown if _leads_to_storefront(e)}
    return tuple(links.values())


def links_to_new_tabs(document: Document) -> tuple[Element, ...]:
    """Return the links that open a tab of their own at the store's own addresses, one an address.

    "View storefront" does so, whatever it is called; help, apps and forums are on other hosts.
    """
    links = {
        e.address: e
        for e in document.of_role("link")
        if e.attribute("target") and store_host_from_url(e.address) is not None and not e.disabled
    }
    return tuple(links.values())


def offers_storefronts(element: Element) -> bool:
    """Whether a window holds links to storefronts at BigCommerce or names several, as the chooser does alone."""
    return any(_leads_to_storefront(e) for e in element.descendants()) or len(set(_stores_in(element.text))) > 1


def _leads_to_storefront(element: Element) -> bool:
    address = element.address
    return (
        element.role == "link"
        and place_of(address) is Place.STOREFRONT
        and store_host_from_url(address) is not None
        and urlsplit(address).path in {"", "/"}
    )


def _pressable(document: Document) -> list[Element]:
    return [e for e in document.shown if e.role in _ROLES and not e.disabled]


def _channel_of(element: Element) -> int | None:
    """Return the channel that a permanent address names; a vanity address or a domain names none."""
    found = storefront_host(element.address) if element.address else None
    store = found[1] if found is not None else None
    if store is None or store.store_hash is None:
        return None
    return store.channel_id or _DEFAULT_CHANNEL


def _channel_beside(element: Element, choices: Sequence[Element]) -> int | None:
    """Return the channel that the row of a choice names by an address, where the choices themselves are named alike."""
    row = element
    for around in element.ancestors():
        if any(around.contains(other) for other in choices if other is not element):
            break
        row = around
    channels = {each.channel_id or _DEFAULT_CHANNEL for each in _stores_in(row.text) if each.store_hash is not None}
    return channels.pop() if len(channels) == 1 else None


def _stores_in(text: str) -> list[StoreHost]:
    """Return the addresses at BigCommerce that stand in a text."""
    words = (word.strip("()[],;") for word in text.split())
    return [found for word in words if (found := store_host_from_url(word)) is not None]
