"""How a service proves that it holds the API token, without showing it."""

from __future__ import annotations

import hashlib
import hmac

from companion.core.secret import Secret


def proof_of(nonce: str, token: Secret) -> str:
    """Return the HMAC-SHA-256 of the nonce under the API token, as 64 lower-case hexadecimal digits."""
    return hmac.new(token.reveal().encode(), nonce.encode(), hashlib.sha256).hexdigest()
