"""Bodies of any kind and size on their way through the service: passed on as they come, bounded in size and time."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from listening_store import PIECE, ListeningStore, listening_store
from served import A_TOKEN, Served, settings_in

from companion.client import CompanionClient
from companion.core.api_tokens import Action
from companion.core.request_body import RequestBody
from companion.web import forwarded_body
from companion.web.forwarded_body import MAX_FORWARDED_BYTES
from companion.wiring.service import running_service

FORM = "multipart/form-data; boundary=made-up"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListeningStore]:
    with listening_store(tmp_path_factory.mktemp("listening")) as store:
        yield store


@pytest.fixture(scope="module")
def served(listening: ListeningStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = settings_in(tmp_path_factory.mktemp("service"), host_map=listening.host_map, ca_file=listening.ca_file)
    log = io.StringIO()
    with running_service(settings, public=True, log_stream=log) as service:
        yield Served(service, settings, log)


@pytest.fixture(scope="module")
def shop(served: Served) -> str:
    with CompanionClient(served.service.url, served.service.api_token) as client:
        fields = {"name": "Shop", "subdomain": "celigo", "store_hash": "abc"}
        return client.create(fields, A_TOKEN)["id"]  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def new(listening: ListeningStore) -> None:
    listening.heard.clear()
    listening.statuses[:] = [200]
    listening.pieces = (b'{"data": []}',)
    while listening.arrived.acquire(blocking=False):
        pass


def pieces_of(size: int) -> Iterator[bytes]:
    for start in range(0, size, PIECE):
        yield bytes([start // PIECE % 251]) * min(PIECE, size - start)


def digest_of(size: int) -> str:
    digest = hashlib.sha256()
    for piece in pieces_of(size):
        digest.update(piece)
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("method", "kind"),
    [("POST", FORM), ("PUT", "image/png"), ("PATCH", "application/json"), ("DELETE", "text/csv; charset=utf-8")],
)
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("size", [1, MIB, MIB + 1, 3 * MIB + 17])
def test_a_body_arrives_as_it_was_sent(
    http: httpx2.Client, listening: ListeningStore, shop: str, method: str, kind: str, told: bool, size: int
) -> None:
    headers = {"Content-Type": kind, **({"Content-Length": str(size)} if told else {})}
    path = f"/connections/{shop}/bigcommerce/v3/themes"
    answer = http.request(method, path, content=pieces_of(size), headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"data": []})
    [heard] = listening.heard
    assert (heard.method, heard.path) == (method, "/stores/abc/v3/themes")
    assert (heard.size, heard.digest) == (size, digest_of(size))
    assert heard.headers["content-type"] == kind
    assert heard.headers["x-auth-token"] == A_TOKEN.reveal()
    assert "authorization" not in heard.headers
    # What comes next on the same connection is a request of its own.
    assert http.get("/connections").status_code == 200


def test_a_long_body_is_passed_on_before_it_is_there(http: httpx2.Client, listening: ListeningStore, shop: str) -> None:
    def waiting() -> Iterator[bytes]:
        pieces = pieces_of(2 * MIB)
        yield next(pieces)
        yield next(pieces)
        assert listening.next_heard().begun.wait(60), "nothing is passed on while the sender goes on"
        yield from pieces

    answer = http.post(f"/connections/{shop}/bigcommerce/v3/themes", content=waiting(), headers={"Content-Type": FORM})
    assert answer.status_code == 200
    assert listening.heard[0].size == 2 * MIB


def test_an_answer_is_passed_on_before_it_is_there(http: httpx2.Client, listening: ListeningStore, shop: str) -> None:
    read = threading.Event()

    def waiting() -> Iterator[bytes]:
        yield b"x" * PIECE
        assert read.wait(60), "nothing is passed on while BigCommerce goes on"
        yield from pieces_of(4 * MIB)

    listening.pieces = waiting()
    with http.stream("GET", f"/connections/{shop}/bigcommerce/v2/store") as answer:
        parts = answer.iter_bytes()
        size = len(next(parts))
        read.set()
        size += sum(map(len, parts))
    assert size == PIECE + 4 * MIB


def test_the_memory_stays_flat(http: httpx2.Client, listening: ListeningStore, shop: str) -> None:
    path, size = f"/connections/{shop}/bigcommerce/v3/themes", 48 * MIB
    http.post(path, content=pieces_of(2 * MIB), headers={"Content-Type": FORM})
    listening.pieces = pieces_of(size)
    tracemalloc.start()
    try:
        with http.stream("POST", path, content=pieces_of(size), headers={"Content-Type": FORM}) as answer:
            received = sum(map(len, answer.iter_bytes()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (listening.heard[-1].size, received) == (size, size)
    assert peak < 6 * MIB, "of all that service, sender and receiver hold at once"


def test_too_much_is_refused_before_it_is_sent(http: httpx2.Client, listening: ListeningStore, shop: str) -> None:
    size = MAX_FORWARDED_BYTES + 1
    headers = {"Content-Type": FORM, "Content-Length": str(size)}
    answer = http.post(f"/connections/{shop}/bigcommerce/v3/themes", content=pieces_of(size), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")
    assert listening.heard == []


def test_too_much_that_was_not_told_breaks_off(
    http: httpx2.Client, listening: ListeningStore, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarded_body, "MAX_FORWARDED_BYTES", 2 * MIB)
    path = f"/connections/{shop}/bigcommerce/v3/themes"
    answer = http.post(path, content=pieces_of(5 * MIB), headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")
    heard = listening.next_heard()
    assert heard.ended.wait(60)
    assert heard.size is None, "BigCommerce took half a body for a whole one"


def test_a_sender_that_stops_is_not_waited_for(
    served: Served, listening: ListeningStore, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarded_body, "REQUEST_SECONDS", 0.2)
    connection = http.client.HTTPConnection(urlsplit(served.service.url).netloc, timeout=60)
    connection.putrequest("POST", f"/api/v1/connections/{shop}/bigcommerce/v3/themes")
    for name, value in {**served.authorization, "Content-Type": FORM, "Content-Length": str(3 * MIB)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"x" * MIB)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (408, "request-timeout")
    heard = listening.next_heard()
    assert heard.ended.wait(60)
    assert heard.size is None
    connection.close()


def test_a_sender_that_goes_away_sends_nothing_whole(served: Served, listening: ListeningStore, shop: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.service.url).netloc, timeout=60)
    connection.putrequest("POST", f"/api/v1/connections/{shop}/bigcommerce/v3/themes")
    for name, value in {**served.authorization, "Content-Type": FORM, "Content-Length": str(3 * MIB)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"x" * MIB)
    assert listening.next_heard().begun.wait(60)
    connection.close()
    assert listening.heard[0].ended.wait(60)
    assert listening.heard[0].size is None


def test_a_short_body_is_sent_again_when_bigcommerce_asks_to_wait_and_a_long_one_is_not(
    http: httpx2.Client, listening: ListeningStore, shop: str
) -> None:
    path = f"/connections/{shop}/bigcommerce/v3/themes"
    listening.statuses[:] = [429, 200]
    assert http.post(path, content=b"a,b", headers={"Content-Type": "text/csv"}).status_code == 200
    assert [heard.size for heard in listening.heard] == [3, 3]
    listening.statuses[:] = [429, 200]
    headers = {"Content-Type": "text/csv", "Content-Length": str(2 * MIB)}
    answer = http.post(path, content=pieces_of(2 * MIB), headers=headers)
    assert (answer.status_code, answer.headers["X-Forwarded-Answer"]) == (429, "bigcommerce")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "nonsense"},
        {"Content-Type": "text/plain; charset=é"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_a_body_of_no_kind_is_refused(
    http: httpx2.Client, listening: ListeningStore, shop: str, headers: dict[str, str]
) -> None:
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = http.post(f"/connections/{shop}/bigcommerce/v3/themes", content=b"x", headers=given)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert listening.heard == []


@pytest.mark.parametrize("sent", [b"zz\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n", b"-1\r\n\r\n"])
def test_chunks_that_are_none_are_refused_and_send_nothing_whole(
    served: Served, listening: ListeningStore, shop: str, sent: bytes
) -> None:
    for path in (f"/api/v1/connections/{shop}/bigcommerce/v3/themes", "/api/v1/connections"):
        connection = http.client.HTTPConnection(urlsplit(served.service.url).netloc, timeout=60)
        connection.putrequest("POST", path)
        for name, value in {**served.authorization, "Content-Type": "application/json"}.items():
            connection.putheader(name, value)
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        connection.send(sent)
        answer = connection.getresponse()
        assert answer.status == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        connection.close()
    for heard in listening.heard:
        assert heard.ended.wait(60)
        assert heard.size is None


def test_a_tool_needs_the_same_permission_for_every_kind_of_body(
    served: Served, client: CompanionClient, listening: ListeningStore, shop: str
) -> None:
    _, text = client.create_api_token("Reader", connections=[shop], actions=[Action.REST_READ])
    with CompanionClient(served.service.url, text) as reader, pytest.raises(Exception, match="does not allow"):  # noqa: SIM117
        with reader.rest(shop, "POST", "v3/themes", body=RequestBody(pieces_of(2 * MIB), 2 * MIB, FORM)):
            pass
    assert listening.heard == []


def test_the_client_streams_a_file(
    client: CompanionClient, listening: ListeningStore, shop: str, tmp_path: Path
) -> None:
    file = tmp_path / "theme.zip"
    file.write_bytes(b"".join(pieces_of(2 * MIB)))
    with file.open("rb") as opened:
        body = RequestBody(iter(lambda: opened.read(PIECE), b""), 2 * MIB, "application/zip")
        with client.rest(shop, "POST", "v3/themes", body=body) as answer:
            assert (answer.status, b"".join(answer.parts)) == (200, b'{"data": []}')
    assert (listening.heard[0].size, listening.heard[0].digest) == (2 * MIB, digest_of(2 * MIB))
