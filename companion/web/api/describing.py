"""What the OpenAPI document says of the routes, besides what the models say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_openapi.models.tag import Tag

from companion.schemas.problems import Problem
from companion.web.problems import MEDIA_TYPE

PREFIX = "/api/v1"
CONNECTIONS = Tag(name="connections", description="Stored connections to BigCommerce stores.")
SECURITY: list[dict[str, list[Any]]] = [{"bearer": []}, {"session": []}]
PROBLEM: dict[str, Any] = {
    "description": "A problem document (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
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


def problems(*statuses: int) -> dict[int | str, Any]:
    """Return the failures that any route may answer with, and these."""
    return {status: dict(PROBLEM) for status in (400, 401, 403, 422, 423, 500, 503, *statuses)}


def described(description: str, schema: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
    """Return an answer that no model of ours describes."""
    return {
        "description": description,
        **({"content": {"application/json": {"schema": dict(schema)}}} if schema else {}),
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()},
    }


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
