"""kill -9 of the service at random moments, while several write: what was acknowledged is there, and it opens."""

from __future__ import annotations

import os
import queue
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from concurrent_writers import Underway, Writer, writing
from postgresql_server import PostgresqlServer
from programs import LIMIT, Program

from companion.api_token import kept_token
from companion.client import CompanionClient
from companion.core.connection import Connection, Status
from companion.core.errors import NotFound
from companion.core.secret import Secret
from companion.ports.audit import AuditFilter
from companion.ports.connections import SecretField
from companion.service.audit import chain_state
from companion.service.parts import Parts
from companion.service_state import read_state
from companion.settings import Settings, load_settings
from companion.wiring.parts import open_parts
from companion.wiring.service import running_service
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

WRITERS = 4
BOTH_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})


@pytest.fixture(scope="module")
def simulated() -> Iterator[RunningStore]:
    with running(SimulatedBigCommerce(seed=41)) as store:
        yield store


@pytest.mark.sampled(2)
@pytest.mark.parametrize("number", range(200))
def test_a_service_that_is_killed_keeps_every_acknowledged_write(
    simulated: RunningStore, tmp_path: Path, number: int
) -> None:
    kill_while_others_write(simulated, tmp_path, number, {})


@pytest.mark.sampled(1)
@pytest.mark.parametrize("number", range(200))
def test_a_service_that_is_killed_keeps_every_acknowledged_write_on_postgresql(
    simulated: RunningStore, tmp_path: Path, number: int, postgresql_server: PostgresqlServer
) -> None:
    kill_while_others_write(
        simulated, tmp_path, number, {"COMPANION_DATABASE_URL": postgresql_server.emptied_database()}
    )


