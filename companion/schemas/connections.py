"""Connections: stored, changed and listed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, SecretStr

from companion.core.advice import advice_for
from companion.core.connection import (
    DEFAULT_CHANNEL_ID,
    MAX_NAME_LENGTH,
    MAX_SECRET_LENGTH,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    ApiAccount,
    AuthType,
    Connection,
    Draft,
    Finding,
    Severity,
    Status,
    checked_draft,
)
from companion.core.paging import DEFAULT_PAGE, MAX_PAGE
from companion.core.secret import Secret
from companion.core.timestamps import timestamp
from companion.schemas.fields import MAX_LIST, Address, In, Out, Query, Text, WholeNumber, secret_of


class ApiAccountModel(In):
    """The API account at BigCommerce behind the access token."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    client_id: Annotated[str, Field(max_length=255)] | None = None


class FindingIn(In):
    """A finding of the retrieval, kept with the connection."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    message: Text
    action: Text


class ConnectionIn(In):
    """The whole form of a connection, with its access token.

    A connection as the API shows it is taken too: what the service sets itself is ignored.
    """

    name: Text
    subdomain: Address
    auth_type: Text = AuthType.CUSTOM.value
    store_hash: Address
    channel_id: WholeNumber = DEFAULT_CHANNEL_ID
    access_token: SecretStr = Field(description=f"Never shown again. At most {MAX_SECRET_LENGTH} characters.")
    scopes: Annotated[list[Text], Field(max_length=MAX_LIST)] | None = Field(
        None, description="Scopes of the private tokens; `Unauthenticated` where left out. Only with `custom`."
    )
    storefront_token: SecretStr | None = Field(None, description="Only with the auth type `token`.")
    tags: Annotated[list[Text], Field(max_length=MAX_LIST)] = Field(default_factory=list)
    api_account: ApiAccountModel | None = None
    oauth_scopes: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=MAX_LIST)] | None = None
    findings: Annotated[list[FindingIn], Field(max_length=MAX_LIST)] = Field(default_factory=list)

    id: Any = Field(None, description="Ignored.")
    access_token_set: Any = Field(None, description="Ignored.")
    status: Any = Field(None, description="Ignored.")
    verified_at: Any = Field(None, description="Ignored.")
    created_at: Any = Field(None, description="Ignored.")
    updated_at: Any = Field(None, description="Ignored.")
    revision: Any = Field(None, description="Ignored.")

    def to_draft(self, *, with_findings: bool) -> Draft:
        """Check the form by its rules.

        Args:
            with_findings: keep the findings: they come from a retrieval. Else they are ignored, as of an edited
                document that was shown by this API.

        Raises:
            InvalidInput: naming each field that is refused.
        """
        return checked_draft(
            name=self.name,
            subdomain=self.subdomain,
            auth_type=self.auth_type,
            store_hash=self.store_hash,
            channel_id=self.channel_id,
            access_token=Secret(self.access_token.get_secret_value()),
            scopes=self.scopes,
            storefront_token=secret_of(self.storefront_token),
            tags=self.tags,
            api_account=None
            if self.api_account is None
            else ApiAccount(self.api_account.name, self.api_account.client_id),
            oauth_scopes=self.oauth_scopes,
            # The severity of a finding is no part of the surface: what a retrieval notes does not weigh by itself,
            # since verification proves the values anew.
            findings=tuple(Finding(each.code, each.message, each.action, Severity.NOTE) for each in self.findings)
            if with_findings
            else (),
        )


class ConnectionPatch(In):
    """What may be changed without the access token; what is left out stays."""

    name: Text | None = None
    tags: Annotated[list[Text], Field(max_length=MAX_LIST)] | None = None


class ConnectionPath(BaseModel):
    """Which connection."""

    id: str = Field(description="The connection's id.")


class FindingPath(ConnectionPath):
    """Which finding of which connection."""

    code: str = Field(description="The finding's code.")


class HandOverQuery(Query):
    """How a connection is stored."""

    prove: bool = Field(
        False,
        description="With a hand-over ticket only: prove the credentials first, and store nothing where they are not "
        "proven.",
    )


class ReplaceQuery(Query):
    """How a connection is replaced."""

    prove: bool = Field(
        False, description="Try it first, and leave what is stored as it is where the new would not work."
    )


class ReauthorizeIn(In):
    """What a connection is to become; what is left out stays as it is."""

    scopes: Annotated[list[Text], Field(max_length=MAX_LIST)] | None = Field(
        None, description="Scopes of the private tokens; a `token` connection gets `Unauthenticated` where left out."
    )
    channel_id: WholeNumber | None = None
    access_token: SecretStr | None = Field(None, description="A new one; the stored one is used where left out.")

    def new_access_token(self) -> Secret | None:
        """Return the new access token in the type that never prints."""
        return secret_of(self.access_token)


class PageQuery(Query):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    after: str | None = Field(None, description="`next` of the page before.")
    name: str | None = Field(None, description="Only the connection with this name, ignoring case.")


class FindingOut(Out):
    """One thing found about a connection."""

    code: str
    message: str
    action: str


class ConnectionOut(Out):
    """A connection; no secret in it."""

    id: str
    name: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    subdomain: str
    auth_type: AuthType
    store_hash: str
    channel_id: Annotated[int, Field(ge=1)]
    scopes: list[str]
    access_token_set: bool
    tags: Annotated[list[Annotated[str, Field(max_length=MAX_TAG_LENGTH)]], Field(max_length=MAX_TAGS)]
    api_account: ApiAccountModel | None
    oauth_scopes: list[str] | None
    status: Status
    findings: list[FindingOut]
    verified_at: str | None
    created_at: str
    updated_at: str
    revision: Annotated[int, Field(ge=1)]


class ConnectionPageOut(Out):
    """One page of connections in the order of their creation."""

    connections: list[ConnectionOut]
    next: str | None = Field(description="Goes into `after` for the next page; null at the end.")


def connection_document(connection: Connection) -> dict[str, Any]:
    """Return a connection as the API shows it. Built by hand: pages of it are the service's commonest answer."""
    account = connection.api_account
    return {
        "id": connection.id,
        "name": connection.name,
        "subdomain": connection.subdomain,
        "auth_type": connection.auth_type.value,
        "store_hash": connection.store_hash,
        "channel_id": connection.channel_id,
        "scopes": list(connection.scopes),
        "access_token_set": True,
        "tags": list(connection.tags),
        "api_account": None if account is None else {"name": account.name, "client_id": account.client_id},
        "oauth_scopes": None if connection.oauth_scopes is None else list(connection.oauth_scopes),
        "status": connection.status.value,
        "findings": [
            {"code": found.code, "message": found.message, "action": advice_for(found.action, connection.name)}
            for found in connection.findings
        ],
        "verified_at": None if connection.verified_at is None else timestamp(connection.verified_at),
        "created_at": timestamp(connection.created_at),
        "updated_at": timestamp(connection.updated_at),
        "revision": connection.revision,
    }
