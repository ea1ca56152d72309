"""A browser without scripts: keeps cookies, follows redirects across hosts, and submits the form it sees."""

import re
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from werkzeug.test import Client, TestResponse

from simulated_store.serving.sites import dispatcher
from simulated_store.state import SimulatedBigCommerce, User

LOGIN = "https://login.bigcommerce.com"
REDIRECTS = (301, 302, 303)


class Browser:
    """`answer` is the page it shows; no sockets are opened."""

    def __init__(self, state: SimulatedBigCommerce) -> None:
        self._client = Client(dispatcher(state))
        self.answer: TestResponse

    @property
    def text(self) -> str:
        return self.answer.text

    @property
    def address(self) -> str:
        return self.answer.request.url

    @property
    def path(self) -> str:
        return self.answer.request.path

    def get(self, address: str) -> TestResponse:
        return self._open(address)

    def submit(self, **fields: str) -> TestResponse:
        """Submit the page's form with its hidden fields and these; `user__email` stands for `user[email]`."""
        form = BeautifulSoup(self.text, "lxml").find("form")
        assert form is not None, self.text
        sent = {each["name"]: each.get("value", "") for each in form.find_all("input", type="hidden")}
        sent |= {re.sub(r"^(\w+?)__(\w+)$", r"\1[\2]", name): value for name, value in fields.items()}
        return self._open(urljoin(self.address, str(form["action"])), sent)

    def sign_in(self, user: User, password: str | None = None) -> TestResponse:
        self.get(f"{LOGIN}/login")
        return self.submit(user__email=user.email, user__password=user.password if password is None else password)

    def _open(self, address: str, form: dict[str, str] | None = None) -> TestResponse:
        parts = urlsplit(address)
        self.answer = self._client.open(
            parts.path or "/",
            method="GET" if form is None else "POST",
            base_url=f"https://{parts.netloc}",
            query_string=parts.query,
            data=form,
        )
        if self.answer.status_code in REDIRECTS:
            return self._open(urljoin(address, self.answer.location))
        return self.answer
