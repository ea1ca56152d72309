"""Hand-over tickets over real HTTP: single use, one connection, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from companion.client import CompanionClient, Ticket
from companion.core.errors import (
    BigCommerceUnreachable,
    Conflict,
    InvalidInput,
    NameTaken,
    NotAllowed,
    NotAuthorized,
    NotFound,
    NotProven,
)
from companion.core.secret import Secret
from simulated_store.state import SimulatedBigCommerce, Store

TOKEN = Secret("captured-token")
BOTH_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})


def fields(name: str, **more: Any) -> Any:
    return {"name": name, "subdomain": "celigo", "store_hash": "ci4bzn8adz", **more}


def test_a_ticket_creates_its_connection(client: CompanionClient, new_name: Callable[[], str]) -> None:
    name = new_name()
    ticket = client.issue_ticket(name)
    assert (ticket.replaces, ticket.supersedes) == (None, None)
    finding = {"code": "one-witness", "message": "m", "action": "a"}
    made = client.hand_over(
        ticket,
        fields(name, api_account={"name": "ERP 1a2b", "client_id": "c"}, oauth_scopes=["x"], findings=[finding]),
        TOKEN,
    )
    assert client.connection(name) == made
    assert (made["findings"], made["api_account"]) == ([finding], {"name": "ERP 1a2b", "client_id": "c"})


def test_a_hand_over_that_is_repeated_gives_the_same_connection(
    client: CompanionClient, new_name: Callable[[], str]
) -> None:
    name = new_name()
    ticket = client.issue_ticket(name)
    first = client.hand_over(ticket, fields(name), TOKEN)
    assert client.hand_over(ticket, fields(name), TOKEN) == first


def test_a_ticket_is_spent_once(client: CompanionClient, new_name: Callable[[], str]) -> None:
    name = new_name()
    ticket = client.issue_ticket(name)
    client.hand_over(ticket, fields(name), TOKEN)
    with pytest.raises(Conflict):
        client.hand_over(ticket, fields(name), Secret("another"))
    with pytest.raises(NotAuthorized):
        client.renew_ticket(ticket)


def test_a_ticket_is_for_its_own_name(client: CompanionClient, new_name: Callable[[], str]) -> None:
    ticket = client.issue_ticket(new_name())
    with pytest.raises(NotAllowed):
        client.hand_over(ticket, fields(new_name()), TOKEN)


def test_a_refused_hand_over_spends_nothing(client: CompanionClient, new_name: Callable[[], str]) -> None:
    name = new_name()
    ticket = client.issue_ticket(name)
    with pytest.raises(InvalidInput):
        client.hand_over(ticket, {**fields(name), "store_hash": "-"}, TOKEN)
    assert client.hand_over(ticket, fields(name), TOKEN)["name"] == name


def test_a_taken_name_is_told_before_anything_is_made(client: CompanionClient, new_name: Callable[[], str]) -> None:
    name = new_name()
    client.create(fields(name), TOKEN)
    with pytest.raises(NameTaken):
        client.issue_ticket(name.upper())


def test_a_ticket_to_replace_keeps_the_id_and_names_what_it_supersedes(
    client: CompanionClient, new_name: Callable[[], str]
) -> None:
    name = new_name()
    old = client.create(fields(name, api_account={"name": "ERP old1", "client_id": None}), TOKEN)
    ticket = client.issue_ticket(name, replace=True)
    assert (ticket.replaces, ticket.supersedes) == (old["id"], {"name": "ERP old1", "client_id": None})
    client.patch(old["id"], 1, tags=["edited meanwhile"])
    new = client.hand_over(ticket, fields(name, api_account={"name": "ERP new2"}), Secret("new"))
    assert (new["id"], new["revision"], new["api_account"]) == (old["id"], 3, {"name": "ERP new2", "client_id": None})


def test_nothing_to_replace_is_not_found(client: CompanionClient, new_name: Callable[[], str]) -> None:
    with pytest.raises(NotFound):
        client.issue_ticket(new_name(), replace=True)


def test_a_ticket_is_renewed_by_its_holder(client: CompanionClient, new_name: Callable[[], str]) -> None:
    ticket = client.issue_ticket(new_name())
    renewed = client.renew_ticket(ticket)
    assert renewed.expires_at >= ticket.expires_at
    assert renewed.ticket == ticket.ticket


def test_a_ticket_to_create_is_not_renewed_once_its_name_is_taken(
    client: CompanionClient, new_name: Callable[[], str]
) -> None:
    name = new_name()
    ticket = client.issue_ticket(name)
    client.create(fields(name.upper()), TOKEN)
    with pytest.raises(NameTaken):
        client.renew_ticket(ticket)


def test_a_ticket_renews_no_other(client: CompanionClient, new_name: Callable[[], str]) -> None:
    one, other = client.issue_ticket(new_name()), client.issue_ticket(new_name())
    with pytest.raises(NotAllowed):
        client.renew_ticket(replace(one, id=other.id))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/connections"),
        ("GET", "/connections/{id}"),
        ("PATCH", "/connections/{id}"),
        ("DELETE", "/connections/{id}"),
        ("PUT", "/connections/{id}"),
        ("POST", "/connections/{id}/verify"),
        ("POST", "/connections/{id}/graphql"),
        ("DELETE", "/connections/{id}/findings/x"),
        ("POST", "/hand-over-tickets"),
        ("POST", "/retrievals"),
    ],
)
def test_a_ticket_opens_nothing_else(
    anonymous: httpx2.Client, client: CompanionClient, new_name: Callable[[], str], method: str, path: str
) -> None:
    other = client.create(fields(new_name()), TOKEN)
    ticket = client.issue_ticket(new_name())
    bodies = {
        "/hand-over-tickets": {"name": "x"},
        "/retrievals": {"name": "x"},
        "/connections/{id}/graphql": {"query": "{ site }"},
    }
    body = {**fields("x"), "access_token": "t"} if method == "PUT" else bodies.get(path)
    answer = anonymous.request(
        method,
        path.format(id=other["id"]),
        json=body,
        headers={"Authorization": f"Bearer {ticket.ticket.reveal()}", "If-Match": '"1"'},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")


@pytest.mark.parametrize("ticket_id", ["x", "00" * 32, "zz", "é"])
def test_an_unknown_ticket_is_not_renewed(http: httpx2.Client, ticket_id: str) -> None:
    assert http.post(f"/hand-over-tickets/{ticket_id}/renewal").status_code == 404


def test_an_unknown_ticket_hands_nothing_over(client: CompanionClient, new_name: Callable[[], str]) -> None:
    made_up = Ticket("00" * 32, Secret("ab" * 32), client.issue_ticket(new_name()).expires_at)
    with pytest.raises(NotAuthorized):
        client.hand_over(made_up, fields(new_name()), TOKEN)


# Proven before it is stored


@pytest.fixture
def rotating(
    client: CompanionClient, store: Store, connected: Callable[..., Any]
) -> Callable[..., tuple[Any, Callable[[], Any]]]:
    """A connection that works, and what hands over a second API account in its place, proven."""

    def prepared(scopes: frozenset[str] = BOTH_SCOPES, **more: Any) -> tuple[Any, Callable[[], Any]]:
        old = client.verify(connected()["id"])
        assert old["status"] == "ready"
        new = store.create_api_account("ERP rotated", scopes)
        ticket = client.issue_ticket(old["name"], replace=True)
        form = fields(old["name"], subdomain=store.subdomain, store_hash=store.store_hash, **more)
        return old, lambda: client.hand_over(ticket, form, Secret(new.access_token), prove=True)

    return prepared


def test_what_is_proven_is_stored_verified(
    client: CompanionClient, rotating: Callable[..., tuple[Any, Callable[[], Any]]]
) -> None:
    finding = {"code": "earlier-api-account-1a", "message": "m", "action": "a"}
    old, hand_over = rotating(findings=[finding])
    new = hand_over()
    assert (new["id"], new["status"], new["findings"]) == (old["id"], "ready", [finding])
    assert new["verified_at"] is not None
    assert hand_over() == new  # the answer may have been lost
    assert client.verify(old["id"])["findings"] == [finding]


def test_what_is_not_proven_leaves_the_connection_as_it_was(
    client: CompanionClient, store: Store, rotating: Callable[..., tuple[Any, Callable[[], Any]]]
) -> None:
    old, hand_over = rotating(frozenset({"store_storefront_api"}))
    with pytest.raises(NotProven) as refusal:
        hand_over()
    assert "customer impersonation" in str(refusal.value)
    assert client.connection(old["id"]) == old
    assert client.verify(old["id"])["status"] == "ready"


def test_a_scope_that_the_record_lacks_is_not_asked_for(
    rotating: Callable[..., tuple[Any, Callable[[], Any]]],
) -> None:
    _, hand_over = rotating(frozenset({"store_storefront_api"}), oauth_scopes=["store_storefront_api"])
    assert hand_over()["oauth_scopes"] == ["store_storefront_api"]


def test_what_cannot_be_proven_now_leaves_the_connection_as_it_was(
    client: CompanionClient,
    bigcommerce: SimulatedBigCommerce,
    rotating: Callable[..., tuple[Any, Callable[[], Any]]],
) -> None:
    old, hand_over = rotating()
    bigcommerce.store.maintenance = True
    with pytest.raises(BigCommerceUnreachable):
        hand_over()
    assert client.connection(old["id"]) == old
    bigcommerce.store.maintenance = False
    assert hand_over()["status"] == "ready"  # the ticket was not spent


def test_only_a_ticket_can_ask_for_proof(http: httpx2.Client, form: dict[str, Any]) -> None:
    answer = http.post("/connections", params={"prove": "true"}, json=form)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/prove")


# Findings that are done with


def test_a_finding_whose_cause_is_gone_is_dropped(client: CompanionClient, new_name: Callable[[], str]) -> None:
    name = new_name()
    both = [{"code": code, "message": "m", "action": "a"} for code in ("one-witness", "earlier-api-account-1a")]
    made = client.hand_over(client.issue_ticket(name), fields(name, findings=both), TOKEN)
    left = client.drop_finding(made["id"], "earlier-api-account-1a")
    assert (left["findings"], left["status"], left["revision"]) == (both[:1], "unverified", made["revision"])
    with pytest.raises(NotFound):
        client.drop_finding(made["id"], "earlier-api-account-1a")
    with pytest.raises(NotAllowed):
        client.drop_finding(made["id"], "token-refused")
