"""Secrets in what pytest prints: hidden where a repr is shown, masked where a text holds them."""

from __future__ import annotations

import copy
import http.client
import json
import pprint
import subprocess
import sys

import httpx2
import pytest

from simulated_store.testing.hidden import MASK, HiddenText, comparison, masked

TOKEN = "h4nq0b1zx8c7vklm2p9s3dfgt5y6w1e"


def test_a_hidden_text_shows_nothing_wherever_a_repr_is_shown():
    hidden = HiddenText(TOKEN)

    for shown in (
        repr(hidden),
        repr([hidden]),
        repr({"X-Auth-Token": hidden}),
        pprint.pformat({"a": hidden}),
        f"{hidden!r}",
    ):
        assert TOKEN not in shown


def test_it_is_a_text_like_any_other_for_programs():
    hidden = HiddenText(TOKEN)

    assert hidden == TOKEN
    assert hash(hidden) == hash(TOKEN)
    assert f"Bearer {hidden}" == f"Bearer {TOKEN}"
    assert json.loads(json.dumps({"token": hidden})) == {"token": TOKEN}
    assert (
        httpx2.Request("GET", "https://example.test", headers={"X-Auth-Token": hidden}).headers["X-Auth-Token"] == TOKEN
    )
    said = [sys.executable, "-c", "import os; print(os.environ['T'])"]
    assert subprocess.run(said, env={"T": hidden}, capture_output=True, text=True, check=True).stdout.strip() == TOKEN


def test_http_of_the_standard_library_takes_it_as_a_header():
    connection = http.client.HTTPSConnection("example.test")
    connection.putrequest("GET", "/")

    connection.putheader("X-Auth-Token", HiddenText(TOKEN))

    assert TOKEN.encode() in b"".join(connection._buffer)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_hidden_too(copied):
    assert copied(HiddenText(TOKEN)) == TOKEN
    assert TOKEN not in repr(copied(HiddenText(TOKEN)))


def test_a_comparison_with_it_shows_neither_side():
    told = "\n".join(comparison("==", HiddenText(TOKEN), TOKEN[:-1] + "x"))

    assert TOKEN[:8] not in told
    assert comparison("==", "a", "b") is None


def test_every_secret_in_a_text_is_masked():
    assert masked(f"sent {TOKEN} and {TOKEN[::-1]}", [TOKEN]) == f"sent {MASK} and {TOKEN[::-1]}"


def test_a_secret_within_another_leaves_nothing_of_the_longer():
    assert masked(f"x {TOKEN}.tail y", [TOKEN, f"{TOKEN}.tail"]) == f"x {MASK} y"


@pytest.mark.parametrize("omission", ["...", "…"])
def test_what_is_left_of_a_shortened_secret_is_masked(omission):
    shortened = f"{{'X-Auth-Token': '{TOKEN[:12]}{omission}{TOKEN[-9:]}'}}"

    assert masked(shortened, [TOKEN]) == f"{{'X-Auth-Token': '{MASK}{omission}{MASK}'}}"


def test_a_text_without_secrets_stays_as_it_is():
    text = "...the end… of it...\n"
    assert masked(text, [TOKEN]) == text


def test_short_values_are_no_secrets():
    assert masked("an order of 12", ["12", ""]) == "an order of 12"
