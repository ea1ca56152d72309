"""A real service with its web page, in front of a simulated store, and what tests do at it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from flask import Flask
from played_jobs import PlayedJobs

from companion.client import CompanionClient, ConnectionFields
from companion.core.secret import Secret
from companion.settings import Settings, load_settings
from companion.wiring.service import RunningService, build, running_service
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce, Store

BOTH_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})
A_TOKEN = Secret("made-up-a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p")


@dataclass
class WebPages:
    """The running service, and the simulated world that it reaches.

    Attributes:
        jobs: the retrievals that are played, where the service starts none itself.
    """

    service: RunningService
    settings: Settings
    world: RunningStore
    log: io.StringIO
    jobs: PlayedJobs = field(default_factory=PlayedJobs)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        return self.service.url

    @property
    def store(self) -> Store:
        return self.world.state.store

    def client(self) -> CompanionClient:
        return CompanionClient(self.service.url, self.service.api_token)

    def app(self) -> Flask:
        """Build the application once more, to look at its routes."""
        service = build(self.settings, log_stream=io.StringIO())
        service.close()
        return service.app

    def sign_in_path(self) -> str:
        with self.client() as client:
            return urlsplit(client.sign_in_link().reveal()).path

    def new_name(self) -> str:
        return f"Shop {next(self._numbers):03}"

    def access_token(self, oauth_scopes: frozenset[str] = BOTH_SCOPES) -> str:
        """Make an API account in the simulated store; returns its access token."""
        return self.store.create_api_account(f"ERP connection {next(self._numbers)}", oauth_scopes).access_token

    def connect(self, name: str | None = None, *, access_token: str | None = None, **changes: Any) -> dict[str, Any]:
        """Store a connection to the simulated store, as the API shows it then."""
        fields: ConnectionFields = {
            "name": name or self.new_name(),
            "subdomain": self.store.subdomain,
            "store_hash": self.store.store_hash,
            **changes,
        }  # type: ignore[typeddict-item]
        with self.client() as client:
            return dict(client.create(fields, Secret(access_token or self.access_token())))

    def verify(self, connection_id: str) -> dict[str, Any]:
        with self.client() as client:
            return dict(client.verify(connection_id))

    def forget_all(self) -> None:
        """Delete every connection."""
        with self.client() as client:
            for each in list(client.all_connections()):
                client.delete(each["id"], each["revision"])


@contextmanager
def web_pages(folder: Path, **settings: Any) -> Iterator[WebPages]:
    """Run the service and the simulated store, with a data folder of their own."""
    log = io.StringIO()
    with running(SimulatedBigCommerce(seed=11)) as world:
        loaded = load_settings(
            data_dir=folder / "data",
            key_file=folder / "config" / "key.json",
            url=None,
            host_map=world.host_map,
            ca_file=world.ca_file,
            **{"key_provider": "file", **settings},
        )
        with running_service(loaded, public=True, log_stream=log) as service:
            yield WebPages(service, loaded, world, log)


class Visitor:
    """A browser without scripts: keeps cookies, follows redirects, and says where its requests come from."""

    def __init__(self, pages: WebPages) -> None:
        self.http = httpx2.Client(
            base_url=pages.url,
            headers={
                "Origin": pages.url,
                "Sec-Fetch-Site": "same-origin",
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            },
            trust_env=False,
            verify=False,
            timeout=60,
        )

    def sign_in(self, path: str) -> None:
        answer = self.http.post("/sign-in", data={"link": path.rpartition("/")[2]})
        assert answer.status_code == 303, answer.text

    def get(self, path: str) -> httpx2.Response:
        return self.http.get(path)

    def post(self, path: str, fields: dict[str, Any] | None = None, *, shown_at: str | None = None) -> httpx2.Response:
        """Send a form, with the anti-forgery token of the screen at `shown_at`; `path` itself if None."""
        token = anti_forgery_in(self.get(shown_at or path).text)
        return self.http.post(path, data={"anti_forgery": token, **(fields or {})})

    def close(self) -> None:
        self.http.close()


def anti_forgery_in(html: str) -> str:
    """Return the token that the forms of a screen carry."""
    found = re.search(r'name="anti_forgery" value="([0-9a-f]{64})"', html)
    assert found, html[:2000]
    return found[1]
