"""The port to BigCommerce's REST and GraphQL APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from companion.core.answers import Minted, NoAnswer, Observed, StreamedAnswer
from companion.core.request_body import NO_BODY, RequestBody
from companion.core.secret import Secret


class BigCommerce(Protocol):
    """Calls BigCommerce. Gives back what came, raises nothing for it; waits out a 429 within bounds."""

    def get(self, store_hash: str, access_token: Secret, path: str) -> Observed:
        """Read from the store's REST API; `path` starts with `v2/` or `v3/`."""
        ...

    def mint_private_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, scopes: Sequence[str], expires_at: int
    ) -> Minted | Observed:
        """Mint a private storefront token; `expires_at` in Unix seconds."""
        ...

    def mint_impersonation_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, expires_at: int
    ) -> Minted | Observed:
        """Mint a customer impersonation token; `expires_at` in Unix seconds."""
        ...

    def mint_storefront_token(
        self,
        store_hash: str,
        access_token: Secret,
        *,
        channel_id: int,
        allowed_cors_origins: Sequence[str],
        expires_at: int,
    ) -> Minted | Observed:
        """Mint a storefront token of the older kind, for browsers on these origins; `expires_at` in Unix seconds."""
        ...

    def revoke_storefront_token(self, store_hash: str, access_token: Secret, token: Secret) -> Observed:
        """Revoke a storefront or private token by itself; BigCommerce takes about a minute to act on it."""
        ...

    def graphql(
        self,
        host: str,
        storefront_token: Secret,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Observed:
        """Ask the GraphQL Storefront API on `host`."""
        ...

    def forward(
        self,
        store_hash: str,
        access_token: Secret,
        method: str,
        path: str,
        *,
        query: str = "",
        body: RequestBody = NO_BODY,
    ) -> StreamedAnswer | NoAnswer:
        """Send a call to the store's REST API as it is; `path` as `checked_rest_path` gives it.

        Raises what the pieces of a streamed body raise.
        """
        ...

    def oauth_info(self, host: str) -> Observed:
        """Read `/admin/oauth/info` of a storefront, without credentials."""
        ...

    def close(self) -> None:
        """Close all connections. Nothing may be called afterwards."""
        ...
