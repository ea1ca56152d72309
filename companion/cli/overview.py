"""`companion` alone: what is set up, and what to do next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from companion.cli.output import Output, pairs

if TYPE_CHECKING:
    from companion.client import ConnectionDocument
    from companion.settings import Settings

TRY_IT = "companion demo"
CONNECT = "companion connect NAME"


def show_overview(output: Output) -> None:
    """Say where things are kept, which connections there are, and the next command."""
    from companion.settings import load_settings

    settings = load_settings()
    connections = _connections(settings)
    statuses = Counter(connection["status"] for connection in connections)
    steps = next_steps(connections)
    document: dict[str, Any] = {
        "data_dir": str(settings.data_dir),
        "world": settings.world,
        "connections": {"total": len(connections), **statuses},
        "next": [command for command, _ in steps],
    }
    count = ", ".join(f"{number} {status}" for status, number in statuses.items())
    facts = pairs(
        [
            ("Connections", count or "none yet"),
            ("Data folder", str(settings.data_dir)),
            ("World", "a simulated store (COMPANION_HOST_MAP is set)" if settings.host_map else "BigCommerce"),
        ]
    )
    output.result(document, f"{facts}\n\nNext:\n" + pairs((f"  {command}", why) for command, why in steps))


def next_steps(connections: list[ConnectionDocument]) -> list[tuple[str, str]]:
    """Return commands that make sense now, the most useful first, and what each does."""
    if not connections:
        return [
            (CONNECT, "retrieve the credentials of a store in a browser, and keep them sealed"),
            (TRY_IT, "watch it with a simulated store first; no account and no network needed"),
            ("companion add NAME", "type in or pipe in credentials that you have already"),
        ]
    due = [connection["name"] for connection in connections if connection["status"] != "ready"]
    example = _quoted(connections[0]["name"])
    steps = [(f"companion verify {_quoted(due[0])}", "prove it, and say what to do about each finding")] if due else []
    return [
        *steps,
        (f"companion graphql {example} '{{ site {{ settings {{ storeName }} }} }}'", "ask the store something"),
        ("companion list", "see all connections"),
        ("companion doctor", "check what is set up on this machine"),
    ]


def _connections(settings: Settings) -> list[ConnectionDocument]:
    from companion.cli.session import open_client, running_url

    has_data = any(settings.data_dir.glob("*.sqlite3"))
    if not (has_data or settings.url or running_url(settings)):
        return []  # a look around leaves nothing behind: no folder, no key
    with open_client(settings) as client:
        return list(client.all_connections())


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
