"""What was typed into a form whose session ended before it was sent: kept on the page, so that nobody types it again.

The screen that says so carries it along, and so does the form that comes after signing in. A secret is in neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from companion.core.redaction import looks_like_secret
from companion.web.pages.anti_forgery import form_as_sent

FORMS = frozenset({"pages.create.create", "pages.edit.save", "pages.graphql.run"})
"""The endpoints of forms in which much is typed."""

_KEPT = frozenset(
    {
        "name", "subdomain", "auth_type", "store_hash", "channel_id", "scopes", "tags", "api_account", "client_id",
        "query", "variables", "revision",
    }
)  # fmt: skip


def kept_fields() -> list[tuple[str, str]]:
    """Return names and values of what was typed, without secrets, where such a form was sent; else nothing."""
    if request.method != "POST" or request.endpoint not in FORMS:
        return []
    try:
        sent = form_as_sent()
        return list(_without_secrets(sent.items(multi=True)))
    except (RequestEntityTooLarge, UnsupportedMediaType):
        return []


def kept_form() -> MultiDict[str, str]:
    """Return the same, for a form to be filled with."""
    return MultiDict(kept_fields())


def _without_secrets(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in fields:
        # A client ID has the shape of an access token; it comes out of the downloaded file, and is typed nowhere.
        if name in _KEPT and (name == "client_id" or not looks_like_secret(value)):
            yield name, value
