"""The figures that there are to watch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from served import A_TOKEN, Served

from companion.client import CompanionClient
from companion.service.figures import BUCKETS, Figures


@pytest.fixture
def scraper(served: Served, client: CompanionClient) -> Iterator[httpx2.Client]:
    """Prometheus, with a token of its own."""
    client.revoke_api_tokens()
    _, token = client.create_api_token("prometheus", connections=None, actions=["metrics"])
    headers = {"Authorization": f"Bearer {token.reveal()}", "Accept": "text/plain"}
    with httpx2.Client(base_url=served.service.url, headers=headers, trust_env=False) as http:
        yield http


def scraped(http: httpx2.Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return the samples by name and values of their labels, in the order of the labels' names."""
    answer = http.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status(scraper: httpx2.Client, http: httpx2.Client) -> None:
    before = scraped(scraper)
    kinds = {
        ("GET", "/api/v1/connections/<id>", "404"): ("/connections/01a21d6e-0000-7000-8000-000000000000",),
        ("GET", "/api/v1/connections", "200"): ("/connections", "/connections?limit=1"),
        ("GET", "", "404"): ("/nothing-here",),
    }
    for paths in kinds.values():
        for path in paths:
            http.get(path)
    after = scraped(scraper)
    for kind, paths in kinds.items():
        counted = ("companion_requests_total", kind)
        assert after[counted] - before.get(counted, 0) == len(paths), kind
        took = ("companion_request_seconds_count", (kind[1],))
        assert after[took] - before.get(took, 0) >= len(paths)
        assert after[("companion_request_seconds_bucket", ("+Inf", kind[1]))] == after[took]


def test_connections_are_counted_by_status(
    scraper: httpx2.Client, client: CompanionClient, connected: Callable[..., Any], new_name: Callable[[], str]
) -> None:
    before = scraped(scraper)
    proven = connected()
    for auth_type in ("custom", "token"):
        shop = client.create(
            {"name": new_name(), "subdomain": "celigo", "store_hash": "ci4bzn8adz", "auth_type": auth_type}, A_TOKEN
        )
    client.verify(proven["id"])
    after = scraped(scraper)

    def more(name: str, *labels: str) -> float:
        return after[(name, labels)] - before[(name, labels)]

    assert more("companion_connections", "unverified") == 2
    assert more("companion_connections", "ready") == 1
    assert more("companion_connections_auth_type_token") == 1
    assert more("companion_audit_entries_total") >= 3
    assert after[("companion_database_up", ())] == 1
    assert after[("companion_locked", ())] == 0
    text = scraper.get("/metrics").text
    assert shop["name"] not in text
    assert shop["id"] not in text
    assert shop["store_hash"] not in text


def test_the_token_for_it_is_good_for_nothing_else(scraper: httpx2.Client, anonymous: httpx2.Client) -> None:
    assert scraper.get("/api/v1/connections").status_code == 403
    assert anonymous.get(str(scraper.base_url) + "/metrics").status_code == 401


def test_a_token_for_something_else_is_not_good_for_it(served: Served, client: CompanionClient) -> None:
    client.revoke_api_tokens()
    _, token = client.create_api_token("other", connections=None, actions=["read"])
    answer = httpx2.get(
        served.service.url + "/metrics", headers={"Authorization": f"Bearer {token.reveal()}"}, trust_env=False
    )
    assert answer.status_code == 403


def test_no_path_becomes_a_label(scraper: httpx2.Client, http: httpx2.Client) -> None:
    for number in range(20):
        http.get(f"/nothing-{number}")
        http.request(f"METHOD{number}", "/connections")
    text = scraper.get("/metrics").text
    assert "nothing-" not in text
    assert not re.search(r'method="METHOD', text)


def test_durations_fall_into_their_buckets() -> None:
    figures = Figures()
    for seconds in (0.0, BUCKETS[0], BUCKETS[0] + 1e-9, BUCKETS[-1], BUCKETS[-1] + 1):
        figures.count("GET", "/", 200, seconds)
    (found,) = figures.durations().values()
    assert (found.counts[0], found.counts[1], found.counts[-2], found.counts[-1]) == (2, 1, 1, 1)
    assert sum(found.counts) == 5
    assert figures.requests() == {("GET", "/", 200): 5}
