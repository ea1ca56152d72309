"""`companion import`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from companion.cli.given_path import GivenPath
from companion.cli.output import Output, with_output
from companion.core.errors import CompanionError, InvalidInput
from companion.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from companion.client import CompanionClient, ConnectionDocument, ConnectionFields
    from companion.core.plaintext_files import Plaintext
    from companion.settings import Settings


@dataclass(frozen=True)
class _File:
    """A file as it was read."""

    path: Path
    content: bytes
    text: str
    says: Plaintext


@click.command(short_help="Take connections out of the plaintext files of other tools.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=GivenPath(path_type=Path))
@click.option("--name", metavar="NAME", help="What the connection is to be called; its subdomain or hash unless given.")
@click.option("--store-hash", metavar="HASH", help="The store hash, where no file tells it.")
@click.option("--subdomain", metavar="SUBDOMAIN", help="The subdomain, where no file tells it.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; repeatable.")
@click.option(
    "--remove/--keep", "remove", default=None, help="Take the secrets out of the files once they are stored and proven."
)
@with_output
def import_(
    output: Output,
    files: tuple[Path, ...],
    name: str | None,
    store_hash: str | None,
    subdomain: str | None,
    tags: tuple[str, ...],
    remove: bool | None,
) -> int:
    """Store and verify the connections that the files of other tools hold in clear, and offer to take them out there.

    secrets.stencil.json, .bigcommerce/project.json, .catalyst and .env files; those of one store are put together.
    What else such a file says stays in it. Ends with 9 where only some could be stored or proven.
    """
    from companion.cli.failure import explained_failure
    from companion.cli.session import open_client
    from companion.core.plaintext_files import combined
    from companion.settings import load_settings

    settings = load_settings()
    read = [_read(path) for path in dict.fromkeys(files)]
    found = [each for each in combined(each.says for each in read) if each.access_token is not None]
    if not found:
        raise InvalidInput("No access token stands in what was given.", next_step="Name the files that hold one.")
    if len(found) > 1 and (name or store_hash or subdomain):
        raise click.UsageError("There is more than one store in these files: import them one by one to name them.")
    done: list[ConnectionDocument] = []
    failures: list[dict[str, Any]] = []
    stored: dict[str, str] = {}
    with open_client(settings) as client:
        for each in found:
            try:
                fields = _fields(each, settings, store_hash=store_hash, subdomain=subdomain, tags=tags)
                fields["name"] = name or fields["subdomain"]
                connection = _stored(output, client, fields, each)
            except CompanionError as failure:
                if len(found) == 1:
                    raise
                explained = explained_failure(failure)
                failures.append({"store_hash": each.store_hash, **explained.document})
                output.line(f"{each.store_hash or 'a store without a hash'}: not stored\n{explained.text}")
                continue
            done.append(connection)
            output.line(f"{connection['name']}: {connection['status']}")
            if connection["status"] in {"ready", "attention"} and each.access_token is not None:
                stored[each.access_token.reveal()] = connection["name"]
    cleaned = [_cleaned(output, each, stored, remove) for each in read]
    document = {
        "connections": done,
        "failures": failures,
        "files": [{"path": str(each.path), "removed": gone} for each, gone in zip(read, cleaned, strict=True)],
    }
    output.result(document, "")
    if len(stored) == len(found):
        return ExitCode.DONE
    if len(found) == 1:
        return ExitCode.ATTENTION_DUE if done[0]["status"] == "unverified" else ExitCode.CREDENTIALS_REFUSED
    return ExitCode.ATTENTION_DUE


def _read(path: Path) -> _File:
    from companion.cli.project import read_file
    from companion.core.plaintext_files import plaintext_from
    from companion.core.tool_files import STENCIL_CONFIG
    from companion.project_files import env_variables

    found = read_file(path)
    if found is None:
        raise InvalidInput(f"There is no file {path}.", next_step="Check the path.")
    config = read_file(path.with_name(STENCIL_CONFIG))
    says = plaintext_from(path.name, found[1], env_variables, config=None if config is None else config[1])
    return _File(path, *found, says)


def _fields(
    found: Plaintext, settings: Settings, *, store_hash: str | None, subdomain: str | None, tags: tuple[str, ...]
) -> ConnectionFields:
    from companion.cli.prompts import ask, can_ask
    from companion.core.plaintext_files import is_bigcommerces
    from companion.wiring.bigcommerce import store_hash_at

    known = store_hash or found.store_hash
    if known is None and found.storefront_host is not None and is_bigcommerces(found.storefront_host):
        known = store_hash_at(settings, found.storefront_host)
    if known is None and can_ask():
        known = ask("Store hash, or the control panel's address")
    if known is None:
        raise InvalidInput(
            "No file says which store the access token is for.", next_step="Add --store-hash, with the store's hash."
        )
    fields: ConnectionFields = {
        "store_hash": known,
        # The permanent name leads to the store as well, where nothing tells the subdomain.
        "subdomain": subdomain or found.subdomain or f"store-{known}",
        "tags": list(tags),
    }
    if found.channel_id is not None:
        fields["channel_id"] = found.channel_id
    return fields


def _stored(output: Output, client: CompanionClient, fields: ConnectionFields, found: Plaintext) -> ConnectionDocument:
    from companion.core.errors import BigCommerceUnreachable

    assert found.access_token is not None  # noqa: S101  the caller looked
    connection = client.create(fields, found.access_token)
    try:
        return client.verify(connection["id"])
    except BigCommerceUnreachable as failure:
        output.note(f"{connection['name']}: stored, but not verified. {failure}")
        return connection


def _cleaned(output: Output, file: _File, stored: Mapping[str, str], remove: bool | None) -> bool:
    """Take the secrets out of a file whose access token is stored and proven; returns whether they are gone.

    Args:
        stored: which access token is that of which connection.
    """
    from companion.cli.prompts import can_ask, says_yes
    from companion.project_files import is_tracked

    token = file.says.access_token
    if token is None or token.reveal() not in stored:
        return False
    if remove is None and can_ask():
        remove = says_yes(f"{file.path} holds the token in clear. Take it out?")
    if not remove:
        output.note(f"{file.path} still holds the token in clear; --remove takes it out.")
        return False
    if is_tracked(file.path):
        rotate = f"companion rotate {shlex.quote(stored[token.reveal()])}"
        output.note(f"git knows {file.path}: its history holds the token still. `{rotate}` makes another.")
    return _taken_out(output, file)


def _taken_out(output: Output, file: _File) -> bool:
    from companion.core.tool_files import without_secrets
    from companion.private_files import replace_private_file

    try:
        # Behind a link the token would stay where the link leads.
        target = file.path.resolve(strict=True)
        if not target.is_file():
            output.note(
                f"{file.path} is no file, so nothing was taken out of it. Remove the token where it comes from."
            )
            return False
        if target.read_bytes() != file.content:
            output.note(f"{file.path} was changed meanwhile and is left as it is. It holds a token in clear.")
            return False
        left = without_secrets(file.path.name, file.text)
        if left is None:
            target.unlink()
            if file.path.is_symlink():
                file.path.unlink()
            output.note(f"Deleted {file.path}.")
        else:
            replace_private_file(target, left.encode())
            output.note(f"Took the secrets out of {file.path}.")
    except (OSError, CompanionError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else str(failure)
        output.note(f"{file.path} could not be changed: {why}. It holds the token in clear.")
        return False
    return True
