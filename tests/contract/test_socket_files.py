"""What the server reads connections from and writes them to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from companion.web.server import LoopbackServer
from companion.web.socket_files import Limit, SocketReader, SocketWriter, becomes_readable, has_head
from companion.web.threads import THREADS

PATIENCE = 60.0  # seconds; only reached where something hangs
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        theirs.settimeout(PATIENCE)
        yield ours, theirs


def test_a_reader_waits_for_what_comes_later(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    reader = SocketReader(ours, 8192, Limit(), PATIENCE)
    later = threading.Timer(0.05, theirs.sendall, [b"one\r\ntwo"])
    later.start()
    assert reader.readline() == b"one\r\n"
    later.join()
    assert reader.has_data()
    assert reader.read(3) == b"two"
    assert not reader.has_data()


def test_a_reader_that_is_only_asked_whether_it_has_data_takes_nothing(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    reader = SocketReader(ours, 8192, Limit(), PATIENCE)
    theirs.sendall(b"something")
    assert becomes_readable(ours, PATIENCE)
    assert not reader.has_data()
    assert ours.recv(100) == b"something"


@pytest.mark.parametrize(("left", "longest"), [(0.0, PATIENCE), (0.01, PATIENCE), (PATIENCE, 0.01)])
def test_a_reader_gives_up_where_its_limit_or_its_patience_ends(
    pair: tuple[socket.socket, socket.socket], left: float, longest: float
) -> None:
    limit = Limit()
    limit.begin(left)
    with pytest.raises(TimeoutError):
        SocketReader(pair[0], 8192, limit, longest).readline()


def test_a_writer_waits_for_who_takes_little_at_a_time(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    sent = bytes(range(256)) * 40_000
    writing = threading.Thread(target=SocketWriter(ours, PATIENCE).write, args=[sent])
    writing.start()
    got = b""
    while len(got) < len(sent):
        got += theirs.recv(100_000)
    writing.join()
    assert got == sent


@pytest.mark.parametrize(("longest", "failure"), [(0.01, TimeoutError), (0, BlockingIOError)])
def test_a_writer_gives_up_where_nothing_is_taken(
    pair: tuple[socket.socket, socket.socket], longest: float, failure: type[OSError]
) -> None:
    with pytest.raises(failure):
        SocketWriter(pair[0], longest).write(bytes(10_000_000))


def test_what_is_held_back_goes_with_what_comes_next(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    writer = SocketWriter(ours, PATIENCE)
    writer.is_held_back = True
    writer.write(b"head ")
    assert not becomes_readable(theirs, 0)
    writer.is_held_back = False
    writer.write(b"body")
    assert theirs.recv(100) == b"head body"


def test_the_head_of_a_request_is_there_when_its_last_line_is(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    assert not has_head(ours, 1000)
    theirs.sendall(REQUEST[:-1])
    assert becomes_readable(ours, PATIENCE)
    assert not has_head(ours, 1000)
    assert has_head(ours, 10)  # it is longer than any may be: who reads it refuses it
    theirs.sendall(REQUEST[-1:])
    while not has_head(ours, 1000):
        time.sleep(0.001)
    assert ours.recv(1000) == REQUEST


def test_more_callers_than_threads_who_ask_again_at_once_are_all_answered() -> None:
    def app(_environ, start):  # type: ignore[no-untyped-def]
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    with LoopbackServer(app, 0) as server:

        def ask() -> None:
            left = 50
            while left:
                with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as caller:
                    got = b""
                    while left and b"Connection: close" not in got:
                        caller.sendall(REQUEST)
                        got = b""
                        while not got.endswith(b"\r\n\r\nok"):
                            part = caller.recv(1000)
                            assert part
                            got += part
                        left -= 1
            answered.append(left)

        answered: list[int] = []
        callers = [threading.Thread(target=ask) for _ in range(3 * THREADS)]
        for each in callers:
            each.start()
        for each in callers:
            each.join(PATIENCE)
        assert len(answered) == len(callers)
