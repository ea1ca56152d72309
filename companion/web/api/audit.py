"""`/api/v1/audit`: who did what to which connection, and whether the record is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response
from flask_openapi.models.tag import Tag

from companion.core.audit import anchor_from_text
from companion.core.audit_actions import AuditAction
from companion.core.timestamps import timestamp
from companion.ports.audit import AuditFilter
from companion.schemas.audit import AuditOut, AuditQuery, AuditStateOut, AuditStateQuery, audit_entry_document
from companion.service import audit
from companion.service.parts import Parts
from companion.web.answers import answer
from companion.web.api.describing import problems

if TYPE_CHECKING:
    from flask_openapi.blueprint import APIBlueprint

_AUDIT = Tag(name="audit", description="The tamper-evident record of who did what, when.")


def add_audit_routes(api: APIBlueprint, parts: Parts) -> None:
    """Add the routes to `/api/v1`."""

    @api.get("/audit", tags=[_AUDIT], responses={200: AuditOut, **problems()})
    def list_audit(query: AuditQuery) -> Response:
        """Return one page of the record, newest first."""
        action = None if query.action is None else AuditAction(query.action)
        wanted = AuditFilter(query.connection, action, query.who, query.chapter)
        page = audit.audit_page(parts, wanted, limit=query.limit, before=query.before)
        return answer({"entries": [audit_entry_document(each) for each in page.entries], "next": page.before})

    @api.get("/audit/verification", tags=[_AUDIT], responses={200: AuditStateOut, **problems()})
    def verify_audit(query: AuditStateQuery) -> Response:
        """Walk the whole record, and say whether it is whole; with an anchor, whether it goes through that."""
        state = audit.chain_state(parts, None if query.anchor is None else anchor_from_text(query.anchor))
        return answer(
            {
                "intact": state.intact,
                "entries": state.anchor.count,
                "anchor": str(state.anchor),
                "broken_at": None if state.broken is None else state.broken.number,
                "why": None if state.broken is None else state.broken.why,
                "chapters": [_chapter_document(each) for each in state.chapters],
            }
        )


def _chapter_document(chapter: audit.ChapterState) -> dict[str, Any]:
    broken = chapter.broken
    return {
        "chapter": chapter.number,
        "restored_at": None if chapter.restored_at is None else timestamp(chapter.restored_at),
        "intact": broken is None,
        "entries": chapter.anchor.count,
        "anchor": str(chapter.anchor),
        "broken_at": None if broken is None else broken.number,
        "why": None if broken is None else broken.why,
    }
