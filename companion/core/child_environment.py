"""The environment that `companion exec` gives to a program: the connection's values, and none of our own secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from companion.core.connection import DEFAULT_CHANNEL_ID, Connection
from companion.core.errors import InvalidInput
from companion.core.secret import Secret
from companion.core.store_urls import STORE_DOMAIN, canonical_hosts

STORE_HASH = "BIGCOMMERCE_STORE_HASH"
ACCESS_TOKEN = "BIGCOMMERCE_ACCESS_TOKEN"  # noqa: S105  a variable's name
CHANNEL_ID = "BIGCOMMERCE_CHANNEL_ID"
STOREFRONT_TOKEN = "BIGCOMMERCE_STOREFRONT_TOKEN"  # noqa: S105  a variable's name
STOREFRONT_URL = "BIGCOMMERCE_STOREFRONT_URL"
VARIABLES = (STORE_HASH, ACCESS_TOKEN, CHANNEL_ID, STOREFRONT_TOKEN, STOREFRONT_URL)

_SIGN_IN = ("BIGCOMMERCE_EMAIL", "BIGCOMMERCE_PASSWORD", "BIGCOMMERCE_TOTP_SECRET")
_OURS = "COMPANION_"


@dataclass(frozen=True)
class ChildValues:
    """What a program may be given of a connection.

    Attributes:
        access_token: None where it is not wanted.
        storefront_token: None where it is not wanted, or where the connection has none that servers may use.
    """

    connection: Connection
    access_token: Secret | None
    storefront_token: Secret | None


def checked_variables(only: Iterable[str]) -> frozenset[str]:
    """Return which of the variables are wanted: all where none is named.

    Raises:
        InvalidInput: there is no such variable.
    """
    named = frozenset(name.upper() for name in only)
    unknown = sorted(named - set(VARIABLES))
    if unknown:
        raise InvalidInput(f"There is no variable {unknown[0]}.", next_step=f"They are {', '.join(VARIABLES)}.")
    return named or frozenset(VARIABLES)


def child_environment(own: Mapping[str, str], values: ChildValues, wanted: frozenset[str]) -> dict[str, str]:
    """Return the environment of this process with the wanted values of the connection in it.

    Left out is what would be another store's (a variable of the connection that is not wanted), what signs in to
    BigCommerce, and every setting of the companion, whose passphrase and service are not the program's.
    """
    dropped = {*VARIABLES, *_SIGN_IN}
    kept = {name: value for name, value in own.items() if name.upper() not in dropped and not _is_ours(name)}
    return kept | {name: value for name, value in variables_of(values).items() if name in wanted}


def variables_of(values: ChildValues) -> dict[str, str]:
    """Return the variables with their values; without those that the connection has no value for."""
    connection = values.connection
    given = {
        STORE_HASH: connection.store_hash,
        ACCESS_TOKEN: _revealed(values.access_token),
        CHANNEL_ID: str(connection.channel_id),
        STOREFRONT_TOKEN: _revealed(values.storefront_token),
        STOREFRONT_URL: storefront_url(connection),
    }
    return {name: value for name, value in given.items() if value is not None}


def storefront_url(connection: Connection) -> str:
    """Return the address of the channel's storefront below mybigcommerce.com; the subdomain is channel 1's alone."""
    if connection.channel_id == DEFAULT_CHANNEL_ID:
        return f"https://{connection.subdomain}.{STORE_DOMAIN}"
    return f"https://{canonical_hosts(connection.store_hash, connection.channel_id)[0]}"


def _is_ours(name: str) -> bool:
    return name.upper().startswith(_OURS)


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()
