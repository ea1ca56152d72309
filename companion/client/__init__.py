"""Client of the companion's own `/api/v1`: errors come back as the classes that the service raised."""

from companion.client.calls import API_PREFIX, PROOF_LASTS, checked_base_url
from companion.client.companion_client import CompanionClient
from companion.client.documents import (
    ApiAccountDocument,
    ApiTokenDocument,
    AuditEntryDocument,
    AuditPageDocument,
    AuditStateDocument,
    ConnectionDocument,
    ConnectionFields,
    ConnectionPage,
    DeadlineDocument,
    DueDocument,
    ExportDocument,
    FindingDocument,
    HealthDocument,
    RestAnswer,
    Ticket,
)
from companion.client.problems import error_from_problem

__all__ = [
    "API_PREFIX",
    "PROOF_LASTS",
    "ApiAccountDocument",
    "ApiTokenDocument",
    "AuditEntryDocument",
    "AuditPageDocument",
    "AuditStateDocument",
    "CompanionClient",
    "ConnectionDocument",
    "ConnectionFields",
    "ConnectionPage",
    "DeadlineDocument",
    "DueDocument",
    "ExportDocument",
    "FindingDocument",
    "HealthDocument",
    "RestAnswer",
    "Ticket",
    "checked_base_url",
    "error_from_problem",
]
