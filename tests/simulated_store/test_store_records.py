"""The record of requests: everything that helps, and no secret."""

import json

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
