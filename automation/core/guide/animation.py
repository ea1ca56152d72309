"""Pictures one after the other in one file: an animated PNG, which browsers, chats and viewers show as it is; pure."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def animated(pictures: Sequence[bytes], *, seconds: float) -> bytes:
    """Return an animated PNG that shows each picture for so many seconds, over and over.

    Args:
        pictures: PNGs, at least one. Those of another size or kind than the first cannot be in one animation with it,
            and are left out.

    Facts of the format: PNG Specification (Third Edition), chunks acTL, fcTL and fdAT.
    """
    frames = [list(_chunks(each)) for each in pictures]
    header = frames[0][0]
    frames = [frame for frame in frames if frame[0] == header]
    size = header[1][:8]
    delay = struct.pack(">HHBB", round(seconds * 100), 100, 0, 0)
    parts = [_SIGNATURE, _chunk(*header), _chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    number = 0
    for place, frame in enumerate(frames):
        parts.append(_chunk(b"fcTL", struct.pack(">I", number) + size + struct.pack(">II", 0, 0) + delay))
        number += 1
        for kind, data in frame:
            if kind != b"IDAT":
                continue
            if place == 0:
                parts.append(_chunk(kind, data))
            else:
                parts.append(_chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    return b"".join([*parts, _chunk(b"IEND", b"")])


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
