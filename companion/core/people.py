"""People who sign in at an OpenID Connect provider: who one is and what one may, out of verified claims; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from companion.core.errors import InvalidSetting, NotAllowed, NotAuthorized
from companion.core.shown_text import shows_as_written

LONGEST_NAME = 200


class Role(IntEnum):
    """What a person may do; each may what the one before may."""

    SEE = 1
    """Read: connections, their state, deadlines, the record."""
    USE = 2
    """Call BigCommerce through connections."""
    MANAGE = 3
    """Everything that the web page offers."""

    @property
    def word(self) -> str:
        """The name, as settings and pages write it."""
        return self.name.lower()


@dataclass(frozen=True)
class RoleRules:
    """Which groups have which role.

    Attributes:
        by_group: role by the exact name of a group at the identity provider.
    """

    by_group: Mapping[str, Role]

    def role_of(self, groups: frozenset[str]) -> Role | None:
        """Return the highest role of these groups; None where none of them has one."""
        return max((self.by_group[each] for each in groups if each in self.by_group), default=None)


@dataclass(frozen=True)
class ClaimNames:
    """Which claims say who a person is.

    Attributes:
        name: shown and recorded; the claim `sub` where it is missing, or is an address that is not verified.
        groups: a text or a list of texts.
    """

    name: str = "email"
    groups: str = "groups"


@dataclass(frozen=True)
class Person:
    """Who has signed in at the identity provider.

    Attributes:
        subject: the provider's own, unchanging name of the person.
        name: as shown and recorded.
        signed_in_at: when the person last proved who it is; None where the provider does not say.
    """

    subject: str
    name: str
    role: Role
    signed_in_at: datetime | None


def role_rules_from_text(text: str) -> RoleRules:
    """Read `manage=shop-admins,use=shop-staff,see=everyone`; a role may stand several times.

    Raises:
        InvalidSetting: an entry is none, or a group has two roles.
    """
    found: dict[str, Role] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        word, equals, group = (part.strip() for part in entry.partition("="))
        role = {each.word: each for each in Role}.get(word)
        if role is None or not equals or not group:
            raise _refused(f"The entry {entry!r} is not of the form see=GROUP, use=GROUP or manage=GROUP.")
        if found.setdefault(group, role) is not role:
            raise _refused(f"The group {group!r} has two roles.")
    if not found:
        raise _refused("It names no group.")
    return RoleRules(found)


def person_from_claims(claims: Mapping[str, Any], rules: RoleRules, names: ClaimNames) -> Person:
    """Say who the claims of an assertion are about; signature, issuer, audience and times were verified.

    Raises:
        NotAuthorized: they name nobody.
        NotAllowed: none of the person's groups has a role.
    """
    subject = claims.get("sub")
    if not _is_name(subject):
        raise NotAuthorized(
            "The identity that was passed on names nobody.", next_step="Have the identity provider put `sub` into it."
        )
    given = claims.get(names.name)
    unverified = names.name == "email" and claims.get("email_verified") is False
    name = given if _is_name(given) and not unverified else subject
    groups = claims.get(names.groups)
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    role = rules.role_of(frozenset(each for each in listed if isinstance(each, str)))
    if role is None:
        raise NotAllowed(
            f"{name} may not use this service.",
            why="None of the groups that the identity provider names has a role here.",
            next_step="Ask who runs it for a group that COMPANION_IDENTITY_ROLES names.",
        )
    return Person(str(subject), str(name), role, _moment(claims.get("auth_time")))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= LONGEST_NAME and shows_as_written(value)


def _moment(value: object) -> datetime | None:
    """Return the time of a NumericDate (OpenID Connect Core 1.0, section 2: `auth_time`); None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _refused(why: str) -> InvalidSetting:
    return InvalidSetting(
        "COMPANION_IDENTITY_ROLES does not fit.",
        why=why,
        next_step="Set it to roles and groups of your identity provider, such as manage=shop-admins,use=shop-staff.",
    )
