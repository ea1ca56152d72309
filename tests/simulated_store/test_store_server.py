import contextlib
import hashlib
import socket
import ssl
import stat
from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from https_client import LOOPBACK, HttpsClient, trusting

from simulated_store.own_folder import LOCK
from simulated_store.serving.authority import process_authority
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

Connect = Callable[[str], HttpsClient]


@pytest.fixture
def store() -> Iterator[RunningStore]:
    bigcommerce = SimulatedBigCommerce(seed=7)
    bigcommerce.add_store(subdomain="celigo", store_hash="ci4bzn8adz", custom_domain="shop.example")
    with running(bigcommerce) as served:
        yield served


@pytest.fixture
def connect(store: RunningStore) -> Iterator[Connect]:
    clients: list[HttpsClient] = []

    def open_client(host: str) -> HttpsClient:
        clients.append(HttpsClient(host, store.port, store.ca_file))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()


def test_it_listens_on_the_loopback_only(store):
    assert store._server.server_address[0] == LOOPBACK


def test_the_host_map_names_all_hosts_and_follows_new_domains(store):
    target = f"127.0.0.1:{store.port}"
    assert store.host_map == (
        f"*.mybigcommerce.com={target},login.bigcommerce.com={target},api.bigcommerce.com={target},shop.example={target}"
    )
    store.state.store.custom_domain = "late.example"
    assert f"late.example={target}" in store.host_map.split(",")


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("login.bigcommerce.com", "/login", 200),
        ("celigo.mybigcommerce.com", "/", 200),
        ("store-ci4bzn8adz.mybigcommerce.com", "/", 200),
        ("store-ci4bzn8adz-1.mybigcommerce.com", "/", 200),
        ("shop.example", "/", 200),
        ("store-ci4bzn8adz-2.mybigcommerce.com", "/", 404),
        ("nobody.mybigcommerce.com", "/", 404),
        ("store-ci4bzn8adz.mybigcommerce.com", "/manage/settings", 302),
        ("api.bigcommerce.com", "/stores/ci4bzn8adz/v2/time", 401),
    ],
)
def test_each_name_has_its_own_site_behind_a_certificate_of_its_own(connect, host, path, status):
    client = connect(host)
    assert client.get(path).status == status
    assert client.certificate()["subjectAltName"] == (("DNS", host),)


def test_graphql_stands_on_every_storefront_host_and_nowhere_else(connect):
    for host in ("celigo.mybigcommerce.com", "store-ci4bzn8adz.mybigcommerce.com", "shop.example"):
        assert connect(host).get("/graphql").status != 404, host
    assert connect("login.bigcommerce.com").get("/graphql").status == 404


def test_a_storefront_address_tells_its_store_hash(connect):
    for host in ("celigo.mybigcommerce.com", "store-ci4bzn8adz.mybigcommerce.com", "shop.example"):
        assert connect(host).get("/admin/oauth/info").json()["store_hash"] == "ci4bzn8adz"


def test_the_vanity_name_leads_to_the_control_panel_of_its_store(connect):
    answer = connect("celigo.mybigcommerce.com").get("/manage/settings")
    assert answer.headers["Location"] == "https://store-ci4bzn8adz.mybigcommerce.com/manage/settings"


def test_the_control_panel_without_a_session_leads_to_signing_in(connect):
    answer = connect("store-ci4bzn8adz.mybigcommerce.com").get("/manage/settings/api-accounts")
    assert answer.headers["Location"].startswith("https://login.bigcommerce.com/")
    assert connect("login.bigcommerce.com").get("/deep-links/settings").headers["Location"] == "/login"


def test_a_storefront_that_is_not_launched_shows_itself_only_with_its_preview_token(connect, store):
    bigcommerce = store.state
    here = connect(bigcommerce.store.vanity_host)
    assert "Come back soon" in here.get("/").text
    assert "Come back soon" in here.get("/?ctk=wrong").text
    assert "Your storefront is private" in here.get(f"/?ctk={bigcommerce.store.preview_token}").text


def test_one_connection_answers_many_requests(connect):
    client = connect("login.bigcommerce.com")
    assert [client.get("/login").status for _ in range(3)] == [200, 200, 200]
    assert client.post("/login", b"nonsense").status == 400
    assert client.get("/session/heartbeat").status == 204
    assert client.get("/login").status == 200


def test_a_body_that_is_too_large_is_not_read(connect):
    assert connect("login.bigcommerce.com").announce("/login", 2_000_000).status == 413


@pytest.mark.parametrize("host", ["example.com", "www.bigcommerce.com", "bigcommerce.com"])
def test_a_name_that_is_not_simulated_gets_no_handshake(connect, host):
    with pytest.raises(ssl.SSLError):
        connect(host)


