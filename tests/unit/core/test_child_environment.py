"""What a program gets of a connection, and what of the surrounding environment it does not get."""

from datetime import UTC, datetime

import pytest

from companion.core.child_environment import VARIABLES, ChildValues, checked_variables, child_environment
from companion.core.connection import AuthType, Connection, Status, World
from companion.core.errors import InvalidInput
from companion.core.secret import Secret

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def connection(channel_id: int = 1) -> Connection:
    return Connection(
        id="1", name="shop", subdomain="celigo", auth_type=AuthType.CUSTOM, store_hash="ci4bzn8adz",
        channel_id=channel_id, scopes=("Unauthenticated",), tags=(), api_account=None, oauth_scopes=None,
        world=World.REAL, status=Status.READY, findings=(), verified_at=None,
        created_at=NOW, updated_at=NOW, revision=1,
    )  # fmt: skip


def values(channel_id: int = 1) -> ChildValues:
    return ChildValues(connection(channel_id), Secret("the-access-token"), Secret("the-storefront-token"))


def test_all_variables_are_given_unless_some_are_named():
    given = child_environment({"PATH": "/bin"}, values(), checked_variables(()))
    assert given == {
        "PATH": "/bin",
        "BIGCOMMERCE_STORE_HASH": "ci4bzn8adz",
        "BIGCOMMERCE_ACCESS_TOKEN": "the-access-token",
        "BIGCOMMERCE_CHANNEL_ID": "1",
        "BIGCOMMERCE_STOREFRONT_TOKEN": "the-storefront-token",
        "BIGCOMMERCE_STOREFRONT_URL": "https://celigo.mybigcommerce.com",
    }


def test_a_variable_that_is_not_wanted_is_gone_even_where_it_was_set_before():
    before = {"BIGCOMMERCE_ACCESS_TOKEN": "of another store", "BIGCOMMERCE_CHANNEL_ID": "7"}
    given = child_environment(before, values(), checked_variables(["bigcommerce_store_hash"]))
    assert given == {"BIGCOMMERCE_STORE_HASH": "ci4bzn8adz"}


def test_a_storefront_token_that_servers_may_not_use_is_left_unset():
    given = child_environment({}, ChildValues(connection(), Secret("t"), None), checked_variables(()))
    assert "BIGCOMMERCE_STOREFRONT_TOKEN" not in given


def test_the_companions_settings_and_the_sign_in_are_stripped():
    before = {
        "COMPANION_PASSPHRASE": "p",
        "companion_url": "u",
        "BIGCOMMERCE_PASSWORD": "p",
        "BIGCOMMERCE_EMAIL": "e",
        "BIGCOMMERCE_TOTP_SECRET": "s",
        "BIGCOMMERCE_OTHER": "kept",
    }
    assert set(child_environment(before, values(), checked_variables(()))) == {"BIGCOMMERCE_OTHER", *VARIABLES}


def test_another_channel_has_its_permanent_address():
    given = child_environment({}, values(664179), checked_variables(()))
    assert given["BIGCOMMERCE_STOREFRONT_URL"] == "https://store-ci4bzn8adz-664179.mybigcommerce.com"


def test_an_unknown_variable_is_refused_and_the_known_ones_are_named():
    with pytest.raises(InvalidInput, match="BIGCOMMERCE_STORE_HASH"):
        checked_variables(["BIGCOMMERCE_TOKEN"])
