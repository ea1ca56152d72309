"""Every failure as a problem document (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from companion.core.errors import CompanionError
from companion.core.exit_codes import ExitCode
from companion.core.problem import problem_document

MEDIA_TYPE = "application/problem+json"

_UNEXPECTED = (
    "Something unexpected happened in the service.",
    "The service's log tells more under the request's id; report it if it goes on.",
)

# What Flask and Werkzeug refuse before any of our code runs: status -> code, exit code, what to do.
_PROTOCOL = {
    400: ("malformed-request", ExitCode.INVALID_INPUT, "Send a well-formed request."),
    404: ("not-found", ExitCode.NOT_FOUND, "The paths are listed in /api/v1/openapi.json."),
    405: ("method-not-allowed", ExitCode.INVALID_INPUT, "The methods are listed in /api/v1/openapi.json."),
    406: ("not-acceptable", ExitCode.INVALID_INPUT, "Accept application/json."),
    408: ("request-timeout", ExitCode.UNREACHABLE_OR_LOCKED, "Send the request without pauses."),
    411: ("length-required", ExitCode.INVALID_INPUT, "Send Content-Length."),
    413: (
        "payload-too-large",
        ExitCode.INVALID_INPUT,
        "Send at most 1 MiB, 16 MiB to GraphQL, or 64 MiB to a store's REST API.",
    ),
    414: ("address-too-long", ExitCode.INVALID_INPUT, "Send a shorter address."),
    415: ("unsupported-media-type", ExitCode.INVALID_INPUT, "Send the body as application/json, uncompressed."),
    431: ("headers-too-large", ExitCode.INVALID_INPUT, "Send fewer or shorter headers."),
}


AsPage = Callable[[dict[str, Any], Any], Response | None]
"""Takes a problem document and the headers of the request; gives a screen, or None where a program asked."""

_Error = TypeVar("_Error", bound=Exception)


def install_problems(app: Flask, as_page: AsPage) -> None:
    """Answer every exception of `app` with a problem document, or as a screen that says the same."""

    def shown(make: Callable[[_Error], Response]) -> Callable[[_Error], Response]:
        def answer(error: _Error) -> Response:
            response = make(error)
            screen = as_page(json.loads(response.get_data()), request.headers)
            if screen is None:
                return response
            for name in ("Retry-After", "Allow"):
                if name in response.headers:
                    screen.headers[name] = response.headers[name]
            return screen

        return answer

    app.register_error_handler(CompanionError, shown(companion_problem))
    app.register_error_handler(HTTPException, shown(protocol_problem))
    app.register_error_handler(Exception, shown(unexpected_problem))


def companion_problem(error: CompanionError) -> Response:
    """Return one of our own errors as a problem document."""
    explained = error.explained
    members: dict[str, Any] = {}
    if error.fields:
        members["errors"] = [{"pointer": field.pointer, "detail": field.detail} for field in error.fields]
    response = problem(
        code=error.code,
        status=error.http_status,
        detail=" ".join(part for part in (explained.what, explained.why) if part),
        action=error.action or explained.next_step,
        next_step=explained.next_step,
        exit_code=error.exit_code,
        **members,
    )
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.http_status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="companion"'
    return response


def protocol_problem(error: HTTPException) -> Response:
    """Return what the framework refused as a problem document."""
    status = error.code or 500
    code, exit_code, next_step = _PROTOCOL.get(
        status, ("unexpected" if status >= 500 else "bad-request", ExitCode.UNEXPECTED, "")
    )
    detail = "There is nothing at this address." if status == 404 else (error.name or "Refused") + "."
    response = problem(
        code=code, status=status, detail=detail, action=next_step, next_step=next_step, exit_code=exit_code
    )
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def unexpected_problem(error: Exception) -> Response:
    """Return a problem document that says nothing of the exception: its text may hold anything."""
    g.unexpected = error
    what, next_step = _UNEXPECTED
    return problem(
        code="unexpected", status=500, detail=what, action=next_step, next_step=next_step, exit_code=ExitCode.UNEXPECTED
    )


def problem(
    *, code: str, status: int, detail: str, action: str, next_step: str, exit_code: int, **members: Any
) -> Response:
    """Return a problem document."""
    document = problem_document(
        code=code, status=status, detail=detail, action=action, next_step=next_step, exit_code=exit_code
    )
    g.problem_code = code
    document |= {"request_id": g.get("request_id"), **members}
    return Response(json.dumps(document), status=status, content_type=MEDIA_TYPE)


def document_without_request(status: int) -> bytes:
    """Return the problem document for what the server refuses before there is a request: no HTTP, or too much of it."""
    code, exit_code, next_step = _PROTOCOL.get(
        status, ("malformed-request", ExitCode.INVALID_INPUT, "Send a well-formed request.")
    )
    document = problem_document(
        code=code,
        status=status,
        detail="The server could not take the request.",
        action=next_step,
        next_step=next_step,
        exit_code=exit_code,
    )
    return json.dumps(document).encode()
