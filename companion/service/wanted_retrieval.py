"""What a retrieval is wanted to lead to, checked by the rules of a connection before anything is started."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from companion.core.connection import (
    AuthType,
    checked_auth_type,
    checked_name,
    checked_storefront_scopes,
    checked_tags,
)
from companion.core.errors import FieldError, InvalidInput, NotFound
from companion.core.presets import PRESETS
from companion.core.retrieval_order import RetrievalMode, WantedRetrieval
from companion.core.store_urls import checked_channel_id, store_hash_from_text
from companion.service.parts import Parts


def checked_wanted(parts: Parts, wanted: WantedRetrieval) -> WantedRetrieval:
    """Return what is wanted as it is stored; a connection that is replaced in its own spelling.

    What the control panel calls its scopes is known to the process that drives the browser, and is checked there.

    Raises:
        InvalidInput: naming the field.
    """
    _check_presets(wanted.presets)
    auth_type = None if wanted.auth_type is None else checked_auth_type(wanted.auth_type)
    name, is_there = checked_name(wanted.name), False
    if wanted.replace:
        try:
            name, is_there = parts.repository.find(name).name, True
        except NotFound:
            is_there = False
    return replace(
        wanted,
        name=name,
        replace=is_there,
        auth_type=None if auth_type is None else auth_type.value,
        channel_id=None if wanted.channel_id is None else checked_channel_id(wanted.channel_id),
        scopes=None
        if wanted.scopes is None
        else checked_storefront_scopes(auth_type or AuthType.CUSTOM, wanted.scopes),
        tags=None if wanted.tags is None else checked_tags(wanted.tags),
        store_hash=None if wanted.store_hash is None else store_hash_from_text(wanted.store_hash),
        shown=wanted.shown or wanted.mode is RetrievalMode.GUIDED,
    )


def _check_presets(names: tuple[str, ...]) -> None:
    known = [each.name for each in PRESETS]
    for position, name in enumerate(names):
        if name not in known:
            detail = f"There is no such purpose; there are {', '.join(known)}."
            raise InvalidInput("The retrieval was not accepted.", fields=(FieldError(f"/presets/{position}", detail),))


def document_of_replaced(parts: Parts, connection_id: str | None) -> dict[str, Any] | None:
    """Return what the process that drives the browser has to know of the connection it replaces; no secret."""
    if connection_id is None:
        return None
    connection = parts.repository.get(connection_id)
    account = connection.api_account
    return {
        "id": connection.id,
        "name": connection.name,
        "auth_type": connection.auth_type.value,
        "store_hash": connection.store_hash,
        "channel_id": connection.channel_id,
        "scopes": list(connection.scopes),
        "tags": list(connection.tags),
        "api_account": None if account is None else {"name": account.name, "client_id": account.client_id},
    }
