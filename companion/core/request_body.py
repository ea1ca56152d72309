"""What is sent to the store's REST API in a call that is forwarded; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from companion.core.errors import FieldError, InvalidInput

JSON = "application/json"

# A media type with its parameters as RFC 9110 spells them; nothing that could end the header or is not ASCII.
_MEDIA_TYPE = re.compile(
    r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}(?:[ \t]*;[ \t]*[\w!#$&^.+-]{1,100}=(?:[\w'()+,./:=?!#$&^-]{1,200}|"
    r'"[ -!#-~]{0,200}"))*',
    re.ASCII,
)


@dataclass(frozen=True)
class RequestBody:
    """The body of a call.

    Attributes:
        content: the whole of it, or its pieces as they come, which can be sent once.
        length: bytes of all pieces; None where that is not known beforehand.
        content_type: as `checked_content_type` gives it; empty where there is no body.
    """

    content: bytes | Iterator[bytes] = b""
    length: int | None = 0
    content_type: str = ""

    @property
    def is_streamed(self) -> bool:
        """Whether it can be sent once only."""
        return not isinstance(self.content, bytes)


NO_BODY = RequestBody()


def json_body(content: bytes) -> RequestBody:
    """Return a body of JSON; none where `content` is empty."""
    return RequestBody(content, len(content), JSON) if content else NO_BODY


def checked_content_type(text: str) -> str:
    """Return a media type, such as `multipart/form-data; boundary=x`, that can be passed on as it is.

    Raises:
        InvalidInput: it is none.
    """
    given = text.strip(" \t")
    if not _MEDIA_TYPE.fullmatch(given):
        detail = "It is no media type, such as application/json or multipart/form-data; boundary=x."
        raise InvalidInput(
            "The content type cannot be passed on.", why=detail, fields=(FieldError("/content_type", detail),)
        )
    return given
