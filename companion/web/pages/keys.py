"""Keys: where they are kept, what is under each, what to do; and a backup for another machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response

from companion import __version__
from companion.core.errors import InvalidInput
from companion.core.key_usage import KeyState, KeyUsage, advice_on_keys
from companion.core.secret import Secret
from companion.service import key_care
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.rendering import page

PROVIDERS = {
    "keyring": "in this computer's keychain",
    "file": "in a file of yours, since this computer has no keychain",
    "passphrase": "under a passphrase",
    "aws-kms": "in AWS KMS",
}
"""Where each provider keeps the key."""


def keys_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    caring = Blueprint("keys", __name__)

    @caring.get("/keys")
    def show() -> Response:
        provider = parts.vault.keys
        usage = parts.repository.key_usage()
        advice = advice_on_keys(
            usage, active=provider.active_key_id, held=None, unfinished=_is_changing(usage), now=_now()
        )
        return page(
            "keys.html",
            here="keys",
            provider=provider.name,
            kept=PROVIDERS.get(provider.name, provider.name),
            active=provider.active_key_id,
            usage=usage,
            advice=advice,
        )

    def _now() -> datetime:
        return parts.clock()

    @caring.get("/keys/backup")
    def ask_for_backup() -> Response:
        return page("backup.html", here="keys", refused=None)

    @caring.post("/keys/backup")
    def backup() -> Response:
        given = read_form()
        passphrase, again = Secret(given.get("passphrase", "")), Secret(given.get("again", ""))
        if passphrase != again:
            return page("backup.html", status=422, here="keys", refused="The two are not the same.")
        try:
            pieces = key_care.backup(parts, passphrase, version=__version__)
        except InvalidInput as refusal:
            return page("backup.html", status=422, here="keys", refused=refusal.fields[0].detail)
        answer = Response(pieces, content_type="application/octet-stream")
        name = f"companion-{_now():%Y-%m-%d}.backup"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    return caring


def _is_changing(usage: Sequence[KeyUsage]) -> bool:
    return any(each.state is KeyState.RETIRING for each in usage)
