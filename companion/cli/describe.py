"""Connections and findings as text for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from companion.cli.output import pairs, table

if TYPE_CHECKING:
    from companion.client import ConnectionDocument, FindingDocument

_HEADINGS = ("NAME", "STATUS", "STORE HASH", "SUBDOMAIN", "CHANNEL", "AUTH TYPE", "VERIFIED", "TAGS")


def connection_table(connections: Iterable[ConnectionDocument]) -> str:
    """Return one line a connection."""
    return table(
        _HEADINGS,
        (
            (
                connection["name"],
                connection["status"],
                connection["store_hash"],
                connection["subdomain"],
                str(connection["channel_id"]),
                connection["auth_type"],
                minute(connection["verified_at"]) or "never",
                ", ".join(connection["tags"]),
            )
            for connection in connections
        ),
    )


def connection_text(connection: ConnectionDocument) -> str:
    """Return everything about one connection, findings last."""
    account = connection["api_account"]
    rows = [
        ("Name", connection["name"]),
        ("Status", connection["status"]),
        ("Store hash", connection["store_hash"]),
        ("Subdomain", connection["subdomain"]),
        ("Channel ID", str(connection["channel_id"])),
        ("Auth type", connection["auth_type"]),
        ("Scopes", ", ".join(connection["scopes"])),
        ("Access token", "stored, sealed"),
        ("API account", _account(account["name"], account["client_id"]) if account else "not known"),
        ("OAuth scopes", ", ".join(connection["oauth_scopes"] or ()) or "not known"),
        ("Tags", ", ".join(connection["tags"])),
        ("Verified", minute(connection["verified_at"]) or "never"),
        ("Findings", "none" if connection["verified_at"] and not connection["findings"] else ""),
        ("Id", connection["id"]),
    ]
    text = pairs((label, value) for label, value in rows if value)
    findings = findings_text(connection["findings"])
    return f"{text}\n\n{findings}" if findings else text


def findings_text(findings: Sequence[FindingDocument]) -> str:
    """Return the findings, what to do about each below it."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"- {finding['message']}")
        if finding["action"]:
            lines.append(f"  What to do: {finding['action']}")
    return "\n".join(lines)


def _account(name: str, client_id: str | None) -> str:
    return f"{name} (client ID {client_id})" if client_id else name


def minute(time: str | None) -> str:
    """Return a timestamp of a document as a person reads it; empty for none."""
    return f"{time[:10]} {time[11:16]} UTC" if time else ""
