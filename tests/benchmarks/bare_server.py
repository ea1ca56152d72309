"""The least that does the same work: one route of Flask and the standard library's sqlite3, behind the same server.

A program: `python bare_server.py FILE` prints its address, and serves until its input ends. Its two routes know nothing
of who asks, of other forms of a row, or of failures.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from pathlib import Path

from flask import Flask, Response, request

from companion.web.server import LoopbackServer

ROWS = 1000


def prepare(file: Path, row: bytes) -> None:
    """Make a table with `ROWS` rows, each holding `row`."""
    opened = sqlite3.connect(file)
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("CREATE TABLE things (id TEXT PRIMARY KEY, thing BLOB NOT NULL)")
    opened.executemany("INSERT INTO things VALUES (?, ?)", ((f"{number:036}", row) for number in range(ROWS)))
    opened.commit()
    opened.close()


def bare_app(file: Path) -> Flask:
    app = Flask(__name__, static_folder=None)
    held = threading.local()
    writing = threading.Lock()

    def opened() -> sqlite3.Connection:
        if not hasattr(held, "connection"):
            held.connection = sqlite3.connect(file)
            held.connection.execute("PRAGMA synchronous = FULL")
        connection: sqlite3.Connection = held.connection
        return connection

    @app.get("/things/<id>")
    def read(id: str) -> Response:  # noqa: A002  what Flask calls it
        row = opened().execute("SELECT thing FROM things WHERE id = ?", (id,)).fetchone()
        return Response(row[0], content_type="application/json")

    @app.post("/things")
    def write() -> tuple[Response, int]:
        thing = json.dumps(request.get_json())
        with writing, opened() as connection:
            connection.execute("INSERT INTO things VALUES (?, ?)", (request.headers["X-Id"], thing))
        return Response(thing, content_type="application/json"), 201

    return app


def main() -> None:
    with LoopbackServer(bare_app(Path(sys.argv[1])), 0) as server:
        print(server.url, flush=True)  # noqa: T201  what it is asked for
        sys.stdin.read()


if __name__ == "__main__":
    main()
