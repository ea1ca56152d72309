"""Credentials out of the plaintext files of other tools: whatever such a file says of one store."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from companion.core.errors import InvalidInput
from companion.core.secret import Secret
from companion.core.store_urls import (
    STORE_DOMAIN,
    channel_id_from_text,
    host_of,
    store_hash_from_text,
    store_host_from_url,
)
from companion.core.tool_files import CATALYST_OLD

# The names that tools and starters of BigCommerce's own gave to one thing; the first that is set counts.
_HASHES = ("BIGCOMMERCE_STORE_HASH", "CATALYST_STORE_HASH", "BIGCOMMERCE_STORE_API_STORE_HASH", "BC_STORE_HASH")
_API_PATHS = ("BIGCOMMERCE_STORE_API_URL", "BIGCOMMERCE_API_URL")
_ACCESS_TOKENS = (
    *("BIGCOMMERCE_ACCESS_TOKEN", "CATALYST_ACCESS_TOKEN", "BIGCOMMERCE_STORE_API_TOKEN"),
    *("BC_ACCESS_TOKEN", "BIGCOMMERCE_API_TOKEN"),
)
_STOREFRONT_TOKENS = ("BIGCOMMERCE_STOREFRONT_TOKEN", "BIGCOMMERCE_STOREFRONT_API_TOKEN")
_CHANNELS = ("BIGCOMMERCE_CHANNEL_ID",)
_STOREFRONTS = ("BIGCOMMERCE_STOREFRONT_URL", "BIGCOMMERCE_STOREFRONT_API_URL")


@dataclass(frozen=True)
class Plaintext:
    """What a file says of a store; None for what it does not say.

    Attributes:
        storefront_host: of the storefront's address, whatever domain it is on.
    """

    access_token: Secret | None = None
    store_hash: str | None = None
    channel_id: int | None = None
    storefront_token: Secret | None = None
    storefront_host: str | None = None

    @property
    def subdomain(self) -> str | None:
        """The label below mybigcommerce.com, where the storefront's address shows one."""
        host = None if self.storefront_host is None else store_host_from_url(f"https://{self.storefront_host}")
        return None if host is None else host.subdomain


def plaintext_from(
    name: str, text: str, variables: Callable[[str], Mapping[str, str | None]], *, config: str | None = None
) -> Plaintext:
    """Read what a tool's file says.

    Args:
        name: the file's own name, without its folder.
        variables: reads a list of variables as programs read an `.env` file; skips what is none.
        config: for Stencil's file of secrets, the text of `config.stencil.json` beside it.

    Raises:
        InvalidInput: it can be read as none of them, or its channel ID is none. Says nothing of what stands in it.
    """
    bare = text.removeprefix("\ufeff")
    if name == CATALYST_OLD:
        return _of_catalyst(_table(bare, name).get("auth"))
    if bare.lstrip().startswith("{"):
        document = _object(bare, name)
        if "storeHash" in document:
            return _of_catalyst(document)
        beside = {} if config is None else _object(config, "config.stencil.json")
        return _of_stencil({**beside, **document})
    return _of_variables(variables(bare))


def combined(found: Iterable[Plaintext]) -> tuple[Plaintext, ...]:
    """Put together what several files say of one store; a file that names no store belongs to the only one there is."""
    stores: dict[str | None, Plaintext] = {}
    for each in found:
        before = stores.get(each.store_hash)
        stores[each.store_hash] = each if before is None else _filled(before, each)
    unnamed = stores.pop(None, None)
    if unnamed is None:
        return tuple(stores.values())
    if len(stores) == 1 and next(iter(stores.values())).access_token is None:
        return (_filled(next(iter(stores.values())), unnamed),)
    return (*stores.values(), unnamed)


def _filled(one: Plaintext, other: Plaintext) -> Plaintext:
    return replace(
        one,
        access_token=one.access_token or other.access_token,
        store_hash=one.store_hash or other.store_hash,
        channel_id=one.channel_id or other.channel_id,
        storefront_token=one.storefront_token or other.storefront_token,
        storefront_host=one.storefront_host or other.storefront_host,
    )


def _of_stencil(document: Mapping[str, Any]) -> Plaintext:
    return Plaintext(
        access_token=_secret(document.get("accessToken")), storefront_host=_host(document.get("normalStoreUrl"))
    )


def _of_catalyst(document: Any) -> Plaintext:
    if not isinstance(document, Mapping):
        return Plaintext()
    return Plaintext(
        access_token=_secret(document.get("accessToken")), store_hash=_read(document.get("storeHash"), _hash)
    )


def _of_variables(values: Mapping[str, str | None]) -> Plaintext:
    def first(names: Iterable[str]) -> str | None:
        return next((value for name in names if (value := values.get(name))), None)

    host = _host(first(_STOREFRONTS))
    return Plaintext(
        access_token=_secret(first(_ACCESS_TOKENS)),
        store_hash=_read(first(_HASHES) or first(_API_PATHS), _hash),
        channel_id=_channel(first(_CHANNELS)),
        storefront_token=_secret(first(_STOREFRONT_TOKENS)),
        storefront_host=host,
    )


def _read(value: Any, rule: Callable[[str], Any]) -> Any:
    try:
        return rule(value) if isinstance(value, str) and value.strip() else None
    except InvalidInput:
        return None  # asked for, or named as missing, like one that is not there


def _channel(text: str | None) -> int | None:
    """Return a channel ID. One that is none is refused: left out, it would count as that of the first storefront."""
    if text is None or not text.strip():
        return None
    try:
        return channel_id_from_text(text)
    except InvalidInput:
        raise InvalidInput(
            "The channel ID in the file is none.",
            why="Without it the connection would be for channel 1, which is another one. Nothing was stored.",
            next_step="Correct it, such as BIGCOMMERCE_CHANNEL_ID=2, or take the line out.",
        ) from None


def _hash(text: str) -> str:
    return store_hash_from_text(text)


def _host(value: Any) -> str | None:
    return host_of(value) if isinstance(value, str) else None


def _secret(value: Any) -> Secret | None:
    return Secret(value.strip()) if isinstance(value, str) and value.strip() else None


def is_bigcommerces(host: str) -> bool:
    """Say whether a storefront's host is below BigCommerce's own domain for stores."""
    return host.endswith(f".{STORE_DOMAIN}")


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _unreadable(name, "JSON")
    return document


def _table(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        pass
    raise _unreadable(name, "TOML")


def _unreadable(name: str, kind: str) -> InvalidInput:
    return InvalidInput(f"{name} cannot be read: it is not the {kind} that its tool writes.")
