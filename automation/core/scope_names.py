"""The scopes that a store-level form may show, today's names first; they mark where one scope's controls end.

From BigCommerce's "API accounts" page and screenshots of 2019 to 2026; compared without case.
"""

from __future__ import annotations

SCOPE_NAMES: tuple[str, ...] = (
    "Content",
    "Checkout content",
    "Customers",
    "Customers login",
    "Information & settings",
    "Marketing",
    "Orders",
    "Order transactions",
    "Create payments",
    "Get payment methods",
    "Stored payment instruments",
    "Products",
    "Themes",
    "Carts",
    "Checkouts",
    "Sites & routes",
    "Channel settings",
    "Channel listings",
    "Storefront API tokens",
    "Storefront API customer impersonation tokens",
    "Store logs",
    "Store locations",
    "Store inventory",
    "Fulfillment methods",
    "Order fulfillment",
    "Metafield ownership",
    "Metafields access",
    "Store translations",
    "App extensions",
    "B2B Edition",
    "Infrastructure deployments",
    "Infrastructure projects",
    "Infrastructure logs",
)
