"""When tests may touch a real store."""

from __future__ import annotations

import pytest

from simulated_store.testing.real_store import VARIABLES, NotThisStore, named_in, real_store_from, taken_out_of

TOKEN = "h4nq0b1zx8c7vklm2p9s3dfgt5y6w1e"
ENVIRONMENT = {"BIGCOMMERCE_STORE_HASH": "ci4bzn8adz", "BIGCOMMERCE_ACCESS_TOKEN": TOKEN}


def test_the_hash_has_to_be_given_twice():
    real = real_store_from("ci4bzn8adz", ENVIRONMENT)

    assert (real.store_hash, real.access_token, real.channel_id) == ("ci4bzn8adz", TOKEN, 1)
    assert TOKEN not in repr(real)


@pytest.mark.parametrize(
    ("wanted", "change", "complaint"),
    [
        ("ci4bzn8ady", {}, "names another store, ci4bzn8adz"),
        ("CI4BZN8ADZ", {}, "names another store"),
        ("", {"BIGCOMMERCE_STORE_HASH": ""}, "is not set"),
        ("ci4bzn8adz", {"BIGCOMMERCE_STORE_HASH": ""}, "is not set"),
        ("ci4bzn8adz", {"BIGCOMMERCE_ACCESS_TOKEN": ""}, "BIGCOMMERCE_ACCESS_TOKEN is not set"),
        ("ci4bzn8adz", {"BIGCOMMERCE_CHANNEL_ID": "main"}, "no channel ID"),
        ("ci4bzn8adz", {"BIGCOMMERCE_CHANNEL_ID": "0"}, "no channel ID"),
    ],
)
def test_otherwise_it_is_refused_and_says_why(wanted, change, complaint):
    with pytest.raises(NotThisStore, match=complaint) as refusal:
        real_store_from(wanted, {**ENVIRONMENT, **change})
    assert TOKEN not in str(refusal.value)


def test_all_by_which_a_store_could_be_reached_is_taken_out_and_nothing_else():
    environ = {**dict.fromkeys(VARIABLES, "x"), "BIGCOMMERCE_WAREHOUSE": "north", "PATH": "/bin"}

    taken = taken_out_of(environ)

    assert environ == {"BIGCOMMERCE_WAREHOUSE": "north", "PATH": "/bin"}
    assert set(taken) == set(VARIABLES)
    assert named_in(environ) == []
    assert named_in({"BIGCOMMERCE_PASSWORD": "x", "BIGCOMMERCE_EMAIL": ""}) == ["BIGCOMMERCE_PASSWORD"]
