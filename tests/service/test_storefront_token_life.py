"""A private token's life: minted once for all who ask, given up with the connection it was for."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scripted import Clock, ScriptedBigCommerce

from companion.core.answers import Answer, NoAnswer, Silence
from companion.core.connection import Connection, checked_draft
from companion.core.errors import InvalidInput, NotFound, ReauthorizeNeeded, WrongWorld
from companion.core.secret import Secret
from companion.service import add, delete
from companion.service import replace as replacing
from companion.service import storefront_token as tokens
from companion.service.one_at_a_time import FileLocks, OneAtATime
from companion.service.parts import Parts

API = "api.bigcommerce.com"


def draft(**changes: Any) -> Any:
    form = {"name": "Shop", "subdomain": "shop", "store_hash": "abc123", "access_token": Secret("t")}
    return checked_draft(**{**form, **changes})


@pytest.fixture
def shop(parts: Parts) -> Connection:
    return add.add_connection(parts, draft())


@pytest.fixture
def token_shop(parts: Parts) -> Connection:
    return add.add_connection(parts, draft(name="Old shop", auth_type="token"))


def test_with_the_connection_its_token_goes(parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce) -> None:
    token = tokens.private_token(parts, shop.id).token.reveal()
    delete.delete_connection(parts, shop.id, revision=1)
    assert bigcommerce.revoked == [token]


@pytest.mark.parametrize("answer", [NoAnswer(Silence.NO_NETWORK, API), Answer(401, API), Answer(422, API)])
def test_a_token_that_cannot_be_revoked_stops_nothing(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, answer: Any
) -> None:
    tokens.private_token(parts, shop.id)
    bigcommerce.revoke_answer = answer
    delete.delete_connection(parts, shop.id, revision=1)
    with pytest.raises(NotFound):
        parts.repository.get(shop.id)


@pytest.mark.parametrize(
    ("changes", "revoked"),
    [
        ({"scopes": ["Customer"]}, True),
        ({"channel_id": 7}, True),
        ({"store_hash": "other1"}, True),
        ({"auth_type": "token"}, True),
        ({"name": "Another name", "access_token": Secret("new")}, False),
    ],
)
def test_a_change_of_what_it_is_for_revokes_it(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, changes: dict[str, Any], revoked: bool
) -> None:
    tokens.private_token(parts, shop.id)
    replacing.replace_connection(parts, shop.id, draft(**changes), revision=1)
    assert bool(bigcommerce.revoked) is revoked


def test_what_has_ended_or_was_never_minted_is_not_revoked(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, clock: Clock
) -> None:
    other = add.add_connection(parts, draft(name="Unused"))
    delete.delete_connection(parts, other.id, revision=1)
    tokens.private_token(parts, shop.id)
    clock.move(tokens.LIFE + timedelta(minutes=1))
    delete.delete_connection(parts, shop.id, revision=1)
    assert bigcommerce.revoked == []


def test_in_the_other_world_nothing_is_revoked(
    parts: Parts, other_world: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    tokens.private_token(parts, shop.id)
    delete.delete_connection(other_world, shop.id, revision=1)
    assert bigcommerce.revoked == []


def test_the_older_kind_is_minted_for_browsers_alone(
    parts: Parts, token_shop: Connection, bigcommerce: ScriptedBigCommerce
) -> None:
    given = tokens.browser_token(parts, token_shop.id, ["https://shop.example", "https://www.shop.example"])
    assert given.token.reveal() == "for browsers"
    assert ("POST", "https://shop.example https://www.shop.example") in bigcommerce.calls
    with pytest.raises(ReauthorizeNeeded):
        tokens.private_token(parts, token_shop.id)


@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["https://a.example", "https://b.example", "https://c.example"],
        ["https://shop.example/"],
        ["https://*.shop.example"],
        ["shop.example"],
        ["https://shop.example/path"],
        ["https://user@shop.example"],
        ["null"],
    ],
)
def test_what_is_no_origin_is_refused_before_anything_is_sent(
    parts: Parts, token_shop: Connection, bigcommerce: ScriptedBigCommerce, origins: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        tokens.browser_token(parts, token_shop.id, origins)
    assert [field.pointer for field in refusal.value.fields] == ["/allowed_cors_origins"]
    assert bigcommerce.calls == []


def test_private_tokens_name_no_origins(parts: Parts, shop: Connection) -> None:
    with pytest.raises(InvalidInput):
        tokens.browser_token(parts, shop.id, ["https://shop.example"])


def test_the_older_kind_is_not_minted_in_the_other_world(other_world: Parts, token_shop: Connection) -> None:
    with pytest.raises(WrongWorld):
        tokens.browser_token(other_world, token_shop.id, ["https://shop.example"])


def test_of_many_callers_at_once_one_mints(
    parts: Parts, shop: Connection, bigcommerce: ScriptedBigCommerce, tmp_path: Path
) -> None:
    ours = replace(parts, minting=OneAtATime(FileLocks(tmp_path / "locks").of))
    another_process = replace(parts, minting=OneAtATime(FileLocks(tmp_path / "locks").of))
    bigcommerce.while_minting = lambda: time.sleep(0.05)  # long enough for the others to be there
    given: list[str] = []
    callers = [
        threading.Thread(
            target=lambda through=through: given.append(tokens.private_token(through, shop.id).token.reveal())
        )
        for through in (ours, another_process) * 4
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(bigcommerce.minted) == 1
    assert set(given) == set(bigcommerce.minted)
    assert len(given) == len(callers)


def _hold(folder: str, held: Any, let_go: Any) -> None:
    with OneAtATime(FileLocks(Path(folder)).of).of("a"):
        held.set()
        let_go.wait(60)


def test_the_lock_holds_between_processes(tmp_path: Path) -> None:
    started = multiprocessing.get_context("spawn")
    held, let_go = started.Event(), started.Event()
    other = started.Process(target=_hold, args=(str(tmp_path / "locks"), held, let_go))
    other.start()
    assert held.wait(60)
    came: list[bool] = []
    here = threading.Thread(target=lambda: _enter(tmp_path / "locks", lambda: came.append(let_go.is_set())))
    here.start()
    let_go.set()
    here.join(60)
    other.join(60)
    assert came == [True]


def _enter(folder: Path, then: Callable[[], object]) -> None:
    with OneAtATime(FileLocks(folder).of).of("a"):
        then()


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_mint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with OneAtATime(FileLocks(tmp_path / "file" / "locks").of).of("a"):
        pass
