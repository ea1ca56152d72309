"""Reading the subdomain out of what the store says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from fake_service import FakeService

from automation.jobs import storefront_lookup
from companion.core.errors import BigCommerceRefused
from companion.core.vanity_address import subdomain_from_answer


def answer(vanity: object) -> dict[str, Any]:
    return {"data": {"site": {"settings": {"url": {"vanityUrl": vanity}}}}}


def test_a_vanity_address_shows_the_subdomain() -> None:
    assert subdomain_from_answer(answer("https://celigo.mybigcommerce.com")) == "celigo"


@pytest.mark.parametrize(
    "given",
    [
        answer("https://www.shop.example"),
        answer("https://store-ci4bzn8adz.mybigcommerce.com"),
        answer("https://store-ci4bzn8adz-7.mybigcommerce.com"),
        answer("https://a.b.mybigcommerce.com"),
        answer(None),
        answer(7),
        {"data": None, "errors": [{"message": "no"}]},
        {"data": {"site": None}},
        {},
    ],
)
def test_an_answer_that_shows_none_gives_none(given: dict[str, Any]) -> None:
    assert subdomain_from_answer(given) is None


@pytest.mark.parametrize("refusals", [0, 2, 9])
def test_a_token_that_is_not_known_yet_is_asked_with_again(refusals: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storefront_lookup, "UNKNOWN_YET", (0.0, 0.0, 0.0))
    left = ["refused"] * refusals

    class Service(FakeService):
        def graphql(self, connection_id: str, query: str, variables: object = None) -> dict[str, Any]:
            del connection_id, query, variables
            if left:
                raise BigCommerceRefused(left.pop())
            return answer("https://celigo.mybigcommerce.com")

    class Corrected:
        def correct(self, captured: object, connection: object, *, subdomain: str) -> dict[str, str]:
            del captured, connection
            return {"subdomain": subdomain}

    given: Any = {"id": "id-2", "subdomain": "store-ci4bzn8adz"}
    nothing: Any = None
    hand_over: Any = Corrected()
    found = storefront_lookup.with_subdomain(Service(), hand_over, nothing, given)
    assert found["subdomain"] == ("celigo" if refusals < 4 else "store-ci4bzn8adz")
