"""The members of a problem document (RFC 9457), the same from the service and from the program."""

from __future__ import annotations

from typing import Any


def problem_document(
    *, code: str, status: int, detail: str, action: str, next_step: str, exit_code: int
) -> dict[str, Any]:
    """Return a problem document; `title` and `type` follow from the code."""
    return {
        "type": f"/problems/{code}",
        "title": title_of(code),
        "status": status,
        "detail": detail,
        "code": code,
        "action": action,
        "next_step": next_step,
        "exit_code": int(exit_code),
    }


def title_of(code: str) -> str:
    """Return the summary of a kind of problem: the same for every occurrence."""
    return code.replace("-", " ").capitalize().replace("Bigcommerce", "BigCommerce")
