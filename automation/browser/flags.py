"""What a browser is told at its start: pure values out of the settings."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import TypedDict
from urllib.parse import unquote, urlsplit

from companion.core.errors import InvalidSetting
from companion.core.host_map import HostMap

# Playwright adds most of what keeps a browser from calling home; these complete it.
_QUIET = (
    "--disable-client-side-phishing-detection",
    "--disable-domain-reliability",
    "--disable-speech-api",
    "--disable-sync",
    "--no-pings",
)


class Proxy(TypedDict, total=False):
    """A proxy as Playwright takes it, which keeps its password off the command line."""

    server: str
    bypass: str
    username: str
    password: str


def launch_flags(host_map: HostMap, authority: bytes | None) -> tuple[str, ...]:
    """Return the command line flags of the browser.

    Args:
        host_map: with entries, every name that it does not have fails, and no proxy is asked.
        authority: the PEM certificate that the simulated store's authority signs with; only used with a host map.

    Raises:
        InvalidSetting: `authority` is not a certificate.
    """
    if not host_map:
        return _QUIET
    rules = [f"MAP {pattern} {target}" for pattern, target in host_map.entries]
    flags = (*_QUIET, f"--host-resolver-rules={','.join([*rules, 'MAP * ~NOTFOUND'])}", "--no-proxy-server")
    if authority is None:
        return flags
    # Trusts chains that bring exactly this key. It holds only because the host map leads nowhere but to this machine:
    # the browser does not check who signed a chain that brings it.
    return (*flags, f"--ignore-certificate-errors-spki-list={','.join(spki_fingerprints(authority))}")


def spki_fingerprints(pem: bytes) -> tuple[str, ...]:
    """Return the SHA-256 of each certificate's public key (SubjectPublicKeyInfo, DER), in base64.

    Raises:
        InvalidSetting: there is no certificate in `pem`.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificates

    try:
        keys = [certificate.public_key() for certificate in load_pem_x509_certificates(pem)]
    except ValueError:
        raise InvalidSetting(
            "COMPANION_CA_FILE holds no certificate.",
            next_step="Set it to the file that `companion sandbox serve` prints.",
        ) from None
    spkis = (key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for key in keys)
    return tuple(base64.b64encode(hashlib.sha256(spki).digest()).decode() for spki in spkis)


def proxy_from_environment(environ: Mapping[str, str]) -> Proxy | None:
    """Read `HTTPS_PROXY` and `NO_PROXY`, in capitals or not; None where no proxy is set.

    A name in `NO_PROXY` also stands for the names below it, as it does for curl, Python and Node.

    Raises:
        InvalidSetting: the proxy is not an address; it is not repeated, since it may hold a password.
    """
    given = _either(environ, "HTTPS_PROXY")
    if not given:
        return None
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if not host or parts.scheme not in {"http", "https", "socks5", "socks5h"}:
        raise InvalidSetting(
            "HTTPS_PROXY is not the address of a proxy.",
            next_step="Set it to something like http://proxy.example.com:3128, or unset it.",
        )
    shown = f"[{host}]" if ":" in host else host
    proxy = Proxy(server=f"{parts.scheme.removesuffix('h')}://{shown}" + (f":{port}" if port else ""))
    if parts.scheme == "http" and not port:
        proxy["server"] += ":80"
    bypass = _bypass(_either(environ, "NO_PROXY"))
    if bypass:
        proxy["bypass"] = bypass
    if parts.username:
        proxy["username"] = unquote(parts.username)
        proxy["password"] = unquote(parts.password or "")
    return proxy


def _bypass(no_proxy: str) -> str:
    entries: list[str] = []
    for entry in filter(None, (part.strip() for part in no_proxy.replace(" ", ",").split(","))):
        name = entry.removeprefix("*.").removeprefix(".")
        is_name = not any(character in name for character in "/:*") and not name.replace(".", "").isdigit()
        entries += [name, f".{name}"] if is_name else [entry]
    return ",".join(dict.fromkeys(entries))


def _either(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.lower()) or "").strip()
