"""An identity provider's half that counts here: keys, published as JWKS, and assertions signed with them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

ISSUER = "https://sign-in.example.com"
AUDIENCE = "companion"
ROLES = "manage=shop-admins,use=shop-staff,see=everyone"


@dataclass
class IdentityProvider:
    """Signs with a key of its own.

    Attributes:
        published: the document with its public keys.
    """

    published: Path
    key_id: str = "first"
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.publish()

    def publish(self) -> None:
        self.published.write_text(json.dumps({"keys": [self.public_key()]}))

    def public_key(self) -> dict[str, Any]:
        made = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return {**made, "kid": self.key_id, "use": "sig", "alg": "ES256"}

    def public_pem(self) -> bytes:
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def assertion(self, name: str = "ann@example.com", *groups: str, **claims: Any) -> str:
        """Sign who somebody is, signed in just now; a claim that is None is left out."""
        now = int(time.time())
        said = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": f"id-of-{name}", "email": name, "groups": list(groups),
            "iat": now, "exp": now + 300, "auth_time": now, **claims,
        }  # fmt: skip
        return jwt.encode(
            {key: value for key, value in said.items() if value is not None},
            self._key, algorithm="ES256", headers={"kid": self.key_id},
        )  # fmt: skip

    def settings(self) -> dict[str, Any]:
        """Return what `load_settings` takes for a service that goes by this provider."""
        return {
            "public_url": "https://companion.example.com",
            "identity_issuer": ISSUER,
            "identity_audience": AUDIENCE,
            "identity_jwks": str(self.published),
            "identity_roles": ROLES,
        }
