"""Heads of requests: what stands in them comes out, and what means two things does not."""

from __future__ import annotations

import io

import pytest

from companion.web.request_head import HeadReader


def read(text: str) -> dict[bytes, bytes]:
    return HeadReader()(io.BytesIO(text.encode("latin-1")))


def test_headers_are_found_by_their_name_however_it_is_written() -> None:
    assert read("hOST: a\r\ncontent-length:\t12 \r\n\r\n") == {b"Host": b"a", b"Content-Length": b"12"}


def test_what_follows_the_head_is_left_for_others() -> None:
    sent = io.BytesIO(b"Host: a\r\n\r\nbody")
    HeadReader()(sent)
    assert sent.read() == b"body"


def test_a_list_in_several_lines_is_one_list() -> None:
    assert read("X-Forwarded-For: a\r\nAccept: b\r\nx-forwarded-for: c\r\n\r\n") == {
        b"X-Forwarded-For": b"a, c",
        b"Accept": b"b",
    }


def test_a_name_that_wsgi_could_not_tell_from_another_is_left_out() -> None:
    assert read("Content_Length: 3\r\nHost: a\r\n\r\n") == {b"Host": b"a"}


def test_text_beyond_ascii_and_tabs_are_no_control_characters() -> None:
    assert read("X: \xe9\tb\r\n\r\n") == {b"X": b"\xe9\tb"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Host: a",
        "Host: a\n\n",
        "Host: a\r\n",
        "Host a\r\n\r\n",
        "Host : a\r\n\r\n",
        "H\xf6st: a\r\n\r\n",
        "Host: a\r\n b\r\n\r\n",
        "Host: a\r\nhost: a\r\n\r\n",
        "X: a\x7f\r\n\r\n",
        "Content-Length:\r\n\r\n",
        "Content-Length: \xb2\r\n\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked, Chunked\r\n\r\n",
    ],
)
def test_a_head_that_means_nothing_or_two_things_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"head|header|body"):
        read(text)
