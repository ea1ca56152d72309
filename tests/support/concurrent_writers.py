"""Callers who write to a service at once, each remembering what was acknowledged to it and what is under way."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from companion.client import CompanionClient, ConnectionDocument, ConnectionFields
from companion.core.errors import CompanionError, ServiceUnreachable
from companion.core.secret import Secret


@dataclass(frozen=True)
class Known:
    """What a writer knows of one of its connections."""

    name: str
    tags: tuple[str, ...]
    access_token: str
    revision: int
    verified: bool = False


@dataclass
class Underway:
    """A write that was sent and not answered: afterwards it was done, or it was not.

    Attributes:
        connection_id: None for one that is to be created.
        after: what the connection is then; None where it is gone.
    """

    what: str
    connection_id: str | None = None
    after: Known | None = None
    api_token: str | None = None


@dataclass
class Writer:
    """One caller, with connections and API tokens that no other touches.

    Attributes:
        acknowledged: how many writes were answered.
        unexpected: what was answered to it and should not have been.
    """

    number: int
    url: str
    api_token: Secret
    store_hash: str
    subdomain: str
    access_tokens: tuple[str, ...]
    draw: random.Random
    told: Callable[[], object]
    connections: dict[str, Known] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    tools: dict[str, Secret] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    recorded: list[tuple[str, str | None]] = field(default_factory=list)
    underway: Underway | None = None
    unexpected: list[str] = field(default_factory=list)
    made: int = 0

    def write_on(self) -> None:
        """Write until the service is gone."""
        with suppress(ServiceUnreachable), CompanionClient(self.url, self.api_token) as client:
            while True:
                try:
                    self._write_once(client)
                except ServiceUnreachable:
                    raise
                except CompanionError as failure:
                    self.unexpected.append(f"{self.underway}: {failure}")
                    return
                self.underway = None
                self.told()

    def _write_once(self, client: CompanionClient) -> None:
        if len(self.connections) < 2:
            self._create(client)
            return
        chosen = self.draw.choice(sorted(self.connections))
        known = self.connections[chosen]
        match self.draw.choice(
            ("create", "edit", "edit", "replace", "delete", "verify", "graphql", "make tool", "revoke tool")
        ):
            case "create":
                self._create(client)
            case "edit":
                tags = tuple(f"t{self.draw.randrange(1000)}" for _ in range(3))
                name = self._new_name() if self.draw.random() < 0.3 else known.name
                after = replace(known, name=name, tags=tuple(dict.fromkeys(tags)), revision=known.revision + 1)
                self.underway = Underway("edit", chosen, after)
                done = client.patch(chosen, known.revision, name=name, tags=after.tags)
                self._acknowledged(done, after, "edit")
            case "replace":
                after = replace(
                    known, access_token=self._any_access_token(), revision=known.revision + 1, verified=False
                )
                self.underway = Underway("replace", chosen, after)
                fields = self._fields(after)
                done = client.replace(chosen, fields, Secret(after.access_token), known.revision)
                self._acknowledged(done, after, "replace")
            case "delete":
                self.underway = Underway("delete", chosen, None)
                client.delete(chosen, known.revision)
                del self.connections[chosen]
                self.deleted.add(chosen)
                self.recorded.append(("delete", chosen))
            case "verify":
                after = replace(known, verified=True)
                self.underway = Underway("verify", chosen, after)
                self._acknowledged(client.verify(chosen), after, "verify")
            case "graphql":
                self.underway = Underway("graphql", chosen, known)
                if "data" not in client.graphql(chosen, "{ site { settings { storeName } } }"):
                    self.unexpected.append("graphql was not answered with data")
            case "make tool":
                name = self._new_name()
                self.underway = Underway("make tool", api_token=name)
                made, text = client.create_api_token(name, connections=[chosen], actions=["read"])
                self.tools[made["id"]] = text
                self.recorded.append(("create-api-token", None))
            case _ if self.tools:
                id_ = self.draw.choice(sorted(self.tools))
                self.underway = Underway("revoke tool", api_token=id_)
                client.revoke_api_token(id_)
                del self.tools[id_]
                self.revoked.add(id_)
            case _:
                self._create(client)

    def _create(self, client: CompanionClient) -> None:
        after = Known(self._new_name(), (f"w{self.number}",), self._any_access_token(), 1)
        self.underway = Underway("create", None, after)
        self._acknowledged(client.create(self._fields(after), Secret(after.access_token)), after, "add")

    def _acknowledged(self, done: ConnectionDocument, after: Known, action: str) -> None:
        if (done["name"], tuple(done["tags"]), done["revision"]) != (after.name, after.tags, after.revision):
            self.unexpected.append(f"{action} was answered with {done}")
        self.connections[done["id"]] = after
        self.recorded.append((action, done["id"]))

    def _fields(self, known: Known) -> ConnectionFields:
        return {
            "name": known.name,
            "tags": list(known.tags),
            "subdomain": self.subdomain,
            "store_hash": self.store_hash,
        }

    def _any_access_token(self) -> str:
        return self.draw.choice(self.access_tokens)

    def _new_name(self) -> str:
        self.made += 1
        return f"Writer {self.number} makes {self.made}"


@contextmanager
def writing(writers: list[Writer]) -> Iterator[None]:
    """Let all of them write at once; the service has to end before the context does."""
    threads = [threading.Thread(target=writer.write_on) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
