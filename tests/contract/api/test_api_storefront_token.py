"""The storefront tokens that the service gives to tools, against a simulated store."""

import httpx2


def token_of(http, connection, **body):
    return http.post(f"/connections/{connection['id']}/storefront-token", json=body)


def test_a_private_token_is_given_again_until_it_is_due(http, connected, store):
    connection = connected()
    first, second = (token_of(http, connection).json() for _ in range(2))
    assert first == second
    assert (first["channel_id"], first["scopes"]) == (1, ["Unauthenticated"])
    (minted,) = store.api_accounts[-1].storefront_tokens
    assert (minted.jwt, minted.family) == (first["token"], "private")
    assert first["expires_at"].endswith("Z")


def test_the_token_works_at_the_storefront(http, connected, served, store):
    given = token_of(http, connected()).json()["token"]
    from companion.bigcommerce import BigCommerceClient, Outbound
    from companion.core.secret import Secret

    settings = served.settings
    with BigCommerceClient(Outbound(settings.host_map, settings.ca_file)) as bigcommerce:
        answer = bigcommerce.graphql(store.vanity_host, Secret(given), "{ site { settings { storeName } } }")
    assert answer.document["data"]["site"]["settings"]["storeName"] == store.name


def test_the_older_kind_is_for_the_pages_that_are_named(http, connected, store):
    connection = connected(auth_type="token")
    assert token_of(http, connection).status_code == 409
    given = token_of(http, connection, allowed_cors_origins=["https://shop.example"]).json()
    (minted,) = store.api_accounts[-1].storefront_tokens
    assert (minted.jwt, minted.allowed_cors_origins) == (given["token"], ("https://shop.example",))
    assert given["scopes"] == []


def test_an_origin_that_is_none_is_refused_with_a_pointer(http, connected):
    answer = token_of(http, connected(auth_type="token"), allowed_cors_origins=["https://shop.example/"])
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/allowed_cors_origins"]


def test_a_missing_scope_is_a_refusal_of_bigcommerces(http, connected):
    answer = token_of(http, connected(frozenset({"store_v2_information"})))
    assert (answer.status_code, answer.json()["code"]) == (502, "bigcommerce-refused")


def test_deleting_the_connection_revokes_its_token(http, connected, store):
    connection = connected()
    token_of(http, connection)
    answer = http.delete(f"/connections/{connection['id']}", headers={"If-Match": '"1"'})
    assert answer.status_code == 204
    assert [token.revoked_at is not None for token in store.api_accounts[-1].storefront_tokens] == [True]


def test_nobody_gets_one_without_the_api_token(anonymous, connected):
    assert isinstance(anonymous, httpx2.Client)
    assert token_of(anonymous, connected()).status_code == 401
