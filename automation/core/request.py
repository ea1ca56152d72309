"""What a retrieval is asked for, and what it captures."""

from __future__ import annotations

from dataclasses import dataclass, field

from automation.core.translations import ours
from companion.core.connection import Finding
from companion.core.secret import Secret


@dataclass(frozen=True)
class WantedScope:
    """An OAuth scope to set on the form.

    Attributes:
        labels: the scope's names in the control panel, today's first.
        options: the wordings of the wanted option, today's first, such as `manage`.
        parameter: BigCommerce's name for the grant, such as `store_storefront_api`; empty where none is documented.
        translated: the scope's names in other languages, by us.
        has_one_option: whether the scope offers nothing but "None" and the wanted option.
    """

    labels: tuple[str, ...]
    options: tuple[str, ...]
    parameter: str
    translated: tuple[str, ...] = ()
    has_one_option: bool = False

    @property
    def grant(self) -> str:
        """What is recorded of it: the parameter; where none is documented, the words of the form."""
        return self.parameter or f"{self.labels[0]}={self.options[0]}"


# The names and the parameters stand in BigCommerce's "API accounts" page (read 2026-04); the control panel says
# "manage", that page's table "modify", the Developer Portal "generate tokens".
_MANAGE = ("manage", "modify", "generate tokens", "generate token", *ours("manage"))
# What a scope shows that grants nothing beyond what every API account may do; "Metafields access" says "Standard".
NOTHING = ("None", "Standard", "No access", "Off", *ours("None"))
STOREFRONT_TOKENS = WantedScope(
    ("Storefront API tokens",), _MANAGE, "store_storefront_api", ours("Storefront API tokens"), has_one_option=True
)
IMPERSONATION_TOKENS = WantedScope(
    ("Storefront API customer impersonation tokens",),
    _MANAGE,
    "store_storefront_api_customer_impersonation",
    ours("Storefront API customer impersonation tokens"),
    has_one_option=True,
)


def wordings_of(option: str) -> tuple[str, ...]:
    """Return an option's names, that on record first."""
    return (option, *ours(option)) if option in {"manage", "modify", "read-only"} else (option,)


@dataclass(frozen=True)
class RetrievalRequest:
    """What to retrieve.

    Attributes:
        api_account_name: the whole name of the API account to create; its end is random, so that it can be told from
            all others later.
        store_hash: the store to use where the user has several; None takes the one that opens.
        channel_id: the storefront channel.
        scopes: the OAuth scopes to set; nothing else is changed.
        patience: seconds after which a page that does not get on is given up.
        subdomain: known already, so that the storefront is not opened; None where it is to be found.
        dry_run: whether the form is left when it could be saved, and nothing is made.
    """

    api_account_name: str
    store_hash: str | None = None
    channel_id: int = 1
    scopes: tuple[WantedScope, ...] = (STOREFRONT_TOKENS, IMPERSONATION_TOKENS)
    patience: float = 60.0
    subdomain: str | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Captured:
    """What a retrieval brought home; the client secret was compared and dropped.

    Attributes:
        subdomain: from the storefront tab; None where its host is not `SUBDOMAIN.mybigcommerce.com`.
        storefront_host: the host on which the storefront opened, None where it did not.
        oauth_scopes: `WantedScope.grant` of the scopes that were read back from the form before Save.
        findings: what the person should know, such as `one-witness`.
    """

    store_hash: str
    subdomain: str | None
    storefront_host: str | None
    channel_id: int
    access_token: Secret
    client_id: str | None
    api_account_name: str
    oauth_scopes: tuple[str, ...]
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class Sighting:
    """A documented control that was found.

    Attributes:
        control: its id.
        way: how it was found, as `Way` says.
        name: what it is called on the page.
    """

    control: str
    way: str
    name: str
