"""`/api/v1/connections/…`: what is sent to BigCommerce through a connection."""

from __future__ import annotations

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from companion.core.rest_paths import FORWARDED, METHODS
from companion.core.timestamps import timestamp
from companion.schemas.connections import ConnectionPath
from companion.schemas.uses import GraphqlIn, RestPath, StorefrontTokenIn, StorefrontTokenOut
from companion.service import graphql, rest, storefront_token
from companion.service.parts import Parts
from companion.web.answers import answer
from companion.web.api.connections import noted
from companion.web.api.describing import CONNECTIONS, described, problems
from companion.web.forwarded_body import forwarded_body


def add_use_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.post(
        "/connections/<id>/graphql",
        tags=[CONNECTIONS],
        responses={
            200: described("BigCommerce's answer, which may hold `errors`.", {"type": "object"}),
            **problems(404, 409, 413, 415, 502),
        },
    )
    def run_graphql(path: ConnectionPath, body: GraphqlIn) -> Response:
        """Forward a query to the GraphQL Storefront API with the connection's storefront token.

        The body may have up to 16 MiB, and so may BigCommerce's answer.
        """
        return answer(graphql.run_graphql(parts, noted(path), body.query, body.variables, body.operation_name))

    @api.post(
        "/connections/<id>/storefront-token",
        tags=[CONNECTIONS],
        responses={200: StorefrontTokenOut, **problems(404, 409, 413, 415, 502)},
    )
    def give_storefront_token(path: ConnectionPath, body: StorefrontTokenIn) -> Response:
        """Give a storefront token that is valid now; a private one is minted when it is due, and kept sealed.

        With the auth type `token`, one of the older kind is minted, for browsers on the origins that are named.
        """
        connection_id = noted(path)
        origins = body.allowed_cors_origins
        if origins is None:
            given = storefront_token.given_private_token(parts, connection_id)
        else:
            given = storefront_token.browser_token(parts, connection_id, origins)
        return answer(
            {
                "token": given.token.reveal(),
                "expires_at": timestamp(given.expires_at),
                "channel_id": given.channel_id,
                "scopes": list(given.scopes),
            }
        )

    def forward_rest(path: RestPath) -> Response:
        """Forward a call to the store's REST API with the connection's access token.

        The body may be of any kind, and up to 64 MiB; above 1 MiB it is passed on as it comes, and not sent again where
        BigCommerce asks to wait. The answer is BigCommerce's, whatever its status; it then carries the header
        `X-Forwarded-Answer`.
        """
        query = request.query_string.decode("latin-1")
        got = rest.forward_rest(
            parts, noted(path), request.method, path.path, query=query, body=forwarded_body(request)
        )
        response = Response(got.parts, status=got.status, headers=dict(got.headers))
        if "content-type" not in got.headers:
            del response.headers["Content-Type"]  # else the framework would say one for BigCommerce
        response.headers[FORWARDED] = "bigcommerce"
        response.call_on_close(got.close)
        return response

    for method in METHODS:
        getattr(api, method.lower())(
            "/connections/<id>/bigcommerce/<path:path>",
            endpoint=f"forward_rest_{method.lower()}",
            operation_id=f"forward_rest_{method.lower()}",
            tags=[CONNECTIONS],
            responses={
                200: described("BigCommerce's answer, with its own status."),
                **problems(404, 409, 413, 415),
            },
        )(forward_rest)
