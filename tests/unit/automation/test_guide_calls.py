"""What a page may tell the run, and which documents may hold the panel at all."""

from __future__ import annotations

import json

import pytest

from automation.core.flows.retrieval import StepId
from automation.core.guidance import Verb
from automation.overlay.calls import LONGEST_CALL, Call, call_from_payload, may_hold


@pytest.mark.parametrize("verb", [*map(str, Verb), "look", "pressed", "save-held", "covered"])
def test_a_fixed_word_and_a_step_are_heard(verb: str) -> None:
    payload = json.dumps({"verb": verb, "step": "save", "seen": 3})
    assert call_from_payload(payload) == Call(verb, StepId.SAVE, 3)


def test_before_anything_is_shown_there_is_no_step() -> None:
    assert call_from_payload('{"verb": "look", "step": "", "seen": 0}') == Call("look", None, 0)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        7,
        {"verb": "do-it"},
        "",
        "do-it",
        "[]",
        "{",
        '{"verb": "do-it", "step": "save"}',
        '{"verb": "do-it", "step": "save", "seen": 1, "url": "https://example.com/"}',
        '{"verb": "open", "step": "save", "seen": 1}',
        '{"verb": ["do-it"], "step": "save", "seen": 1}',
        '{"verb": "do-it", "step": "delete-everything", "seen": 1}',
        '{"verb": "do-it", "step": null, "seen": 1}',
        '{"verb": "do-it", "step": "save", "seen": true}',
        '{"verb": "do-it", "step": "save", "seen": -1}',
        '{"verb": "do-it", "step": "save", "seen": 1.5}',
        '{"verb": "do-it", "step": "save", "seen": 1' + " " * LONGEST_CALL + "}",
        "[" * 150,
    ],
)
def test_whatever_else_is_said_is_dropped(payload: object) -> None:
    assert call_from_payload(payload) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://login.bigcommerce.com/login",
        "https://login.bigcommerce.com/device_verifications/1",
        "https://store-abc123.mybigcommerce.com/manage",
        "https://store-abc123.mybigcommerce.com/manage/settings/api-accounts?page=2",
        "https://store-abc123.mybigcommerce.com/admin/app",
    ],
)
def test_sign_in_and_control_panel_may_hold_the_panel(url: str) -> None:
    assert may_hold(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "about:blank",
        "data:text/html,https://login.bigcommerce.com/",
        "http://login.bigcommerce.com/login",
        "https://login.bigcommerce.com.evil.example/login",
        "https://evil.example/https://login.bigcommerce.com/manage",
        "https://login.bigcommerce.com@evil.example/manage",
        "https://mybigcommerce.com/manage",
        "https://store-abc123.mybigcommerce.com/",
        "https://store-abc123.mybigcommerce.com/managed",
        "https://store-abc123.mybigcommerce.com.evil.example/manage",
        "https://accounts.google.com/",
        "blob:https://login.bigcommerce.com/1",
    ],
)
def test_no_other_document_may(url: str) -> None:
    assert not may_hold(url)


@pytest.mark.parametrize(
    ("url", "top", "may"),
    [
        (
            "https://store-abc123.mybigcommerce.com/app/1",
            "https://store-abc123.mybigcommerce.com/manage/settings",
            True,
        ),
        ("https://cp.bigcommerce.com/settings", "https://store-abc123.mybigcommerce.com/manage/settings", True),
        ("https://chat.example/", "https://store-abc123.mybigcommerce.com/manage/settings", False),
        ("about:blank", "https://store-abc123.mybigcommerce.com/manage/settings", False),
        ("https://store-abc123.mybigcommerce.com/app/1", "https://store-abc123.mybigcommerce.com/", False),
        ("https://store-abc123.mybigcommerce.com/app/1", "https://login.bigcommerce.com/login", False),
    ],
)
def test_a_frame_may_where_the_control_panel_draws_its_content_in_it(url: str, top: str, may: bool) -> None:
    assert may_hold(url, top) is may
