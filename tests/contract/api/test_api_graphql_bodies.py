"""Long queries, long answers: taken up to 16 MiB, and refused in words beyond."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from listening_store import ListeningStore, listening_store
from served import A_TOKEN, Served, settings_in

from companion.client import CompanionClient
from companion.web.body_limits import MAX_GRAPHQL_BYTES
from companion.wiring.service import running_service

MIB = 1024 * 1024
QUERY = "query One { a } query Two { b }"


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListeningStore]:
    with listening_store(tmp_path_factory.mktemp("listening")) as store:
        yield store


@pytest.fixture(scope="module")
def served(listening: ListeningStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    target = listening.host_map.partition("=")[2]
    settings = settings_in(
        tmp_path_factory.mktemp("service"),
        host_map=f"{listening.host_map},*.mybigcommerce.com={target}",
        ca_file=listening.ca_file,
    )
    log = io.StringIO()
    with running_service(settings, public=True, log_stream=log) as service:
        yield Served(service, settings, log)


@pytest.fixture(scope="module")
def path(served: Served) -> str:
    with CompanionClient(served.service.url, served.service.api_token) as client:
        fields: Any = {"name": "Shop", "subdomain": "celigo", "store_hash": "abc"}
        return f"/connections/{client.create(fields, A_TOKEN)['id']}/graphql"


@pytest.fixture(autouse=True)
def new(listening: ListeningStore) -> None:
    listening.heard.clear()
    answer(listening, "short")


def answer(listening: ListeningStore, text: str) -> None:
    """Let everything be answered with one document, of which a mint reads the token and a query the rest."""
    listening.pieces = (json.dumps({"data": {"token": "made-up", "text": text}}).encode(),)


def test_a_query_is_sent_as_clients_of_graphql_write_it(
    http: httpx2.Client, listening: ListeningStore, path: str
) -> None:
    sent = {"query": QUERY, "variables": {"n": 1}, "operationName": "Two"}
    assert http.post(path, json=sent).status_code == 200
    assert listening.heard[-1].size == len(json.dumps(sent))
    refused = http.post(path, json={"query": QUERY, "operationName": 5})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/operationName")


@pytest.mark.parametrize("in_chunks", [False, True])
def test_long_variables_are_sent_whole(
    http: httpx2.Client, listening: ListeningStore, path: str, in_chunks: bool
) -> None:
    body = json.dumps({"query": QUERY, "variables": {"text": "x" * (3 * MIB)}}).encode()
    got = http.post(path, content=iter([body]) if in_chunks else body, headers={"Content-Type": "application/json"})
    assert got.status_code == 200, got.text
    assert listening.heard[-1].size == len(body)


@pytest.mark.parametrize("in_chunks", [False, True])
def test_longer_ones_are_refused_before_anything_is_sent(
    http: httpx2.Client, listening: ListeningStore, path: str, in_chunks: bool
) -> None:
    body = json.dumps({"query": QUERY, "variables": {"text": "x" * MAX_GRAPHQL_BYTES}}).encode()
    got = http.post(path, content=iter([body]) if in_chunks else body, headers={"Content-Type": "application/json"})
    assert (got.status_code, got.json()["code"]) == (413, "payload-too-large")
    assert "16 MiB to GraphQL" in got.json()["action"]
    assert listening.heard == []


def test_a_long_answer_is_given_whole(http: httpx2.Client, listening: ListeningStore, path: str) -> None:
    answer(listening, "y" * (12 * MIB))
    got = http.post(path, json={"query": QUERY})
    assert (got.status_code, len(got.json()["data"]["text"])) == (200, 12 * MIB)


def test_an_answer_that_is_too_long_is_not_told_as_an_outage(
    http: httpx2.Client, listening: ListeningStore, path: str
) -> None:
    assert http.post(path, json={"query": QUERY}).status_code == 200  # from now on there is a token
    answer(listening, "y" * (17 * MIB))
    got = http.post(path, json={"query": QUERY})
    assert (got.status_code, got.json()["code"]) == (502, "bigcommerce-rejected-request")
    assert "larger than the 16 MiB" in got.json()["detail"]
    assert got.json()["action"] == "Ask for less at a time."


def test_the_command_takes_variables_as_long_as_the_service_does(
    served: Served, listening: ListeningStore, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from companion.cli.program import program

    del path
    token = tmp_path / "token"
    token.write_text(served.service.api_token.reveal())
    token.chmod(0o600)
    file = tmp_path / "variables.json"
    file.write_text(json.dumps({"text": "x" * (2 * MIB)}))
    monkeypatch.setenv("COMPANION_URL", served.service.url)
    monkeypatch.setenv("COMPANION_API_TOKEN_FILE", str(token))
    target = listening.host_map.partition("=")[2]
    monkeypatch.setenv("COMPANION_HOST_MAP", f"{listening.host_map},*.mybigcommerce.com={target}")
    monkeypatch.setenv("COMPANION_CA_FILE", str(listening.ca_file))
    done = CliRunner().invoke(program, ["graphql", "Shop", QUERY, "--variables", f"@{file}", "--json"])
    assert (done.exit_code, json.loads(done.stdout)["data"]["text"]) == (0, "short"), done.output
    assert (listening.heard[-1].size or 0) > 2 * MIB
