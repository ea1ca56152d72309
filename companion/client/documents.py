"""What `/api/v1` gives and takes, as types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict

from companion.core.secret import Secret


class FindingDocument(TypedDict):
    """A finding, as the API shows it."""

    code: str
    message: str
    action: str


class ApiAccountDocument(TypedDict):
    """The API account behind the access token, as the API shows it."""

    name: str
    client_id: str | None


class ConnectionDocument(TypedDict):
    """A connection, as the API shows it; times are RFC 3339 in UTC, ending in `Z`."""

    id: str
    name: str
    subdomain: str
    auth_type: str
    store_hash: str
    channel_id: int
    scopes: list[str]
    access_token_set: bool
    tags: list[str]
    api_account: ApiAccountDocument | None
    oauth_scopes: list[str] | None
    status: str
    findings: list[FindingDocument]
    verified_at: str | None
    created_at: str
    updated_at: str
    revision: int


class ConnectionPage(TypedDict):
    """One page; `next` goes into `after` of the next call, None at the end."""

    connections: list[ConnectionDocument]
    next: str | None


class HealthDocument(TypedDict):
    """What `/health` says."""

    status: str
    version: str
    world: str
    proof: NotRequired[str]
    proof_at_address: NotRequired[str]


class ApiTokenDocument(TypedDict):
    """A tool's API token, as the API shows it; `connections` is None for all."""

    id: str
    name: str
    connections: list[str] | None
    actions: list[str]
    created_at: str
    expires_at: str
    last_used_at: str | None


class DeadlineDocument(TypedDict):
    """One thing that stops working or grows old."""

    kind: str
    due_at: str
    message: str
    action: str


class ExportDocument(TypedDict):
    """A file for another tool, with a secret in it."""

    path: str
    format: str
    written_at: str
    has_access_token: bool
    is_present: bool
    storefront_token_ends: str | None


class DueDocument(TypedDict):
    """What is due of one connection, and the files that were written of it."""

    connection: ConnectionDocument
    deadlines: list[DeadlineDocument]
    exports: list[ExportDocument]


class AuditConnectionDocument(TypedDict):
    """The connection that something was done to, as it was called then."""

    id: str | None
    name: str | None


class AuditEntryDocument(TypedDict):
    """One entry of the audit record, as the API shows it."""

    number: int
    at: str
    who: str
    action: str
    connection: AuditConnectionDocument | None
    outcome: str
    detail: str


class AuditPageDocument(TypedDict):
    """One page of the audit record, newest first."""

    entries: list[AuditEntryDocument]
    next: int | None


class AuditChapterDocument(TypedDict):
    """Whether an earlier chapter of the audit record is whole."""

    chapter: int
    restored_at: str | None
    intact: bool
    entries: int
    anchor: str
    broken_at: int | None
    why: str | None


class AuditStateDocument(TypedDict):
    """Whether the audit record and its earlier chapters are whole, and where it ends."""

    intact: bool
    entries: int
    anchor: str
    broken_at: int | None
    why: str | None
    chapters: list[AuditChapterDocument]


class ConnectionFields(TypedDict, total=False):
    """The fields of the form on the way in, without the access token, which is always passed as a Secret."""

    name: str
    subdomain: str
    auth_type: str
    store_hash: str
    channel_id: int
    scopes: list[str] | None
    tags: list[str]
    api_account: ApiAccountDocument | None
    oauth_scopes: list[str] | None
    storefront_token: Secret | None
    findings: list[FindingDocument]


@dataclass(frozen=True)
class RestAnswer:
    """BigCommerce's answer to a call of its REST API.

    Attributes:
        headers: lower-case names.
        parts: the body, piece by piece; can be read once.
    """

    status: int
    headers: Mapping[str, str]
    parts: Iterator[bytes]


@dataclass(frozen=True)
class Ticket:
    """A hand-over ticket: may create or replace one connection, once, and nothing else.

    Attributes:
        id: names it; not secret.
        ticket: what authorizes.
        expires_at: 15 minutes after it was issued or last renewed.
        replaces: id of the connection that it replaces; None where it creates one.
        supersedes: the API account of that connection.
    """

    id: str
    ticket: Secret
    expires_at: datetime
    replaces: str | None = None
    supersedes: ApiAccountDocument | None = None
