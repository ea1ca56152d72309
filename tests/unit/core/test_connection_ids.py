from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from companion.core.ids import is_id, new_id

NOW = datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7() -> None:
    uuid = UUID(new_id(NOW, os.urandom))
    assert (uuid.version, uuid.variant) == (7, "specified in RFC 4122")
    assert uuid.int >> 80 == int(NOW.timestamp() * 1000)


@pytest.mark.parametrize("byte", [0x00, 0xFF])
def test_any_randomness_gives_an_id(byte: int) -> None:
    assert is_id(new_id(NOW, lambda count: bytes([byte]) * count))


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=step), os.urandom) for step in range(100)]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    "text", ["", "shop", "0193A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B", "0193a1b2-c3d4-4e5f-8a9b-0c1d2e3f4a5b"]
)
def test_other_text_is_no_id(text: str) -> None:
    assert not is_id(text)
