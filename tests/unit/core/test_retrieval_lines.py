"""The lines between the service and its retrieval child: what is written is read, and nothing else is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.retrieval_events import (
    LONGEST_LINE,
    Ended,
    Event,
    Failure,
    Heeds,
    MayExist,
    Ready,
    Says,
    Sees,
    StepOver,
    ToDo,
    event_from_line,
    line_from_event,
)
from companion.core.retrieval_order import (
    RetrievalMode,
    RetrievalOrder,
    SignInAtHand,
    TicketGiven,
    WantedRetrieval,
    line_from_order,
    order_from_line,
)
from companion.core.secret import Secret

ORDER = RetrievalOrder(
    id="ab" * 16,
    service_url="http://127.0.0.1:7467",
    proof_key=Secret("cd" * 32),
    ticket=TicketGiven("ef" * 32, Secret("01" * 32), datetime(2026, 11, 27, tzinfo=UTC), None, {"name": "ERP"}),
    wanted=WantedRetrieval(
        "Émile shop", RetrievalMode.GUIDED, scopes=("B2B",), tags=(), oauth_scopes=("Products=read-only",)
    ),
    sign_in=SignInAtHand("o@shop.example", Secret("a password"), None, "mail --last", Secret("{}")),
    replaced={"id": "x", "tags": ["eu"]},
    settings={"data_dir": "folder"},
)
EVENTS: list[Event] = [
    Ready("BigCommerce Companion k3v9q2x7ab", ("store_storefront_api_customer_impersonation",)),
    StepOver("sign-in", "by-user", 1.25),
    Sees("save", "The form for a new API account."),
    ToDo("save", "Press “Save”.", "It creates the account.", "", ("It is at the bottom.",)),
    Says("Installing a browser."),
    Heeds(paused=True, mine=None),
    Heeds(paused=False, mine="save"),
    MayExist("BigCommerce Companion k3v9q2x7ab"),
    MayExist(None),
    Ended(None, None, "01a204ff-9355-7472-b89f-73702f86e0a4", ("ERP k3v9q2x7ab",), 2),
    Ended(Failure("invalid-input", "It is none.", "Why.", "Do it.", 2, (("/oauth_scopes/0", "None."),)), "sign-in"),
]


def test_an_order_is_read_as_it_was_written_and_shows_no_secret():
    line = line_from_order(ORDER)
    assert order_from_line(line) == ORDER
    for shown in (repr(order_from_line(line)), str(line), repr(line)):
        for secret in ("cd" * 32, "01" * 32, "a password"):
            assert secret not in shown
    assert "\n" not in line.reveal()


@pytest.mark.parametrize("line", ["", "{}", "[]", "null", "{", '{"id": 1}', "pause"])
def test_what_is_no_order_is_refused_without_repeating_it(line: str):
    with pytest.raises(ValueError, match=r"^this is no order for a retrieval$"):
        order_from_line(Secret(line))


@pytest.mark.parametrize(
    ("sign_in", "enough"),
    [
        (SignInAtHand(), False),
        (SignInAtHand("o@shop.example"), False),
        (SignInAtHand("", Secret("x")), False),
        (SignInAtHand("o@shop.example", Secret("x")), True),
        (SignInAtHand(kept_session=Secret("{}")), True),
    ],
)
def test_what_is_enough_to_sign_in_with(sign_in: SignInAtHand, enough: bool):
    assert sign_in.is_enough is enough


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_as_it_was_written(event: Event):
    assert event_from_line(line_from_event(event).encode()) == event


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"event": "anything"}',
        b'{"event": ["says"], "line": "x"}',
        b'{"event": "says"}',
        b'{"event": "says", "line": 1}',
        b'{"event": "says", "line": "x", "more": 1}',
        b'{"event": "step", "id": "steal", "status": "done", "seconds": 1}',
        b'{"event": "step", "id": "save", "status": "great", "seconds": 1}',
        b'{"event": "step", "id": "save", "status": "done", "seconds": -1}',
        b'{"event": "step", "id": "save", "status": "done", "seconds": NaN}',
        b'{"event": "step", "id": ["save"], "status": "done", "seconds": 1}',
        b'{"event": "may-exist", "name": "a\\u0000b"}',
        b'{"event": "says", "line": "' + b"x" * LONGEST_LINE + b'"}',
        b"[" * 50_000,
    ],
    ids=lambda line: ascii(line[:60]),
)
def test_a_line_that_is_no_event_is_dropped(line: bytes):
    assert event_from_line(line) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_an_event_or_dropped(line: bytes):
    event_from_line(line)


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([json.loads(line_from_event(event)) for event in EVENTS]), st.data())
def test_an_event_with_anything_in_it_is_read_or_dropped(document: dict[str, Any], data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(document)))
    event_from_line(json.dumps({**document, name: data.draw(JSON)}).encode())


def test_what_may_be_a_credential_is_cut_out_of_texts_for_people():
    token = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p"
    event = event_from_line(line_from_event(Sees("save", f"It shows {token} there.")).encode())
    assert event == Sees("save", "It shows … there.")
