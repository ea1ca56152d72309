"""The audit chain inside a backup: heads and entries as lines of JSON, and back, with everything checked.

A line of the kind `audit-chain` begins a chain; the lines of the kind `audit-entry` behind it are its entries. The
first chain is the one that went on where the backup was made; earlier chapters follow.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from companion.core.audit import MAC_BYTES, AuditEntry, Deed, Head, Told
from companion.core.backup_file import damaged

CHAIN = "audit-chain"
ENTRY = "audit-entry"


@dataclass(frozen=True)
class ChainLine:
    """What begins a chain in a backup.

    Attributes:
        chapter: its number as an earlier chapter; None for the chain that went on.
        restored_at: when a chapter was brought along by an earlier backup; None for the chain that went on.
        envelope: its key, sealed; the data key is under the backup's key.
    """

    chapter: int | None
    restored_at: datetime | None
    head: Head
    envelope: bytes = field(repr=False)


def chain_line(chain: ChainLine) -> bytes:
    """Return the line that begins a chain."""
    return _line(
        {
            "kind": CHAIN,
            "chapter": chain.chapter,
            "restored_at": None if chain.restored_at is None else chain.restored_at.isoformat(),
            "count": chain.head.count,
            "mac": chain.head.mac.hex(),
            "seal": chain.head.seal.hex(),
            "key": base64.b64encode(chain.envelope).decode(),
        }
    )


def entry_line(entry: AuditEntry) -> bytes:
    """Return an entry as a line."""
    told, deed = entry.told, entry.told.deed
    return _line(
        {
            "kind": ENTRY,
            "number": entry.number,
            "at": told.at.isoformat(timespec="microseconds"),
            "who": told.who,
            "action": str(deed.action),
            "connection_id": deed.connection_id,
            "connection_name": deed.connection_name,
            "outcome": deed.outcome,
            "detail": deed.detail,
            "mac": entry.mac.hex(),
        }
    )


def chain_of(record: Mapping[str, Any]) -> ChainLine:
    """Return the chain that a record begins. Raises `BackupDamaged`."""
    try:
        restored_at = record["restored_at"]
        chain = ChainLine(
            record["chapter"],
            None if restored_at is None else datetime.fromisoformat(restored_at).astimezone(UTC),
            Head(record["count"], bytes.fromhex(record["mac"]), bytes.fromhex(record["seal"])),
            base64.b64decode(record["key"], validate=True),
        )
        sound = _is_number(chain.head.count, 0) and {len(chain.head.mac), len(chain.head.seal)} == {MAC_BYTES}
        sound = sound and (chain.chapter is None or _is_number(chain.chapter, 1))
        sound = sound and (chain.chapter is None) == (chain.restored_at is None)
    except (KeyError, TypeError, ValueError, binascii.Error):
        sound = False
    if not sound:
        raise damaged("It has an audit record that this version cannot read.")
    return chain


def entry_of(record: Mapping[str, Any]) -> AuditEntry:
    """Return the entry of a record. Raises `BackupDamaged`."""
    try:
        texts = [record[name] for name in ("who", "action", "outcome", "detail")]
        named = [record[name] for name in ("connection_id", "connection_name")]
        who, action, outcome, detail = texts
        connection_id, connection_name = named
        at = datetime.fromisoformat(record["at"]).astimezone(UTC)
        entry = AuditEntry(
            record["number"],
            Told(Deed(action, connection_id, connection_name, outcome, detail), who, at),
            bytes.fromhex(record["mac"]),
        )
        sound = _is_number(entry.number, 1) and len(entry.mac) == MAC_BYTES
        sound = sound and all(isinstance(text, str) for text in texts)
        sound = sound and all(name is None or isinstance(name, str) for name in named)
    except (KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise damaged("It has an entry of the audit record that this version cannot read.")
    return entry


def _is_number(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**63


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode()
