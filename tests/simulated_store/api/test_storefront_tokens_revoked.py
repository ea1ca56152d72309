"""Listing and revoking storefront tokens."""

import pytest

SIMPLE = "/v3/storefront/api-token"
PRIVATE = "/v3/storefront/api-token-private"
IMPERSONATION = "/v3/storefront/api-token-customer-impersonation"


def listed(rest, path=PRIVATE):
    return rest.get(path).json["data"]


def test_a_listed_token_tells_all_but_the_jwt(rest, mint, clock):
    token = mint(channel_ids=[1], scopes=["Customer", "B2B"], name="checkout server")
    answer = rest.get(PRIVATE)
    assert token not in answer.text
    (item,) = answer.json["data"]
    assert item.pop("jti")
    assert item.pop("principal")["id"] == rest.account.client_id
    assert item == {
        "type": "private",
        "name": "checkout server",
        "channel_ids": [1],
        "allowed_cors_origins": [],
        "scopes": ["Customer", "B2B"],
        "is_revoked": False,
        "is_expired": False,
        "issued_at": int(clock()),
        "expires_at": int(clock()) + 600,
    }


def test_each_path_lists_its_own_family_only(rest, mint):
    for family in ("simple", "private", "impersonation"):
        mint(family)
    types = [[item["type"] for item in listed(rest, path)] for path in (SIMPLE, PRIVATE, IMPERSONATION)]
    assert types == [["simple"], ["private"], ["customer_impersonation"]]


def test_each_account_sees_its_own_tokens_only(rest, rest_as, mint):
    mint()
    assert listed(rest_as("store_storefront_api")) == []
    assert len(listed(rest)) == 1


def test_expired_and_revoked_tokens_are_listed_and_say_so(rest, mint, clock):
    mint(expires_at=int(clock()) + 10)
    mint()
    rest.delete(f"{PRIVATE}/{listed(rest)[0]['jti']}")
    clock.advance(20)
    assert sorted((item["is_revoked"], item["is_expired"]) for item in listed(rest)) == [(False, True), (True, False)]


def test_the_list_is_sorted_as_asked(rest, mint, clock):
    for lifetime in (300, 100, 200):
        mint(expires_at=int(clock()) + lifetime)
        clock.advance(1)

    def order(query):
        return [item["expires_at"] - item["issued_at"] for item in rest.get(f"{PRIVATE}?{query}").json["data"]]

    assert order("sort=issued_at&direction=asc") == [300, 100, 200]
    assert order("sort=issued_at&direction=desc") == [200, 100, 300]
    assert order("sort=expires_at&direction=asc") == [100, 200, 300]
    assert order("sort=expires_at&direction=desc") == [300, 200, 100]


@pytest.mark.parametrize("query", ["sort=name", "direction=up", "limit=x", "page=0"])
def test_a_list_that_cannot_be_made_is_422(rest, query):
    assert rest.get(f"{PRIVATE}?{query}").status_code == 422


def test_the_list_comes_in_pages(rest, mint):
    for _ in range(3):
        mint()
    body = rest.get(f"{PRIVATE}?limit=2&page=2").json
    assert len(body["data"]) == 1
    assert body["meta"]["pagination"] == {
        "total": 3,
        "count": 1,
        "per_page": 2,
        "current_page": 2,
        "total_pages": 2,
    }


def test_listing_needs_the_scope_of_minting(rest_as):
    rest = rest_as("store_v2_information")
    assert [rest.get(path).status_code for path in (SIMPLE, PRIVATE, IMPERSONATION)] == [403, 403, 403]


def test_older_stores_have_no_lists_and_no_revocation_by_id(rest, mint, bigcommerce):
    mint()
    jti = listed(rest)[0]["jti"]
    bigcommerce.api.token_lists = False
    assert [rest.get(path).status_code for path in (SIMPLE, PRIVATE, IMPERSONATION)] == [405, 405, 405]
    assert rest.delete(f"{PRIVATE}/{jti}").status_code == 404
    assert rest.post(f"{PRIVATE}/revoke-all").status_code == 404
    assert rest.delete(SIMPLE, headers={"Sf-Api-Token": mint()}).status_code == 200


def test_older_stores_know_no_names(rest, mint, bigcommerce):
    bigcommerce.api.token_names = False
    mint(name=["ignored"])
    assert "name" not in listed(rest)[0]


def test_a_token_is_revoked_by_its_id_with_204(rest, mint, clock):
    mint()
    jti = listed(rest)[0]["jti"]
    answer = rest.delete(f"{PRIVATE}/{jti}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert listed(rest)[0]["revoked_at"] == int(clock())


def test_another_accounts_token_or_family_is_404(rest, rest_as, mint):
    mint()
    jti = listed(rest)[0]["jti"]
    assert rest_as("store_storefront_api").delete(f"{PRIVATE}/{jti}").status_code == 404
    assert rest.delete(f"{SIMPLE}/{jti}").status_code == 404
    assert rest.delete(f"{PRIVATE}/no-such-jti").status_code == 404
    assert listed(rest)[0]["is_revoked"] is False


def test_revoke_all_takes_this_accounts_family_and_no_other(rest, rest_as, mint, clock):
    other = rest_as("store_storefront_api")
    body = {"channel_ids": [1], "expires_at": int(clock()) + 600, "scopes": ["Customer"]}
    other.post(PRIVATE, json=body)
    mint(), mint(), mint("simple")
    answer = rest.post(f"{PRIVATE}/revoke-all")
    assert (answer.status_code, answer.data) == (204, b"")
    assert [item["is_revoked"] for item in listed(rest)] == [True, True]
    assert [item["is_revoked"] for item in listed(rest, SIMPLE)] == [False]
    assert [item["is_revoked"] for item in listed(other)] == [False]


def test_revocations_may_be_limited_but_for_revoke_all(rest, mint, bigcommerce, clock):
    bigcommerce.api.most_revoked = 1
    mint(), mint(), mint(expires_at=int(clock()) + 10_000)
    first, second, _ = (item["jti"] for item in listed(rest))
    assert rest.delete(f"{PRIVATE}/{first}").status_code == 204
    assert rest.delete(f"{PRIVATE}/{second}").status_code == 422
    assert rest.post(f"{PRIVATE}/revoke-all").status_code == 204
    assert {item["is_revoked"] for item in listed(rest)} == {True}


@pytest.mark.parametrize("family", ["simple", "private"])
def test_a_token_revokes_itself_by_header(rest, mint, family):
    assert rest.delete(SIMPLE, headers={"Sf-Api-Token": mint(family)}).status_code == 200
    path = SIMPLE if family == "simple" else PRIVATE
    assert listed(rest, path)[0]["is_revoked"] is True


@pytest.mark.parametrize("sent", [None, "", "not-a-jwt", "a.b.c"])
def test_revoking_by_header_without_a_valid_jwt_is_422(rest, sent):
    answer = rest.delete(SIMPLE, headers={} if sent is None else {"Sf-Api-Token": sent})
    assert answer.status_code == 422
    assert all(isinstance(value, str) for value in answer.json["errors"].values())


def test_an_impersonation_token_is_not_revoked_by_header(rest, mint):
    assert rest.delete(SIMPLE, headers={"Sf-Api-Token": mint("impersonation")}).status_code == 422


@pytest.mark.parametrize("path", [PRIVATE, IMPERSONATION])
def test_only_the_plain_path_takes_the_header(rest, mint, path):
    assert rest.delete(path, headers={"Sf-Api-Token": mint()}).status_code == 405
