"""Chunks: read a bounded piece at a time, to their end and no further, and refused where they are no chunks."""

from __future__ import annotations

import io

import pytest

from companion.web.chunked_body import ChunkedBody


class Source(io.BytesIO):
    """Remembers the most that it was asked for at once."""

    most = 0

    def read(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        self.most = max(self.most, size or 0)
        return super().read(size)


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailers + b"\r\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, None])
@pytest.mark.parametrize("trailers", [b"", b"X-Sum: 1\r\nX-Other: 2\r\n"])
def test_what_was_chunked_is_read_and_nothing_behind_it(size: int | None, trailers: bytes) -> None:
    source = Source(chunked(b"hello", b" ", b"world!", trailers=trailers) + b"GET / HTTP/1.1\r\n")
    body = ChunkedBody(source)
    read = b""
    while part := body.read(size):
        assert size is None or len(part) <= size
        read += part
    assert read == b"hello world!"
    assert body.ended
    assert body.read(10) == b""
    assert source.read() == b"GET / HTTP/1.1\r\n"


def test_a_chunk_that_says_it_is_endless_is_read_a_piece_at_a_time() -> None:
    source = Source(b"ffffffffff\r\n" + b"x" * 1000)
    body = ChunkedBody(source)
    assert body.read(100) == b"x" * 100
    assert source.most == 100
    assert not body.ended


def test_an_extension_is_passed_over() -> None:
    assert ChunkedBody(io.BytesIO(b"5;name=value\r\nhello\r\n0\r\n\r\n")).read() == b"hello"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"5",
        b"5\r\nhel",
        b"5\r\nhello0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n",
        b"+5\r\nhello\r\n",
        b"0x5\r\nhello\r\n",
        b"1_0\r\nhello\r\n",
        b"five\r\nhello\r\n",
        b"5\nhello\n0\n\n",
        b"11111111111111111\r\nx",
        b"5\r\nhello\r\n0\r\n" + b"X: 1\r\n" * 100,
        b"5" + b" " * 10_000 + b"\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_chunk_is_refused(sent: bytes) -> None:
    body = ChunkedBody(io.BytesIO(sent))
    with pytest.raises(ValueError, match=r"chunk|broke off|trailers"):
        list(iter(lambda: body.read(3), b""))
    assert not body.ended
