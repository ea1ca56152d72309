"""The form of a connection: what was typed, read by the rules of the core, with each refusal at its field.

Nothing that was typed is lost on a refusal but the secrets, which are never sent back to the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import Form, HiddenField, PasswordField, StringField, TextAreaField

from companion.core.connection import (
    DEFAULT_CHANNEL_ID,
    STOREFRONT_SCOPES,
    ApiAccount,
    AuthType,
    Connection,
    Draft,
    checked_draft,
    checked_name,
)
from companion.core.credentials_file import CredentialsFile, credentials_from_text
from companion.core.errors import CompanionError, FieldError, InvalidInput
from companion.core.redaction import looks_like_secret
from companion.core.secret import Secret
from companion.core.store_urls import channel_id_from_text, store_hash_from_text, subdomain_from_text
from companion.web.pages.several import Several

_READS: Mapping[str, Any] = {
    "name": checked_name,
    "subdomain": subdomain_from_text,
    "store_hash": store_hash_from_text,
    "channel_id": channel_id_from_text,
}
"""How a field is read out of whatever was pasted into it."""

NOT_SENT_BACK = "What stood here looked like a secret, and is not sent back to this page."
"""What is added to a refusal where a credential was pasted into a field that is none."""

ENTER_AGAIN = InvalidInput("Enter this again: the session in which it was typed has ended. Nothing was stored yet.")
"""What is said of the access token where the rest of a form was kept over a sign-in."""

CHECKED_ALONE = tuple(_READS)
"""The fields that can be checked while the others are still being filled in; none of them is a secret."""


class ConnectionForm(Form):
    """All fields, in the order in which they stand."""

    credentials = TextAreaField("Contents of the downloaded file")
    name = StringField("Name your connection")
    subdomain = StringField("Subdomain")
    auth_type = StringField("Auth type", default=AuthType.CUSTOM.value)
    store_hash = StringField("Store hash")
    channel_id = StringField("Channel ID", default=str(DEFAULT_CHANNEL_ID))
    access_token = PasswordField("Access token")
    scopes = Several("Scopes", default=STOREFRONT_SCOPES[:1])
    storefront_token = PasswordField("Existing storefront token")
    tags = StringField("Tags")
    api_account = HiddenField()
    client_id = HiddenField()

    def fill(self, found: CredentialsFile) -> None:
        """Put what a downloaded file says of the API account into the fields that are still empty; no secret."""
        self.store_hash.data = self.store_hash.data or found.store_hash or ""
        self.name.data = self.name.data or found.name or ""
        self.api_account.data = found.name or ""
        self.client_id.data = found.client_id or ""

    def refuse(self, error: CompanionError, *, otherwise: str = "name") -> None:
        """Put each refusal at its field; what names no field of the form stands at `otherwise`."""
        refused = error.fields or (FieldError(f"/{otherwise}", str(error)),)
        for each in refused:
            name = each.pointer.removeprefix("/").partition("/")[0]
            field = self._fields.get("credentials" if name == "credentials_file" else name, self._fields[otherwise])
            field.errors = [*field.errors, each.detail]
            if isinstance(field.data, str) and looks_like_secret(field.data):
                field.data = ""
                field.errors = [*field.errors, NOT_SENT_BACK]

    @property
    def refusals(self) -> list[tuple[str, str, str]]:
        """What was refused, in the order of the fields: id, label, what is wrong."""
        named = (field for field in self if field.name not in {"api_account", "client_id"})
        return [(each.id, each.label.text, text) for each in named for text in each.errors]


@dataclass(frozen=True)
class Alone:
    """What a field says that was checked by itself."""

    value: str
    error: str | None


def checked_alone(name: str, text: str) -> Alone:
    """Read one field out of what was pasted into it. Raises `KeyError` for a field that is not checked alone."""
    try:
        return Alone(str(_READS[name](text)), None)
    except InvalidInput as refusal:
        detail = refusal.fields[0].detail
        return Alone("", f"{detail} {NOT_SENT_BACK}") if looks_like_secret(text) else Alone(text, detail)


def draft_of(form: ConnectionForm, *, before: Connection | None = None) -> Draft:
    """Return what was typed, checked; a pasted file gives what was left empty, and the access token.

    Args:
        before: the connection that is edited; its API account stays known where the form names no other.

    Raises:
        InvalidInput: the refusals stand at the fields of the form, too.
    """
    refused: list[InvalidInput] = []
    found: CredentialsFile | None = None
    if (form.credentials.data or "").strip():
        try:
            found = credentials_from_text(form.credentials.data or "")
            form.fill(found)
        except InvalidInput as refusal:
            refused.append(refusal)
    channel_id = DEFAULT_CHANNEL_ID
    try:
        channel_id = channel_id_from_text(form.channel_id.data or str(DEFAULT_CHANNEL_ID))
    except InvalidInput as refusal:
        refused.append(refusal)
    is_token = form.auth_type.data == AuthType.TOKEN.value
    typed = form.access_token.data or (found.access_token.reveal() if found else "")
    carried = (form.storefront_token.data or "").strip()
    draft: Draft | None = None
    try:
        draft = checked_draft(
            name=form.name.data or "",
            subdomain=form.subdomain.data or "",
            store_hash=form.store_hash.data or "",
            access_token=Secret(typed),
            auth_type=form.auth_type.data or "",
            channel_id=channel_id,
            scopes=None if is_token else form.scopes.data or (),
            storefront_token=Secret(carried) if is_token and carried else None,
            tags=[each for each in (tag.strip() for tag in (form.tags.data or "").split(",")) if each],
            api_account=_account(form, before),
            oauth_scopes=None if before is None or found is not None else before.oauth_scopes,
        )
    except InvalidInput as refusal:
        refused.append(refusal)
    # A file that was refused leaves the access token missing; saying so twice helps nobody.
    without_file = not any(each.pointer == "/credentials_file" for error in refused for each in error.fields)
    for error in refused:
        fields = tuple(each for each in error.fields if without_file or each.pointer != "/access_token")
        if fields:
            form.refuse(InvalidInput(str(error), fields=fields))
    if refused or draft is None:
        raise InvalidInput(
            "The connection was not accepted.", fields=tuple(each for error in refused for each in error.fields)
        )
    return draft


def _account(form: ConnectionForm, before: Connection | None) -> ApiAccount | None:
    name = (form.api_account.data or "").strip()[:200]
    if name and name.isprintable():
        return ApiAccount(name, (form.client_id.data or "").strip()[:200] or None)
    return None if before is None else before.api_account
