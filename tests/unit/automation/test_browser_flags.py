"""What a browser is told at its start."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from automation.browser.flags import launch_flags, proxy_from_environment, spki_fingerprints
from companion.core.errors import InvalidSetting
from companion.core.host_map import HostMap, host_map_from_text
from companion.core.passed_on import without_secrets


def certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    unsigned = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=1))
    return unsigned.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_a_host_map_leads_its_names_to_its_targets_and_every_other_name_nowhere() -> None:
    host_map = host_map_from_text("*.mybigcommerce.com=127.0.0.1:8443,login.bigcommerce.com=[::1]:9443")
    flags = launch_flags(host_map, None)
    assert (
        "--host-resolver-rules=MAP *.mybigcommerce.com 127.0.0.1:8443,MAP login.bigcommerce.com [::1]:9443,"
        "MAP * ~NOTFOUND"
    ) in flags
    assert "--no-proxy-server" in flags


def test_exactly_the_key_of_the_simulated_authority_is_trusted() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    fingerprint = base64.b64encode(hashlib.sha256(spki).digest()).decode()
    flags = launch_flags(host_map_from_text("a.example=127.0.0.1:1"), certificate(key))
    assert [flag for flag in flags if "certificate" in flag] == [f"--ignore-certificate-errors-spki-list={fingerprint}"]


def test_without_a_host_map_no_certificate_error_is_ignored_and_no_name_is_led_elsewhere() -> None:
    flags = launch_flags(HostMap(), certificate(ec.generate_private_key(ec.SECP256R1())))
    assert not [flag for flag in flags if "certificate" in flag or "resolver" in flag or "proxy" in flag]


def test_a_file_without_a_certificate_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="COMPANION_CA_FILE"):
        spki_fingerprints(b"-----BEGIN NOTHING-----")


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTP_PROXY": "http://p.example:1"}, None),
        ({"HTTPS_PROXY": "http://p.example:3128"}, {"server": "http://p.example:3128"}),
        ({"https_proxy": "p.example:3128"}, {"server": "http://p.example:3128"}),
        ({"HTTPS_PROXY": "http://p.example"}, {"server": "http://p.example:80"}),
        ({"HTTPS_PROXY": "socks5h://[::1]:1080"}, {"server": "socks5://[::1]:1080"}),
        (
            {"HTTPS_PROXY": "http://me:p%40ss@p.example:1"},
            {"server": "http://p.example:1", "username": "me", "password": "p@ss"},
        ),
        (
            {
                "HTTPS_PROXY": "http://p.example:1",
                "NO_PROXY": "corp.example, .x.example,*.y.example,10.0.0.0/8,[::1],*",
            },
            {
                "server": "http://p.example:1",
                "bypass": "corp.example,.corp.example,x.example,.x.example,y.example,.y.example,10.0.0.0/8,[::1],*",
            },
        ),
    ],
)
def test_the_proxy_of_the_environment_is_the_browsers(environ: dict[str, str], proxy: object) -> None:
    assert proxy_from_environment(environ) == proxy


@pytest.mark.parametrize("address", ["ftp://p.example:1", "http://", "http://p.example:notaport"])
def test_a_malformed_proxy_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        proxy_from_environment({"HTTPS_PROXY": address})
    assert "p.example:notaport" not in str(refusal.value)


def test_the_browser_sees_no_secret_and_nothing_that_makes_it_write_down_what_it_sees() -> None:
    kept = {
        "PATH": "/bin",
        "DISPLAY": ":0",
        "https_proxy": "http://p.example:1",
        "LC_ALL": "C",
        "XDG_RUNTIME_DIR": "/r",
    }
    withheld = dict.fromkeys(
        (
            "BIGCOMMERCE_PASSWORD", "COMPANION_PASSPHRASE", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "DATABASE_URL",
            "SSLKEYLOGFILE", "DEBUG", "DEBUGP", "DEBUG_FILE", "PWDEBUG", "NODE_OPTIONS", "CHROME_LOG_FILE",
            "LD_PRELOAD", "WHATEVER_COMES",
        ),
        "x",
    )  # fmt: skip
    assert without_secrets(kept | withheld) == kept
