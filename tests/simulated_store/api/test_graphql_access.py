"""Which tokens the GraphQL Storefront API lets in, on which host, from where and until when."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.api_jws import PyJWS

INVALID = "GraphQL invalid credentials."


def refused(answer):
    assert answer.mimetype == "application/json"
    (error,) = answer.json["errors"]
    assert "data" not in answer.json
    return answer.status_code, error["message"]


def name_told(answer):
    return answer.json["data"]["site"]["settings"]["storeName"]


def signed(payload, key=None):
    return PyJWS().encode(payload, key or ec.generate_private_key(ec.SECP256R1()), algorithm="ES256")


@pytest.mark.parametrize("family", ["simple", "private", "impersonation"])
def test_a_valid_token_is_let_in(graphql, mint, store, family):
    answer = graphql(mint(family))
    assert (answer.status_code, name_told(answer)) == (200, store.name)


@pytest.mark.parametrize("form", ["{subdomain}", "store-{hash}", "store-{hash}-1"])
def test_the_default_channel_answers_on_each_of_its_hosts(graphql, mint, store, form):
    host = form.format(subdomain=store.subdomain, hash=store.store_hash) + ".mybigcommerce.com"
    assert name_told(graphql(mint(), host=host)) == store.name
    assert name_told(graphql(mint(), host=f"{host.upper()}:8443")) == store.name


def test_a_custom_domain_answers(graphql, mint, store):
    store.custom_domain = "shop.example"
    assert name_told(graphql(mint(), host="shop.example")) == store.name


def test_a_host_of_no_store_is_404(graphql, mint):
    assert graphql(mint(), host="nosuchstore.mybigcommerce.com").status_code == 404


def test_a_channel_answers_on_its_permanent_host_only_with_a_site(graphql, mint, store):
    with_site, without = store.add_channel("with"), store.add_channel("without", with_site=False)
    token = mint(channel_ids=[with_site.channel_id, without.channel_id])
    host = f"store-{store.store_hash}-{{}}.mybigcommerce.com"
    assert graphql(token, host=host.format(with_site.channel_id)).status_code == 200
    assert graphql(token, host=host.format(without.channel_id)).status_code == 404


def test_a_legacy_theme_store_has_no_graphql(graphql, mint, bigcommerce):
    bigcommerce.api.graphql_enabled = False
    assert graphql(mint()).status_code == 404


def test_no_token(graphql):
    assert refused(graphql(None)) == (401, "GraphQL credentials were missing. No token was sent.")


@pytest.mark.parametrize("sent", ["Basic abc", "Bearer", "Bearer  "])
def test_credentials_of_another_kind_count_as_none(graphql, sent):
    answer = graphql(None, headers={"Authorization": sent})
    assert refused(answer) == (401, "GraphQL credentials were missing. No token was sent.")


def test_an_access_token_is_no_jwt(graphql, rest):
    assert refused(graphql(rest.account.access_token)) == (401, f"{INVALID} String is not a JWT")


@pytest.mark.parametrize("sent", ["a.b.c", "..", "x" * 5000, "a.b"])
def test_nonsense_is_no_jwt(graphql, sent):
    assert refused(graphql(sent)) == (401, f"{INVALID} String is not a JWT")


def test_a_payload_that_is_no_json(graphql):
    assert refused(graphql(signed(b"not json"))) == (401, f"{INVALID} JWT has no valid Json")


def test_a_payload_of_an_unknown_format(graphql):
    assert refused(graphql(signed(b'["an", "array"]'))) == (401, f"{INVALID} JWT has Json of an unknown format")


def test_a_token_of_somebody_else(graphql, mint):
    segment = mint().split(".")[1]
    payload = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    assert refused(graphql(signed(payload))) == (401, f"{INVALID} JWT signature is invalid")


def test_a_token_whose_claims_were_changed(graphql, mint, clock):
    header, segment, signature = mint().split(".")
    claims = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    changed = base64.urlsafe_b64encode(json.dumps(claims | {"eat": 2**40}).encode()).decode().rstrip("=")
    answer = graphql(f"{header}.{changed}.{signature}")
    assert refused(answer) == (401, f"{INVALID} JWT signature is invalid")


def test_an_unsigned_token(graphql, mint):
    _, segment, _ = mint().split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    assert refused(graphql(f"{header}.{segment}.")) == (401, f"{INVALID} JWT signature is invalid")


def test_a_token_expires_by_the_stores_clock(graphql, mint, clock):
    token = mint(expires_at=int(clock()) + 60)
    clock.advance(59)
    assert graphql(token).status_code == 200
    clock.advance(1)
    assert refused(graphql(token)) == (401, f"{INVALID} JWT is expired")


def test_another_channels_token(graphql, mint, store):
    other = store.add_channel("second shop")
    answer = graphql(mint(channel_ids=[other.channel_id]))
    assert refused(answer) == (401, f"{INVALID} JWT channel id doesn't match channel id of the URL")


def test_another_stores_token(graphql, mint, bigcommerce):
    other = bigcommerce.add_store()
    answer = graphql(mint(), host=other.vanity_host)
    assert refused(answer) == (401, f"{INVALID} JWT store id doesn't match store id of the URL")


def test_a_revoked_token_is_unknown_after_a_while(graphql, mint, rest, clock):
    token = mint()
    rest.delete("/v3/storefront/api-token", headers={"Sf-Api-Token": token})
    clock.advance(59)
    assert graphql(token).status_code == 200
    clock.advance(1)
    assert refused(graphql(token)) == (401, "Unknown JWT token")


def test_revocation_may_take_effect_at_once(graphql, mint, rest, bigcommerce):
    bigcommerce.api.revocation_delay = 0
    token = mint("impersonation")
    rest.post("/v3/storefront/api-token-customer-impersonation/revoke-all")
    assert refused(graphql(token)) == (401, "Unknown JWT token")


def test_tokens_of_a_deleted_account_live_on_or_die_with_it(graphql, mint, rest, store, bigcommerce):
    token = mint()
    store.delete_api_account(rest.account.client_id)
    assert graphql(token).status_code == 200
    bigcommerce.api.tokens_outlive_account = False
    assert refused(graphql(token)) == (401, "Unknown JWT token")


def test_a_token_from_before_a_reset_is_not_let_in(graphql, mint, bigcommerce):
    token, host = mint(), bigcommerce.store.vanity_host
    bigcommerce.reset()
    assert graphql(token, host=host).status_code == 401


@pytest.mark.parametrize("family", ["private", "impersonation"])
def test_tokens_for_servers_are_rejected_from_browsers(graphql, mint, store, family):
    status, text = refused(graphql(mint(family), headers={"Origin": f"https://{store.vanity_host}"}))
    assert (status, "browser" in text) == (401, True)


def test_a_storefront_token_is_taken_from_its_origins(graphql, mint):
    token = mint("simple", allowed_cors_origins=["https://a.example", "https://b.example"])
    answer = graphql(token, headers={"Origin": "https://b.example"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://b.example"


@pytest.mark.parametrize("fields", [{"allowed_cors_origins": ["https://a.example"]}, {}])
def test_a_storefront_token_is_rejected_from_any_other_origin(graphql, mint, fields):
    answer = graphql(mint("simple", **fields), headers={"Origin": "https://evil.example"})
    status, text = refused(answer)
    assert (status, text.startswith("'Origin' header invalid:")) == (401, True)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_status_of_an_origin_mismatch_is_a_switch(graphql, mint, bigcommerce):
    bigcommerce.api.origin_mismatch_status = 403
    assert graphql(mint("simple"), headers={"Origin": "https://evil.example"}).status_code == 403


def at(*moment):
    return datetime(*moment, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("created", "used", "works"),
    [
        (at(2026, 6, 30, 23, 59), at(2026, 7, 1, 0, 0), True),
        (at(2026, 7, 1), at(2026, 7, 1), False),
        (at(2026, 6, 30), at(2027, 3, 31, 23, 59), True),
        (at(2026, 6, 30), at(2027, 4, 1), False),
    ],
)
def test_storefront_tokens_on_servers_end_with_the_timetable(graphql, mint, clock, created, used, works):
    clock.seconds = created
    token = mint("simple", expires_at=int(at(2030, 1, 1)), allowed_cors_origins=["https://a.example"])
    clock.seconds = used
    assert graphql(token).status_code == (200 if works else 401)
    assert graphql(token, headers={"Origin": "https://a.example"}).status_code == 200


@pytest.mark.parametrize("family", ["private", "impersonation"])
def test_the_timetable_spares_tokens_for_servers(graphql, mint, clock, family):
    clock.seconds = at(2028, 1, 1)
    assert graphql(mint(family)).status_code == 200


def test_a_browser_may_ask_first(bigcommerce, store):
    from flask import Flask

    from simulated_store.api import graphql_blueprint

    app = Flask("preflight")
    app.register_blueprint(graphql_blueprint(bigcommerce))
    headers = {"Host": store.vanity_host, "Origin": "https://a.example"}
    answer = app.test_client().options("/graphql", headers=headers)
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
