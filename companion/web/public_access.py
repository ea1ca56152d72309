"""How the service is reached from other machines: at one public address, behind a proxy that ends TLS.

No header that a proxy sets is read but the identity, and that counts by its signature alone. So it does not matter
which proxy it is, and nobody who reaches the port on loopback can pretend to be one: scheme, host and port are
settings, and the address of a caller is not used for anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request

from companion.core.public_address import PublicAddress
from companion.core.secret import Secret
from companion.ports.people import Identities

# In the environment of a request that names the public address.
AT_PUBLIC_ADDRESS = "companion.at_public_address"

# The prefix has browsers take it over TLS alone, for this host alone, from no other (RFC 6265bis, section 4.1.3.2).
PUBLIC_COOKIE = "__Host-companion-session"
FORMS_COOKIE = "__Host-companion-forms"


@dataclass(frozen=True)
class PublicAccess:
    """What is different at the public address.

    Attributes:
        address: None where the service is for this machine alone.
        identities: says who people are; None where they sign in with links, as on this machine.
        header: in which the proxy passes an assertion on.
        sign_out: a path of the proxy that signs out; None where there is none.
    """

    address: PublicAddress | None = None
    identities: Identities | None = None
    header: str = "Authorization"
    sign_out: str | None = None

    @property
    def in_authorization(self) -> bool:
        """Whether it stands where the tokens of programs do."""
        return self.header.lower() == "authorization"

    def signs_in_elsewhere(self, asked: Request) -> bool:
        """Say whether who sent this signs in at an identity provider, so that no link and no session counts."""
        return self.identities is not None and AT_PUBLIC_ADDRESS in asked.environ

    def assertion(self, asked: Request) -> Secret | None:
        """Return the assertion that came along; None where there is none, or none would count.

        In `Authorization` it stands as a bearer token. It is a JWT, which no token of this service is.
        """
        if not self.signs_in_elsewhere(asked):
            return None
        given = asked.headers.get(self.header, "").strip()
        if self.in_authorization:
            scheme, _, given = given.partition(" ")
            given = given.strip()
            if scheme.lower() != "bearer" or given.count(".") != 2:
                return None
        return Secret(given) if given else None
