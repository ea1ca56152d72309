"""Starting a real browser: what it may do, what it reaches, what is left of it."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from automation.browser.downloads import Downloads
from automation.browser.session import browser_session
from automation.core.errors import BrowserUnavailable
from companion.core.credentials_file import MAX_FILE_BYTES
from companion.core.errors import InvalidSetting
from companion.settings import Settings, load_settings

pytestmark = pytest.mark.browser

HOST = "shop.mybigcommerce.com"


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the simulated page")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name http.server calls
        pass


def signed(name: str, issuer: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    unsigned = x509.CertificateBuilder(
        named(issuer),
        named(name),
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=1),
        now + timedelta(days=1),
    )
    is_authority = name == issuer
    unsigned = unsigned.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if not is_authority:
        names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName("localhost")])
        unsigned = unsigned.add_extension(names, critical=False)
    return unsigned.sign(by, hashes.SHA256())


class Site:
    """An HTTPS server on loopback whose authority only its own file makes known."""

    def __init__(self, folder: Path) -> None:
        authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        authority = signed("authority", "authority", authority_key, authority_key)
        leaf = signed(HOST, "authority", key, authority_key)
        pem = serialization.Encoding.PEM
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(authority.public_bytes(pem))
        chain = folder / "chain.pem"
        chain.write_bytes(
            leaf.public_bytes(pem)
            + authority.public_bytes(pem)
            + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own, in which nothing may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def mapped(site: Site) -> Settings:
    return load_settings(host_map=f"*.mybigcommerce.com=127.0.0.1:{site.port}", ca_file=site.ca_file)


def test_mapped_names_are_reached_and_trusted_and_no_other_name_is(site: Site) -> None:
    from playwright.sync_api import Error

    with browser_session(mapped(site)) as context:
        page = context.new_page()
        answer = page.goto(f"https://{HOST}/")
        assert answer is not None
        assert answer.text() == "the simulated page"
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            page.goto("https://www.example.com/")
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            page.goto(f"https://127.0.0.1:{site.port}/")


def test_another_authority_is_not_trusted_behind_a_host_map(site: Site, tmp_path: Path) -> None:
    from playwright.sync_api import Error

    other = ec.generate_private_key(ec.SECP256R1())
    ca_file = tmp_path / "other.pem"
    ca_file.write_bytes(signed("authority", "authority", other, other).public_bytes(serialization.Encoding.PEM))
    settings = load_settings(host_map=f"*.mybigcommerce.com=127.0.0.1:{site.port}", ca_file=ca_file)
    with browser_session(settings) as context, pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto(f"https://{HOST}/")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the browser trusts what the system trusts")
def test_a_companys_authority_is_trusted_for_the_names_it_signed(site: Site) -> None:
    from playwright.sync_api import Error

    with browser_session(load_settings(extra_ca_file=site.ca_file)) as context:
        page = context.new_page()
        answer = page.goto(f"https://localhost:{site.port}/")
        assert answer is not None
        assert answer.ok
        with pytest.raises(Error, match="ERR_CERT_COMMON_NAME_INVALID"):
            page.goto(f"https://127.0.0.1:{site.port}/")


def test_an_extra_authority_file_without_a_certificate_is_refused(tmp_path: Path, place: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    session = browser_session(load_settings(extra_ca_file=empty))
    with pytest.raises(InvalidSetting, match="COMPANION_EXTRA_CA_FILE"), session:
        pass


def test_pages_may_not_read_the_clipboard_ask_for_the_place_or_notify() -> None:
    with browser_session(load_settings()) as context:
        page = context.new_page()
        states = page.evaluate(
            "async names => Promise.all(names.map(async name => (await navigator.permissions.query({name})).state))",
            ["clipboard-read", "clipboard-write", "geolocation", "notifications"],
        )
    assert states == ["denied"] * 4


def test_a_downloaded_text_is_read_and_no_longer_on_disk(place: Path) -> None:
    downloads = Downloads()
    with browser_session(load_settings(), downloads=downloads) as context:
        page = context.new_page()
        page.evaluate(_DOWNLOAD, ["credentials.txt", "ACCESS TOKEN: made-up"])
        with context.expect_page() as opened:
            page.evaluate("() => { window.open('about:blank') }")
        opened.value.evaluate(_DOWNLOAD, ["from-a-popup.TXT", "second"])
        page.evaluate(_DOWNLOAD, ["picture.png", "third"])
        page.evaluate(_DOWNLOAD, ["large.txt", "x" * (MAX_FILE_BYTES + 1)])
        # Downloads are told in their order, so after this one all earlier ones are dealt with.
        asked = 0
        while len(downloads.texts()) < 2 + max(asked, 1):
            if len(downloads.texts()) < 3:
                page.evaluate(_DOWNLOAD, ["last.txt", "last"])
                asked += 1
            page.wait_for_timeout(50)
        texts = [download.text for download in downloads.texts()]
        assert sorted(set(texts)) == ["ACCESS TOKEN: made-up", "last", "second"]
        while [file for file in place.rglob("downloads/*") if file.stat().st_size > 0]:
            page.wait_for_timeout(50)  # what is no text is deleted too, once it is told
    assert list(place.iterdir()) == []


_DOWNLOAD = """([name, text]) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = name;
  link.click();
}"""


def test_nothing_is_left_at_the_end(place: Path) -> None:
    with browser_session(load_settings()) as context:
        context.new_page().goto("data:text/html,hello")
        assert len(list(place.iterdir())) == 1
    assert list(place.iterdir()) == []


def test_nothing_is_left_after_an_error(place: Path) -> None:
    with pytest.raises(RuntimeError), browser_session(load_settings()):
        raise RuntimeError
    assert list(place.iterdir()) == []


def test_a_long_temporary_folder_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / ("long" * 30)
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    with browser_session(load_settings()) as context:
        assert context.new_page().evaluate("1 + 1") == 2
    assert list(place.iterdir()) == []


def test_a_browser_that_does_not_start_is_named(tmp_path: Path, place: Path) -> None:
    program = tmp_path.parent / f"{tmp_path.name}-browser"
    program.write_text('#!/bin/sh\ntest "$1" = --version && echo Chromium 1.0 && exit 0\nexit 3\n')
    program.chmod(0o700)
    session = browser_session(load_settings(browser=program))
    with pytest.raises(BrowserUnavailable, match=r"-browser does not start"), session:
        pass
    assert list(place.iterdir()) == []


# Opens a browser, says the ids of all processes below this one, and waits.
OPEN = """
import os, subprocess, sys
from automation.browser.session import browser_session
from companion.settings import load_settings
with browser_session(load_settings()) as context:
    context.new_page().goto("data:text/html,hello")
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_the_browser_ends_when_this_program_is_killed(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    program = subprocess.Popen(
        [sys.executable, "-c", OPEN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "open\n"
    below = psutil.Process(program.pid).children(recursive=True)
    assert any("chrom" in process.name().lower() for process in below)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    _, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []


@pytest.mark.skipif(sys.platform != "linux", reason="another process's environment is read there")
def test_driver_and_browser_see_only_what_is_on_the_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "driver.log"
    withheld = {
        "DEBUG": "pw:*", "DEBUG_FILE": str(log), "PWDEBUG": "console", "BIGCOMMERCE_PASSWORD": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up", "SOME_TOOLS_TOKEN": "made-up",
    }  # fmt: skip
    for name, value in withheld.items():
        monkeypatch.setenv(name, value)
    with browser_session(load_settings(data_dir=tmp_path, host_map="*.mybigcommerce.com=127.0.0.1:9")) as context:
        context.new_page().set_content("<input type=password>")
        below = psutil.Process().children(recursive=True)
        seen = [set(process.environ()) for process in below if process.status() != psutil.STATUS_ZOMBIE]
    assert len(seen) >= 3  # the driver, the browser, and what the browser starts
    assert not [names & set(withheld) for names in seen if names & set(withheld)]
    assert not log.exists()
    assert os.environ["DEBUG"] == "pw:*"  # this process's own is as it was
