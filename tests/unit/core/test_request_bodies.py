"""What can be passed on as a media type."""

import pytest

from companion.core.errors import InvalidInput
from companion.core.request_body import NO_BODY, checked_content_type, json_body


@pytest.mark.parametrize(
    "text",
    [
        "application/json",
        " application/json; charset=utf-8 ",
        "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
        'multipart/form-data; boundary="a b; c"',
        "image/svg+xml",
        "text/csv;header=present;charset=utf-8",
        "application/vnd.api+json",
    ],
)
def test_a_media_type_is_passed_on_as_it_is(text: str) -> None:
    assert checked_content_type(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "json", "a/b/c", "text/plain\r\nX-Auth-Token: x", "text/plain\n", "text/плейн", "text/plain; é=1", "text /x",
     "text/plain; a", "x/" + "y" * 101, 'a/b; c="d', "a/b; c=\x00"],
)  # fmt: skip
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        checked_content_type(text)


def test_nothing_has_no_media_type() -> None:
    assert json_body(b"") is NO_BODY
    assert (json_body(b"{}").length, json_body(b"{}").is_streamed) == (2, False)
