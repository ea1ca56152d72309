"""The catalogue over REST."""

import os
import time
from collections.abc import Iterator

import requests

API = "https://api.bigcommerce.com"
TRIES = 3


class Refused(Exception):
    """BigCommerce does not let this token do that."""


class Limited(Exception):
    """Too many calls; `seconds` is how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.1f} s")
        self.seconds = seconds


class Catalogue:
    """One store's catalogue."""

    def __init__(self, pause: float = 0.01) -> None:
        self._base = f"{API}/stores/{os.environ['BIGCOMMERCE_STORE_HASH']}"
        self._pause = pause
        self._session = requests.Session()
        self._session.headers["X-Auth-Token"] = os.environ["BIGCOMMERCE_ACCESS_TOKEN"]

    def __enter__(self) -> "Catalogue":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def products(self, size: int = 5) -> Iterator[dict]:
        """Every product, page by page."""
        page = 1
        while True:
            answer = self._get("/v3/catalog/products", page=page, limit=size)
            yield from answer["data"]
            if page >= answer["meta"]["pagination"]["total_pages"]:
                return
            page += 1

    def channels(self) -> list[int]:
        return [channel["id"] for channel in self._get("/v3/channels")["data"]]

    def _get(self, path: str, **query: object) -> dict:
        for attempt in range(TRIES):
            try:
                answer = self._session.get(self._base + path, params=query, timeout=10)
            except requests.ConnectionError:
                answer = None
            if answer is not None and answer.status_code < 500:
                break
            if attempt + 1 < TRIES:
                time.sleep(self._pause)
        if answer is None:
            raise Refused("BigCommerce does not answer.")
        if answer.status_code == 429:
            raise Limited(int(answer.headers["X-Rate-Limit-Time-Reset-Ms"]) / 1000)
        if not answer.ok:
            raise Refused(f"{answer.status_code}: {answer.text[:200]}")
        return answer.json()
