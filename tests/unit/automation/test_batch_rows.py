"""The file of `connect --batch`: what it may say, and what is refused with line and column."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from automation.core.batch_rows import COLUMNS, MOST_ROWS, BatchRow, rows_from_csv, template
from companion.core.connection import AuthType
from companion.core.errors import InvalidInput


def test_every_column_is_read():
    text = template() + (
        "Shop,https://store-CI4BZN8ADZ.mybigcommerce.com/manage,https://celigo.mybigcommerce.com/?ctk=x,7,custom,"
        "customer; Unauthenticated,me@shop.example,live;eu\n"
    )
    [row] = rows_from_csv(text)
    assert row == BatchRow(
        2, "Shop", "ci4bzn8adz", "celigo", 7, AuthType.CUSTOM, ("Unauthenticated", "Customer"), "me@shop.example",
        ("live", "eu"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "name,store_hash\nshop,abc123\n",
        "\ufeffname,store_hash\r\nshop,abc123\r\n",
        " Store_Hash , NAME \nabc123,shop",
        "name;store_hash;tags\nshop;abc123;\n",
        'name,store_hash,tags\n"shop",abc123,\n\n,,\n',
        "name,store_hash,tags,email\nshop,abc123\n",
    ],
)
def test_the_two_required_columns_are_enough_in_any_spelling(text: str):
    [row] = rows_from_csv(text)
    assert (row.name, row.store_hash, row.channel_id, row.subdomain, row.scopes, row.tags) == (
        "shop", "abc123", 1, None, None, (),
    )  # fmt: skip


def pointers(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        rows_from_csv(text)
    return [field.pointer for field in refusal.value.fields]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["/1/name", "/1/store_hash"]),
        ("name\nshop\n", ["/1/store_hash"]),
        ("name,store_hash\n", []),
        ("name,store_hash,colour\nshop,abc123,red\n", ["/1/colour"]),
        ("name,store_hash,name\nshop,abc123,x\n", ["/1"]),
        ("name,store_hash\n,\nshop,\n", ["/3/store_hash"]),
        ("name,store_hash\nshop,https://www.example.com/\n", ["/2/store_hash"]),
        ("name,store_hash\nshop,abc123,more\n", ["/2"]),
        ("name,store_hash\nShop,abc123\nshop,abc124\n", ["/3/name"]),
        ('name,store_hash\n"shop,abc123\n', ["/2"]),
        ('name,store_hash,tags\nshop,abc123,"a\nb"\nother,,\n', ["/2/tags", "/4/store_hash"]),
        ('name,store_hash\r\n\r\nshop,abc123,"x\r\ny"\r\n', ["/3"]),
        (
            "name,store_hash,channel_id,auth_type,scopes,email,subdomain\nshop,abc123,x,y,z,nobody,a b\n",
            ["/2/auth_type", "/2/subdomain", "/2/channel_id", "/2/scopes", "/2/email"],
        ),
        ("name,store_hash,auth_type,scopes\nshop,abc123,token,Customer\n", ["/2/scopes"]),
        ("name,store_hash\n" + "".join(f"s{n},abc123\n" for n in range(MOST_ROWS + 1)), [f"/{MOST_ROWS + 2}"]),
    ],
)
def test_what_is_refused_is_named_by_line_and_column(text: str, expected: list[str]):
    assert pointers(text) == expected


@pytest.mark.parametrize(
    "column",
    ["password", "Password", "bigcommerce_password", "access_token", "token", "client_secret", "totp", "api key"],
)
def test_a_column_for_a_secret_is_refused_and_nothing_of_it_is_repeated(column: str):
    with pytest.raises(InvalidInput) as refusal:
        rows_from_csv(f"name,store_hash,{column}\nshop,abc123,hunter2\n")
    assert "secret" in str(refusal.value)
    assert "hunter2" not in str(refusal.value) + repr(refusal.value.fields)


@pytest.mark.parametrize("line", ["shop,abc123,hunter2", "shop,abc123,the hunter2 secret", "name,abc123,hunter2"])
def test_a_first_line_that_is_no_heading_is_not_repeated(line: str):
    with pytest.raises(InvalidInput) as refusal:
        rows_from_csv(f"{line}\nother,abc124,hunter3\n")
    assert "/1/column 3" in [field.pointer for field in refusal.value.fields]
    assert "hunter2" not in str(refusal.value) + repr(refusal.value.fields)


# The command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("COMPANION_URL", "COMPANION_HOST_MAP", "COMPANION_CA_FILE", "COMPANION_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("BIGCOMMERCE_EMAIL", "BIGCOMMERCE_PASSWORD", "BIGCOMMERCE_TOTP_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COMPANION_KEY_PROVIDER", "file")
    monkeypatch.setenv("COMPANION_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMPANION_KEY_FILE", str(tmp_path / "key"))
    return tmp_path


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    from companion.cli.program import program

    result = CliRunner().invoke(program, ["connect", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_the_template_is_written_once_and_is_read_back(folder: Path):
    file = folder / "stores.csv"
    code, document = run("--batch", str(file), "--template")
    assert (code, tuple(document["columns"])) == (0, COLUMNS)
    assert file.read_text() == template()
    assert run("--batch", str(file), "--template")[0] == 2
    assert run("--batch", str(file))[0] == 2  # no rows yet


def test_without_anything_to_sign_in_with_every_row_says_so_and_no_browser_opens(folder: Path):
    file = folder / "stores.csv"
    file.write_text("name,store_hash,email\none,abc123,\ntwo,abc124,other@shop.example\n")
    code, document = run("--batch", str(file))
    assert (code, document["totals"]) == (3, {"not_tried": 2})
    assert [row["error"]["exit_code"] for row in document["rows"]] == [3, 3]
    assert "other@shop.example" in document["rows"][1]["error"]["detail"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("shop", "--batch", "x.csv"),
        ("--batch", "x.csv", "--mode", "guided"),
        ("--batch", "x.csv", "--store", "abc123"),
        ("--batch", "x.csv", "--replace"),
        ("--batch", "x.csv", "--parallel", "0"),
        ("--batch", "nowhere.csv"),
        ("shop", "--template"),
    ],
)
def test_wrong_usage_is_exit_code_2(folder: Path, arguments: tuple[str, ...]):
    assert run(*arguments)[0] == 2
    assert not (folder / "data").exists()


@pytest.mark.skipif(os.name != "posix", reason="a device that never ends is POSIX's")
def test_a_file_without_an_end_is_refused(folder: Path):
    code, document = run("--batch", "/dev/zero")
    assert code == 2
    assert "too large" in document["error"]["detail"]
