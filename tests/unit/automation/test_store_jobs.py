"""A store as it stands in the queue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from automation.core.batch_rows import rows_from_csv
from automation.core.store_jobs import StoreJob, store_job_from
from companion.core.errors import InvalidInput

HEADING = "name,store_hash,subdomain,channel_id,auth_type,scopes,email,tags\n"


def job(row: str, **more: Any) -> StoreJob:
    return StoreJob(rows_from_csv(HEADING + row)[0], "Companion", **more)


@pytest.mark.parametrize(
    "row",
    [
        "shop,ci4bzn8adz,,,,,,",
        '"Flowers; ""& Co"", Ltd",ci4bzn8adz,celigo,3,custom,Unauthenticated;Customer,ann@example.com,eu;live',
        "Käse 花,ci4bzn8adz,,,token,,,",
        "'=1+1,ci4bzn8adz,,,,,Ann@Example.com,",
    ],
)
def test_it_is_read_as_it_was_written(row: str) -> None:
    given = job(row, oauth_scopes=("Products=read-only",), patience=30.0)
    assert store_job_from(json.loads(json.dumps(given.arguments()))) == given


def test_each_users_stores_have_a_queue_and_each_store_a_lock() -> None:
    assert job("shop,ci4bzn8adz,,,,,,").queue == "stores"
    assert job("shop,ci4bzn8adz,,,,,Ann@Example.com,").queue == "stores of ann@example.com"
    assert job("one,ci4bzn8adz,,,,,,").lock == job("other,ci4bzn8adz,,,,,,").lock
    assert job("SHOP,ci4bzn8adz,,,,,,").key == job("shop,abc,,,,,,").key


@pytest.mark.parametrize(
    "changes",
    [
        {"store": None},
        {"store": {"name": "shop", "store_hash": "../v3"}},
        {"store": {"name": "shop", "store_hash": "ci4bzn8adz", "channel_id": 3}},
        {"store": {"store_hash": "ci4bzn8adz"}},
        {"account_prefix": None},
        {"oauth_scopes": "Products=modify"},
        {"oauth_scopes": [1]},
        {"patience": "long"},
        {"patience": 0},
        {"patience": 10**6},
    ],
)
def test_what_others_wrote_into_the_queue_is_checked(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        store_job_from({**job("shop,ci4bzn8adz,,,,,,").arguments(), **changes})
