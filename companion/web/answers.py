"""Answers of the API: one JSON document each."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic_core import to_json


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """Return the document as an answer; it holds what JSON has, and nothing else."""
    return Response(to_json(document) + b"\n", status=status, content_type="application/json")
