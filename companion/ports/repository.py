"""Everything that the service stores, in one port."""

from __future__ import annotations

from typing import Protocol

from companion.ports.audit import AuditRepository
from companion.ports.backup import BackupStorage
from companion.ports.callers import CallerRepository, WebSessionRepository
from companion.ports.connections import ConnectionRepository
from companion.ports.exports import ExportRepository
from companion.ports.listing import ConnectionListing
from companion.ports.sealed_records import SealedRecords


class Repository(
    ConnectionRepository,
    ConnectionListing,
    CallerRepository,
    WebSessionRepository,
    ExportRepository,
    AuditRepository,
    SealedRecords,
    BackupStorage,
    Protocol,
):
    """Everything that the service stores."""
