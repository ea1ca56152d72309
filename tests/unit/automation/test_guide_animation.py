"""An animated PNG out of pictures: read back, each frame is the picture that went in."""

from __future__ import annotations

import struct
import zlib

from automation.core.guide.animation import animated

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(colour: int, width: int = 2, height: int = 2) -> bytes:
    """A picture of one grey, its data in two chunks as browsers write them."""
    data = zlib.compress(b"".join(b"\0" + bytes([colour] * width) for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", data[:3]), chunk(b"IDAT", data[3:]))
    return SIGNATURE + b"".join(parts) + chunk(b"IEND", b"")


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], len(SIGNATURE)
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length)[0] == zlib.crc32(kind + data)
        found.append((kind, data))
        at += 12 + length
    return found


def frames(content: bytes) -> list[bytes]:
    found: list[bytes] = []
    for kind, data in chunks(content):
        if kind == b"fcTL":
            found.append(b"")
        elif kind in {b"IDAT", b"fdAT"}:
            found[-1] += data[4:] if kind == b"fdAT" else data
    return [zlib.decompress(each) for each in found]


def test_each_frame_is_the_picture_that_went_in():
    content = animated([png(1), png(2), png(3)], seconds=1.5)
    assert frames(content) == [frames_of_one(each) for each in (1, 2, 3)]
    kinds = [kind for kind, _ in chunks(content)]
    assert kinds[:3] == [b"IHDR", b"acTL", b"fcTL"]
    assert kinds[-1] == b"IEND"
    assert dict(chunks(content))[b"acTL"] == struct.pack(">II", 3, 0)


def frames_of_one(colour: int) -> bytes:
    return b"".join(b"\0" + bytes([colour] * 2) for _ in range(2))


def test_the_parts_are_numbered_through_and_each_frame_stays_as_long_as_it_is_told():
    numbered = [
        (kind, data) for kind, data in chunks(animated([png(1), png(2)], seconds=1.5)) if kind in {b"fcTL", b"fdAT"}
    ]
    assert [struct.unpack_from(">I", data)[0] for _, data in numbered] == list(range(len(numbered)))
    controls = [data for kind, data in numbered if kind == b"fcTL"]
    assert [struct.unpack(">IIIIIHHBB", each)[1:] for each in controls] == [(2, 2, 0, 0, 150, 100, 0, 0)] * 2


def test_a_picture_of_another_size_is_left_out():
    assert len(frames(animated([png(1), png(2, width=3), png(3)], seconds=1))) == 2
