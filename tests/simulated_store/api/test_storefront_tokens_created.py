"""Minting storefront tokens: who may, what must be said, and what the JWT holds."""

import base64
import json

import pytest

SIMPLE = "/v3/storefront/api-token"
PRIVATE = "/v3/storefront/api-token-private"
IMPERSONATION = "/v3/storefront/api-token-customer-impersonation"
FAMILIES = (SIMPLE, PRIVATE, IMPERSONATION)


@pytest.fixture
def body(clock):
    """One that all three families take."""
    return {"channel_ids": [1], "expires_at": int(clock()) + 600, "scopes": ["Unauthenticated"]}


def payload_of(token):
    segment = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


def header_of(token):
    segment = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


@pytest.mark.parametrize("path", FAMILIES)
def test_success_is_200_with_a_token_and_a_meta_object(rest, body, path):
    answer = rest.post(path, json=body)
    assert answer.status_code == 200
    assert answer.json.keys() == {"data", "meta"}
    assert answer.json["data"].keys() == {"token"}
    assert isinstance(answer.json["meta"], dict)


@pytest.mark.parametrize("path", FAMILIES)
def test_the_token_is_es256_and_expires_by_eat_not_exp(rest, body, store, clock, path):
    token = rest.post(path, json=body).json["data"]["token"]
    assert header_of(token) == {"alg": "ES256", "typ": "JWT"}
    claims = payload_of(token)
    assert claims.keys() == {"cid", "cors", "eat", "iat", "iss", "sid", "sub", "sub_type", "token_type", "jti"}
    assert (claims["eat"], claims["iat"], claims["iss"]) == (body["expires_at"], int(clock()), "BC")
    assert (claims["cid"], claims["sid"]) == ([1], store.store_id)


def test_the_store_id_in_the_token_is_the_one_that_v2_store_tells(rest, mint):
    assert payload_of(mint())["sid"] == rest.get("/v2/store").json["store_id"]


def test_a_storefront_tokens_origins_are_in_it(mint):
    assert payload_of(mint("simple", allowed_cors_origins=["https://shop.example"]))["cors"] == ["https://shop.example"]


@pytest.mark.parametrize("path", FAMILIES)
def test_every_token_can_be_hunted_for(rest, bigcommerce, body, path):
    assert rest.post(path, json=body).json["data"]["token"] in bigcommerce.canaries()


@pytest.mark.parametrize("path", FAMILIES)
def test_the_scope_is_checked_before_the_body(rest_as, path):
    assert rest_as("store_v2_information").post(path, data="no json at all").status_code == 403


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [
        ("store_storefront_api", [200, 200, 403]),
        ("store_storefront_api_customer_impersonation", [403, 403, 200]),
    ],
)
def test_private_tokens_need_the_storefront_scope_and_impersonation_its_own(rest_as, body, scope, statuses):
    rest = rest_as(scope)
    assert [rest.post(path, json=body).status_code for path in FAMILIES] == statuses


def test_a_body_without_content_type_is_400_and_with_another_415(rest):
    assert rest.post(PRIVATE, data=b"{}").status_code == 400
    assert rest.post(PRIVATE, data=b"{}", headers={"Content-Type": "text/xml"}).status_code == 415


@pytest.mark.parametrize("data", ["", "{", "[" * 100_000, "[]", "3"])
def test_what_is_no_json_object_is_422(rest, data):
    answer = rest.post(PRIVATE, data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json["title"] == "JSON data is missing or invalid"


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"expires_at": None}, {"expires_at": "error.expected.jsnumber"}),
        ({"expires_at": "soon"}, {"expires_at": "error.expected.jsnumber"}),
        ({"expires_at": True}, {"expires_at": "error.expected.jsnumber"}),
        ({"channel_ids": 1}, {"channel_ids": "error.expected.jsarray"}),
        ({"channel_ids": [1, "2"]}, {"channel_ids(1)": "error.expected.jsnumber"}),
        ({"scopes": "Unauthenticated"}, {"scopes": "error.expected.jsarray"}),
        ({"name": 7}, {"name": "error.expected.jsstring"}),
    ],
)
def test_a_wrong_type_is_named_by_its_path(rest, body, change, errors):
    answer = rest.post(PRIVATE, json=body | change)
    assert answer.status_code == 422
    assert answer.json["title"] == "JSON data is missing or invalid"
    assert answer.json["errors"] == errors


