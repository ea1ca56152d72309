from __future__ import annotations

import codecs

import pytest

from companion.core.credentials_file import (
    MAX_FILE_BYTES,
    CredentialsFile,
    credentials_from_bytes,
    credentials_from_text,
)
from companion.core.errors import InvalidInput
from companion.core.secret import Secret

TOKEN = "tok3nmadeup0123456789abcdefghij"
CLIENT_ID = "cli3ntmadeup0123456789abcdefghi"
CLIENT_SECRET = "5ecre7" * 10 + "abcd"
NAME = "Companion 7f3a"
PATH = "https://api.bigcommerce.com/stores/ci4bzn8adz/v3/"

A = f"""ACCESS TOKEN: {TOKEN}
CLIENT NAME: {NAME}
API PATH: {PATH}
CLIENT ID: {CLIENT_ID}
CLIENT SECRET: {CLIENT_SECRET}
"""
B = f"""ACCESS TOKEN: {TOKEN}
CLIENT ID: {CLIENT_ID}
CLIENT SECRET: {CLIENT_SECRET}
NAME: {NAME}
API PATH: {PATH}
"""
C = f"""ACCESS TOKEN: {TOKEN}
CLIENT NAME: {NAME}
CLIENT ID: {CLIENT_ID}
CLIENT SECRET: {CLIENT_SECRET}
NAME: {NAME}
API PATH: {PATH}
"""
E = B + "STORE HASH: ci4bzn8adz\n"
LAYOUTS = {
    "A": A,
    "B": B,
    "C": C,
    "D of A": A.replace("\n", " "),
    "D of B": B.replace("\n", " "),
    "D of C": C.replace("\n", " "),
    "D of E": E.replace("\n", "\t"),
    "E": E,
    "upside down": "\n".join(reversed(E.splitlines())),
}
WHOLE = CredentialsFile(
    access_token=Secret(TOKEN),
    client_id=CLIENT_ID,
    client_secret=Secret(CLIENT_SECRET),
    name=NAME,
    api_path=PATH,
    store_hash="ci4bzn8adz",
)


def refusal_of(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        credentials_from_text(text)
    assert TOKEN not in str(refused.value)
    assert CLIENT_SECRET not in str(refused.value)
    assert refused.value.fields[0].pointer == "/credentials_file"
    return refused.value.explained.why


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_every_layout_gives_the_same_values(text: str) -> None:
    assert credentials_from_text(text) == WHOLE


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\n\n  \n"),
        lambda text: text.replace(": ", ":"),
        lambda text: text.replace(": ", " :\t "),
        lambda text: text.replace("ACCESS TOKEN", "Access_Token").replace("CLIENT ID", "client-id"),
        lambda text: text.rstrip("\n"),
        lambda text: "Keep this file safe.\n\n" + text + "\nCREATED: 2026-11-22 10:11:12\nSCOPES: store_v2_products\n",
        lambda text: text.replace(TOKEN, f'"{TOKEN}"').replace(NAME, f'"{NAME}"'),
        lambda text: "\ufeff" + text,
    ],
    ids=[
        "lower case",
        "CRLF",
        "CR",
        "empty lines",
        "no space after the colon",
        "space and tab around the colon",
        "other spellings of labels",
        "no last line end",
        "further lines and labels",
        "quoted values",
        "byte-order mark",
    ],
)
@pytest.mark.parametrize("text", [A, B, C, E], ids="ABCE")
def test_spelling_does_not_matter(text: str, change: object) -> None:
    read = credentials_from_text(change(text))  # type: ignore[operator]
    assert (read.access_token, read.client_id, read.client_secret) == (
        WHOLE.access_token,
        CLIENT_ID,
        WHOLE.client_secret,
    )
    assert (read.name or "").lower() == NAME.lower()
    assert read.store_hash == "ci4bzn8adz"