def test_the_chain_that_is_sent_includes_the_pinned_authority(connect, store):
    chain = connect("login.bigcommerce.com").chain()
    keys = [x509.load_der_x509_certificate(each).public_key() for each in chain]
    pins = [hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest() for key in keys]
    assert [b64encode(pin).decode() for pin in pins][1:] == [store.public_key_pin]


def test_a_client_that_stalls_in_its_handshake_blocks_nobody(connect, store):
    with socket.create_connection((LOOPBACK, store.port)) as silent:
        silent.sendall(b"\x16\x03\x01")
        assert connect("login.bigcommerce.com").get("/login").status == 200


def test_the_authority_is_a_public_file_that_goes_with_the_store():
    served = running(SimulatedBigCommerce(seed=7))
    try:
        assert stat.S_IMODE(served.ca_file.stat().st_mode) == 0o644
        assert b"PRIVATE" not in served.ca_file.read_bytes()
        assert {each.name for each in served.ca_file.parent.iterdir()} == {"ca.pem", LOCK}
        assert (served.ca_file.parent / LOCK).read_bytes() == b""
    finally:
        served.stop()
    assert not served.ca_file.parent.exists()
    with pytest.raises(OSError), socket.create_connection((LOOPBACK, served.port)):
        pass


def test_stopping_ends_connections_that_are_kept_alive():
    with running(SimulatedBigCommerce(seed=7)) as served:
        raw = socket.create_connection((LOOPBACK, served.port))
        client = trusting(served.ca_file).wrap_socket(raw, server_hostname="login.bigcommerce.com")
    with client:
        client.settimeout(10)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            assert client.recv(1024) == b""


def test_stores_of_one_process_share_their_authority():
    with running() as one, running() as other:
        assert one.port != other.port
        assert one.ca_file != other.ca_file
        assert one.public_key_pin == other.public_key_pin == process_authority().public_key_pin


def test_faults_strike_the_sites_they_name(connect, store):
    faults = store.state.faults
    faults.add("login:/login", status=503, body="later")
    faults.add("storefront:GET /", drop=True)
    answer = connect("login.bigcommerce.com").get("/login")
    assert (answer.status, answer.text) == (503, "later")
    assert connect("login.bigcommerce.com").get("/login").status == 200
    with pytest.raises((ConnectionError, ssl.SSLError)):
        connect("celigo.mybigcommerce.com").get("/")
    assert connect("celigo.mybigcommerce.com").get("/").status == 200


def test_the_record_holds_requests_without_their_queries(connect, store):
    connect("celigo.mybigcommerce.com").get("/?ctk=secret")
    record = store.state.requests[-1]
    assert (record.method, record.host, record.path, record.status) == ("GET", "celigo.mybigcommerce.com", "/", 200)
    assert "secret" not in repr(store.state.requests)


def test_the_record_is_gone_through_while_more_is_asked(connect, store):
    for _ in range(2):
        connect("celigo.mybigcommerce.com").get("/")
    seen = []
    for record in store.state.requests:
        connect("celigo.mybigcommerce.com").get("/")
        seen.append(record)
    assert (len(seen), len(store.state.requests)) == (2, 4)


def test_the_record_holds_headers_and_body_without_secrets(connect, store):
    owner = store.state.owner
    body = f"user%5Bemail%5D=owner%40x.example&user%5Bpassword%5D={owner.password}".encode()
    client = connect("login.bigcommerce.com")
    client._connection.request(
        "POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "a=hush"}
    )
    assert client._connection.getresponse().status == 400
    record = store.state.requests[-1]
    assert record.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert record.body == "user%5Bemail%5D=owner%40x.example&user%5Bpassword%5D=(masked)"
    assert owner.password not in repr(record)
    assert "hush" not in repr(record)


def test_twenty_stores_of_one_process_have_nothing_but_their_authority_in_common():
    with contextlib.ExitStack() as stack:
        served = [stack.enter_context(running()) for _ in range(20)]
        assert len({each.port for each in served}) == 20
        assert len({each.state.store.store_hash for each in served}) == 20
        for each in served:
            store = each.state.store
            client = HttpsClient(store.vanity_host, each.port, each.ca_file)
            with contextlib.closing(client):
                assert client.get("/admin/oauth/info").json() == {"store_hash": store.store_hash}
        served[0].state.users.lock(served[0].state.owner)
        assert [each.state.owner.locked for each in served] == [True] + [False] * 19
        assert [len(each.state.requests) for each in served] == [1] * 20
