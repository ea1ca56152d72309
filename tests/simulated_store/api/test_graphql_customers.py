"""Customers of a storefront: signing in, being acted for, and signing out."""

import re

import pytest

LOGIN = """mutation Login($email: String!, $password: String!) {
  login(email: $email, password: $password) { result customer { email } customerAccessToken { value expiresAt } } }"""
CUSTOMER = "{ customer { entityId email } }"
TELL = {"X-Bc-Error-On-Invalid-Customer-Access-Token": "true"}


@pytest.fixture
def shopper(store):
    return store.api_records.shoppers.add("sam@shopper.example", "correct horse")


@pytest.fixture
def login(graphql, shopper):
    def signed_in(token, typed="correct horse", **headers):
        return graphql(token, LOGIN, variables={"email": shopper.email, "password": typed}, headers=headers)

    return signed_in


def code(answer):
    return answer.json["errors"][0]["extensions"]["code"]


def test_a_login_from_a_server_gives_a_token_that_names_the_customer(graphql, login, mint, shopper, bigcommerce):
    token = mint(scopes=["Customer"])
    result = login(token).json["data"]["login"]
    assert (result["result"], result["customer"]["email"]) == ("success", shopper.email)
    value = result["customerAccessToken"]["value"]
    assert re.fullmatch(r"[0-9a-f]{64}_[0-9]+", value)
    assert result["customerAccessToken"]["expiresAt"].endswith("Z")
    assert value in bigcommerce.canaries()
    found = graphql(token, CUSTOMER, headers={"X-Bc-Customer-Access-Token": value} | TELL).json
    assert found == {"data": {"customer": {"entityId": shopper.entity_id, "email": shopper.email}}}


@pytest.mark.parametrize("password", ["", "wrong", "CORRECT HORSE"])
def test_a_wrong_password_is_an_ordinary_error(login, mint, password):
    answer = login(mint(scopes=["Customer"]), password)
    assert (answer.status_code, answer.json["data"]) == (200, None)
    assert answer.json["errors"][0]["path"] == ["login"]


def test_a_login_needs_the_access_scope_of_customers(login, mint):
    answer = login(mint(scopes=["Unauthenticated"]))
    assert code(answer) == "INSUFFICIENT_ACCESS_SCOPE"


def test_a_signed_out_customers_token_is_invalid(graphql, login, mint):
    token = mint(scopes=["Customer"])
    sent = {"X-Bc-Customer-Access-Token": login(token).json["data"]["login"]["customerAccessToken"]["value"]}
    assert graphql(token, "mutation { logout { result } }", headers=sent).json["data"]["logout"]["result"] == "success"
    assert graphql(token, CUSTOMER, headers=sent).json == {"data": {"customer": None}}
    assert code(graphql(token, CUSTOMER, headers=sent | TELL)) == "INVALID_CUSTOMER_ACCESS_TOKEN"


def test_a_customers_token_expires_by_the_stores_clock(graphql, login, mint, clock):
    token = mint(scopes=["Customer"], expires_at=int(clock()) + 10**8)
    sent = {"X-Bc-Customer-Access-Token": login(token).json["data"]["login"]["customerAccessToken"]["value"]}
    clock.advance(365 * 86_400)
    assert code(graphql(token, CUSTOMER, headers=sent | TELL)) == "INVALID_CUSTOMER_ACCESS_TOKEN"


def test_an_empty_customer_access_token_is_told_as_missing(graphql, mint):
    answer = graphql(mint(), headers={"X-Bc-Customer-Access-Token": ""} | TELL)
    assert code(answer) == "MISSING_CUSTOMER_ACCESS_TOKEN"
    assert "errors" not in graphql(mint(), headers=TELL).json


def test_a_browser_gets_a_session_cookie_and_no_token(graphql, login, mint, shopper):
    token = mint("simple", allowed_cors_origins=["https://shop.example"])
    answer = login(token, Origin="https://shop.example")
    assert answer.json["data"]["login"]["customerAccessToken"] is None
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    cookie = answer.headers["Set-Cookie"]
    assert {"Secure", "HttpOnly"} <= set(cookie.split("; "))
    sent = {"Origin": "https://shop.example", "Cookie": cookie.split(";")[0]}
    assert graphql(token, CUSTOMER, headers=sent).json["data"]["customer"]["email"] == shopper.email
    gone = graphql(token, "mutation { logout { result } }", headers=sent)
    assert "Max-Age=0" in gone.headers["Set-Cookie"]
    assert graphql(token, CUSTOMER, headers=sent).json["data"]["customer"] is None


def test_private_tokens_have_no_session(graphql, login, mint, shopper):
    token = mint(scopes=["Customer"])
    assert "Set-Cookie" not in login(token).headers
    cookie = {"Cookie": login(mint("simple")).headers["Set-Cookie"].split(";")[0]}
    assert graphql(token, CUSTOMER, headers=cookie).json["data"]["customer"] is None


@pytest.mark.parametrize("number", ["0", "x", "-1", "9" * 5000])
def test_an_impersonation_token_for_no_customer_is_a_guests(graphql, mint, number):
    answer = graphql(mint("impersonation"), CUSTOMER, headers={"X-Bc-Customer-Id": number})
    assert answer.json == {"data": {"customer": None}}


def test_impersonation_tokens_do_not_take_customer_access_tokens(graphql, login, mint):
    value = login(mint(scopes=["Customer"])).json["data"]["login"]["customerAccessToken"]["value"]
    answer = graphql(mint("impersonation"), CUSTOMER, headers={"X-Bc-Customer-Access-Token": value})
    assert answer.json["data"]["customer"] is None


@pytest.mark.parametrize(
    "query",
    [
        "mutation { a: logout { result } b: logout { result } }",
        "mutation { ...F } fragment F on Mutation { a: logout { result } ... { b: logout { result } } }",
    ],
)
def test_one_mutation_a_request(graphql, mint, query):
    answer = graphql(mint(scopes=["Customer"]), query)
    assert answer.status_code == 200
    assert "mutation" in answer.json["errors"][0]["message"]
    assert "data" not in answer.json
