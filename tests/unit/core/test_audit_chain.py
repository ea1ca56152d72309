"""What a walk through the audit chain finds; a chain is built here as a repository builds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from companion.core.audit import (
    FIRST,
    Anchor,
    AuditEntry,
    Deed,
    Head,
    Told,
    anchor_from_text,
    entry_mac,
    first_break,
    sealed_head,
)
from companion.core.audit_actions import AuditAction
from companion.core.errors import InvalidInput

KEY = bytes(range(32))
AT = datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)


def chain(length: int, key: bytes = KEY) -> tuple[list[AuditEntry], Head]:
    mac, entries = FIRST, []
    for number in range(1, length + 1):
        told = Told(Deed(AuditAction.EDIT, f"id-{number}", f"Shop {number}"), "user", AT + timedelta(seconds=number))
        mac = entry_mac(key, mac, number, told)
        entries.append(AuditEntry(number, told, mac))
    return entries, sealed_head(key, length, mac)


@pytest.mark.parametrize("length", [0, 1, 7])
def test_a_whole_chain_is_whole(length: int) -> None:
    entries, head = chain(length)
    assert first_break(KEY, head, entries) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"who": "tool ERP"},
        {"at": AT},
        {"deed": Deed(AuditAction.DELETE, "id-3", "Shop 3")},
        {"deed": Deed(AuditAction.EDIT, "id-4", "Shop 3")},
        {"deed": Deed(AuditAction.EDIT, "id-3", None)},
        {"deed": Deed(AuditAction.EDIT, "id-3", "Shop 3", "failed")},
        {"deed": Deed(AuditAction.EDIT, "id-3", "Shop 3", detail="was Shop")},
    ],
)
def test_a_changed_entry_is_named(changes: dict[str, object]) -> None:
    entries, head = chain(5)
    entries[2] = replace(entries[2], told=replace(entries[2].told, **changes))  # type: ignore[arg-type]
    found = first_break(KEY, head, entries)
    assert found is not None
    assert found.number == 3


@pytest.mark.parametrize(
    ("harm", "number"),
    [
        (lambda entries: entries.pop(0), 1),
        (lambda entries: entries.pop(2), 3),
        (lambda entries: entries.pop(), 5),
        (lambda entries: entries.clear(), 1),
        (lambda entries: entries.__setitem__(slice(1, 3), [entries[2], entries[1]]), 2),
        (lambda entries: entries.append(replace(entries[-1], number=6)), 6),
    ],
)
def test_what_is_missing_moved_or_added_is_named(harm: Callable[[list[AuditEntry]], object], number: int) -> None:
    entries, head = chain(5)
    harm(entries)
    found = first_break(KEY, head, entries)
    assert found is not None
    assert found.number == number


def test_an_entry_of_ours_behind_the_head_is_found() -> None:
    entries, _ = chain(5)
    _, head = chain(4)
    found = first_break(KEY, head, entries)
    assert found is not None
    assert "after the head" in found.why


def test_a_tail_that_is_cut_with_its_head_is_found_by_an_anchor_alone() -> None:
    entries, head = chain(5)
    anchor = anchor_from_text(str(Anchor(head.count, head.mac)))
    shorter, its_head = chain(3)
    assert first_break(KEY, its_head, shorter) is None
    found = first_break(KEY, its_head, shorter, (anchor,))
    assert found is not None
    assert found.number == 4
    assert first_break(KEY, head, entries, (anchor,)) is None
    assert first_break(KEY, head, entries, (Anchor(0, FIRST),)) is None


def test_a_chain_that_was_written_anew_is_found_by_an_anchor() -> None:
    entries, head = chain(5)
    anchor = Anchor(3, entries[2].mac)
    again, its_head = chain(5, key=bytes(32))
    found = first_break(bytes(32), its_head, again, (anchor,))
    assert found is not None
    assert found.number == 3
    assert first_break(KEY, head, entries, (anchor,)) is None


def test_without_the_key_no_head_can_be_made() -> None:
    entries, head = chain(5)
    for forged in (replace(head, count=4, mac=entries[3].mac), sealed_head(bytes(32), 4, entries[3].mac)):
        found = first_break(KEY, forged, entries[:4])
        assert found is not None
        assert "head" in found.why


@pytest.mark.parametrize("text", ["", "3", "3:", "3:xyz", f"-1:{'0' * 64}", f"03:{'0' * 64}", f"3:{'0' * 63}"])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        anchor_from_text(text)
    assert [field.pointer for field in refused.value.fields] == ["/anchor"]
