"""The hunt itself finds what it is sent after."""

from __future__ import annotations

import base64
import sqlite3

import pytest
from canary_hunt import sightings

SECRET = "s3cr3t-t0ken-of-a-store"


@pytest.mark.parametrize(
    "content",
    [
        SECRET.encode(),
        f"é {SECRET}".encode("utf-16-le"),
        SECRET.encode().hex().encode(),
        base64.b64encode(SECRET.encode()),
        base64.b64encode(b"Bearer:" + SECRET.encode() + b"..."),
        base64.b64encode(b"Bearer: " + SECRET.encode()),
        base64.b64encode(b"Bearer " + SECRET.encode() + b"!"),
    ],
)
def test_a_secret_is_seen_in_every_spelling(tmp_path, content):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"before" + content + b"after")

    assert sightings([SECRET], {}, [tmp_path]) == [str(tmp_path / "below" / "file")]


def test_a_secret_is_seen_in_a_database_a_name_and_a_text(tmp_path):
    with sqlite3.connect(tmp_path / "base") as base:
        base.execute("CREATE TABLE t (x TEXT)")
        base.execute("INSERT INTO t VALUES (?)", (SECRET,))
    base.close()
    (tmp_path / SECRET).touch()

    seen = sightings([SECRET], {"stdout": f"token={SECRET}", "stderr": "nothing"}, [tmp_path])

    assert seen == ["stdout", str(tmp_path / "base"), str(tmp_path / SECRET)]


def test_nothing_is_seen_where_nothing_is(tmp_path):
    (tmp_path / "file").write_bytes(SECRET[:-1].encode())

    assert sightings([SECRET], {"stdout": ""}, [tmp_path]) == []
