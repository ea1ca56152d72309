"""A user in the simulated control panel without a browser: pages as parsed HTML, and the calls that they make."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup, Tag
from werkzeug.test import Client, TestResponse

from simulated_store.panel.navigation import list_path
from simulated_store.panel.places import frame_host, panel_host
from simulated_store.people.user import User
from simulated_store.serving.sites import dispatcher
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@functools.cache
def _world() -> tuple[SimulatedBigCommerce, WSGIApplication]:
    """One for all tests of a process: to set up its routes takes longer than most tests."""
    state = SimulatedBigCommerce(seed=7)
    return state, dispatcher(state)


def fresh_world(**variants: Any) -> SimulatedBigCommerce:
    """The world of these tests, as if new."""
    state, _ = _world()
    state.reset()
    state.variants = Variants(**variants)
    return state


class PanelVisit:
    """Signed in to the control panel of the first store of `fresh_world`.

    Args:
        accept_language: what the browser says of its languages.
    """

    def __init__(self, user: User | None = None, *, accept_language: str | None = None) -> None:
        self.state, application = _world()
        state, self.store = self.state, self.state.store
        user = user or state.owner
        self._headers = {"Accept-Language": accept_language} if accept_language else {}
        self._client = Client(application)
        session = state.sign_in(user.email, user.password)
        for host in {panel_host(self.store, state.variants), self.host}:
            ticket = state.panel_ticket(session, self.store.store_hash, "/manage/dashboard")
            self.get(f"/manage/session?ticket={ticket}", host=host)

    @property
    def host(self) -> str:
        """Where the control panel is, or where the frame of its content is if that has a host of its own."""
        own = self.state.variants.frame == "foreign"
        return (frame_host if own else panel_host)(self.store, self.state.variants)

    @property
    def list_path(self) -> str:
        return list_path(self.state.variants)

    def get(self, path: str, *, host: str | None = None) -> TestResponse:
        """The answer to a request on the control panel's host, or another; redirects are not followed."""
        base = f"https://{host or panel_host(self.store, self.state.variants)}"
        return self._client.get(path, base_url=base, headers=self._headers)

    def shell(self, path: str = "/manage/dashboard") -> BeautifulSoup:
        """The top document at a `/manage/…` path."""
        return BeautifulSoup(self.get(path).text, "lxml")

    def content(self, path: str) -> BeautifulSoup:
        """The document of the frame at a `/manage/…` path."""
        return BeautifulSoup(self._content_text(path), "lxml")

    def form(self) -> BeautifulSoup:
        return self.content(f"{self.list_path}/create")

    def list(self, query: str = "") -> BeautifulSoup:
        return self.content(f"{self.list_path}{query}")

    def _content_text(self, path: str) -> str:
        return self.get(path.replace("/manage/", "/admin/app/", 1), host=self.host).text

    def save(
        self,
        name: str = "ERP connection",
        token_type: str = "V2/V3 API token",  # noqa: S107  a kind of token, not one
        **scopes: str,
    ) -> tuple[int, dict[str, Any]]:
        """What the form sends when it is saved; `scopes` by their visible names."""
        body = {"name": name, "token_type": token_type, "scopes": scopes, "access_level": "Publish theme"}
        csrf = config_of(self.form())["csrf"]
        answer = self._client.post(
            "/admin/app-api/api-accounts",
            base_url=f"https://{self.host}",
            json=body,
            headers={**self._headers, "X-XSRF-TOKEN": csrf},
        )
        return answer.status_code, answer.json or {}


def config_of(page: BeautifulSoup) -> dict[str, Any]:
    """What the page tells its scripts."""
    script = page.select_one("#app-config")
    assert script is not None
    found: dict[str, Any] = json.loads(script.get_text())
    return found


def block_of(page: BeautifulSoup, label: str) -> Tag:
    """The innermost element with controls around the text `label`."""
    text = page.find(string=lambda each: each.strip() == label if each else False)
    assert text is not None, f"no {label!r} on the page"
    block = next(each for each in text.parents if each.select_one("button, input, select"))
    assert isinstance(block, Tag)
    return block


def texts(found: list[Tag]) -> list[str]:
    return [each.get_text(" ", strip=True) for each in found]
