"""What the JSON API takes and gives, checked at the edge; secrets become `Secret` at once."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, WithJsonSchema

from companion.core.api_tokens import MAX_TOKEN_CONNECTIONS, Action, ApiToken, known_actions
from companion.core.audit import AuditEntry
from companion.core.audit_actions import AuditAction
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
    World,
    checked_draft,
)
from companion.core.deadlines import Due, holds_another_token
from companion.core.errors import FieldError, InvalidInput
from companion.core.paging import DEFAULT_PAGE, MAX_PAGE
from companion.core.secret import Secret
from companion.core.timestamps import timestamp

MAX_QUERY_LENGTH = 256 * 1024

_MAX_TEXT = 2000
_MAX_LIST = 100

# Longer than any that is accepted, so that the field's own rule speaks first.
_Address = Annotated[str, Field(max_length=_MAX_TEXT)]
_Text = Annotated[str, Field(max_length=_MAX_TEXT)]


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 1.0 is the integer 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_WholeNumber = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer", "minimum": 1})]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @classmethod
    def model_json_schema(cls, *given: Any, **options: Any) -> dict[str, Any]:
        """Return the schema; the framework asks for it with every request, and it is made once."""
        return super().model_json_schema(*given, **options) if given or options else _schema_of(cls)


@functools.cache
def _schema_of(kind: type[_Query]) -> dict[str, Any]:
    return super(_Query, kind).model_json_schema()


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ApiAccountModel(_In):
    """The API account at BigCommerce behind the access token."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    client_id: Annotated[str, Field(max_length=255)] | None = None


class FindingIn(_In):
    """A finding of the retrieval, kept with the connection."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    message: _Text
    action: _Text


class ConnectionIn(_In):
    """The whole form of a connection, with its access token.

    A connection as the API shows it is taken too: what the service sets itself is ignored.
    """

    name: _Text
    subdomain: _Address
    auth_type: _Text = AuthType.CUSTOM.value
    store_hash: _Address
    channel_id: _WholeNumber = DEFAULT_CHANNEL_ID
    access_token: SecretStr = Field(description=f"Never shown again. At most {MAX_SECRET_LENGTH} characters.")
    scopes: Annotated[list[_Text], Field(max_length=_MAX_LIST)] | None = Field(
        None, description="Scopes of the private tokens; `Unauthenticated` where left out. Only with `custom`."
    )
    storefront_token: SecretStr | None = Field(None, description="Only with the auth type `token`.")
    tags: Annotated[list[_Text], Field(max_length=_MAX_LIST)] = Field(default_factory=list)
    api_account: ApiAccountModel | None = None
    oauth_scopes: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=_MAX_LIST)] | None = None
    findings: Annotated[list[FindingIn], Field(max_length=_MAX_LIST)] = Field(default_factory=list)

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
            storefront_token=_secret(self.storefront_token),
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


class ConnectionPatch(_In):
    """What may be changed without the access token; what is left out stays."""

    name: _Text | None = None
    tags: Annotated[list[_Text], Field(max_length=_MAX_LIST)] | None = None


class GraphqlIn(_In):
    """A query for the GraphQL Storefront API."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_QUERY_LENGTH)]
    variables: dict[str, Any] | None = None


class TicketIn(_In):
    """What a hand-over ticket is to be for."""

    name: _Text
    replace: bool = False


class UnlockIn(_In):
    """What opens the keys."""

    passphrase: SecretStr


class ConnectionPath(BaseModel):
    """Which connection."""

    id: str = Field(description="The connection's id.")


class RestPath(ConnectionPath):
    """Which path of which connection's store."""

    path: str = Field(description="Below the store, such as `v3/catalog/products`; starts with `v2/` or `v3/`.")


class FindingPath(ConnectionPath):
    """Which finding of which connection."""

    code: str = Field(description="The finding's code.")


class HandOverQuery(_Query):
    """How a connection is stored."""

    prove: bool = Field(
        False,
        description="With a hand-over ticket only: prove the credentials first, and store nothing where they are not "
        "proven.",
    )


class ReplaceQuery(_Query):
    """How a connection is replaced."""

    prove: bool = Field(
        False, description="Try it first, and leave what is stored as it is where the new would not work."
    )


class TicketPath(BaseModel):
    """Which ticket."""

    id: str = Field(description="The ticket's id.")


class PageQuery(_Query):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    after: str | None = Field(None, description="`next` of the page before.")
    name: str | None = Field(None, description="Only the connection with this name, ignoring case.")


