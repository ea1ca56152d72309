"""Input that nobody prepared, made from the service's own description: what that promises is what is answered."""

from __future__ import annotations

import os

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_url
from served import A_TOKEN, Served

from companion.client import CompanionClient

# The same cases each time, so that a finding is met again and no change elsewhere fails this by chance.
SEED = 20270331
EXAMPLES = 60 if os.environ.get("COMPANION_TEST_ALL") else 5

# Left out: rules finer than a schema says (a path of the store, what goes with which auth type) refuse what fits it.
LEFT_OUT = {"positive_data_acceptance"}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_route_answers_as_it_is_described(served: Served, mode: GenerationMode) -> None:
    load_all_checks()
    left_out = [CHECKS.get_one(name) for name in LEFT_OUT]
    schema = from_url(f"{served.service.url}/api/v1/openapi.json")
    with requests.Session() as session, CompanionClient(served.service.url, served.service.api_token) as client:
        session.trust_env = False
        session.headers.update(served.authorization)
        shop = client.create({"name": f"Any input {mode.value}", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) > 20
        for operation in operations:
            there = {"id": shop["id"]} if "/connections/{id}" in operation.path else {}

            @seed(SEED)
            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(mode, path_parameters=there or None))
            def answers_as_described(case: schemathesis.Case) -> None:
                answer = case.call(session=session)
                if "X-Forwarded-Answer" not in answer.headers:  # what BigCommerce says is not ours to describe
                    case.validate_response(answer, excluded_checks=left_out, headers=served.authorization)

            answers_as_described()


HOSTILE_IDS = [
    "x",
    "%00",
    "%ff",
    "%C3%A9",
    "%2e%2e",
    "a%2Fb",
    "%F0%9F%9B%92",
    "0" * 5000,
    "%E2%80%AE",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("text", HOSTILE_IDS)
def test_an_id_that_is_none_is_a_problem_document_on_every_route(served: Served, text: str) -> None:
    document = requests.get(f"{served.service.url}/api/v1/openapi.json", timeout=60).json()
    for path, methods in document["paths"].items():
        for method in methods:
            if "{id}" not in path:
                continue
            address = served.service.url + path.replace("{id}", text).replace("{path}", "v2/store")
            headers = {**served.authorization, "If-Match": '"1"'}
            answer = requests.request(method, address.replace("{code}", text), headers=headers, timeout=60)
            assert 400 <= answer.status_code < 500, (method, path)
            assert answer.headers["Content-Type"] == "application/problem+json", (method, path)


ETAGS = ['"0"', '"-1"', '"999999999999999999999"', "1", 'W/"1"', '"', "*", "", '"\xe9"', '"1", "2"', "x" * 5000]


@pytest.mark.parametrize("etag", ETAGS)
def test_an_etag_that_does_not_fit_changes_nothing(served: Served, client: CompanionClient, etag: str) -> None:
    shop = client.create({"name": f"Etag {ETAGS.index(etag)}", "subdomain": "celigo", "store_hash": "abc"}, A_TOKEN)
    client.patch(shop["id"], 1, tags=["now at revision 2"])
    address = f"{served.service.url}/api/v1/connections/{shop['id']}"
    headers = {**served.authorization, "If-Match": etag.encode("latin-1")}
    answers = [
        requests.patch(address, json={"tags": ["lost"]}, headers=headers, timeout=60),
        requests.delete(address, headers=headers, timeout=60),
    ]
    if etag == '"1", "2"' or etag == "*":  # these name the present revision, the one among others
        assert answers[0].status_code == 200
        return
    assert [each.status_code for each in answers] == [412, 412]
    assert {each.headers["Content-Type"] for each in answers} == {"application/problem+json"}
    assert client.connection(shop["id"])["tags"] == ["now at revision 2"]


NAMES = [
    "\u00c9mile\u2019s \U0001f6d2 Shop",
    "\u0645\u062a\u062c\u0631",  # right to left
    "\u202eevil\u202c",
    "a\u200bb",
    "\uff26\uff55\uff4c\uff4c width",
    "\u202e" * 50,
    "x" * 1999,
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_is_stored_as_it_is_or_refused_with_a_pointer(
    served: Served, client: CompanionClient, name: str
) -> None:
    form = {"name": name, "subdomain": "celigo", "store_hash": "abc", "access_token": A_TOKEN.reveal()}
    address = f"{served.service.url}/api/v1/connections"
    answer = requests.post(address, json=form, headers=served.authorization, timeout=60)
    if answer.status_code == 201:
        assert client.connection(answer.json()["name"])["id"] == answer.json()["id"]
    else:
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/name"]
