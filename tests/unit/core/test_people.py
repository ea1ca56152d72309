"""Who a person is and what one may, out of claims."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from companion.core.errors import InvalidSetting, NotAllowed, NotAuthorized
from companion.core.people import ClaimNames, Person, Role, person_from_claims, role_rules_from_text

RULES = role_rules_from_text("manage=admins, use=staff,see=everyone,use=night shift")


def person(names: ClaimNames | None = None, **claims: Any) -> Person:
    return person_from_claims({"sub": "17", "groups": ["everyone"], **claims}, RULES, names or ClaimNames())


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["everyone"], Role.SEE),
        ("everyone", Role.SEE),
        (["everyone", "night shift"], Role.USE),
        (["admins", "everyone"], Role.MANAGE),
        (["unknown", 7, None, "staff"], Role.USE),
    ],
)
def test_the_highest_role_of_the_groups_counts(groups: Any, role: Role) -> None:
    assert person(groups=groups).role is role


@pytest.mark.parametrize("groups", [[], None, ["Admins"], ["adm"], "admins,everyone", {"admins": True}, 1])
def test_no_group_with_a_role_is_no_entrance(groups: Any) -> None:
    with pytest.raises(NotAllowed):
        person(groups=groups)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "ann@example.com"}, "ann@example.com"),
        ({"email": "ann@example.com", "email_verified": True}, "ann@example.com"),
        ({"email": "ann@example.com", "email_verified": False}, "17"),
        ({}, "17"),
        ({"email": "two\nlines"}, "17"),
        ({"email": ["ann@example.com"]}, "17"),
        ({"email": "x" * 201}, "17"),
    ],
)
def test_the_name_that_is_recorded_is_one_that_the_provider_stands_for(claims: dict[str, Any], name: str) -> None:
    assert person(**claims).name == name


def test_other_claims_can_be_named() -> None:
    names = ClaimNames(name="preferred_username", groups="roles")
    found = person(names, preferred_username="ann", roles=["staff"], email_verified=False)
    assert (found.name, found.role) == ("ann", Role.USE)


@pytest.mark.parametrize("subject", [None, "", " ", 7, "x" * 201, "a\tb"])
def test_claims_without_a_subject_name_nobody(subject: Any) -> None:
    with pytest.raises(NotAuthorized):
        person(sub=subject)


@pytest.mark.parametrize("given", [None, "1700000000", True, float("nan"), float("inf"), 1e300])
def test_a_time_of_sign_in_that_is_none_is_not_known(given: Any) -> None:
    assert person(auth_time=given).signed_in_at is None


def test_the_time_of_sign_in_is_read() -> None:
    assert person(auth_time=1_700_000_000).signed_in_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", ",", "admins", "own=admins", "manage=", "Manage=admins", "see=a,use=a"])
def test_rules_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidSetting):
        role_rules_from_text(text)
