"""The OAuth scopes that can be asked for besides the two that are always set, by the names the control panel shows.

From BigCommerce's "API accounts" page (read 2026-04), the names of options as screenshots of 2023 to 2026 have them.
"""

from __future__ import annotations

from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS, WantedScope
from companion.core.errors import FieldError, InvalidInput

_ALWAYS = (STOREFRONT_TOKENS, IMPERSONATION_TOKENS)

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


# Every name of every scope: they mark where one scope's controls end and the next one's begin.
SCOPE_NAMES: tuple[str, ...] = tuple(name for names, _ in SCOPES for name in names)


def wanted_scopes(texts: tuple[str, ...]) -> tuple[WantedScope, ...]:
    """Read `SCOPE=OPTION` entries, such as `Products=read-only`; the two that are always set come first.

    What is recorded of a grant (`store_v2_products_read_only`) serves as well.

    Raises:
        InvalidInput: an entry is malformed, or names a scope or an option that there is not.
    """
    wanted = {scope.parameter: scope for scope in _ALWAYS}
    named: dict[str, str] = {}
    for position, text in enumerate(texts):
        scope = _wanted_scope(text, position)
        name = scope.labels[0]
        if named.setdefault(name, scope.parameter) != scope.parameter:
            raise _refused(position, f"{name!r} is asked for twice, with different options.")
        if scope.parameter not in wanted or not scope.parameter:
            wanted[scope.parameter or name] = scope
    return tuple(wanted.values())


def wanted_scope(label: str, option: str) -> WantedScope:
    """Return a scope by its first name and an option as `SCOPES` spells it; the two that are always set in full."""
    names, options = next(each for each in SCOPES if each[0][0] == label)
    parameter = dict(options)[option]
    return next((scope for scope in _ALWAYS if scope.parameter == parameter), WantedScope(names, (option,), parameter))


def scope_of_grant(grant: str) -> tuple[str, str] | None:
    """Return first name and option of a scope by what `WantedScope.grant` recorded of it; None where none has it."""
    for names, options in SCOPES:
        for option, parameter in options:
            if grant in {parameter, f"{names[0]}={option}"} - {""}:
                return names[0], option
    return None


def named_scope(text: str) -> tuple[str, str]:
    """Return what an entry, or a recorded grant, names: scope, by its first name where it is known, and option."""
    granted = scope_of_grant(text.strip())
    if granted is not None:
        return granted
    name, _, option = (part.strip() for part in text.rpartition("="))
    return next((names[0] for names, _ in SCOPES if _key(name) in map(_key, names)), name), option


def _wanted_scope(text: str, position: int) -> WantedScope:
    granted = scope_of_grant(text.strip())
    if granted is not None:
        return wanted_scope(*granted)
    name, equals, option = (part.strip() for part in text.rpartition("="))
    if not equals or not name or not option:
        raise _refused(position, f"{text!r} is not of the form 'Products=read-only'.")
    for names, options in SCOPES:
        if _key(name) in map(_key, names):
            parameters = {_key(label): (label, parameter) for label, parameter in options}
            if _key(option) not in parameters:
                offered = ", ".join(label for label, _ in options)
                raise _refused(position, f"{names[0]!r} has no option {option!r}; it has {offered}.")
            label, parameter = parameters[_key(option)]
            return WantedScope(names, (label,), parameter)
    raise _refused(position, f"There is no scope {name!r}; there are {', '.join(names[0] for names, _ in SCOPES)}.")


def _key(text: str) -> str:
    return "".join(character for character in text.lower().replace("&", "and") if character.isalnum())


def _refused(position: int, detail: str) -> InvalidInput:
    return InvalidInput(
        "An OAuth scope cannot be asked for.",
        why=detail,
        next_step="Use the names of the control panel's form, as in --oauth-scope 'Products=read-only'.",
        fields=(FieldError(f"/oauth_scopes/{position}", detail),),
    )
