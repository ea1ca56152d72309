"""`/api/v1`: takes requests apart, asks a use case, puts its answer together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from companion import __version__
from companion.core.connection import Connection
from companion.core.errors import FieldError, InvalidInput, NotAllowed, RevisionNeeded, StaleRevision
from companion.core.proof import ProofKey, proof_key, proof_of
from companion.core.rest_paths import FORWARDED, METHODS
from companion.core.secret import Secret
from companion.core.timestamps import timestamp
from companion.ports.connections import Page
from companion.schemas.api_tokens import ApiTokenIn, ApiTokenPath, ApiTokensOut, CreatedApiTokenOut, api_token_document
from companion.schemas.connections import (
    ConnectionIn,
    ConnectionOut,
    ConnectionPageOut,
    ConnectionPatch,
    ConnectionPath,
    FindingPath,
    HandOverQuery,
    PageQuery,
    ReauthorizeIn,
    ReplaceQuery,
    connection_document,
)
from companion.schemas.deadlines import DeadlinePageOut, DeadlineQuery, DueOut, due_document
from companion.schemas.problems import Problem
from companion.schemas.service import EndedOut, HealthOut, HealthQuery, KeysOut, SignInLinkOut, UnlockIn
from companion.schemas.tickets import RenewalOut, TicketIn, TicketOut, TicketPath
from companion.schemas.uses import GraphqlIn, RestPath, StorefrontTokenIn, StorefrontTokenOut
from companion.service import (
    add,
    api_tokens,
    deadlines,
    delete,
    edit,
    find,
    findings,
    graphql,
    locking,
    reauthorize,
    rest,
    storefront_token,
    tickets,
    verify,
    web_sessions,
)
from companion.service import replace as replacing
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.web.answers import answer
from companion.web.audit_api import add_audit_routes
from companion.web.callers import SessionCaller, TicketCaller, ToolCaller
from companion.web.forwarded_body import forwarded_body
from companion.web.origins import own_address
from companion.web.problems import MEDIA_TYPE
from companion.web.retrieval_api import Streams, add_retrieval_routes
from companion.web.threads import THREADS

PREFIX = "/api/v1"

_SECURITY: list[dict[str, list[Any]]] = [{"bearer": []}, {"session": []}]
_CONNECTIONS = Tag(name="connections", description="Stored connections to BigCommerce stores.")
_TICKETS = Tag(name="hand-over tickets", description="Single-use permissions to create or replace one connection.")
_API_TOKENS = Tag(
    name="API tokens", description="Tokens for single tools: which connections, which actions, until when."
)
_SESSIONS = Tag(name="sessions", description="Sessions of the web page.")
_SERVICE = Tag(name="service", description="The service itself.")

_PROBLEM: dict[str, Any] = {
    "description": "A problem document (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def _problems(*statuses: int) -> dict[int | str, Any]:
    return {status: dict(_PROBLEM) for status in (400, 401, 403, 422, 423, 500, 503, *statuses)}


def _described(description: str, schema: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
    return {
        "description": description,
        **({"content": {"application/json": {"schema": dict(schema)}}} if schema else {}),
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()},
    }


_IF_MATCH = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The ETag of the connection as it was read.",
            "schema": {"type": "string"},
        }
    ]
}
_LAST_EVENT_ID = {
    "parameters": [
        {
            "name": "Last-Event-ID",
            "in": "header",
            "required": False,
            "description": "The id of the event that was seen last; the stream goes on after it.",
            "schema": {"type": "string"},
        }
    ]
}


def api_blueprint(
    parts: Parts, api_token: Secret, retrievals: Retrievals | None = None, *, described: bool = False
) -> APIBlueprint:
    """Return the routes of `/api/v1`.

    Args:
        retrievals: None where none can be started.
        described: with what the OpenAPI document says of them; else they are to be served only.
    """
    api = APIBlueprint("api", __name__, url_prefix=PREFIX, abp_security=_SECURITY, doc_ui=described)

    def _other_proof_key(holder: str) -> ProofKey | None:
        of_retrieval = None if retrievals is None else retrievals.proof_key_of(holder)
        return of_retrieval or api_tokens.proof_key_of(parts, holder)

    @api.get("/health", tags=[_SERVICE], security=[{}], responses={200: HealthOut, 400: _PROBLEM, 422: _PROBLEM})
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

    @api.post("/keys/unlock", tags=[_SERVICE], responses={200: KeysOut, **_problems(409, 413, 415, 429)})
    def unlock_keys(body: UnlockIn) -> Response:
        """Open the keys, which are sealed under a passphrase; after a wrong one nothing is tried for a while."""
        locking.unlock(parts, Secret(body.passphrase.get_secret_value()))
        return answer({"status": "ok"})

    @api.post("/keys/lock", tags=[_SERVICE], responses={200: KeysOut, **_problems(409, 413, 415)})
    def lock_keys() -> Response:
        """Forget the keys, which are sealed under a passphrase, until they are unlocked."""
        locking.lock(parts)
        return answer({"status": "locked"})

    @api.get("/connections", tags=[_CONNECTIONS], responses={200: ConnectionPageOut, **_problems()})
    def list_connections(query: PageQuery) -> Response:
        """Return one page of connections in the order of their creation; to a tool, of those it is limited to."""
        caller = g.caller
        only = caller.token.connections if isinstance(caller, ToolCaller) else None
        if query.name is not None:
            page = find.connections_named(parts, query.name)
            if only is not None:
                page = Page(tuple(each for each in page.connections if each.id in only), None)
        elif only is not None:
            page = find.page_of_these(parts, only, limit=query.limit, after=query.after)
        else:
            page = find.connection_page(parts, limit=query.limit, after=query.after)
        return answer({"connections": [connection_document(each) for each in page.connections], "next": page.after})

    @api.post(
        "/connections",
        tags=[_CONNECTIONS],
        responses={201: ConnectionOut, 200: ConnectionOut, **_problems(404, 409, 413, 415)},
    )
    def create_connection(query: HandOverQuery, body: ConnectionIn) -> Response:
        """Store a new connection, unverified; with a hand-over ticket, create or replace the one it is for."""
        caller = g.caller
        if isinstance(caller, TicketCaller):
            draft = body.to_draft(with_findings=True)
            connection, is_new = tickets.hand_over(parts, caller.text, draft, prove=query.prove)
        elif query.prove:
            raise InvalidInput(
                "The request was not accepted: prove.",
                fields=(FieldError("/prove", "Only with a hand-over ticket; else verify the stored connection."),),
            )
        else:
            connection, is_new = add.add_connection(parts, body.to_draft(with_findings=False)), True
        return _shown(connection, 201 if is_new else 200)

    @api.get("/connections/<id>", tags=[_CONNECTIONS], responses={200: ConnectionOut, **_problems(404)})
    def get_connection(path: ConnectionPath) -> Response:
        """Return one connection."""
        return _shown(find.connection_by_id(parts, _id(path)))

    @api.put(
        "/connections/<id>",
        tags=[_CONNECTIONS],
        responses={200: ConnectionOut, **_problems(404, 409, 412, 413, 415, 428)},
        openapi_extensions={"x-if-match": True},
    )
    def replace_connection(path: ConnectionPath, query: ReplaceQuery, body: ConnectionIn) -> Response:
        """Replace the whole form; the access token is given again."""
        connection_id = _id(path)
        caller = g.caller
        if isinstance(caller, TicketCaller):
            if caller.ticket.connection_id != connection_id:
                raise NotAllowed(
                    "The hand-over ticket is for another connection.", next_step="Start again; a new ticket is issued."
                )
            draft = body.to_draft(with_findings=True)
            connection, _ = tickets.hand_over(parts, caller.text, draft, prove=query.prove)
            return _shown(connection)
        draft = body.to_draft(with_findings=False)
        revision = _matched_revision(parts, connection_id)
        return _shown(replacing.replace_connection(parts, connection_id, draft, revision=revision, prove=query.prove))

    @api.patch(
        "/connections/<id>",
        tags=[_CONNECTIONS],
        responses={200: ConnectionOut, **_problems(404, 409, 412, 413, 415, 428)},
        openapi_extensions={"x-if-match": True},
    )
    def patch_connection(path: ConnectionPath, body: ConnectionPatch) -> Response:
        """Change name or tags, which needs no access token."""
        revision = _matched_revision(parts, _id(path))
        return _shown(edit.edit_connection(parts, path.id, revision=revision, name=body.name, tags=body.tags))

    @api.delete(
        "/connections/<id>",
        tags=[_CONNECTIONS],
        responses={204: None, **_problems(404, 412, 428)},
        openapi_extensions={"x-if-match": True},
    )
    def delete_connection(path: ConnectionPath) -> Response:
        """Delete the connection here; its API account at BigCommerce stays alive."""
        revision = _matched_revision(parts, _id(path))
        delete.delete_connection(parts, path.id, revision=revision)
        return Response(status=204)

    @api.post(
        "/connections/<id>/verify", tags=[_CONNECTIONS], responses={200: ConnectionOut, **_problems(404, 409, 412)}
    )
    def verify_connection(path: ConnectionPath) -> Response:
        """Prove the connection by using it; returns it with its new status and findings.

        Where nothing can be proven now, the answer is 503 and the connection stays as it was.
        """
        return _shown(verify.verify_connection(parts, _id(path)))

    @api.delete(
        "/connections/<id>/findings/<code>",
        tags=[_CONNECTIONS],
        responses={200: ConnectionOut, **_problems(404, 412)},
    )
    def drop_finding(path: FindingPath) -> Response:
        """Drop a finding whose cause is gone, other than those of verification."""
        return _shown(findings.drop_finding(parts, _id(path), path.code))

    @api.post(
        "/connections/<id>/graphql",
        tags=[_CONNECTIONS],
        responses={
            200: _described("BigCommerce's answer, which may hold `errors`.", {"type": "object"}),
            **_problems(404, 409, 413, 415, 502),
        },
    )
    def run_graphql(path: ConnectionPath, body: GraphqlIn) -> Response:
        """Forward a query to the GraphQL Storefront API with the connection's storefront token."""
        return answer(graphql.run_graphql(parts, _id(path), body.query, body.variables))

    @api.post(
        "/connections/<id>/reauthorize",
        tags=[_CONNECTIONS],
        responses={200: ConnectionOut, **_problems(404, 409, 412, 413, 415, 502)},
    )
    def reauthorize_connection(path: ConnectionPath, body: ReauthorizeIn) -> Response:
        """Turn the connection to private tokens, or to other scopes or another channel, in place.

        The new is proven first; where it is not, nothing changes. Where there is nothing to change, nothing is done.
        """
        connection_id = _id(path)
        if "If-Match" in request.headers:
            _matched_revision(parts, connection_id)
        return _shown(
            reauthorize.reauthorize_connection(
                parts,
                connection_id,
                scopes=body.scopes,
                channel_id=body.channel_id,
                access_token=body.new_access_token(),
            )
        )

    @api.post(
        "/connections/<id>/storefront-token",
        tags=[_CONNECTIONS],
        responses={200: StorefrontTokenOut, **_problems(404, 409, 413, 415, 502)},
    )
    def give_storefront_token(path: ConnectionPath, body: StorefrontTokenIn) -> Response:
        """Give a storefront token that is valid now; a private one is minted when it is due, and kept sealed.

        With the auth type `token`, one of the older kind is minted, for browsers on the origins that are named.
        """
        connection_id = _id(path)
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
        got = rest.forward_rest(parts, _id(path), request.method, path.path, query=query, body=forwarded_body(request))
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
            tags=[_CONNECTIONS],
            responses={200: _described("BigCommerce's answer, with its own status."), **_problems(404, 409, 413, 415)},
        )(forward_rest)

    @api.get("/deadlines", tags=[_CONNECTIONS], responses={200: DeadlinePageOut, **_problems()})
    def list_deadlines(query: DeadlineQuery) -> Response:
        """Return what stops working or grows old of one page of connections, in the order of their creation."""
        page = deadlines.deadline_page(parts, limit=query.limit, after=query.after)
        return answer({"due": [due_document(each) for each in page.entries], "next": page.after})

    @api.get("/connections/<id>/deadlines", tags=[_CONNECTIONS], responses={200: DueOut, **_problems(404)})
    def deadlines_of_connection(path: ConnectionPath) -> Response:
        """Return what stops working or grows old of one connection, and which files were written of it."""
        return answer(due_document(deadlines.deadlines_of_one(parts, _id(path))))

    @api.post("/hand-over-tickets", tags=[_TICKETS], responses={201: TicketOut, **_problems(404, 409, 413, 415)})
    def issue_hand_over_ticket(body: TicketIn) -> Response:
        """Issue a single-use ticket for 15 minutes, after checking what could stop the hand-over."""
        issued = tickets.issue_ticket(parts, body.name, replace=body.replace)
        text = issued.ticket.reveal() if issued.ticket else ""
        return answer({"ticket": text, **_ticket_document(issued)}, 201)

    @api.post("/hand-over-tickets/<id>/renewal", tags=[_TICKETS], responses={200: RenewalOut, **_problems(404)})
    def renew_hand_over_ticket(path: TicketPath) -> Response:
        """Give an unspent ticket another 15 minutes."""
        caller = g.caller
        if isinstance(caller, TicketCaller) and caller.ticket.ticket_hash.hex() != path.id:
            raise NotAllowed("A hand-over ticket renews itself only.", next_step="Use the API token.")
        return answer(_ticket_document(tickets.renew_ticket(parts, path.id)))

    @api.get("/api-tokens", tags=[_API_TOKENS], responses={200: ApiTokensOut, **_problems()})
    def list_api_tokens() -> Response:
        """Return the API tokens of tools, expired ones too."""
        return answer({"api_tokens": [api_token_document(each) for each in api_tokens.api_tokens(parts)]})

    @api.post("/api-tokens", tags=[_API_TOKENS], responses={201: CreatedApiTokenOut, **_problems(409, 413, 415)})
    def create_api_token(body: ApiTokenIn) -> Response:
        """Make an API token for one tool; its text is shown this once."""
        made = api_tokens.create_api_token(
            parts, body.name, connections=body.connections, actions=body.actions, expires_at=body.moment()
        )
        response = answer({**api_token_document(made.token), "token": made.text.reveal()}, 201)
        response.headers["Location"] = f"{PREFIX}/api-tokens/{made.token.id}"
        return response

    @api.delete("/api-tokens", tags=[_API_TOKENS], responses={200: ApiTokensOut, **_problems()})
    def revoke_all_api_tokens() -> Response:
        """Revoke all API tokens of tools, at once; returns what they were."""
        return answer({"api_tokens": [api_token_document(each) for each in api_tokens.revoke_api_tokens(parts)]})

    @api.delete("/api-tokens/<id>", tags=[_API_TOKENS], responses={204: None, **_problems(404)})
    def revoke_api_token(path: ApiTokenPath) -> Response:
        """Revoke one API token, at once."""
        api_tokens.revoke_api_token(parts, path.id)
        return Response(status=204)

    @api.post("/sign-in-links", tags=[_SESSIONS], responses={201: SignInLinkOut, **_problems(413, 415)})
    def issue_sign_in_link() -> Response:
        """Make a link that begins a session of the web page, once and within five minutes."""
        text, expires_at = web_sessions.issue_link(parts)
        return answer({"path": f"/sign-in/{text.reveal()}", "expires_at": timestamp(expires_at)}, 201)

    @api.post("/sessions/confirmation", tags=[_SESSIONS], responses={204: None, **_problems(409, 413, 415, 429)})
    def confirm_session(body: UnlockIn) -> Response:
        """Prove with the passphrase who is at the web page, as a new sign-in link does, for what needs that anew."""
        caller = g.caller
        if not isinstance(caller, SessionCaller):
            raise NotAllowed("There is no session to confirm.", next_step="Use the web page.")
        web_sessions.confirm(parts, caller.session, Secret(body.passphrase.get_secret_value()))
        return Response(status=204)

    @api.delete("/sessions", tags=[_SESSIONS], responses={200: EndedOut, **_problems()})
    def end_sessions() -> Response:
        """End all sessions of the web page, and all links that were not used."""
        return answer({"ended": web_sessions.sign_out_everywhere(parts)})

    add_audit_routes(api, parts, _problems())
    add_retrieval_routes(api, retrievals, Streams(THREADS // 4), _problems())
    return api


def finish_document(document: dict[str, Any]) -> None:
    """Add to the OpenAPI document what the library has no place for: If-Match, and problems as an own media type."""
    for operations in document["paths"].values():
        for operation in operations.values():
            if operation.pop("x-if-match", False):
                operation.setdefault("parameters", []).extend(_IF_MATCH["parameters"])
            if operation.pop("x-last-event-id", False):
                operation.setdefault("parameters", []).extend(_LAST_EVENT_ID["parameters"])
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document["components"]["schemas"]
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    schemas.pop("ValidationErrorModel", None)


def _id(path: ConnectionPath) -> str:
    g.connection_id = path.id[:64]
    return path.id


def _shown(connection: Connection, status: int = 200) -> Response:
    response = answer(connection_document(connection), status)
    response.headers["ETag"] = f'"{connection.revision}"'
    if status == 201:
        response.headers["Location"] = f"{PREFIX}/connections/{connection.id}"
    return response


def _matched_revision(parts: Parts, connection_id: str) -> int:
    """Return the stored revision if the caller's If-Match names it; the write itself checks it once more."""
    current = find.connection_by_id(parts, connection_id).revision
    if "If-Match" not in request.headers:
        raise RevisionNeeded(
            "The request does not say which revision it changes.",
            next_step="Send If-Match with the ETag of the connection as it was read.",
        )
    if not request.if_match.contains(str(current)):
        raise StaleRevision(
            "The connection was changed meanwhile.",
            why=f"It is at revision {current}.",
            next_step="Read it again and repeat the change.",
        )
    return current


def _ticket_document(issued: tickets.IssuedTicket) -> dict[str, Any]:
    account = issued.supersedes
    return {
        "id": issued.id,
        "expires_at": timestamp(issued.expires_at),
        "replaces": issued.replaces,
        "supersedes": None if account is None else {"name": account.name, "client_id": account.client_id},
    }