@pytest.mark.parametrize(
    "content",
    [
        E.encode(),
        codecs.BOM_UTF8 + E.encode(),
        codecs.BOM_UTF16_LE + E.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + E.encode("utf-16-be"),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16 little-endian", "UTF-16 big-endian"],
)
def test_every_encoding_is_read(content: bytes) -> None:
    assert credentials_from_bytes(content) == WHOLE


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_name_beyond_ascii_is_read(encoding: str) -> None:
    assert credentials_from_bytes(B.replace(NAME, "Café Zürich").encode(encoding)).name == "Café Zürich"


NAMES = [
    "Sync: orders: v2",
    "TOKEN rotation",
    "My ACCESS TOKEN",
    "ACCESS TOKEN: not this one",
    "CLIENT SECRET: x",
    "STORE HASH: otherstore",
    "API PATH: https://api.bigcommerce.com/stores/otherstore/v3/",
    'He said "hi"',
    "name: name: name",
    "line\u2028ACCESS TOKEN: forged",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", [A, B, C, E], ids="ABCE")
def test_a_name_is_free_text_where_each_label_has_its_line(text: str, name: str) -> None:
    given = text.replace(NAME, name)
    if "\u2028" in name:
        assert "cannot be shown" in refusal_of(given)
        return
    read = credentials_from_text(given)
    assert read.name == name
    assert read.access_token == Secret(TOKEN)
    assert read.store_hash == "ci4bzn8adz"


@pytest.mark.parametrize("name", [name for name in NAMES[:5] if "\u2028" not in name])
@pytest.mark.parametrize("layout", ["D of A", "D of B", "D of C"])
def test_a_name_is_free_text_on_one_line_too(layout: str, name: str) -> None:
    read = credentials_from_text(LAYOUTS[layout].replace(NAME, name))
    assert (read.name, read.access_token, read.client_id) == (name, Secret(TOKEN), CLIENT_ID)
    assert read.client_secret == Secret(CLIENT_SECRET)


def test_values_on_the_line_below_their_label_are_read() -> None:
    assert credentials_from_text(B.replace(": ", ":\n")) == WHOLE


def test_several_pairs_on_several_lines_are_read() -> None:
    text = (
        f"CLIENT ID: {CLIENT_ID} ACCESS TOKEN: {TOKEN} CLIENT NAME: {NAME}\n"
        f"CLIENT SECRET: {CLIENT_SECRET} NAME: {NAME} API PATH: {PATH}"
    )
    assert credentials_from_text(text) == WHOLE


def test_only_the_access_token_must_be_there() -> None:
    assert credentials_from_text(f"access token: {TOKEN}") == CredentialsFile(
        Secret(TOKEN), None, None, None, None, None
    )
    for text in ("", "\n", B.replace("ACCESS TOKEN", "OTHER TOKEN"), f"ACCESS TOKEN:\nCLIENT ID: {CLIENT_ID}"):
        assert "no ACCESS TOKEN" in refusal_of(text)


def test_an_account_level_api_path_is_refused_by_name() -> None:
    account = "https://api.bigcommerce.com/accounts/1d2e3f40-0000-4000-8000-000000000000/graphql"
    assert "account-level" in refusal_of(B.replace(PATH, account))


def test_an_api_path_elsewhere_is_refused() -> None:
    assert "BigCommerce" in refusal_of(B.replace("api.bigcommerce.com", "api.bigcommerce.com.example"))


def test_two_witnesses_of_the_store_hash_must_agree() -> None:
    assert credentials_from_text(E.replace("HASH: ci", "HASH: store-ci")) == WHOLE
    assert "different stores" in refusal_of(E.replace("HASH: ci4bzn8adz", "HASH: ci4bzn8ady"))


@pytest.mark.parametrize("label", ["ACCESS TOKEN", "CLIENT ID", "CLIENT SECRET", "API PATH"])
def test_a_label_that_stands_twice_must_say_the_same(label: str) -> None:
    line = next(line for line in B.splitlines() if line.startswith(label))
    assert credentials_from_text(B + line) == WHOLE
    assert "twice" in refusal_of(B + line + "x")


def test_names_that_differ_are_refused() -> None:
    assert "different values" in refusal_of(C.replace(f"CLIENT NAME: {NAME}", "CLIENT NAME: Another"))


@pytest.mark.parametrize("value", ["to ken", "tok\u00e9n", "tok\x07en", "t\u200bok"])
def test_a_token_no_token_looks_like_is_refused(value: str) -> None:
    refusal_of(B.replace(TOKEN, value))


def test_what_is_no_credentials_file_is_refused() -> None:
    for content in (b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(64), codecs.BOM_UTF16_LE + b"\x00\xd8\x01", b"<html>"):
        with pytest.raises(InvalidInput):
            credentials_from_bytes(content)


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(InvalidInput) as refused:
        credentials_from_bytes(A.encode() + b" " * MAX_FILE_BYTES)
    assert "larger" in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        "NAME: x " * 8000,
        "ACCESS TOKEN: x " * 4000,
        "ACCESS TOKEN: x NAME: " + "CLIENT NAME: " * 4000,
        "CLIENT" + " " * 60_000 + "ID: x",
        "A:" * 30_000,
        "ACCESS TOKEN" * 5000,
    ],
    ids=range(6),
)
def test_a_file_made_to_be_slow_is_refused(line: str) -> None:
    refusal_of(line)


def test_no_value_shows_when_the_file_is_printed() -> None:
    assert TOKEN not in repr(credentials_from_text(E))
    assert CLIENT_SECRET not in repr(credentials_from_text(E))
