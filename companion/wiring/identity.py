"""Settings in, what says who people are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from companion.core.people import ClaimNames
from companion.ports.people import Identities

if TYPE_CHECKING:
    from companion.settings import Settings


def identities_of(settings: Settings) -> Identities | None:
    """Return what says who people are; None where nobody signs in at an identity provider."""
    roles, jwks = settings.identity_roles, settings.identity_jwks
    if roles is None or jwks is None:
        return None
    from companion.identity.assertions import Assertions
    from companion.identity.signing_keys import SigningKeys, fetch_from

    return Assertions(
        SigningKeys(fetch_from(jwks, settings.extra_ca_file)),
        issuer=settings.identity_issuer or "",
        audience=settings.identity_audience or "",
        roles=roles,
        names=ClaimNames(name=settings.identity_name_claim, groups=settings.identity_groups_claim),
    )
