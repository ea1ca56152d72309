"""Everything sealed in the database: where it is, what it is bound to, and how it comes under another key.

`SEALED` is the register of all columns that hold envelopes. Whoever adds such a column adds it there, or a rotation of
the key would forget it; a test compares the register with the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Select, Table, bindparam, func, insert, select, tuple_, update
from sqlalchemy import Connection as Transaction

from companion.core.envelope import (
    associated_data,
    audit_key_associated_data,
    chapter_key_associated_data,
    envelope_from_bytes,
    session_associated_data,
)
from companion.core.errors import KeyRetired, KeyUsedUp, Tampered, WrongKey
from companion.core.key_usage import MAX_ENCRYPTIONS, ROTATE, KeyState, KeyUsage, Unopened
from companion.ports.connections import SecretField
from companion.ports.sealed_records import RewrappedBatch, SealedRecord
from companion.storage.prepared import Prepared
from companion.storage.tables import (
    audit_chapters,
    audit_head,
    connections,
    encryption_keys,
    exported_tokens,
    kept_sessions,
    sealed_secrets,
)

_AT_A_TIME = 500

Rewrap = Callable[[bytes, bytes], bytes]
"""An envelope and its associated data -> the envelope with its data key under the active key."""


@dataclass(frozen=True)
class SealedColumn:
    """A table with envelopes in the column `envelope`, and beside each the id of its key in `key_id`.

    Attributes:
        what: what a person calls one of them.
        place: the primary key; its columns come first in `query`.
        query: selects `place`, what `bound` needs, and last the envelope.
        bound: a row of `query` and the data folder's id -> the envelope's associated data.
    """

    what: str
    table: Table
    place: tuple[Column[Any], ...]
    query: Select[Any]
    bound: Callable[[Sequence[Any], str], bytes]


def _secret_is_bound_to(row: Sequence[Any], _folder_id: str) -> bytes:
    return associated_data(connection_id=row[0], field=row[1], store_hash=row[2])


def _session_is_bound_to(row: Sequence[Any], folder_id: str) -> bytes:
    user, world, connection_id, ends_at, _ = row
    return session_associated_data(
        folder_id=folder_id, user=bytes(user), world=world, connection_id=connection_id, ends_at=ends_at.isoformat()
    )


def _exported_token_is_bound_to(row: Sequence[Any], _folder_id: str) -> bytes:
    field = SecretField.EXPORTED_STOREFRONT_TOKEN
    return associated_data(connection_id=row[1], field=field, store_hash=row[2])


_secrets, _sessions, _exported = sealed_secrets.c, kept_sessions.c, exported_tokens.c

SEALED = (
    SealedColumn(
        "secret",
        sealed_secrets,
        (_secrets.connection_id, _secrets.field),
        select(_secrets.connection_id, _secrets.field, connections.c.store_hash, _secrets.envelope).join(
            connections, connections.c.id == _secrets.connection_id
        ),
        _secret_is_bound_to,
    ),
    SealedColumn(
        "browser session",
        kept_sessions,
        (_sessions.user, _sessions.world),
        select(_sessions.user, _sessions.world, _sessions.connection_id, _sessions.ends_at, _sessions.envelope),
        _session_is_bound_to,
    ),
    SealedColumn(
        "key of the audit record",
        audit_head,
        (audit_head.c.number,),
        select(audit_head.c.number, audit_head.c.envelope),
        lambda _row, folder_id: audit_key_associated_data(folder_id),
    ),
    SealedColumn(
        "key of an earlier audit record",
        audit_chapters,
        (audit_chapters.c.number,),
        select(audit_chapters.c.number, audit_chapters.c.envelope),
        lambda row, folder_id: chapter_key_associated_data(folder_id, row[0]),
    ),
    SealedColumn(
        "exported storefront token",
        exported_tokens,
        (_exported.id,),
        select(_exported.id, _exported.connection_id, connections.c.store_hash, _exported.envelope).join(
            connections, connections.c.id == _exported.connection_id
        ),
        _exported_token_is_bound_to,
    ),
)


def stored_under(transaction: Transaction, envelope: bytes, bound: bytes, rewrap: Rewrap | None) -> tuple[str, bytes]:
    """Count an encryption that is about to be stored; returns key id and envelope to store.

    Where its key was rotated away since it was sealed, it comes under the present one.

    Raises:
        Tampered: it is no envelope. Nothing unsealed is ever written.
        KeyRetired: its key was rotated away, and there is no `rewrap`.
        KeyUsedUp: the key has made as many encryptions as one may make.
    """
    key_id = envelope_from_bytes(envelope).wrapped_key.key_id
    if _counted(transaction, key_id, 1):
        return key_id, envelope
    if rewrap is not None:
        envelope = rewrap(envelope, bound)
        key_id = envelope_from_bytes(envelope).wrapped_key.key_id
        if _counted(transaction, key_id, 1):
            return key_id, envelope
    raise KeyRetired(
        "The key was changed while this was sealed.", why="Nothing was stored.", next_step="Try the same again."
    )


def usage(transaction: Transaction) -> tuple[KeyUsage, ...]:
    """Return what the database knows of each key, the first used one first."""
    records: dict[str, int] = {}
    for column in SEALED:
        key_id = column.table.c.key_id
        for found, number in transaction.execute(select(key_id, func.count()).group_by(key_id)):
            records[found] = records.get(found, 0) + number
    rows = transaction.execute(select(encryption_keys).order_by(encryption_keys.c.first_used_at)).mappings()
    return tuple(
        KeyUsage(
            row["key_id"],
            KeyState(row["state"]),
            records.get(row["key_id"], 0),
            row["encryptions"],
            row["first_used_at"],
        )
        for row in rows
    )


def every_record(transaction: Transaction, folder_id: str) -> Iterator[SealedRecord]:
    """Yield everything that is sealed, table by table."""
    for column in SEALED:
        width = len(column.place)
        rows = transaction.execution_options(yield_per=_AT_A_TIME).execute(column.query.order_by(*column.place))
        with closing(rows):
            for row in rows:
                yield SealedRecord(column.what, _named(row, width), column.bound(row, folder_id), bytes(row[-1]))


def start_rewrapping(transaction: Transaction, active: str, others: Collection[str]) -> None:
    """Note that `active` wraps from now on, and that the others are on their way out."""
    _set_state(transaction, active, KeyState.ACTIVE)
    for key_id in others:
        _set_state(transaction, key_id, KeyState.RETIRING)


def rewrap_some(
    transaction: Transaction,
    column: SealedColumn,
    *,
    folder_id: str,
    active: str,
    after: tuple[Any, ...] | None,
    limit: int,
    rewrap: Rewrap,
) -> RewrappedBatch | None:
    """Bring up to `limit` records that are under other keys under `active`; None where there are none after `after`."""
    place = tuple_(*column.place)
    query = column.query.where(column.table.c.key_id != active).order_by(*column.place).limit(limit)
    if after is not None:
        query = query.where(place > tuple_(*after))
    rows = transaction.execute(query.with_for_update(of=column.table)).all()
    if not rows:
        return None
    width = len(column.place)
    changes: list[dict[str, Any]] = []
    unopened: list[Unopened] = []
    for row in rows:
        try:
            envelope = rewrap(bytes(row[-1]), column.bound(row, folder_id))
        except (Tampered, WrongKey) as damage:
            unopened.append(Unopened(column.what, _named(row, width), damage.explained.why))
        else:
            changes.append({**{f"at_{index}": row[index] for index in range(width)}, "new": envelope})
    if changes:
        if not _counted(transaction, active, len(changes)):
            raise KeyRetired("The key was changed again meanwhile.", next_step=f"Run `{ROTATE}` again.")
        changed = update(column.table).values(key_id=active, envelope=bindparam("new"))
        for index, each in enumerate(column.place):
            changed = changed.where(each == bindparam(f"at_{index}"))
        transaction.execute(changed, changes)
    return RewrappedBatch(len(changes), tuple(unopened), tuple(rows[-1][:width]))


def retire(transaction: Transaction, key_ids: Collection[str]) -> frozenset[str]:
    """Let nothing be stored any more under those of `key_ids` that nothing is under; returns these."""
    retired = []
    for key_id in sorted(key_ids):
        # Who is about to store something under this key counts it first, in this very row: one waits for the other.
        _set_state(transaction, key_id, KeyState.RETIRED)
        if _has_records(transaction, key_id):
            _set_state(transaction, key_id, KeyState.RETIRING)
        else:
            retired.append(key_id)
    return frozenset(retired)


def _has_records(transaction: Transaction, key_id: str) -> bool:
    return any(
        transaction.execute(select(column.table.c.key_id).where(column.table.c.key_id == key_id).limit(1)).first()
        for column in SEALED
    )


def _counted(transaction: Transaction, key_id: str, number: int) -> bool:
    """Add to a key's count; says whether it may be used.

    Raises:
        KeyUsedUp: it would have made too many.
    """
    if _COUNT.change(transaction, this_key=key_id, most=MAX_ENCRYPTIONS - number, number=number):
        return True
    keys = encryption_keys.c
    found = transaction.execute(select(keys.state, keys.encryptions).where(keys.key_id == key_id)).first()
    if found is None:
        _add(transaction, key_id, KeyState.ACTIVE, number)
        return True
    if found.state == KeyState.RETIRED:
        return False
    if found.encryptions <= MAX_ENCRYPTIONS - number:
        # PostgreSQL looks anew with each statement: another service made the row, or changed it, between the two.
        return _counted(transaction, key_id, number)
    raise KeyUsedUp(
        f"The key {key_id} has made as many encryptions as one key may make.",
        why=f"With random nonces that is {MAX_ENCRYPTIONS:,} (NIST SP 800-38D). Nothing was stored; what it sealed "
        "still opens.",
        next_step=f"Make a new key: {ROTATE}",
    )


_COUNT = Prepared(
    update(encryption_keys)
    .where(
        encryption_keys.c.key_id == bindparam("this_key"),
        encryption_keys.c.state != KeyState.RETIRED.value,
        encryption_keys.c.encryptions <= bindparam("most", type_=BigInteger),
    )
    .values(encryptions=encryption_keys.c.encryptions + bindparam("number", type_=BigInteger))
)


def _set_state(transaction: Transaction, key_id: str, state: KeyState) -> None:
    found = transaction.execute(
        update(encryption_keys).where(encryption_keys.c.key_id == key_id).values(state=state.value)
    )
    if not found.rowcount:
        _add(transaction, key_id, state, 0)


def _add(transaction: Transaction, key_id: str, state: KeyState, encryptions: int) -> None:
    transaction.execute(
        insert(encryption_keys).values(
            key_id=key_id, state=state.value, encryptions=encryptions, first_used_at=datetime.now(UTC)
        )
    )


def _named(row: Sequence[Any], width: int) -> str:
    return " ".join(part.hex()[:12] if isinstance(part, bytes) else str(part) for part in row[:width])
