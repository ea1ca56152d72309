"""`/api/v1/api-tokens`: of single tools."""

from __future__ import annotations

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from companion.schemas.api_tokens import ApiTokenIn, ApiTokenPath, ApiTokensOut, CreatedApiTokenOut, api_token_document
from companion.service import api_tokens
from companion.service.parts import Parts
from companion.web.answers import answer
from companion.web.api.describing import PREFIX, problems

_API_TOKENS = Tag(
    name="API tokens", description="Tokens for single tools: which connections, which actions, until when."
)


def add_api_token_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.get("/api-tokens", tags=[_API_TOKENS], responses={200: ApiTokensOut, **problems()})
    def list_api_tokens() -> Response:
        """Return the API tokens of tools, expired ones too."""
        return answer({"api_tokens": [api_token_document(each) for each in api_tokens.api_tokens(parts)]})

    @api.post("/api-tokens", tags=[_API_TOKENS], responses={201: CreatedApiTokenOut, **problems(409, 413, 415)})
    def create_api_token(body: ApiTokenIn) -> Response:
        """Make an API token for one tool; its text is shown this once."""
        made = api_tokens.create_api_token(
            parts, body.name, connections=body.connections, actions=body.actions, expires_at=body.moment()
        )
        response = answer({**api_token_document(made.token), "token": made.text.reveal()}, 201)
        response.headers["Location"] = f"{PREFIX}/api-tokens/{made.token.id}"
        return response

    @api.delete("/api-tokens", tags=[_API_TOKENS], responses={200: ApiTokensOut, **problems()})
    def revoke_all_api_tokens() -> Response:
        """Revoke all API tokens of tools, at once; returns what they were."""
        return answer({"api_tokens": [api_token_document(each) for each in api_tokens.revoke_api_tokens(parts)]})

    @api.delete("/api-tokens/<id>", tags=[_API_TOKENS], responses={204: None, **problems(404)})
    def revoke_api_token(path: ApiTokenPath) -> Response:
        """Revoke one API token, at once."""
        api_tokens.revoke_api_token(parts, path.id)
        return Response(status=204)
