"""All routes of `/api/v1`."""

from __future__ import annotations

from companion.core.secret import Secret
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.web.api.api_tokens import add_api_token_routes
from companion.web.api.audit import add_audit_routes
from companion.web.api.connections import add_connection_routes
from companion.web.api.deadlines import add_deadline_routes
from companion.web.api.describing import PREFIX, SECURITY
from companion.web.api.left_accounts import add_left_account_routes
from companion.web.api.retrievals import Streams, add_retrieval_routes
from companion.web.api.service import add_service_routes
from companion.web.api.sessions import add_session_routes
from companion.web.api.tickets import add_ticket_routes
from companion.web.api.uses import add_use_routes
from companion.web.api.validated import Routes
from companion.web.threads import THREADS


def api_blueprint(
    parts: Parts, api_token: Secret, retrievals: Retrievals | None = None, *, described: bool = False
) -> Routes:
    """Return the routes of `/api/v1`.

    Args:
        retrievals: None where none can be started.
        described: with what the OpenAPI document says of them; else they are to be served only.
    """
    api = Routes("api", __name__, url_prefix=PREFIX, abp_security=SECURITY, doc_ui=described)
    add_service_routes(api, parts, api_token, retrievals)
    add_connection_routes(api, parts)
    add_use_routes(api, parts)
    add_deadline_routes(api, parts)
    add_ticket_routes(api, parts)
    add_left_account_routes(api, parts)
    add_api_token_routes(api, parts)
    add_session_routes(api, parts)
    add_audit_routes(api, parts)
    add_retrieval_routes(api, retrievals, Streams(THREADS // 4))
    return api