@pytest.mark.parametrize("field", ["expires_at", "scopes", "channel_ids"])
def test_a_missing_field_is_named_by_its_path(rest, body, field):
    del body[field]
    assert rest.post(PRIVATE, json=body).json["errors"] == {field: "error.path.missing"}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"channel_ids": []}, "channel_ids:is_empty"),
        ({"channel_ids": [0]}, "channel_ids:is_too_small"),
        ({"expires_at": -1}, "expires_at:is_too_small"),
        ({"expires_at": 1_775_000_000_000}, "expires_at:is_too_large"),
        ({"scopes": []}, "scopes:is_empty"),
        ({"scopes": ["unauthenticated"]}, "scopes:is_unknown"),
        ({"scopes": ["Customer", "Everything"]}, "scopes:is_unknown"),
    ],
)
def test_a_wrong_value_is_named_by_field_and_reason(rest, body, change, key):
    answer = rest.post(PRIVATE, json=body | change)
    assert answer.status_code == 422
    assert answer.json["title"] == f"The following fields are invalid: {key}"
    assert answer.json["errors"].keys() == {key}


@pytest.mark.parametrize(
    ("origins", "key"),
    [
        (["https://shop.example/"], "allowed_cors_origins:has_invalid_suffix"),
        (["https://shop.example/path"], "allowed_cors_origins:has_invalid_suffix"),
        (["https://shop.example?x=1"], "allowed_cors_origins:has_invalid_suffix"),
        (["https://*.shop.example"], "allowed_cors_origins:has_wildcard"),
        (["*"], "allowed_cors_origins:has_wildcard"),
        ([""], "allowed_cors_origins:has_invalid_prefix"),
        ([], "allowed_cors_origins:is_empty"),
        (["https://a.example", "https://b.example", "https://c.example"], "allowed_cors_origins:is_too_long"),
    ],
)
def test_a_wrong_origin_is_named_by_its_reason(rest, body, origins, key):
    answer = rest.post(SIMPLE, json=body | {"allowed_cors_origins": origins})
    assert answer.status_code == 422
    assert answer.json["errors"].keys() == {key}


def test_too_many_origins_are_told_in_the_documented_sentence(rest, body):
    answer = rest.post(SIMPLE, json=body | {"allowed_cors_origins": ["https://a.example"] * 3})
    (sentence,) = answer.json["errors"].values()
    assert sentence == "Allowed CORS origins list length should not be greater than 2"


@pytest.mark.parametrize("origin", ["https://shop.example", "http://localhost:3000"])
def test_bare_origins_are_taken(rest, body, origin):
    assert rest.post(SIMPLE, json=body | {"allowed_cors_origins": [origin]}).status_code == 200


@pytest.mark.parametrize("change", [{}, {"expires_at": "x"}, {"scopes": []}, {"channel_ids": [5]}])
def test_errors_are_always_strings(rest, body, change):
    errors = rest.post(PRIVATE, json=body | change).json.get("errors", {})
    assert all(isinstance(value, str) for value in errors.values())


def test_a_channel_of_no_one_is_refused_by_name(rest, body, store):
    answer = rest.post(PRIVATE, json=body | {"channel_ids": [1, 987654]})
    assert answer.status_code == 422
    assert answer.json["title"] == f"Channel id (987654) is not valid for store ({store.store_id})!"


def test_one_channel_id_serves_instead_of_a_list(rest, body):
    del body["channel_ids"]
    token = rest.post(PRIVATE, json=body | {"channel_id": 1}).json["data"]["token"]
    assert payload_of(token)["cid"] == [1]


def test_scopes_and_origins_of_other_families_are_ignored(rest, body):
    assert rest.post(PRIVATE, json=body | {"allowed_cors_origins": ["nonsense/"]}).status_code == 200
    assert rest.post(IMPERSONATION, json=body | {"scopes": ["nonsense"]}).status_code == 200


def test_an_expiry_in_the_past_is_taken_or_refused(rest, body, bigcommerce, clock):
    body["expires_at"] = int(clock()) - 1
    assert rest.post(PRIVATE, json=body).status_code == 200
    bigcommerce.api.past_expiry_refused = True
    assert rest.post(PRIVATE, json=body).json["errors"].keys() == {"expires_at:is_in_past"}


def test_a_refused_body_mints_nothing(rest, body):
    rest.post(PRIVATE, json=body | {"scopes": []})
    assert rest.get(PRIVATE).json["data"] == []