class AuditQuery(_Query):
    """Which entries of the audit record."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    before: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = Field(None, description="`next` of the page before.")
    connection: str | None = Field(None, description="Only what was done to the connection with this id.")
    action: Literal[*AuditAction] | None = Field(None, description="Only this action.")  # type: ignore[valid-type]
    who: str | None = Field(None, description="Only this caller, such as `user` or `tool NAME`.")
    chapter: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Of this earlier chapter, which a restored backup brought along."
    )


class AuditStateQuery(_Query):
    """What the audit record must go through."""

    anchor: str | None = Field(None, description="What `anchor` was at an earlier time.")


class ReauthorizeIn(_In):
    """What a connection is to become; what is left out stays as it is."""

    scopes: Annotated[list[_Text], Field(max_length=_MAX_LIST)] | None = Field(
        None, description="Scopes of the private tokens; a `token` connection gets `Unauthenticated` where left out."
    )
    channel_id: _WholeNumber | None = None
    access_token: SecretStr | None = Field(None, description="A new one; the stored one is used where left out.")

    def new_access_token(self) -> Secret | None:
        """Return the new access token in the type that never prints."""
        return _secret(self.access_token)


class StorefrontTokenIn(_In):
    """For whom a storefront token is."""

    allowed_cors_origins: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=2)] | None = Field(
        None, description="Origins of the pages that use it; needed with the auth type `token`, refused with `custom`."
    )


class StorefrontTokenOut(_Out):
    """A storefront token that is valid now."""

    token: str
    expires_at: str = Field(description="RFC 3339, UTC, whole seconds.")
    channel_id: int
    scopes: list[str] = Field(description="Of a private token; empty for one of the older kind.")


class HealthQuery(_Query):
    """What the service is to prove."""

    nonce: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8,256}$")] | None = Field(
        None, description="Fresh random hexadecimal digits; the answer's `proof` is their HMAC under the API token."
    )
    token: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        None, description="The id of a tool's API token: the proof is made under its hash."
    )


class ApiTokenIn(_In):
    """What a tool's API token is to be limited to."""

    name: _Text
    connections: Annotated[list[_Text], Field(max_length=MAX_TOKEN_CONNECTIONS)] | None = Field(
        description="Ids of the connections it is for; null for all, also those to come."
    )
    actions: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=_MAX_LIST)] = Field(
        description="What it allows.",
        json_schema_extra={"items": {"type": "string", "enum": list(known_actions())}, "minItems": 1},
    )
    expires_at: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="RFC 3339 with an offset; 90 days from now where left out, at most 366 days ahead."
    )

    def moment(self) -> datetime | None:
        """Return the end in UTC. Raises `InvalidInput`."""
        if self.expires_at is None:
            return None
        try:
            given = datetime.fromisoformat(self.expires_at)
            return given.astimezone(UTC) if given.tzinfo is not None else _no_moment()
        except (ValueError, OverflowError):
            return _no_moment()


class ApiTokenPath(BaseModel):
    """Which API token."""

    id: str = Field(description="The API token's id.")


class FindingOut(_Out):
    """One thing found about a connection."""

    code: str
    message: str
    action: str


class ConnectionOut(_Out):
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


class ConnectionPageOut(_Out):
    """One page of connections in the order of their creation."""

    connections: list[ConnectionOut]
    next: str | None = Field(description="Goes into `after` for the next page; null at the end.")


class SignInLinkOut(_Out):
    """A link that begins a session of the web page; shown once."""

    path: str = Field(description="Below the service's address.")
    expires_at: str


class EndedOut(_Out):
    """How many sessions of the web page were ended."""

    ended: Annotated[int, Field(ge=0)]


class ApiTokenOut(_Out):
    """A tool's API token; its own text is not stored."""

    id: str
    name: str
    connections: list[str] | None = Field(description="Null for all.")
    actions: list[Action]
    created_at: str
    expires_at: str
    last_used_at: str | None = Field(description="To about a second.")


class CreatedApiTokenOut(ApiTokenOut):
    """A new API token, with its text, which is shown this once."""

    token: str


class ApiTokensOut(_Out):
    """All API tokens of tools in the order they were made."""

    api_tokens: list[ApiTokenOut]


class DeadlineQuery(_Query):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    after: str | None = Field(None, description="`next` of the page before.")


class DeadlineOut(_Out):
    """One thing that stops working or grows old."""

    kind: str
    due_at: str
    message: str
    action: str


class ExportOut(_Out):
    """A file for another tool, with a secret in it."""

    path: str
    format: str
    written_at: str
    has_access_token: bool
    is_present: bool = Field(description="Whether the access token in it, if there is one, is still the connection's.")
    storefront_token_ends: str | None


class DueOut(_Out):
    """What is due of one connection, and the files that were written of it."""

    connection: ConnectionOut
    deadlines: list[DeadlineOut]
    exports: list[ExportOut]


class DeadlinePageOut(_Out):
    """What is due of one page of connections."""

    due: list[DueOut]
    next: str | None


class AuditConnectionOut(_Out):
    """The connection that something was done to, as it was called then."""

    id: str | None
    name: str | None


class AuditEntryOut(_Out):
    """One entry of the audit record."""

    number: int
    at: str
    who: str
    action: str
    connection: AuditConnectionOut | None
    outcome: str
    detail: str


