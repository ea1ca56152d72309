"""Answers of the API: one JSON document each."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

# Made once: `json.dumps` with anything but its defaults makes one each time.
_encoded = json.JSONEncoder(separators=(",", ":")).encode


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """Return the document as an answer; it holds what JSON has, and nothing else."""
    return Response(_encoded(document) + "\n", status=status, content_type="application/json")
