"""Purposes for which an API account is made, each with the smallest set of OAuth scopes that its source asks for.

The two scopes that every connection needs, both to "manage", are on top of each.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A purpose.

    Attributes:
        purpose: what it is for, as the help says it.
        scopes: as `--oauth-scope` takes them.
        source: where it is said that these are needed.
    """

    name: str
    purpose: str
    scopes: tuple[str, ...]
    source: str


PRESETS: tuple[Preset, ...] = (
    Preset(
        "graphql-storefront",
        "queries of the GraphQL Storefront API",
        (),
        "bigcommerce/docs: docs/start/authentication/graphql-storefront.mdx (read 2026-04): minting takes no other.",
    ),
    Preset(
        "catalyst",
        "a Catalyst storefront: its channel, site and routes",
        ("Channel settings=modify", "Sites & routes=modify"),
        "bigcommerce/docs: docs/storefront/catalyst/getting-started/workflows/manually-create-catalyst-channel.mdx, "
        "“Create an API token” (read 2026-04).",
    ),
    Preset(
        "theme-development",
        "Stencil CLI: preview, pull and push of themes",
        (
            "Information & settings=read-only",
            "Themes=modify",
            "Sites & routes=read-only",
            "Channel settings=read-only",
        ),
        "bigcommerce/stencil-cli: what lib/theme-api-client.js calls (themes, sites, active theme of a channel), and "
        "the refusals without the others: issue 809 (locale settings), issue 1185 and pull request 1191 (channels).",
    ),
    Preset(
        "catalog-sync",
        "products, categories, variants and price lists, read and written",
        ("Products=modify",),
        "bigcommerce/docs: docs/start/authentication/api-accounts.mdx, table of scopes (read 2026-04): Products is "
        "the catalogue's and the price lists' only scope.",
    ),
    Preset(
        "order-sync",
        "orders with their addresses, status and shipments, read and written",
        ("Orders=modify",),
        "bigcommerce/docs: docs/start/authentication/api-accounts.mdx, table of scopes (read 2026-04): orders, their "
        "shipping addresses and shipments are all under Orders.",
    ),
)
