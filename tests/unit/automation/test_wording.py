"""Texts are compared the way a person reads them."""

import pytest

from automation.core.extract.wording import is_one_of, mentions, normal


@pytest.mark.parametrize(
    "text",
    [
        "Access token",
        "  access\n\tTOKEN ",
        "Access token *",
        "Access token:",
        "Access token (optional)",
        "Access token (required) *",
        "Access\u00a0token",
        "Access\u200b token",
        "\uff21ccess token",
    ],
)
def test_case_white_space_and_decoration_make_no_difference(text: str):
    assert normal(text) == "access token"
    assert is_one_of(text, ["Access Token"])


@pytest.mark.parametrize("dash", ["-", "\u2010", "\u2011", "\u2013"])
def test_all_dashes_are_one(dash: str):
    assert is_one_of(f"Store{dash}level API accounts", ["Store-level API accounts"])


@pytest.mark.parametrize("text", ["Access token scope", "My access token", "Accesstoken", "", "*"])
def test_the_whole_text_counts(text: str):
    assert not is_one_of(text, ["Access token"])


@pytest.mark.parametrize(
    ("text", "wording", "expected"),
    [
        ("The code is invalid.", "invalid", True),
        ("This is invalidated.", "invalid", False),
        ("Wrong e-mail or password", "email", False),
        ("Create a Stencil-CLI token", "stencil-cli token", True),
        ("Content", "Content", True),
        ("Discontent", "Content", False),
        ("V2/V3 API token", "v2/v3", True),
        ("", "x", False),
    ],
)
def test_a_mention_is_of_whole_words(text: str, wording: str, expected: bool):
    assert mentions(text, [wording]) is expected


@pytest.mark.parametrize(
    "text",
    [
        "+ Create API account",
        "Create API Account \u25be",
        "\u2190 Create API account",
        "\ue145 Create API account",
        "Create API account \u203a",
    ],
)
def test_signs_and_icons_around_a_name_make_no_difference(text: str):
    assert is_one_of(text, ["Create API account"])


@pytest.mark.parametrize("sign", ["\u00d7", "+", "\u25be"])
def test_a_sign_alone_is_a_name(sign: str):
    assert is_one_of(sign, [sign])
    assert not is_one_of(sign, [""])


def test_chinese_is_read_with_or_without_spaces_and_in_every_spelling_of_account():
    known = ("\u5546\u5e97\u7ea7 API \u8d26\u6237",)
    written = (
        "\u5546\u5e97\u7ea7API\u8d26\u6237",
        "\u5546\u5e97\u7ea7 API \u5e10\u6237",
        "\u5546\u5e97\u7ea7 API \u5e33\u6236",
    )
    assert all(is_one_of(text, known) for text in written)
    assert not is_one_of("\u8d26\u6237\u7ea7 API \u8d26\u6237", known)
