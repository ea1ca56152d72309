"""Who is refused by the REST API, in which order, and in which words."""

import pytest

STATUS_PAGE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
SCOPE_MISSING = "You don't have a required scope to access the endpoint"
FORBIDDEN = {"status": 403, "title": SCOPE_MISSING, "type": STATUS_PAGE, "errors": {}}


def plain(answer):
    return answer.status_code, answer.mimetype, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/stores",
        "/stores/abc123",
        "/stores/abc123/v3/nothing",
        "/v3/channels",
        "/stores//v3",
        "/v3//channels",
        "/stores/abc123/v3/channels/%0A",
    ],
)
def test_an_unknown_route_is_plain_text_even_without_a_token(rest_client, path):
    assert plain(rest_client.get(path)) == (404, "text/plain", "The route is not found, check the URL")


def test_a_known_route_with_another_method_is_405_before_the_token_is_looked_at(rest_client):
    assert rest_client.put("/stores/abc123/v3/channels").status_code == 405


@pytest.mark.parametrize("path", ["/v2/store", "/v3/channels"])
def test_a_missing_token_is_plain_text_even_for_a_store_that_does_not_exist(rest_client, path):
    answer = rest_client.get(f"/stores/nosuchstore{path}")
    assert plain(answer) == (401, "text/plain", "X-Auth-Token header is required")


def test_an_empty_token_is_plain_text_of_another_kind(rest):
    answer = rest.get("/v3/channels", headers={"X-Auth-Token": ""})
    assert plain(answer) == (401, "text/plain", "X-Auth-Token header should have correct format")


@pytest.mark.parametrize("token", ["garbage", "ünknöwn".encode().decode("latin-1")])
def test_an_unknown_token_is_json(rest, token):
    answer = rest.get("/v3/channels", headers={"X-Auth-Token": token})
    assert (answer.status_code, answer.mimetype) == (401, "application/json")
    assert answer.json == {"status": 401, "title": "Unauthorized"}


def test_the_token_of_a_deleted_account_is_unknown(rest, store):
    store.delete_api_account(rest.account.client_id)
    assert rest.get("/v3/channels").json == {"status": 401, "title": "Unauthorized"}


def test_an_unknown_token_is_told_before_an_unknown_store(rest):
    answer = rest.client.get("/stores/nosuchstore/v3/channels", headers={"X-Auth-Token": "garbage"})
    assert answer.status_code == 401


def test_v2_may_wrap_the_unknown_token_in_an_array(rest, bigcommerce):
    assert rest.get("/v2/store", headers={"X-Auth-Token": "garbage"}).json == {"status": 401, "title": "Unauthorized"}
    bigcommerce.api.v2_unauthorized_array = True
    answer = rest.get("/v2/store", headers={"X-Auth-Token": "garbage"})
    assert answer.json == [{"status": 401, "message": "Unauthorized"}]


@pytest.mark.parametrize("wrong", ["nosuchstore", "store-{hash}"])
def test_a_wrong_hash_reads_like_a_missing_scope(rest, store, wrong):
    wrong = wrong.format(hash=store.store_hash)
    answer = rest.client.get(f"/stores/{wrong}/v3/channels", headers={"X-Auth-Token": rest.account.access_token})
    assert (answer.status_code, answer.json) == (403, FORBIDDEN)


@pytest.mark.parametrize(
    "path", ["/v3/channels", "/v3/sites", "/v3/catalog/summary", "/v3/settings/store/profile", "/v3/channels/1/site"]
)
def test_a_missing_scope_is_a_v3_object(rest_as, path):
    answer = rest_as("store_v2_orders").get(path)
    assert (answer.status_code, answer.json) == (403, FORBIDDEN)


@pytest.mark.parametrize("path", ["/v2/time", "/v2/store"])
def test_a_missing_scope_is_an_array_under_v2(rest_as, path):
    answer = rest_as("store_v2_orders").get(path)
    assert (answer.status_code, answer.json) == (403, [{"status": 403, "message": SCOPE_MISSING}])


def test_another_stores_token_is_403_or_401(bigcommerce, rest):
    other = bigcommerce.add_store()
    token = other.create_api_account("elsewhere", frozenset({"store_channel_settings"})).access_token
    assert rest.get("/v3/channels", headers={"X-Auth-Token": token}).json == FORBIDDEN
    bigcommerce.api.other_store_status = 401
    assert rest.get("/v3/channels", headers={"X-Auth-Token": token}).status_code == 401


@pytest.mark.parametrize("scope", ["store_v2_information", "store_v2_information_read_only"])
def test_modify_includes_reading(rest_as, scope):
    assert rest_as(scope).get("/v2/store").status_code == 200


def test_the_time_may_need_no_scope(bigcommerce, rest_as):
    rest = rest_as("store_storefront_api")
    assert rest.get("/v2/time").status_code == 403
    bigcommerce.api.time_needs_scope = False
    assert rest.get("/v2/time").status_code == 200
    assert rest.get("/v2/store").status_code == 403


def test_an_unknown_entity_is_a_404_with_a_relative_type(rest):
    answer = rest.get("/v3/channels/987654")
    assert answer.status_code == 404
    assert answer.json["type"] == "/api-docs/getting-started/api-status-codes"
    assert answer.json["errors"] == {}


def test_the_scope_is_checked_before_the_entity(rest_as):
    assert rest_as("store_v2_orders").get("/v3/channels/987654").status_code == 403


def test_maintenance_is_503_and_no_json(rest, store):
    store.maintenance = True
    answer = rest.get("/v3/channels")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


def test_a_limit_that_is_no_number_is_422(rest):
    answer = rest.get("/v3/channels?limit=a")
    assert answer.status_code == 422
    assert answer.json["title"] == 'Query parameter "limit" value must be integer. For input string: "a".'


def test_unknown_filters_are_ignored_unless_refused(rest, bigcommerce):
    assert rest.get("/v3/channels?colour=red&size=xl").status_code == 200
    bigcommerce.api.unknown_filters_refused = True
    answer = rest.get("/v3/channels?colour=red&size=xl&limit=5")
    assert answer.status_code == 422
    assert answer.json["title"] == "The filter(s): colour, size are not valid filter parameter(s)."


def test_a_number_of_more_digits_than_python_reads_is_refused_like_any_other_nonsense(rest):
    huge = "9" * 5000
    assert rest.get(f"/v3/channels/{huge}").status_code == 404
    assert rest.get(f"/v3/channels?limit={huge}").status_code == 422
    assert rest.get(f"/v3/sites?channel_id:in={huge}").status_code == 422
