"""What went wrong (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ValidationError

from companion.core.errors import FieldError, InvalidInput
from companion.schemas.fields import Out


class FieldProblem(Out):
    """One field that was refused."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    action: str
    next_step: str
    exit_code: int
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


def invalid_input(errors: ValidationError) -> InvalidInput:
    """Return what pydantic refused as our error, with JSON pointers; values are not repeated."""
    fields = tuple(
        FieldError(json_pointer(each["loc"]), _sentence(each["type"], each["msg"]))
        for each in errors.errors(include_url=False, include_context=False, include_input=False)
    )
    named = ", ".join(dict.fromkeys(field.pointer.strip("/").split("/")[0] or "the body" for field in fields))
    return InvalidInput(
        f"The request was not accepted: {named}.",
        why=" ".join(dict.fromkeys(field.detail for field in fields)),
        fields=fields,
    )


def json_pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer (RFC 6901) to what stands at `path`."""
    return "".join("/" + str(part)[:100].replace("~", "~0").replace("/", "~1") for part in path)


def _sentence(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "There is no such field."
    if kind == "missing":
        return "The field is missing."
    return message.removeprefix("Input should be ").removeprefix("Value error, ").capitalize() + "."
