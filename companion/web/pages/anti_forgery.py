"""Forms that only a page of this service, shown in this session, can have sent.

The token is an HMAC under the session's own text, which no page and no script sees: nothing has to be kept, and a token
of one session is none in another. The guard has judged Origin and Sec-Fetch-Site before; this is the second line.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from companion.core.errors import NotAllowed
from companion.web.callers import forms_secret

FIELD = "anti_forgery"
MAX_FORM_BYTES = 256 * 1024

_KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")


class FormOfAnotherSession(NotAllowed):
    """The form's session has ended, or it was sent by no page of ours."""


def anti_forgery_token(session: str) -> str:
    """Return the token of the forms of the session with this text."""
    return hmac.new(session.encode(), b"bigcommerce-companion anti-forgery", hashlib.sha256).hexdigest()


def is_genuine(session: str | None, given: str | None) -> bool:
    """Say whether `given` is the token of this session's forms."""
    if session is None or given is None:
        return False
    return hmac.compare_digest(anti_forgery_token(session).encode(), given.encode("utf-8", "replace"))


def read_form() -> Any:
    """Return the fields of the form that was sent, after checking that a page of this session sent it.

    Raises:
        UnsupportedMediaType: no form.
        RequestEntityTooLarge: more than `MAX_FORM_BYTES`.
        FormOfAnotherSession: the token is missing, or is another session's.
    """
    fields = form_as_sent()
    if not is_genuine(forms_secret(request), fields.get(FIELD)):
        raise FormOfAnotherSession(
            "The form was not sent by a page of this session.",
            why="Its anti-forgery token is missing, or is of a session that has ended. Nothing was changed.",
            next_step="Go back, load the page again, and repeat it.",
        )
    return fields


def form_as_sent() -> Any:
    """Return the fields of the form that was sent, whoever sent it: for showing what was typed, and for nothing else.

    Raises:
        UnsupportedMediaType, RequestEntityTooLarge: as `read_form`.
    """
    if request.mimetype not in _KINDS:
        raise UnsupportedMediaType
    request.max_content_length = MAX_FORM_BYTES
    request.max_form_memory_size = MAX_FORM_BYTES
    return request.form
