"""Which connections a command is about: by NAME or id, all, or by tag, status and auth type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click

from companion.core.connection import AuthType, Status
from companion.core.errors import InvalidInput

if TYPE_CHECKING:
    from companion.client import CompanionClient, ConnectionDocument
    from companion.settings import Settings

C = TypeVar("C", bound=Callable[..., object])

AUTH_TYPES = tuple(each.value for each in AuthType)
_MOST_TOLD = 20
_STATUSES = tuple(each.value for each in Status)


@dataclass(frozen=True)
class Selection:
    """What was asked for; the filters narrow what the names, or `all`, select."""

    names: tuple[str, ...] = ()
    all: bool = False
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    auth_type: str | None = None

    @property
    def filters(self) -> bool:
        """Whether anything but names and `all` narrows it."""
        return bool(self.tags or self.statuses or self.auth_type)

    @property
    def is_single(self) -> bool:
        """Whether it is about one connection: a single name, or the one at hand."""
        return len(self.names) <= 1 and not self.all and not self.filters

    def fits(self, connection: ConnectionDocument) -> bool:
        """Say whether the filters let `connection` pass."""
        return (
            set(self.tags) <= set(connection["tags"])
            and (not self.statuses or connection["status"] in self.statuses)
            and self.auth_type in (None, connection["auth_type"])
        )


def filter_options(command: C) -> C:
    """Add `--all`, `--tag`, `--status` and `--auth-type`; the command takes them as keyword arguments."""
    for option in (
        click.option("--auth-type", type=click.Choice(AUTH_TYPES), help="Only those of this auth type."),
        click.option(
            "--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="Only those; repeatable."
        ),
        click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only those with this tag; repeatable."),
        click.option("--all", "every", is_flag=True, help="All connections."),
    ):
        command = option(command)
    return command


def nobody_has(tags: Iterable[str], known: Iterable[Iterable[str]]) -> str | None:
    """Say which of `tags` no connection has; None where each is somewhere.

    Args:
        known: the tags of every connection.
    """
    in_use = {tag for each in known for tag in each}
    missing = [tag for tag in tags if tag not in in_use]
    if not missing:
        return None
    there = ", ".join(sorted(in_use)[:_MOST_TOLD]) + (", …" if len(in_use) > _MOST_TOLD else "")
    named = " or ".join(repr(tag) for tag in missing)
    return f"No connection has the tag {named}. " + (f"Tags in use: {there}." if in_use else "No tag is in use.")


def selected_connections(
    selection: Selection, client: CompanionClient, settings: Settings, *, tell: Callable[[str], object]
) -> list[ConnectionDocument]:
    """Return the connections that are meant, each once.

    Args:
        tell: is told of a tag that no connection has.

    Raises:
        NotFound: a name that is given is not there; nothing is done then.
        InvalidInput: names together with `--all`.
    """
    from companion.cli.at_hand import connection_at_hand

    if selection.names and selection.all:
        raise InvalidInput("Both names and --all are given.", next_step="Leave one of them out.")
    if selection.all or (selection.filters and not selection.names):
        every: Iterable[ConnectionDocument] = client.all_connections()
        if selection.tags:
            every = list(every)
            unknown = nobody_has(selection.tags, (connection["tags"] for connection in every))
            if unknown is not None:
                tell(unknown)
        return [connection for connection in every if selection.fits(connection)]
    names = selection.names or (connection_at_hand(None, settings),)
    found = {connection["id"]: connection for connection in map(client.connection, names)}
    return [connection for connection in found.values() if selection.fits(connection)]
