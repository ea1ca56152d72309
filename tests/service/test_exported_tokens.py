"""A storefront token that was minted for a file is revoked with what it was minted for, and not before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scripted import Clock, ScriptedBigCommerce

from companion.core.answers import NoAnswer, Silence
from companion.core.child_environment import STOREFRONT_TOKEN
from companion.core.connection import Connection, checked_draft
from companion.core.exports import Export
from companion.core.secret import Secret
from companion.core.tickets import hash_of_ticket
from companion.core.tool_files import ToolFormat
from companion.ports.audit import AuditFilter
from companion.service import add, delete, reauthorize, tickets
from companion.service import replace as replacing
from companion.service import storefront_token as tokens
from companion.service.exports import Exporter
from companion.service.parts import Parts

API = "api.bigcommerce.com"


def draft(**changes: Any) -> Any:
    form = {"name": "Shop", "subdomain": "shop", "store_hash": "abc123", "access_token": Secret("t")}
    return checked_draft(**{**form, **changes})


@pytest.fixture
def shop(parts: Parts) -> Connection:
    return add.add_connection(parts, draft())


def exported(parts: Parts, shop: Connection, path: str = "/somewhere/.env", days: int = 90) -> str:
    """As `companion export` does; returns the token in the file."""
    exporter = Exporter(parts)
    opened = exporter.values(
        shop, frozenset({STOREFRONT_TOKEN}), life=timedelta(days=days), need_storefront_token=False
    )
    ends = opened.storefront_token_ends
    exporter.remember([Export(path, shop.id, ToolFormat.DOTENV, exporter.now(), False, None, ends)])
    assert opened.values.storefront_token is not None
    return opened.values.storefront_token.reveal()


def test_with_the_connection_go_the_tokens_in_files_too(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    kept = tokens.private_token(parts, shop.id).token.reveal()
    in_files = [exported(parts, shop), exported(parts, shop, "/somewhere/else")]
    delete.delete_connection(parts, shop.id, revision=1)
    assert sorted(bigcommerce.revoked) == sorted([kept, *in_files])
    parts.noted.write()
    [entry] = parts.repository.audit_page(AuditFilter(), limit=1).entries
    assert (entry.told.deed.action, entry.told.deed.detail) == ("revoke-tokens", "3 of 3 storefront tokens")


def test_what_a_program_was_given_is_the_kept_token_and_goes_too(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    from companion.service.child_values import child_values

    given = child_values(parts, "shop", frozenset({STOREFRONT_TOKEN})).storefront_token
    delete.delete_connection(parts, shop.id, revision=1)
    assert given is not None
    assert bigcommerce.revoked == [given.reveal()]


@pytest.mark.parametrize(
    ("changes", "revoked"),
    [
        ({"scopes": ["Customer"]}, True),
        ({"channel_id": 7}, True),
        ({"store_hash": "other1"}, True),
        ({"name": "Another name", "access_token": Secret("new")}, False),
    ],
)
def test_a_change_of_what_it_is_for_revokes_it_and_the_file_counts_as_ended(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, clock: Clock, changes: dict[str, Any],
    revoked: bool,
) -> None:  # fmt: skip
    in_file = exported(parts, shop)
    clock.move(timedelta(minutes=1))
    replacing.replace_connection(parts, shop.id, draft(**changes), revision=1)
    assert bigcommerce.revoked == ([in_file] if revoked else [])
    assert len(parts.repository.exported_tokens(shop.id)) == (0 if revoked else 1)
    [export] = parts.repository.exports_of([shop.id])
    assert export.storefront_token_ends is not None
    assert (export.storefront_token_ends <= clock()) is revoked
    if not revoked:  # it can be later
        delete.delete_connection(parts, shop.id, revision=2)
        assert bigcommerce.revoked == [in_file]


def test_a_hand_over_for_the_same_leaves_it_and_one_for_another_channel_does_not(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    in_file = exported(parts, shop)
    for changes, revoked in (({}, []), ({"channel_id": 7}, [in_file])):
        ticket = tickets.issue_ticket(parts, "Shop", replace=True).ticket
        assert ticket is not None
        assert parts.repository.ticket(hash_of_ticket(ticket))
        tickets.hand_over(parts, ticket, draft(access_token=Secret("new"), **changes))
        assert bigcommerce.revoked == revoked


def test_a_connection_that_is_reauthorized_gives_up_all_of_them(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    kept = tokens.private_token(parts, shop.id).token.reveal()
    in_file = exported(parts, shop)
    before = list(bigcommerce.minted)
    reauthorize.reauthorize_connection(parts, shop.id, access_token=Secret("new"))
    assert [each for each in bigcommerce.revoked if each in before] == [kept, in_file]
    assert parts.repository.exported_tokens(shop.id) == ()


def test_where_bigcommerce_is_out_of_reach_one_try_is_enough(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    for number in range(3):
        exported(parts, shop, f"/somewhere/{number}")
    bigcommerce.revoke_answer = NoAnswer(Silence.NO_NETWORK, API)
    delete.delete_connection(parts, shop.id, revision=1)
    assert len(bigcommerce.revoked) == 1


def test_what_has_ended_is_forgotten_and_not_revoked(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, clock: Clock
) -> None:
    exported(parts, shop, days=1)
    clock.move(timedelta(days=1))
    later = exported(parts, shop, "/somewhere/else")
    assert len(parts.repository.exported_tokens(shop.id)) == 1
    delete.delete_connection(parts, shop.id, revision=1)
    assert bigcommerce.revoked == [later]


def test_it_comes_under_a_new_key_with_everything_else(parts: Parts, shop: Connection, tmp_path: Any) -> None:
    from companion.keys.changing import changing_keys
    from companion.keys.folder_keys import FolderKeys
    from companion.service.rotate_keys import rotate_keys

    exported(parts, shop)
    assert isinstance(parts.vault.keys, FolderKeys)
    with changing_keys(parts.vault.keys) as changing:
        rotation = rotate_keys(changing, parts.repository)  # type: ignore[arg-type]
    assert (rotation.unopened, rotation.rewrapped) == ((), 3)
