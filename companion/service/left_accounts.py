"""What was deleted of the API accounts that killed runs had left: recorded, since no connection tells of them."""

from __future__ import annotations

from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.left_accounts import deleted_account_detail
from companion.service.audit import teller
from companion.service.parts import Parts


def record_deleted_account(parts: Parts, name: str, store_hash: str, left_by: str) -> None:
    """Record that an API account was deleted in the control panel; it is on the disk when this returns.

    Raises:
        StorageFailed, KeysUnavailable: it is not recorded.
    """
    parts.repository.record(
        [
            teller(
                parts.clock,
                Deed(AuditAction.DELETE_LEFT_ACCOUNT, detail=deleted_account_detail(name, store_hash, left_by)),
            )
        ]
    )
