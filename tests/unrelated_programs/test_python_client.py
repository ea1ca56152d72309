"""The official Python client, `bigcommerce` on PyPI."""

import json
import sys

import pytest

START = """
import json, os
from bigcommerce.api import BigcommerceApi
from bigcommerce.connection import GraphQLConnection
from bigcommerce.exception import ClientRequestException, RateLimitingException, ServerException

WHO = dict(client_id=os.environ["CLIENT_ID"], store_hash=os.environ["STORE_HASH"])
api = BigcommerceApi(access_token=os.environ["ACCESS_TOKEN"], **WHO)

def refused(call):
    try:
        call()
    except (ClientRequestException, RateLimitingException, ServerException) as error:
        return [type(error).__name__, error.response.status_code]
"""


@pytest.fixture
def python(world):
    def run(code):
        done = world.run(sys.executable, "-c", f"{START}\nprint(json.dumps({code}))")
        assert done.returncode == 0
        return json.loads(done.stdout)

    return run


def test_it_reads_time_store_and_all_products_page_by_page(world, python):
    time, name, left, products, count, one = python(
        "[api.Time.all().time, api.Store.all().name, api.connection.rate_limit['requests_remaining'],"
        " [each.name for each in api.Products.iterall()], api.Products.count(), api.Products.get(77).price]"
    )
    assert time == int(world.state.now())
    assert name == world.store.name
    assert left == world.state.api.quota - 2
    assert len(products) == len(set(products)) == count == 7
    assert one == "14.5000"
    assert ("GET", "/v2/products", 204) in world.asked()


def test_it_asks_graphql_admin(python):
    query = "{ store { settings { dataSolutions { isDataLayerEnabled } } } }"
    answer = python(f"GraphQLConnection(access_token=os.environ['ACCESS_TOKEN'], **WHO).query({query!r})")
    assert answer == {"data": {"store": {"settings": {"dataSolutions": {"isDataLayerEnabled": False}}}}}


def test_it_tells_each_refusal_by_its_status(world, python):
    world.state.faults.add("rest:/v2/store", status=500)
    assert python(
        "[refused(lambda: BigcommerceApi(access_token='unknown', **WHO).Time.all()),"
        " refused(api.Orders.all), refused(lambda: api.Products.get(5)), refused(api.Store.all)]"
    ) == [
        ["ClientRequestException", 401],
        ["ClientRequestException", 404],
        ["ClientRequestException", 404],
        ["ServerException", 500],
    ]


def test_it_meets_the_rate_limit(world, python):
    world.state.api.quota = 1
    assert python("[api.Time.all().time > 0, refused(api.Time.all)]") == [True, ["RateLimitingException", 429]]
