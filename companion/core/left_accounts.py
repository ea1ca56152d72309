"""API accounts that killed runs had left at BigCommerce, in the words of the audit record."""

from __future__ import annotations

from companion.core.audit import LONGEST_DETAIL


def deleted_account_detail(name: str, store_hash: str, left_by: str) -> str:
    """Return what the record says of it."""
    return f"{name} in store {store_hash}, left by {left_by}"[:LONGEST_DETAIL]