class AuditOut(_Out):
    """One page of the audit record, newest first."""

    entries: list[AuditEntryOut]
    next: int | None


class AuditChapterOut(_Out):
    """Whether an earlier chapter of the audit record, which a restored backup brought along, is whole."""

    chapter: int
    restored_at: str | None
    intact: bool
    entries: int
    anchor: str
    broken_at: int | None
    why: str | None


class AuditStateOut(_Out):
    """Whether the audit record and its earlier chapters are whole, and where it ends."""

    intact: bool
    entries: int
    anchor: str
    broken_at: int | None
    why: str | None
    chapters: list[AuditChapterOut]


class TicketOut(_Out):
    """A hand-over ticket; shown once."""

    id: str
    ticket: str
    expires_at: str
    replaces: str | None
    supersedes: ApiAccountModel | None


class RenewalOut(_Out):
    """A ticket that lives on."""

    id: str
    expires_at: str
    replaces: str | None
    supersedes: ApiAccountModel | None


class HealthOut(_Out):
    """Whether the service can work; nothing secret."""

    status: Literal["ok", "locked"]
    version: str
    world: World
    proof: str | None = None
    proof_at_address: str | None = Field(None, description="Only where a nonce was given: bound to this address.")


class KeysOut(_Out):
    """Whether the keys are at hand."""

    status: Literal["ok", "locked"]


class FieldProblem(_Out):
    """One field that was refused."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    action: str
    next_step: str
    exit_code: int
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


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
            {"code": found.code, "message": found.message, "action": found.action} for found in connection.findings
        ],
        "verified_at": None if connection.verified_at is None else timestamp(connection.verified_at),
        "created_at": timestamp(connection.created_at),
        "updated_at": timestamp(connection.updated_at),
        "revision": connection.revision,
    }


def api_token_document(token: ApiToken) -> dict[str, Any]:
    """Return a tool's API token as the API shows it."""
    return {
        "id": token.id,
        "name": token.name,
        "connections": None if token.connections is None else list(token.connections),
        "actions": [action.value for action in token.actions],
        "created_at": timestamp(token.created_at),
        "expires_at": timestamp(token.expires_at),
        "last_used_at": None if token.last_used_at is None else timestamp(token.last_used_at),
    }


def due_document(due: Due) -> dict[str, Any]:
    """Return what is due of one connection as the API shows it."""
    return {
        "connection": connection_document(due.connection),
        "deadlines": [
            {
                "kind": each.kind.value,
                "due_at": timestamp(each.due_at),
                "message": each.message,
                "action": each.action,
            }
            for each in due.deadlines
        ],
        "exports": [
            {
                "path": each.path,
                "format": each.tool.value,
                "written_at": timestamp(each.written_at),
                "has_access_token": each.has_access_token,
                "is_present": not holds_another_token(due.connection, each),
                "storefront_token_ends": None
                if each.storefront_token_ends is None
                else timestamp(each.storefront_token_ends),
            }
            for each in due.exports
        ],
    }


def audit_entry_document(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry of the audit record as the API shows it."""
    deed = entry.told.deed
    to_none = deed.connection_id is None and deed.connection_name is None
    return {
        "number": entry.number,
        "at": timestamp(entry.told.at),
        "who": entry.told.who,
        "action": str(deed.action),
        "connection": None if to_none else {"id": deed.connection_id, "name": deed.connection_name},
        "outcome": deed.outcome,
        "detail": deed.detail,
    }


def invalid_input(errors: ValidationError) -> InvalidInput:
    """Return what pydantic refused as our error, with JSON pointers; values are not repeated."""
    fields = tuple(
        FieldError(json_pointer(each["loc"]), _sentence(each["type"], each["msg"]))
        for each in errors.errors(include_url=False, include_context=False, include_input=False)
    )
    named = ", ".join(dict.fromkeys(field.pointer.strip("/").split("/")[0] or "the body" for field in fields))
    return InvalidInput(
        f"The request was not accepted: {named}.",
        why=" ".join(dict.fromkeys(field.detail for field in fields)),
        fields=fields,
    )


def json_pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer (RFC 6901) to what stands at `path`."""
    return "".join("/" + str(part)[:100].replace("~", "~0").replace("/", "~1") for part in path)


def _sentence(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "There is no such field."
    if kind == "missing":
        return "The field is missing."
    return message.removeprefix("Input should be ").removeprefix("Value error, ").capitalize() + "."


def _no_moment() -> NoReturn:
    detail = "This is no RFC 3339 time with an offset, such as 2027-01-31T12:00:00Z."
    raise InvalidInput("The request was not accepted: expires_at.", fields=(FieldError("/expires_at", detail),))


def _secret(value: SecretStr | None) -> Secret | None:
    return None if value is None else Secret(value.get_secret_value())
