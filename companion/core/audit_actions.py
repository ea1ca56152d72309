"""What the audit chain calls what was done; by itself, since a command's help lists the names."""

from __future__ import annotations

from enum import StrEnum


class AuditAction(StrEnum):
    """What was done. Changes first; what uses a secret and changes nothing here follows."""

    ADD = "add"
    HAND_OVER = "hand-over"
    REPLACE = "replace"
    EDIT = "edit"
    DELETE = "delete"
    VERIFY = "verify"
    DROP_FINDING = "drop-finding"
    REAUTHORIZE = "reauthorize"
    MINT = "mint"
    REVOKE_TOKENS = "revoke-tokens"
    ISSUE_TICKET = "issue-ticket"
    KEEP_SESSION = "keep-session"
    DROP_SESSION = "drop-session"
    DELETE_LEFT_ACCOUNT = "delete-left-account"
    CREATE_API_TOKEN = "create-api-token"  # noqa: S105  names an action
    REVOKE_API_TOKEN = "revoke-api-token"  # noqa: S105  names an action
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    CONFIRM = "confirm"
    AUTHENTICATE = "authenticate"
    UNLOCK = "unlock"
    LOCK = "lock"
    ROTATE_KEYS = "rotate-keys"
    MOVE_KEYS = "move-keys"
    RESTORE = "restore"
    KEEP_CHAPTER = "keep-chapter"
    LOSE = "lose"

    GRAPHQL = "graphql"
    REST = "rest"
    STOREFRONT_TOKEN = "storefront-token"  # noqa: S105  names an action
    EXEC = "exec"
    EXPORT = "export"
    COPY = "copy"
    USE_SESSION = "use-session"
    BACKUP = "backup"
    RETRIEVE = "retrieve"
