"""Connections in use: GraphQL, the REST API, storefront tokens."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from companion.schemas.connections import ConnectionPath
from companion.schemas.fields import In, Out

MAX_QUERY_LENGTH = 1024 * 1024


class GraphqlIn(In):
    """A query for the GraphQL Storefront API, as GraphQL clients send it over HTTP."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_QUERY_LENGTH)]
    variables: dict[str, Any] | None = None
    operation_name: Annotated[
        str | None, Field(alias="operationName", max_length=1000, description="Which of the query's operations to run.")
    ] = None


class RestPath(ConnectionPath):
    """Which path of which connection's store."""

    path: str = Field(description="Below the store, such as `v3/catalog/products`; starts with `v2/` or `v3/`.")


class StorefrontTokenIn(In):
    """For whom a storefront token is."""

    allowed_cors_origins: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=2)] | None = Field(
        None, description="Origins of the pages that use it; needed with the auth type `token`, refused with `custom`."
    )


class StorefrontTokenOut(Out):
    """A storefront token that is valid now."""

    token: str
    expires_at: str = Field(description="RFC 3339, UTC, whole seconds.")
    channel_id: int
    scopes: list[str] = Field(description="Of a private token; empty for one of the older kind.")
