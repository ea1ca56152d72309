"""What a connection can do: granted, used when, proven when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from companion.core.abilities import Ability, abilities_of
from companion.core.audit_actions import AuditAction
from companion.core.connection import AuthType, Connection, Status, World
from companion.core.findings import NO_STOREFRONT_SCOPE
from companion.core.oauth_scopes import entries_from_grants, grants_in_words

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
GRANTS = ("store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_products")
CONNECTION = Connection(
    id="1",
    name="shop",
    subdomain="celigo",
    auth_type=AuthType.CUSTOM,
    store_hash="abc",
    channel_id=1,
    scopes=("Unauthenticated",),
    status=Status.READY,
    verified_at=NOW,
    created_at=NOW,
    updated_at=NOW,
    tags=(),
    api_account=None,
    world=World.REAL,
    findings=(),
    revision=1,
    oauth_scopes=GRANTS,
)


def by_name(**uses: datetime) -> dict[str, Ability]:
    used = {AuditAction(name.replace("_", "-")): at for name, at in uses.items()}
    return {each.name: each for each in abilities_of(CONNECTION, used)}


def test_a_use_counts_for_what_it_needs():
    later = NOW + timedelta(hours=1)
    found = by_name(graphql=NOW, rest=later)
    assert found["Access token known to BigCommerce"].used_at == later
    assert found["Storefront API tokens"].used_at == NOW
    assert found["GraphQL answers on this channel"].used_at == NOW
    assert found["Storefront API customer impersonation tokens"].used_at is None
    assert found["Subdomain belongs to this store"].used_at is None


def test_a_further_scope_is_named_as_the_control_panel_does_and_its_uses_are_not_told_apart():
    further = by_name(rest=NOW)["Products: modify"]
    assert (further.granted, further.used_at, further.use_is_recorded, further.is_tried) == (True, None, False, False)


def test_a_finding_stands_in_the_way_of_what_it_speaks_of_alone():
    found = {each.name: each for each in abilities_of(replace(CONNECTION, findings=(NO_STOREFRONT_SCOPE,)))}
    assert found["Storefront API tokens"].proven_at is None
    assert found["Access token known to BigCommerce"].proven_at == NOW


def test_grants_are_asked_for_again_as_they_were_granted():
    assert entries_from_grants((*GRANTS, "B2B Edition=modify")) == ("Products=modify", "B2B Edition=modify")
    assert grants_in_words(("store_storefront_api", "of_tomorrow")) == ("Storefront API tokens: manage", "of_tomorrow")
