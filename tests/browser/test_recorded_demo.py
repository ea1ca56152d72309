"""No frame of a recorded demo shows a secret: each is painted in a colour of its own, which no frame then has."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import pytest
from painted_secrets import MARK, PAINT, SECRET, counted

import automation.jobs.illustrating as illustrating
import automation.overlay.picture as picture
import simulated_store.demo as demo
from automation.browser.session import browser_session
from automation.core.flows.retrieval import StepId
from companion.cli.output import Output
from companion.settings import load_settings
from simulated_store.state import SimulatedBigCommerce

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="recorded")]


def frames(content: bytes) -> Iterator[bytes]:
    """Every frame of an animated PNG, as a PNG of its own."""
    header, data, at = b"", [], 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IHDR":
            header = body
        elif kind in {b"fcTL", b"IEND"} and data:
            yield b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"".join(data)) + chunk(b"IEND", b"")
            data = []
        elif kind in {b"IDAT", b"fdAT"}:
            data.append(body[4:] if kind == b"fdAT" else body)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def recorded(monkeypatch, file, *, covered: bool):
    """Record a demo whose secrets are painted; returns the frames, and how many places were painted before each."""
    state = SimulatedBigCommerce()
    taken = picture.take_picture
    painted: list[int] = []

    def painting(page, controls, **options):
        account = state.store.api_accounts[-1:]
        secrets = [*state.canaries(), state.owner.email, *(each.client_id for each in account)]
        painted.append(sum(frame.evaluate(PAINT, secrets) for frame in page.frames))
        return taken(page, controls, **options)

    if not covered:
        monkeypatch.setattr(picture, "_STYLE", picture._STYLE.replace("background: #3a3f4a", "background: none"))
    monkeypatch.setattr(picture, "take_picture", painting)
    monkeypatch.setattr(illustrating, "take_picture", painting)
    monkeypatch.setattr(demo, "SimulatedBigCommerce", lambda **_options: state)
    code = demo.run_demo(Output(as_json=True), headed=False, slow=False, keep=False, seed=None, record=file)
    assert code == 0
    return list(frames(file.read_bytes())), painted


@pytest.mark.parametrize("covered", [True, False])
def test_no_frame_shows_what_is_secret(monkeypatch, tmp_path, covered):
    shown, painted = recorded(monkeypatch, tmp_path / "demo.png", covered=covered)
    assert len(shown) == len(painted) >= len(StepId)
    assert sum(painted) >= 4  # the credentials window alone has four
    settings = load_settings(data_dir=tmp_path / "data", host_map="", ca_file=None)
    with browser_session(settings) as context:
        page = context.new_page()
        secret = [counted(page, frame, SECRET) for frame in shown]
        marked = [counted(page, frame, MARK) > 0 for frame in shown]
    # Without the covers the very same frames do show them.
    assert (sum(secret) == 0) is covered
    assert sum(marked) >= len(StepId) - 2
