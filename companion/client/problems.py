"""The error that the service raised, out of its problem document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companion.core import errors
from companion.core.errors import CompanionError, FieldError
from companion.core.exit_codes import ExitCode


def error_from_problem(status: int, problem: Mapping[str, Any]) -> CompanionError:
    """Build the error that the service raised out of its problem document, by `code`."""
    code = str(problem.get("code", ""))
    kind = _errors_by_code().get(code) or _nearest(status, problem.get("exit_code"))
    fields = tuple(
        FieldError(str(field.get("pointer", "")), str(field.get("detail", "")))
        for field in problem.get("errors") or ()
        if isinstance(field, Mapping)
    )
    detail = str(problem.get("detail") or problem.get("title") or f"The service answered {status}.")
    error = kind.__new__(kind)
    # Subclasses build their sentences from what went wrong; here they are already built.
    CompanionError.__init__(error, detail, next_step=str(problem.get("next_step") or ""), fields=fields)
    return error


def _errors_by_code() -> dict[str, type[CompanionError]]:
    found: dict[str, type[CompanionError]] = {}
    waiting = [CompanionError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found


def _nearest(status: int, exit_code: object) -> type[CompanionError]:
    by_exit_code: dict[object, type[CompanionError]] = {
        ExitCode.INVALID_INPUT: errors.InvalidInput,
        ExitCode.UNREACHABLE_OR_LOCKED: errors.ServiceUnreachable,
        ExitCode.CREDENTIALS_REFUSED: errors.BigCommerceRefused,
        ExitCode.NOT_FOUND: errors.NotFound,
        ExitCode.CONFLICT: errors.Conflict,
        ExitCode.TRY_LATER: errors.BigCommerceUnreachable,
    }
    by_status: dict[int, type[CompanionError]] = {401: errors.NotAuthorized, 403: errors.NotAllowed}
    return by_status.get(status) or by_exit_code.get(exit_code) or CompanionError
