"""`companion connect --remember`: the next run needs no password, and nothing shows the session."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from canary_hunt import sightings
from programs import Program

from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

pytestmark = [pytest.mark.browser, pytest.mark.sampled(1, group="remembered")]


@pytest.fixture(scope="module")
def served_here() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce()) as store:
        yield store


@pytest.fixture
def program(served_here: RunningStore) -> Iterator[Program]:
    served_here.state.reset()
    with tempfile.TemporaryDirectory(prefix="remember-") as place:
        yield Program(served_here, Path(place))


def posts(world: SimulatedBigCommerce) -> int:
    return len([each for each in world.requests if each.method == "POST" and each.host == "login.bigcommerce.com"])


def kept(program: Program) -> int:
    with sqlite3.connect(program.place / "data" / "companion.sqlite3") as file:
        [[count]] = file.execute("SELECT count(*) FROM kept_sessions")
    file.close()
    return int(count)


def test_a_kept_session_signs_in_until_it_ends_and_is_nowhere_to_be_seen(
    program: Program, served_here: RunningStore
) -> None:
    world = served_here.state
    code, document, said = program.run("connect", "one", "--remember")
    assert code == 0, said
    assert "It opens every store of this user" in said
    assert kept(program) == 1
    cookies = [*world.sign_ins.sessions, *world.sign_ins.panel_sessions]
    assert len(cookies) == 2
    cookies = world.secrets.by_kind()["session-cookie"]  # also those by which the browser is known again
    shown = {"document": str(document), "said": said}

    before = posts(world)
    code, document, said = program.run("connect", "two", BIGCOMMERCE_PASSWORD="")
    assert code == 0, said
    assert posts(world) == before
    shown |= {"second document": str(document), "second said": said}
    assert sightings(cookies, shown, [program.place]) == []

    world.sign_ins.expire()
    code, document, said = program.run("connect", "three", "--remember")
    assert code == 0, said
    assert posts(world) == before + 1
    assert "had ended; it was dropped" in said
    assert "is kept, sealed, until" in said
    assert kept(program) == 1

    assert program.run("connect", "--forget")[:2] == (0, {"forgotten": 1})
    assert kept(program) == 0
    code, document, said = program.run("connect", "four", BIGCOMMERCE_PASSWORD="")
    assert (code, document["error"]["code"]) == (3, "sign-in-needed")
    assert program.left_behind() == []


@pytest.mark.sampled(1)
@pytest.mark.parametrize("ended", [False, True], ids=["kept", "ended"])
@pytest.mark.parametrize("command", ["rotate", "revoke", "batch", "doctor"])
def test_every_unattended_command_uses_the_kept_session_and_signs_in_where_it_has_ended(
    program: Program, served_here: RunningStore, command: str, ended: bool
) -> None:
    world = served_here.state
    code, _, said = program.run("connect", "one", "--remember")
    assert code == 0, said
    file = program.place / "stores.csv"
    file.write_text(f"name,store_hash\ntwo,{world.store.store_hash}\n")
    arguments = {
        "rotate": ("rotate", "one", "--yes"),
        "revoke": ("delete", "one", "--revoke", "--yes"),
        "batch": ("connect", "--batch", str(file)),
        "doctor": ("doctor", "--panel"),
    }[command]
    before = posts(world)
    if ended:
        world.sign_ins.expire()
        code, document, said = program.run(*arguments)
        assert posts(world) == before + 1
        assert "had ended; it was dropped" in said + str(document)
        assert kept(program) == 0
    else:
        code, document, said = program.run(*arguments, BIGCOMMERCE_PASSWORD="")
        assert posts(world) == before
    assert code == 0 or (command == "doctor" and code == 9), said
    if command == "doctor":
        assert [each["status"] for each in document["checks"] if each["code"] == "panel-save"] == ["ok"]
    assert program.left_behind() == []
