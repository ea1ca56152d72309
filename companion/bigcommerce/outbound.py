"""Where requests may go, through what, and whom is trusted there.

With a host map, names lead to a simulated store on loopback: TLS still asks for the real name and trusts one
certificate authority only, no proxy is used, and a name that is not mapped is not looked up. Without one, the system's
trust counts, besides COMPANION_EXTRA_CA_FILE, and HTTPS_PROXY and NO_PROXY hold.
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx2

from companion import __version__
from companion.core.errors import InvalidSetting
from companion.core.host_map import HostMap
from companion.core.store_urls import STORE_DOMAIN

API_HOST = "api.bigcommerce.com"
USER_AGENT = f"bigcommerce-companion/{__version__}"

_TIMEOUT = httpx2.Timeout(20.0, connect=10.0)


class NotMapped(Exception):
    """The name stands in no entry of the host map."""


@dataclass(frozen=True)
class Outbound:
    """How the outside is reached.

    Attributes:
        ca_file: PEM; the one authority trusted behind a host map.
        extra_ca_file: PEM; trusted besides the system's, where there is no host map.
    """

    host_map: HostMap = field(default_factory=HostMap)
    ca_file: Path | None = None
    extra_ca_file: Path | None = None

    def client(self) -> httpx2.Client:
        """Return a client that follows no redirects and keeps no cookies.

        Raises:
            InvalidSetting: a certificate file cannot be read.
        """
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        if not self.host_map:
            trust = httpx2.create_ssl_context()
            if self.extra_ca_file is not None:
                _trust_also(trust, self.extra_ca_file, "COMPANION_EXTRA_CA_FILE")
            return httpx2.Client(
                verify=trust, timeout=_TIMEOUT, follow_redirects=False, headers=headers, cookies=_no_cookies()
            )
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.ca_file is not None:
            _trust_also(trust, self.ca_file, "COMPANION_CA_FILE")
        return httpx2.Client(
            transport=_MappedTransport(self.host_map, trust),
            timeout=_TIMEOUT,
            follow_redirects=False,
            headers=headers,
            cookies=_no_cookies(),
            trust_env=False,
        )


def is_allowed(host: str) -> bool:
    """Say whether credentials may be sent to `host`: BigCommerce's API, or one label below the stores' domain."""
    label, _, domain = host.lower().partition(".")
    return host.lower() == API_HOST or (bool(label) and domain == STORE_DOMAIN)


class _MappedTransport(httpx2.BaseTransport):
    """Connects to the mapped address, while the Host header and the name that TLS asks for stay what they were."""

    def __init__(self, host_map: HostMap, trust: ssl.SSLContext) -> None:
        self._host_map = host_map
        self._trust = trust
        self._lock = threading.Lock()
        # One pool a name: all names lead to one address, and a connection made for one must not serve another.
        self._pools: dict[str, httpx2.HTTPTransport] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        target = self._host_map.target_of(host)
        if target is None:
            raise NotMapped
        mapped = httpx2.Request(
            request.method,
            request.url.copy_with(host=target.address, port=target.port),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return self._pool(host).handle_request(mapped)

    def close(self) -> None:
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _pool(self, host: str) -> httpx2.HTTPTransport:
        with self._lock:
            if host not in self._pools:
                self._pools[host] = httpx2.HTTPTransport(verify=self._trust, trust_env=False)
            return self._pools[host]


def _no_cookies() -> CookieJar:
    # What one store sets must not travel with the call to the next.
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))


def _trust_also(trust: ssl.SSLContext, file: Path, variable: str) -> None:
    try:
        trust.load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) and failure.strerror else "it holds no certificate"
        simulated = " that `companion sandbox serve` prints, while that runs" if variable == "COMPANION_CA_FILE" else ""
        raise InvalidSetting(
            f"The certificates in {file} could not be read: {reason}.",
            next_step=f"Set {variable} to a PEM file with certificate authorities{simulated}, or unset it.",
        ) from None
