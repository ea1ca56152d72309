"""The audit record: who did what, newest first; and whether it is whole."""

from __future__ import annotations

from flask import Blueprint, Response, request

from companion.core.audit_actions import AuditAction
from companion.ports.audit import AuditFilter
from companion.service import audit
from companion.service.parts import Parts
from companion.web.pages.anti_forgery import read_form
from companion.web.pages.rendering import asked, asked_number, page

_PAGE = 50


def record_blueprint(parts: Parts) -> Blueprint:
    """Return its routes."""
    recording = Blueprint("record", __name__)

    def shown(state: audit.ChainState | None = None) -> Response:
        action = request.args.get("action", "")
        wanted = AuditFilter(
            action=AuditAction(action) if action in set(AuditAction) else None, who=asked("who") or None
        )
        found = audit.audit_page(parts, wanted, limit=_PAGE, before=asked_number("before"))
        return page("record.html", here="record", found=found, wanted=wanted, actions=tuple(AuditAction), state=state)

    @recording.get("/record")
    def show() -> Response:
        return shown()

    @recording.post("/record")
    def verify() -> Response:
        """Walk the whole record: it takes as long as the record is long, so a button asks for it."""
        read_form()
        return shown(audit.chain_state(parts))

    return recording
