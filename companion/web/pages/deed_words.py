"""What the audit record holds, in the words of who reads it on the page; the commands show it as it is recorded."""

from __future__ import annotations

from companion.core.audit_actions import AuditAction
from companion.service.audit import USER

DEED_WORDS = {
    AuditAction.ADD: "Add",
    AuditAction.HAND_OVER: "Add after a retrieval",
    AuditAction.REPLACE: "Replace after a retrieval",
    AuditAction.EDIT: "Edit",
    AuditAction.DELETE: "Delete",
    AuditAction.VERIFY: "Verify",
    AuditAction.DROP_FINDING: "Drop a finding",
    AuditAction.REAUTHORIZE: "Reauthorize",
    AuditAction.MINT: "Make a storefront token",
    AuditAction.REVOKE_TOKENS: "Revoke storefront tokens",
    AuditAction.ISSUE_TICKET: "Allow a retrieval",
    AuditAction.KEEP_SESSION: "Keep a BigCommerce session",
    AuditAction.DROP_SESSION: "Drop a BigCommerce session",
    AuditAction.DELETE_LEFT_ACCOUNT: "Delete an API account left behind",
    AuditAction.CREATE_API_TOKEN: "Make an API token",
    AuditAction.REVOKE_API_TOKEN: "Revoke an API token",
    AuditAction.SIGN_IN: "Sign in",
    AuditAction.SIGN_OUT: "Sign out",
    AuditAction.CONFIRM: "Sign in again",
    AuditAction.AUTHENTICATE: "Call with a wrong token",
    AuditAction.UNLOCK: "Unlock",
    AuditAction.LOCK: "Lock",
    AuditAction.ROTATE_KEYS: "Rotate the keys",
    AuditAction.MOVE_KEYS: "Move the keys",
    AuditAction.RESTORE: "Restore a backup",
    AuditAction.KEEP_CHAPTER: "Keep the record of before",
    AuditAction.LOSE: "Lose entries",
    AuditAction.GRAPHQL: "Run a GraphQL query",
    AuditAction.REST: "Call the REST API",
    AuditAction.STOREFRONT_TOKEN: "Get a storefront token",
    AuditAction.EXEC: "Give it to a program",
    AuditAction.EXPORT: "Export to a file",
    AuditAction.COPY: "Copy to the clipboard",
    AuditAction.USE_SESSION: "Use a BigCommerce session",
    AuditAction.BACKUP: "Make a backup",
    AuditAction.RETRIEVE: "Retrieve in a browser",
}
"""For each action what it is called, whether it was done or not: that is its outcome."""

_WHO = {USER: "a command", "hand-over ticket": "a retrieval"}


def deed_word(action: AuditAction) -> str:
    """Return what an action is called."""
    return DEED_WORDS[action]


def who_word(who: str) -> str:
    """Return who did it; the name of a tool or of a person stays as it is."""
    return _WHO.get(who, who)
