"""`/api/v1/health`, `/keys`: whether the service works, and its keys."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from companion import __version__
from companion.core.proof import ProofKey, proof_key, proof_of
from companion.core.secret import Secret
from companion.schemas.service import HealthOut, HealthQuery, KeysOut, UnlockIn
from companion.service import api_tokens, locking
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.web.answers import answer
from companion.web.api.describing import PROBLEM, problems
from companion.web.origins import own_address

_SERVICE = Tag(name="service", description="The service itself.")


def add_service_routes(api: APIBlueprint, parts: Parts, api_token: Secret, retrievals: Retrievals | None) -> None:
    """Add the routes to `/api/v1`.

    Args:
        retrievals: None where none can be started.
    """

    def _other_proof_key(holder: str) -> ProofKey | None:
        of_retrieval = None if retrievals is None else retrievals.proof_key_of(holder)
        return of_retrieval or api_tokens.proof_key_of(parts, holder)

    @api.get("/health", tags=[_SERVICE], security=[{}], responses={200: HealthOut, 400: PROBLEM, 422: PROBLEM})
    def health(query: HealthQuery) -> Response:
        """Say whether the service can work; with a nonce, prove that it holds the API token.

        `proof` is the HMAC-SHA-256 of the nonce under the API token. `proof_at_address` is that of nonce, newline and
        `127.0.0.1:PORT`: no other program that listens elsewhere can pass it on as its own.
        """
        document: dict[str, Any] = {
            "status": "locked" if locking.is_locked(parts) else "ok",
            "version": __version__,
            "world": parts.world.value,
        }
        key = proof_key(api_token) if query.token is None else _other_proof_key(query.token)
        if query.nonce is not None and key is not None:
            document["proof"] = proof_of(query.nonce, key)
            document["proof_at_address"] = proof_of(query.nonce, key, address=own_address(request.environ))
        return answer(document)

    @api.post("/keys/unlock", tags=[_SERVICE], responses={200: KeysOut, **problems(409, 413, 415, 429)})
    def unlock_keys(body: UnlockIn) -> Response:
        """Open the keys, which are sealed under a passphrase; after a wrong one nothing is tried for a while."""
        locking.unlock(parts, Secret(body.passphrase.get_secret_value()))
        return answer({"status": "ok"})

    @api.post("/keys/lock", tags=[_SERVICE], responses={200: KeysOut, **problems(409, 413, 415)})
    def lock_keys() -> Response:
        """Forget the keys, which are sealed under a passphrase, until they are unlocked."""
        locking.lock(parts)
        return answer({"status": "locked"})