@pytest.mark.sampled(1)
@pytest.mark.parametrize("number", range(40))
def test_another_service_on_the_same_postgresql_goes_on_when_one_is_killed(
    simulated: RunningStore, tmp_path: Path, number: int, postgresql_server: PostgresqlServer
) -> None:
    draw = random.Random(f"{os.environ['COMPANION_TEST_SEED']} {number}")  # noqa: S311  a sample
    tokens = reset_with_accounts(simulated)
    shared = {
        "COMPANION_DATABASE_URL": postgresql_server.emptied_database(),
        "COMPANION_KEY_PROVIDER": "passphrase",
        "COMPANION_PASSPHRASE": "a made-up passphrase",
    }
    places = tmp_path / "one", tmp_path / "other"
    services, writers = [], []
    answered: tuple[queue.SimpleQueue[None], ...] = (queue.SimpleQueue(), queue.SimpleQueue())
    for index, place in enumerate(places):
        place.mkdir()
        program = Program(simulated, place)
        program.environment |= shared
        services.append(program.start("serve", "--port", "0"))
        url, api_token = _address_of(services[-1], place)
        for each in range(WRITERS // 2):
            writers.append(writer_of(simulated, each * 2 + index, url, api_token, tokens, draw, answered[index]))
    killed, other = services
    try:
        with writing(writers):
            try:
                for _ in range(draw.randrange(1, 60)):
                    answered[0].get(timeout=LIMIT)
                time.sleep(draw.random() * 0.05)  # somewhere between two answers, which is the point
                killed.kill()
                killed.wait()
                while not answered[1].empty():
                    answered[1].get()
                for _ in range(20):
                    answered[1].get(timeout=LIMIT)
            finally:
                killed.kill()
                other.terminate()
                other.wait()
    finally:
        killed.communicate()
        other.communicate()
    assert other.returncode == 0
    check_what_is_left(_settings(program), writers)


def kill_while_others_write(simulated: RunningStore, tmp_path: Path, number: int, environment: dict[str, str]) -> None:
    """Kill a service at a moment that `number` draws, and look at all that it left behind."""
    draw = random.Random(f"{os.environ['COMPANION_TEST_SEED']} {number}")  # noqa: S311  a sample
    tokens = reset_with_accounts(simulated)
    program = Program(simulated, tmp_path)
    program.environment |= environment
    service = program.start("serve", "--port", "0")
    url, api_token = _address_of(service, tmp_path)
    answered: queue.SimpleQueue[None] = queue.SimpleQueue()
    writers = [writer_of(simulated, each, url, api_token, tokens, draw, answered) for each in range(WRITERS)]
    try:
        with writing(writers):
            try:
                for _ in range(draw.randrange(1, 120)):
                    answered.get(timeout=LIMIT)
                time.sleep(draw.random() * 0.05)  # somewhere between two answers, which is the point
            finally:
                service.kill()
                service.wait()
    finally:
        service.communicate()
    check_what_is_left(_settings(program), writers)


def reset_with_accounts(simulated: RunningStore) -> tuple[str, ...]:
    simulated.state.reset()
    store = simulated.state.store
    return tuple(store.create_api_account(f"ERP {each}", BOTH_SCOPES).access_token for each in range(3))


def writer_of(
    simulated: RunningStore,
    number: int,
    url: str,
    api_token: Secret,
    access_tokens: tuple[str, ...],
    draw: random.Random,
    answered: queue.SimpleQueue[None],
) -> Writer:
    store = simulated.state.store
    return Writer(
        number, url, api_token, store.store_hash, store.subdomain, access_tokens,
        random.Random(f"{draw.random()}"), lambda: answered.put(None),  # noqa: S311  a sample
    )  # fmt: skip


def check_what_is_left(settings: Settings, writers: list[Writer]) -> None:
    """Everything that was acknowledged is there and opens, and nothing else is."""
    assert [each for writer in writers for each in writer.unexpected] == []
    with running_service(settings, public=True) as again, CompanionClient(again.url, again.api_token) as client:
        assert client.audit_state()["intact"]
        for writer in writers:
            _check_tools(writer, client)
    parts, _ = open_parts(settings)
    try:
        for writer in writers:
            _check_connections(writer, parts)
        _check_record(writers, parts)
        # Nothing that nobody made, and nothing that does not open.
        names = {connection.name for connection in parts.repository.page(limit=200).connections}
        known = {each.name for writer in writers for each in writer.connections.values()}
        for writer in writers:
            if writer.underway is not None and writer.underway.after is not None:
                known.add(writer.underway.after.name)
        assert names <= known
    finally:
        parts.close()


def _address_of(service: subprocess.Popen[str], place: Path) -> tuple[str, Secret]:
    assert service.stderr is not None
    line = service.stderr.readline()
    while "Listening on" not in line:
        assert line, "the service ended before it listened"
        line = service.stderr.readline()
    state, token = read_state(place / "data" / "service.json"), kept_token(place / "data" / "api-token")
    assert state is not None
    assert token is not None
    return state.url, token


def _settings(program: Program) -> Settings:
    environment = program.environment
    return load_settings(
        data_dir=environment["COMPANION_DATA_DIR"], key_file=environment["COMPANION_KEY_FILE"],
        key_provider=environment["COMPANION_KEY_PROVIDER"],
        passphrase=environment.get("COMPANION_PASSPHRASE"),
        host_map=environment["COMPANION_HOST_MAP"], ca_file=environment["COMPANION_CA_FILE"],
        database_url=environment.get("COMPANION_DATABASE_URL"),
    )  # fmt: skip


def _check_connections(writer: Writer, parts: Parts) -> None:
    underway = writer.underway or Underway("nothing")
    for id_, known in writer.connections.items():
        allowed = [known]
        if underway.connection_id == id_:
            if underway.after is None:
                try:
                    parts.repository.get(id_)
                except NotFound:
                    continue
            else:
                allowed.append(underway.after)
        stored = parts.repository.get_with_secrets(id_)
        opened = {field: parts.open_secret(stored, field) for field in SecretField}  # raises for one that does not
        token = opened[SecretField.ACCESS_TOKEN]
        assert token is not None
        assert _seen(stored.connection, token) in [
            (each.name, each.tags, each.revision, each.verified, each.access_token) for each in allowed
        ], underway
    for id_ in writer.deleted:
        with pytest.raises(NotFound):
            parts.repository.get(id_)


def _seen(connection: Connection, token: Secret) -> tuple[str, tuple[str, ...], int, bool, str]:
    verified = connection.status is not Status.UNVERIFIED
    return connection.name, connection.tags, connection.revision, verified, token.reveal()


def _check_tools(writer: Writer, client: CompanionClient) -> None:
    """Each tool's token works that was given out, and none that was revoked."""
    underway = writer.underway or Underway("nothing")
    there = {each["id"] for each in client.api_tokens()}
    assert writer.tools.keys() - {underway.api_token} <= there
    assert not writer.revoked & there
    for id_ in sorted(writer.tools.keys() & there)[:2]:
        with CompanionClient(client.base_url, writer.tools[id_]) as tool:
            tool.connections(1)


def _check_record(writers: list[Writer], parts: Parts) -> None:
    """Every change that was acknowledged is in the audit chain, as often as it was."""
    assert chain_state(parts).broken is None
    recorded: list[tuple[str, str | None]] = []
    before: int | None = None
    while True:
        page = parts.repository.audit_page(AuditFilter(), limit=200, before=before)
        recorded += [(each.told.deed.action, each.told.deed.connection_id) for each in page.entries]
        before = page.before
        if before is None:
            break
    for writer in writers:
        for action, connection_id in set(writer.recorded):
            if connection_id is not None:
                times = writer.recorded.count((action, connection_id))
                assert recorded.count((action, connection_id)) >= times, (action, connection_id)
    made = sum(action == "create-api-token" for writer in writers for action, _ in writer.recorded)
    assert sum(action == "create-api-token" for action, _ in recorded) >= made
