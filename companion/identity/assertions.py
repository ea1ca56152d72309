"""Reads an assertion: a JWT that the identity provider, or the proxy in its name, has signed.

Nothing that a header says of a person counts without such a signature: a header by itself can be set by whoever reaches
the port.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import jwt

from companion.core.errors import NotAuthorized
from companion.core.people import ClaimNames, Person, RoleRules, person_from_claims
from companion.core.secret import Secret
from companion.identity.signing_keys import SigningKeys

# Public-key algorithms alone: with HS256 a public key could be taken for a shared secret (RFC 8725, section 2.1).
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

LONGEST = 16 * 1024
_LEEWAY = 30  # seconds by which two clocks may differ


@dataclass(frozen=True)
class Assertions:
    """Says who an assertion is about: a `companion.ports.people.Identities`.

    Attributes:
        issuer, audience: what `iss` and `aud` have to say.
    """

    keys: SigningKeys
    issuer: str
    audience: str
    roles: RoleRules
    names: ClaimNames = field(default_factory=ClaimNames)

    def person(self, assertion: Secret) -> Person:
        """Verify an assertion, and say who it is about.

        Raises:
            NotAuthorized: it is none, is not signed by the provider, is for somebody else, or has ended.
            NotAllowed: it names a person without a role.
            IdentityUnavailable: the provider's keys cannot be fetched.
        """
        text = assertion.reveal()
        try:
            if len(text) > LONGEST:
                raise jwt.InvalidTokenError
            header = jwt.get_unverified_header(text)
            key = self.keys.key(header.get("kid"))
            if key is None:
                raise jwt.InvalidTokenError
            claims = jwt.decode(
                text,
                key,
                algorithms=ALGORITHMS,
                issuer=self.issuer,
                audience=self.audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as refused:
            kind = type(refused)
        else:
            return person_from_claims(claims, self.roles, self.names)
        # Raised outside the handler: the library's error may hold the assertion.
        raise NotAuthorized(
            "The identity that was passed on is not valid.", why=_WHY.get(kind, _NOT_SIGNED), next_step="Sign in again."
        )


_NOT_SIGNED = "It is not signed by the identity provider that this service is set to."
_WHY: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "It has ended.",
    jwt.ImmatureSignatureError: "It begins in the future: a clock is wrong.",
    jwt.InvalidAudienceError: "It was made for another service: COMPANION_IDENTITY_AUDIENCE is not among its `aud`.",
    jwt.InvalidIssuerError: "It was made by another provider: COMPANION_IDENTITY_ISSUER is not its `iss`.",
    jwt.MissingRequiredClaimError: "It lacks a claim that is needed: `exp`, `iss`, `aud` or `sub`.",
}
