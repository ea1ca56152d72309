"""What `companion doctor` can find in a data folder: each finding's code, what it says, and what to do; pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from companion.core.connection import Finding, Severity
from companion.core.key_usage import Unopened

OLDEST_POSTGRESQL = 14
"""Older servers get no corrections any more (PostgreSQL versioning policy, read 2026-04)."""


@dataclass(frozen=True)
class SeenDatabase:
    """What a database is like as it lies there.

    Attributes:
        where: what errors call it.
        damage: what is wrong with the file; empty where it is whole.
        schema_id: None where it has no tables of ours.
        newest_schema: the one that this program makes.
        server_version: such as 16, None for SQLite.
        damaged_logs: the files that are copies of logs that could not be read.
    """

    where: str
    damage: str
    schema_id: str | None
    newest_schema: str
    server_version: int | None = None
    damaged_logs: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether it is whole, and of the present schema."""
        return not self.damage and self.schema_id == self.newest_schema


def well(code: str, message: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(code, message, "", Severity.NOTE)


def note(code: str, message: str, action: str) -> Finding:
    """Return a finding that may be left as it is; it says what could be done."""
    return Finding(code, message, action, Severity.NOTE)


def attention(code: str, message: str, action: str) -> Finding:
    """Return a finding that should be looked at."""
    return Finding(code, message, action, Severity.ATTENTION)


def broken(code: str, message: str, action: str) -> Finding:
    """Return a finding that stops something from working."""
    return Finding(code, message, action, Severity.BROKEN)


def findings_of_database(seen: SeenDatabase) -> Iterator[Finding]:
    """Say whether the file is whole, or the server answers, and whether the schema is this version's."""
    if seen.damage:
        yield broken(
            "database-damaged",
            f"The database {seen.where} is damaged: {seen.damage}.",
            "Stop the service, keep a copy of the file, and put it back: a copy of the data folder as it was, or "
            "`companion restore FILE` in a new one.",
        )
    elif seen.server_version is not None:
        yield _of_server(seen.where, seen.server_version)
    else:
        yield well("database", f"The database {seen.where} is whole.")
    for copy in seen.damaged_logs:
        yield attention(
            "log-damaged",
            f"A log of the database was damaged, so that what was written last may be missing. {copy} is a copy of it.",
            "Look with `companion list` and `companion audit` whether something is missing, restore that from a "
            "backup, and remove the copy.",
        )
    if not seen.damage:
        yield _of_schema(seen)


def _of_server(where: str, version: int) -> Finding:
    if version >= OLDEST_POSTGRESQL:
        return well("database", f"The server of {where} answers; it is PostgreSQL {version}.")
    return attention(
        "postgresql-old",
        f"The server of {where} is PostgreSQL {version}, which gets no corrections any more.",
        f"Bring it to PostgreSQL {OLDEST_POSTGRESQL} or newer.",
    )


def _of_schema(seen: SeenDatabase) -> Finding:
    found, newest = seen.schema_id, seen.newest_schema
    if found == newest:
        return well("schema", f"The database has the schema of this version, {found}.")
    if found is None:
        return well("schema", "The database has no tables of this program's yet; the first connection makes them.")
    if found.isdigit() and found < newest:
        return note(
            "schema-older",
            f"The database has the schema {found} of an earlier version. The next command that uses it brings it to "
            f"{newest}, after copying it where it is a file.",
            "Nothing. What is sealed in it can be checked after that.",
        )
    return broken(
        "schema-newer",
        f"The database has the schema {found} of a newer version; this one knows them up to {newest}. It is left "
        "untouched, and cannot be used.",
        "Install the newest version of bigcommerce-companion.",
    )


_ACTIONS = {
    "browser session": "`companion connect --forget` drops it; the next run signs in anew.",
    "key of the audit record": "Restore the database from a backup: without this key nothing can be recorded, so "
    "nothing is changed.",
    "exported storefront token": "`companion export NAME --force` writes the file anew; the token ends by itself.",
}


def record_damaged(record: Unopened, connection_name: str | None) -> Finding:
    """A sealed record does not open.

    Args:
        connection_name: of the connection that a secret belongs to.
    """
    if connection_name is None:
        action = _ACTIONS.get(record.what, "Restore the database from a backup.")
        return broken("record-damaged", f"The {record.what} in the database does not open. {record.why}", action)
    field = record.place.rpartition(" ")[2].replace("_", " ")
    given = shlex.quote(connection_name)
    return broken(
        "record-damaged",
        f"The {field} of the connection {connection_name!r} does not open. {record.why}",
        f"Give the access token again with `companion edit {given} --access-token-stdin`, make a new one with "
        f"`companion connect {given} --replace`, or restore the connection from a backup.",
    )


def more_damaged(number: int) -> Finding:
    """As many more records do not open."""
    return broken(
        "record-damaged",
        f"{number} more sealed records do not open.",
        "Mend those that are named, or restore the database from a backup, and run this again.",
    )


def audit_finding(entries: int, broken_at: int | None, why: str) -> Finding:
    """Say whether the audit record is whole.

    Args:
        broken_at: the first entry that is wrong, None where none is.
    """
    if broken_at is None:
        return well("audit", f"The audit record is whole: {entries} entries.")
    return broken(
        "audit-broken",
        f"The audit record is broken at entry {broken_at}. {why}",
        "Keep a copy of the database as it is; `companion audit --verify` says more.",
    )
