"""Whether everything in a data folder opens, and what of it does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from companion.core.connection import Finding
from companion.core.envelope import open_envelope
from companion.core.errors import CompanionError, Tampered, WrongKey
from companion.core.folder_findings import audit_finding, broken, more_damaged, record_damaged, well
from companion.core.key_usage import Unopened
from companion.ports.sealed_records import SealedRecords
from companion.service.audit import chain_state
from companion.service.parts import Parts

_MOST_NAMED = 20


def folder_findings(parts: Parts, sealed: SealedRecords) -> Iterator[Finding]:
    """Open every sealed record, walk the audit record, and say what is wrong.

    Raises:
        KeysUnavailable: the key-encryption key cannot be reached.
        StorageFailed: the database cannot be read.
    """
    yield well("keys", "The key-encryption key is at hand and is the one that sealed this database.")
    unopened = _unopened(parts, sealed)
    named = list(islice(unopened, _MOST_NAMED))
    for record in named:
        yield record_damaged(record, _name(parts, record))
    further = sum(1 for _ in unopened)
    if further:
        yield more_damaged(further)
    if not named:
        yield well("records", "Everything that is sealed in the database opens.")
    try:
        state = chain_state(parts)
    except Tampered as damage:
        yield broken("audit-broken", damage.explained.what, damage.explained.next_step)
    else:
        at, why = (None, "") if state.broken is None else (state.broken.number, state.broken.why)
        yield audit_finding(state.anchor.count, at, why)


def _unopened(parts: Parts, sealed: SealedRecords) -> Iterator[Unopened]:
    unwrap = parts.vault.keys.unwrap
    for record in sealed.sealed_records():
        try:
            open_envelope(record.envelope, unwrap=unwrap, associated_data=record.associated_data)
        except (Tampered, WrongKey) as damage:
            yield Unopened(record.what, record.place, damage.explained.why or damage.explained.what)


def _name(parts: Parts, record: Unopened) -> str | None:
    """Return the name of the connection that a secret belongs to; its id where that cannot be read."""
    if record.what != "secret":
        return None
    connection_id = record.place.partition(" ")[0]
    try:
        return parts.repository.get(connection_id).name
    except CompanionError:
        return connection_id
