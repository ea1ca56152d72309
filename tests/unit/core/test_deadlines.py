"""What is due of a connection, and when, as a table of cases."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from test_child_environment import connection

from companion.core.connection import AuthType
from companion.core.deadlines import Carried, deadlines_of, deadlines_of_keys
from companion.core.exports import Export
from companion.core.key_usage import KeyState, KeyUsage
from companion.core.storefront_token import TokenClaims
from companion.core.tool_files import ToolFormat

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
# The day ends where it ends first, in UTC+14.
LAST_DAY = datetime(2027, 3, 31, 10, tzinfo=UTC)


def carried(issued_at: datetime | None, expires_at: datetime | None) -> Carried:
    return Carried(TokenClaims((1,), store_id=1, issued_at=issued_at, expires_at=expires_at))


def due(found):
    return [(each.kind.value, each.due_at) for each in found]


def shop(auth_type=AuthType.CUSTOM):
    return replace(connection(), auth_type=auth_type, access_token_since=SINCE)


OLD_ACCESS_TOKEN = ("access-token-old", SINCE + timedelta(days=365))
BEFORE = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("token", "now", "first"),
    [
        (carried(BEFORE, None), NOW, ("token-auth-ends", LAST_DAY)),
        (carried(BEFORE, LAST_DAY + timedelta(days=9)), NOW, ("token-auth-ends", LAST_DAY)),
        (carried(BEFORE, NOW + timedelta(days=9)), NOW, ("storefront-token-ends", NOW + timedelta(days=9))),
        (carried(BEFORE, NOW - timedelta(days=9)), NOW, ("token-auth-ended", NOW - timedelta(days=9))),
        (carried(BEFORE, None), LAST_DAY, ("token-auth-ended", LAST_DAY)),
        (carried(NOW, None), NOW, ("token-auth-ended", datetime(2026, 6, 30, 10, tzinfo=UTC))),
        (carried(None, None), NOW, ("token-auth-ended", datetime(2026, 6, 30, 10, tzinfo=UTC))),
        (Carried(None), NOW, ("token-auth-ended", datetime(2026, 6, 30, 10, tzinfo=UTC))),
        (None, NOW, ("token-auth-ended", datetime(2026, 6, 30, 10, tzinfo=UTC))),
    ],
)
def test_a_token_connection_ends_with_its_kind_or_before(token, now, first):
    assert due(deadlines_of(shop(AuthType.TOKEN), token, (), now)) == [first, OLD_ACCESS_TOKEN]


def test_of_a_custom_connection_the_access_token_grows_old():
    assert due(deadlines_of(shop(), None, (), NOW)) == [OLD_ACCESS_TOKEN]
    unknown = replace(shop(), access_token_since=None)
    assert due(deadlines_of(unknown, None, (), NOW)) == [("access-token-old", connection().created_at + timedelta(365))]


def export(**changes):
    plain = Export("/shop/.env", "1", ToolFormat.DOTENV, NOW, True, SINCE, NOW + timedelta(days=3))
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        (export(), [("export-ends", NOW + timedelta(days=3))]),
        (export(storefront_token_ends=None), []),
        (export(access_token_since=BEFORE), [("export-of-old-token", SINCE)]),
        (export(access_token_since=None), [("export-of-old-token", SINCE)]),
        (export(has_access_token=False, access_token_since=None), [("export-ends", NOW + timedelta(days=3))]),
    ],
)
def test_a_file_ends_with_what_it_holds(file, wanted):
    found = deadlines_of(shop(), None, [file], NOW)
    assert due(found) == [*wanted, OLD_ACCESS_TOKEN]
    assert all("/shop/.env" in each.message for each in found[: len(wanted)])


@pytest.mark.parametrize(
    ("tool", "path", "output"),
    [
        (ToolFormat.DOTENV, "/my shop/.env", "'/my shop/.env'"),
        (ToolFormat.STENCIL, "/shop/secrets.stencil.json", "/shop"),
        (ToolFormat.CATALYST, "/shop/.bigcommerce/project.json", "/shop"),
        (ToolFormat.CATALYST, "/shop/.env.local", "/shop"),
    ],
)
@pytest.mark.skipif(os.sep != "/", reason="paths as POSIX has them")
def test_what_to_do_can_be_pasted_as_it_stands(tool, path, output):
    named = replace(shop(), name="My shop")
    written, old = deadlines_of(named, None, [export(tool=tool, path=path)], NOW)
    assert f"`companion export 'My shop' --format {tool} --output {output} --force`" in written.action
    assert "`companion rotate 'My shop'`" in old.action
    first, _ = deadlines_of(replace(named, auth_type=AuthType.TOKEN), None, (), NOW)
    assert "`companion reauthorize 'My shop'`" in first.action


def test_only_the_key_in_use_grows_old():
    keys = [KeyUsage("a", KeyState.RETIRED, 0, 9, BEFORE), KeyUsage("b", KeyState.ACTIVE, 3, 3, SINCE)]
    (found,) = deadlines_of_keys(keys)
    assert (found.kind.value, found.due_at) == ("key-old", SINCE + timedelta(days=365))
    assert "key b " in found.message
