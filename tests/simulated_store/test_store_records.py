"""The record of requests: everything that helps, and no secret."""

import json
from urllib.parse import quote, unquote_plus, urlencode

import pytest

from simulated_store.records import LONGEST_BODY, MASK, masked_record

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
PLAIN = {"at": 1.0, "method": "POST", "host": "login.bigcommerce.com", "path": "/login", "status": 200}


def test_a_record_holds_method_address_headers_and_body():
    record = masked_record(
        **PLAIN,
        query="page=2&sort=id",
        headers={"Accept": "text/html", "Content-Type": "application/json"},
        body=b'{"name": "ERP connection", "scopes": ["a"]}',
    )
    assert str(record) == "200 POST https://login.bigcommerce.com/login?page=2&sort=id"
    assert record.headers == {"Accept": "text/html", "Content-Type": "application/json"}
    assert json.loads(record.body or "") == {"name": "ERP connection", "scopes": ["a"]}
    assert json.loads(json.dumps(record.as_json()))["status"] == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"query": "ctk=hush"},
        {"query": "a=1&ticket=hush"},
        {"headers": {"X-Auth-Token": "hush"}},
        {"headers": {"authorization": "Bearer hush"}},
        {"headers": {"Cookie": "STORE_SESSION=hush"}},
        {"headers": {"Referer": "https://store-x.mybigcommerce.com/?ctk=hush"}},
        {
            "headers": FORM,
            "body": b"user%5Bpassword%5D=hush&commit=Log+in",
        },
        {
            "headers": FORM,
            "body": b"device_verification[otp_code]=hush",
        },
        {"headers": FORM, "body": b"preview_code=hush"},
        {"headers": JSON, "body": b'{"a": [{"device_code": "hush"}]}'},
        {"body": b'{"query": "mutation { login(email: \\"a\\", password: \\"hush\\") { result } }"}'},
        {"body": b"ACCESS TOKEN: x, token='hush'"},
        {"path": "/made/hush/known", "secrets": ["hush"]},
        {"headers": {"X-Other": "a hush b"}, "secrets": ["hush"]},
        {"body": b"plain hush text", "secrets": ["hush"]},
    ],
)
def test_what_is_secret_is_masked_wherever_it_stands(sent):
    record = masked_record(**{**PLAIN, **sent})
    shown = repr(record) + json.dumps(record.as_json())
    assert "hush" not in shown
    assert MASK in shown


def test_what_only_sounds_secret_stays_readable():
    record = masked_record(
        **PLAIN,
        headers=JSON,
        body=b'{"token_type": "V2/V3 API token", "barcode": "12"}',
    )
    assert json.loads(record.body or "") == {"token_type": "V2/V3 API token", "barcode": "12"}


def test_a_long_body_is_cut_and_one_that_is_no_text_left_out():
    assert masked_record(**PLAIN, body=b"\xff\xfe\x00").body is None
    body = masked_record(**PLAIN, body=b"x" * (LONGEST_BODY + 7)).body or ""
    assert body.endswith("(7 more)")


ODD = "pä ss+w/örd&=%\"'\\"


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": JSON, "body": json.dumps({"note": ODD}).encode()},
        {"headers": JSON, "body": json.dumps({"note": ODD}, ensure_ascii=False).encode()},
        {"headers": FORM, "body": urlencode({"note": ODD}).encode()},
        {"query": urlencode({"note": ODD})},
        {"query": urlencode({"note": ODD}, quote_via=quote)},
        {"path": f"/made/{quote(ODD, safe='')}"},
        {"headers": {"X-Other": ODD}},
    ],
)
def test_a_secret_of_odd_letters_is_masked_however_it_is_written(sent):
    record = masked_record(**{**PLAIN, **sent}, secrets=[ODD])
    shown = unquote_plus(record.query + record.path + (record.body or "") + str(dict(record.headers)))
    assert MASK in shown
    assert "rd&" not in shown


def test_a_secret_whose_letters_are_written_as_numbers_is_masked():
    query = "x=1&note=" + "".join(f"%{ord(letter):02x}" for letter in "hush")
    assert masked_record(**{**PLAIN, "query": query}, secrets=["hush"]).query == "x=1&note=(masked)"


def test_no_half_of_a_secret_is_left_where_a_body_is_cut():
    body = b"x" * (LONGEST_BODY - 10) + b"0123456789abcdefghij"
    record = masked_record(**PLAIN, body=body, secrets=["0123456789abcdefghij"])
    assert record.body == "x" * (LONGEST_BODY - 10) + MASK
