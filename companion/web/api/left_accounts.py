"""`/api/v1/deleted-left-accounts`: takes note of what was deleted in a control panel."""

from __future__ import annotations

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from companion.schemas.left_accounts import DeletedAccountIn
from companion.service.left_accounts import record_deleted_account
from companion.service.parts import Parts
from companion.web.api.describing import problems

_LEFT = Tag(name="left accounts", description="API accounts that killed runs had left at BigCommerce.")


def add_left_account_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.post("/deleted-left-accounts", tags=[_LEFT], responses={204: None, **problems(413, 415)})
    def record_left_account(body: DeletedAccountIn) -> Response:
        """Record that an API account, which a run that was killed had left, was deleted; nothing is deleted here."""
        record_deleted_account(parts, body.name, body.store_hash, body.left_by)
        return Response(status=204)
