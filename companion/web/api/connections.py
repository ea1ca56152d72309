"""`/api/v1/connections`: stores, shows, changes and proves them."""

from __future__ import annotations

from flask import Response, g, request
from flask_openapi.blueprint import APIBlueprint

from companion.core.api_tokens import Action
from companion.core.connection import Connection
from companion.core.errors import FieldError, InvalidInput, NotAllowed, RevisionNeeded, StaleRevision
from companion.ports.connections import Page
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
from companion.service import add, delete, edit, find, findings, reauthorize, tickets, verify
from companion.service import replace as replacing
from companion.service.parts import Parts
from companion.service.subdomain import with_subdomain_looked_up
from companion.web.answers import answer
from companion.web.api.describing import CONNECTIONS, PREFIX, problems
from companion.web.callers import TicketCaller, ToolCaller


def add_connection_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.get("/connections", tags=[CONNECTIONS], responses={200: ConnectionPageOut, **problems()})
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
        tags=[CONNECTIONS],
        responses={201: ConnectionOut, 200: ConnectionOut, **problems(404, 409, 413, 415)},
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

    @api.get("/connections/<id>", tags=[CONNECTIONS], responses={200: ConnectionOut, **problems(404)})
    def get_connection(path: ConnectionPath) -> Response:
        """Return one connection."""
        return _shown(find.connection_by_id(parts, noted(path)))

    @api.put(
        "/connections/<id>",
        tags=[CONNECTIONS],
        responses={200: ConnectionOut, **problems(404, 409, 412, 413, 415, 428)},
        openapi_extensions={"x-if-match": True},
    )
    def replace_connection(path: ConnectionPath, query: ReplaceQuery, body: ConnectionIn) -> Response:
        """Replace the whole form; the access token is given again."""
        connection_id = noted(path)
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
        tags=[CONNECTIONS],
        responses={200: ConnectionOut, **problems(404, 409, 412, 413, 415, 428)},
        openapi_extensions={"x-if-match": True},
    )
    def patch_connection(path: ConnectionPath, body: ConnectionPatch) -> Response:
        """Change name or tags, which needs no access token."""
        revision = _matched_revision(parts, noted(path))
        return _shown(edit.edit_connection(parts, path.id, revision=revision, name=body.name, tags=body.tags))

    @api.delete(
        "/connections/<id>",
        tags=[CONNECTIONS],
        responses={204: None, **problems(404, 412, 428)},
        openapi_extensions={"x-if-match": True},
    )
    def delete_connection(path: ConnectionPath) -> Response:
        """Delete the connection here; its API account at BigCommerce stays alive."""
        revision = _matched_revision(parts, noted(path))
        delete.delete_connection(parts, path.id, revision=revision)
        return Response(status=204)

    @api.post("/connections/<id>/verify", tags=[CONNECTIONS], responses={200: ConnectionOut, **problems(404, 409, 412)})
    def verify_connection(path: ConnectionPath) -> Response:
        """Prove the connection by using it; returns it with its new status and findings.

        Where nothing can be proven now, the answer is 503 and the connection stays as it was.
        """
        connection_id = noted(path)
        # A worker may not replace what it has handed over, so that the subdomain is looked up for it.
        if isinstance(g.caller, ToolCaller) and Action.HAND_OVER in g.caller.token.actions:
            with_subdomain_looked_up(parts, parts.repository.get(connection_id))
        return _shown(verify.verify_connection(parts, connection_id))

    @api.delete(
        "/connections/<id>/findings/<code>",
        tags=[CONNECTIONS],
        responses={200: ConnectionOut, **problems(404, 412)},
    )
    def drop_finding(path: FindingPath) -> Response:
        """Drop a finding whose cause is gone, other than those of verification."""
        return _shown(findings.drop_finding(parts, noted(path), path.code))

    @api.post(
        "/connections/<id>/reauthorize",
        tags=[CONNECTIONS],
        responses={200: ConnectionOut, **problems(404, 409, 412, 413, 415, 502)},
    )
    def reauthorize_connection(path: ConnectionPath, body: ReauthorizeIn) -> Response:
        """Turn the connection to private tokens, or to other scopes or another channel, in place.

        The new is proven first; where it is not, nothing changes. Where there is nothing to change, nothing is done.
        """
        connection_id = noted(path)
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


def noted(path: ConnectionPath) -> str:
    """Return the id that the address names, and let the log of this request have it."""
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
    stored = find.connection_by_id(parts, connection_id)
    current = stored.revision
    if "If-Match" not in request.headers:
        raise RevisionNeeded(
            "The request does not say which revision it changes.",
            next_step="Send If-Match with the ETag of the connection as it was read.",
        )
    if not request.if_match.contains(str(current)):
        raise StaleRevision(
            f"The connection {stored.name!r} was changed meanwhile, and nothing was done.",
            why=f"It is at revision {current}, and If-Match names another.",
            next_step=f'Read it again and repeat the change with its ETag, "{current}" now.',
            fields=(FieldError("/revision", f"It is {current} now."),),
        )
    return current
