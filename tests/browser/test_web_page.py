"""The service's web page in a real browser: what it says of where requests come from is what the service goes by."""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import chromium_path
from playwright.sync_api import Browser, Page, sync_playwright

from companion.cli.open import leading_to
from companion.client import CompanionClient
from companion.core.secret import Secret
from companion.settings import load_settings
from companion.wiring.service import RunningService, running_service

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("service")
    settings = load_settings(
        data_dir=folder / "data", key_file=folder / "config" / "key.json", key_provider="file", url=None
    )
    with running_service(settings, log_stream=io.StringIO()) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def client(service: RunningService) -> Iterator[CompanionClient]:
    with CompanionClient(service.url, service.api_token) as client:
        yield client


@pytest.fixture
def led_here(page: Page, client: CompanionClient, tmp_path: Path) -> Page:
    """A page that the file of `companion open` has led to the button."""
    file = tmp_path / "sign-in.html"
    file.write_text(leading_to(client.sign_in_link().reveal()))
    page.goto(file.as_uri())
    page.wait_for_url("**/sign-in/*")
    return page


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a page of another program on this machine, which a browser counts as the same site."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title>")

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_file_leads_to_a_button_and_that_to_the_connections(
    led_here: Page, client: CompanionClient, service: RunningService
) -> None:
    client.create(
        {"name": "Shop <1>", "subdomain": "celigo", "store_hash": "abc"}, Secret("a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p")
    )
    troubles: list[str] = []
    led_here.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    with led_here.expect_response("**/style.css") as style:
        led_here.get_by_role("button", name="Sign in").click()
    led_here.get_by_role("heading", name="Connections").wait_for()
    assert style.value.status == 200
    assert led_here.url == service.url + "/"
    assert led_here.get_by_role("rowheader", name="Shop <1>").is_visible()
    (cookie,) = led_here.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert cookie["name"] == f"companion-session-{service.url.rpartition(':')[2]}"
    led_here.get_by_role("button", name="Sign out", exact=True).click()
    led_here.get_by_role("heading", name="You are signed out").wait_for()
    assert led_here.context.cookies() == []
    assert troubles == []


ATTEMPTS = {
    "fetch": "async (url) => { try { const a = await fetch(url + '/api/v1/connections', {credentials: 'include'});"
    " return a.status } catch { return 'refused' } }",
    "blind post": "async (url) => { try { await fetch(url + '/sign-out', {method: 'POST', mode: 'no-cors',"
    " credentials: 'include', body: new URLSearchParams({where: 'everywhere'})}); return 'sent' }"
    " catch { return 'refused' } }",
    "frame": "async (url) => { const f = document.createElement('iframe'); f.src = url + '/';"
    " const done = new Promise(r => f.onload = r); document.body.append(f); await done;"
    " try { return f.contentDocument ? 'seen' : 'refused' } catch { return 'refused' } }",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_page_of_another_program_on_this_machine_does_nothing_with_the_session(
    led_here: Page, service: RunningService, elsewhere: str, attempt: str
) -> None:
    led_here.get_by_role("button", name="Sign in").click()
    led_here.get_by_role("button", name="Sign out", exact=True).wait_for()
    other = led_here.context.new_page()
    answers: list[int] = []
    other.on("response", lambda answer: answers.append(answer.status) if service.url in answer.url else None)
    other.goto(elsewhere)
    told = other.evaluate(ATTEMPTS[attempt], service.url)
    assert told in {"refused", "sent"}
    assert set(answers) <= {403}
    led_here.reload()
    assert led_here.get_by_role("button", name="Sign out", exact=True).is_visible()


def test_a_form_of_another_page_signs_nobody_in(
    page: Page, client: CompanionClient, service: RunningService, elsewhere: str
) -> None:
    link = client.sign_in_link().reveal().rpartition("/")[2]
    page.goto(elsewhere)
    with page.expect_response(f"{service.url}/sign-in") as answer:
        page.evaluate(
            "([url, link]) => { document.body.innerHTML = `<form method=post action='${url}/sign-in'>"
            "<input name=link value='${link}'></form>`; document.forms[0].submit() }",
            [service.url, link],
        )
    assert answer.value.status == 403
    assert page.context.cookies() == []
