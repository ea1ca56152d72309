"""The OAuth scopes of an API account, by the names the control panel shows.

From BigCommerce's "API accounts" page (read 2026-04), the names of options as screenshots of 2023 to 2026 have them.
"""

from __future__ import annotations

from collections.abc import Iterable

# Names of the scope, today's first; its options with the parameter that each grants. Of B2B Edition none is documented.
SCOPES: tuple[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (("Content",), (("read-only", "store_v2_content_read_only"), ("modify", "store_v2_content"))),
    (("Checkout content",), (("read-only", "store_content_checkout_read_only"), ("modify", "store_content_checkout"))),
    (("Customers",), (("read-only", "store_v2_customers_read_only"), ("modify", "store_v2_customers"))),
    (("Customers login", "Customer Login"), (("login", "store_v2_customers_login"),)),
    (
        ("Information & settings", "Information and Settings"),
        (("read-only", "store_v2_information_read_only"), ("modify", "store_v2_information")),
    ),
    (("Marketing",), (("read-only", "store_v2_marketing_read_only"), ("modify", "store_v2_marketing"))),
    (("Orders",), (("read-only", "store_v2_orders_read_only"), ("modify", "store_v2_orders"))),
    (("Order transactions",), (("read-only", "store_v2_transactions_read_only"), ("modify", "store_v2_transactions"))),
    (("Create payments",), (("create", "store_payments_access_token_create"),)),
    (("Get payment methods", "Payments - Get accepted methods"), (("read-only", "store_payments_methods_read"),)),
    (
        ("Stored payment instruments",),
        (("read-only", "store_stored_payment_instruments_read_only"), ("modify", "store_stored_payment_instruments")),
    ),
    (("Products",), (("read-only", "store_v2_products_read_only"), ("modify", "store_v2_products"))),
    (("Themes",), (("read-only", "store_themes_read_only"), ("modify", "store_themes_manage"))),
    (("Carts",), (("read-only", "store_cart_read_only"), ("modify", "store_cart"))),
    (("Checkouts",), (("read-only", "store_checkout_read_only"), ("modify", "store_checkout"))),
    (("Sites & routes", "Sites and Routes"), (("read-only", "store_sites_read_only"), ("modify", "store_sites"))),
    (("Channel settings",), (("read-only", "store_channel_settings_read_only"), ("modify", "store_channel_settings"))),
    (("Channel listings",), (("read-only", "store_channel_listings_read_only"), ("modify", "store_channel_listings"))),
    (("Storefront API tokens",), (("manage", "store_storefront_api"),)),
    (("Storefront API customer impersonation tokens",), (("manage", "store_storefront_api_customer_impersonation"),)),
    (("Store logs",), (("read-only", "store_logs_read_only"),)),
    (("Store locations",), (("read-only", "store_locations_read_only"), ("modify", "store_locations"))),
    (("Store inventory",), (("read-only", "store_inventory_read_only"), ("modify", "store_inventory"))),
    (
        ("Fulfillment methods",),
        (("read-only", "store_fulfillment_methods_read_only"), ("modify", "store_fulfillment_methods_manage")),
    ),
    (
        ("Order fulfillment",),
        (("read-only", "store_order_fulfillment_read_only"), ("modify", "store_order_fulfillment_manage")),
    ),
    (("Metafield ownership",), (("manage", "store_metafield_change_owner"),)),
    (("Metafields access",), (("standard", "store_metafield_write"), ("full", "store_metafield_write_all"))),
    (("Store translations",), (("read-only", "store_translations_read_only"), ("modify", "store_translations"))),
    (("App extensions",), (("manage", "store_app_extensions_manage"),)),
    (("B2B Edition",), (("modify", ""),)),
    (
        ("Infrastructure deployments",),
        (
            ("read-only", "store_infrastructure_deployments_read_only"),
            ("create preview", "store_infrastructure_deployments_create_preview"),
            ("manage", "store_infrastructure_deployments_manage"),
        ),
    ),
    (
        ("Infrastructure projects",),
        (("read-only", "store_infrastructure_projects_read_only"), ("manage", "store_infrastructure_projects_manage")),
    ),
    (("Infrastructure logs",), (("read-only", "store_infrastructure_logs_read_only"),)),
)

ALWAYS_SET = ("Storefront API tokens", "Storefront API customer impersonation tokens")
"""What every API account is granted that is made here, as the control panel calls it; both to "manage"."""


def grants_in_words(grants: Iterable[str]) -> tuple[str, ...]:
    """Return what the control panel calls each grant, such as `Products: modify`; an unknown one as it is."""
    return tuple(_entry(each).replace("=", ": ") for each in grants)


def entries_from_grants(grants: Iterable[str]) -> tuple[str, ...]:
    """Return what asks for these grants again, such as `Products=modify`; without those that are always set."""
    entries = (_entry(each) for each in grants)
    return tuple(each for each in entries if each.partition("=")[0] not in ALWAYS_SET)


def _entry(grant: str) -> str:
    entries = {parameter: f"{names[0]}={option}" for names, options in SCOPES for option, parameter in options}
    return entries.get(grant or "none", grant)
