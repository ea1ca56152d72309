"""How a service proves that it holds an API token, without showing it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from companion.core.api_tokens import hash_of_api_token, id_of_api_token, is_token_text
from companion.core.secret import Secret


@dataclass(frozen=True, repr=False)
class ProofKey:
    """Under what a proof is made: what the holder of a token and the service both have.

    Attributes:
        token_id: of a tool's API token, by which the service finds its side; None for that of the data folder.
        key: the token itself, or of a tool's token, of which the service has no more, its hash.
    """

    token_id: str | None
    key: bytes


def proof_key(token: Secret) -> ProofKey:
    """Return the key of whoever holds `token`."""
    if is_token_text(token.reveal()):
        return ProofKey(id_of_api_token(token), hash_of_api_token(token))
    return ProofKey(None, token.reveal().encode())


def proof_of(nonce: str, key: ProofKey, *, address: str | None = None) -> str:
    """Return an HMAC-SHA-256 under the key, as 64 lower-case hexadecimal digits.

    Args:
        nonce: hexadecimal digits, fresh.
        address: where the service listens, as `127.0.0.1:7467`. With it a program on another port cannot pass on the
            proof of the true service as its own. Without it, of the nonce alone.
    """
    message = nonce if address is None else f"{nonce}\n{address}"
    return hmac.new(key.key, message.encode(), hashlib.sha256).hexdigest()
