"""`companion api`."""

from __future__ import annotations

import json
import os
import shlex
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from companion.cli.output import Output, with_output
from companion.cli.text_input import text_from
from companion.core.errors import InvalidInput
from companion.core.exit_codes import ExitCode
from companion.core.rest_paths import METHODS

if TYPE_CHECKING:
    from companion.client import RestAnswer
    from companion.core.request_body import RequestBody

_PIECE = 64 * 1024
_MOST_IN_A_DOCUMENT = 64 * 1024 * 1024

_WITHOUT_SCOPE = (
    "  What to do: Mostly the API account lacks the OAuth scope for this. `companion show {name}` says which it has; "
    "`companion connect {name} --replace --preset PURPOSE` (or --oauth-scope) makes one with more."
)


@click.command(short_help="Call a store's REST API through a connection.")
@click.argument("arguments", metavar="[NAME] METHOD PATH", nargs=-1, required=True)
@click.option("--data", metavar="JSON", help="The body: JSON, @FILE that holds it, or - for standard input.")
@click.option("--input", "file", metavar="FILE", help="The body: what FILE holds, of any kind; - for standard input.")
@click.option("--content-type", metavar="TYPE", help="With --input: its media type; application/json unless given.")
@with_output
def api(
    output: Output, arguments: tuple[str, ...], data: str | None, file: str | None, content_type: str | None
) -> int:
    """Call the store's REST API through the connection; the access token is never shown.

    PATH is such as v3/catalog/products?limit=5. BigCommerce's answer is printed as it comes; with --json as a document
    with status, headers and body. Ends with 0 where BigCommerce did it, 6 where it refused the credentials (401, 403),
    7 for 404, 8 for 409, 2 for what else was wrong with the call, and 10 where trying later can help.
    """
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.session import open_client
    from companion.core.request_body import JSON, NO_BODY, checked_content_type, json_body
    from companion.core.rest_paths import rest_path_from_text
    from companion.settings import load_settings

    name, method, pasted = _taken_apart(arguments)
    if data is not None and file is not None:
        raise click.UsageError("--data and --input exclude each other.")
    if content_type is not None and file is None:
        raise click.UsageError("--content-type goes with --input; --data is JSON.")
    kind = JSON if content_type is None else checked_content_type(content_type)
    body = NO_BODY if data is None else json_body(_body_from(text_from(data, "--data")))
    settings = load_settings()
    with ExitStack() as stack:
        if file is not None:
            body = stack.enter_context(_body_of(file, kind))
        client = stack.enter_context(open_client(settings))
        connection = client.connection(connection_at_hand(name, settings))
        path, query = rest_path_from_text(pasted, connection["store_hash"])
        with client.rest(connection["id"], method, path, query=query, body=body) as answer:
            if output.as_json:
                output.document(_document(answer))
            else:
                pass_on(answer.parts)
            code = exit_code_of_status(answer.status)
            if code is not ExitCode.DONE:
                output.note(f"BigCommerce answered {answer.status}.")
            if answer.status == 403:
                output.note(_WITHOUT_SCOPE.format(name=shlex.quote(connection["name"])))
            return code


@contextmanager
def _body_of(file: str, content_type: str) -> Iterator[RequestBody]:
    """Give what a file, or standard input, holds piece by piece: it may be larger than the memory.

    Raises:
        InvalidInput: the file cannot be read.
    """
    from companion.core.request_body import RequestBody

    with ExitStack() as stack:
        try:
            opened: BinaryIO = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
            status = os.fstat(opened.fileno())
        except (OSError, ValueError) as failure:
            why = failure.strerror if isinstance(failure, OSError) and failure.strerror else "it is no path"
            raise InvalidInput(f"--input could not be read: {why}.", next_step="Check the path.") from None
        length = status.st_size if stat.S_ISREG(status.st_mode) and file != "-" else None
        yield RequestBody(iter(lambda: opened.read(_PIECE), b""), length, content_type)


def exit_code_of_status(status: int) -> ExitCode:
    """Return what the program ends with for an HTTP status of BigCommerce's."""
    match status:
        case _ if status < 300:
            return ExitCode.DONE
        case 401 | 403:
            return ExitCode.CREDENTIALS_REFUSED
        case 404:
            return ExitCode.NOT_FOUND
        case 409:
            return ExitCode.CONFLICT
        case 429:
            return ExitCode.TRY_LATER
        case _ if status >= 500:
            return ExitCode.TRY_LATER
        case _:
            return ExitCode.INVALID_INPUT


def _taken_apart(arguments: tuple[str, ...]) -> tuple[str | None, str, str]:
    name = arguments[0] if len(arguments) == 3 else None
    if len(arguments) not in {2, 3}:
        raise click.UsageError("Expected NAME, METHOD and PATH, such as: companion api shop GET v2/store")
    method = arguments[-2].upper()
    if method not in METHODS:
        raise click.UsageError(f"METHOD is one of {', '.join(METHODS)}.")
    return name, method, arguments[-1]


def _body_from(text: str) -> bytes:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("--data is not JSON.", next_step="""Write it such as --data '{"name": "Shop"}'.""") from None
    return text.encode("utf-8", "surrogateescape")


def _document(answer: RestAnswer) -> dict[str, Any]:
    size, parts = 0, []
    for part in answer.parts:
        size += len(part)
        if size > _MOST_IN_A_DOCUMENT:
            raise InvalidInput(
                "The answer is too large for a JSON document.", next_step="Leave out --json, or ask for less at a time."
            )
        parts.append(part)
    text = b"".join(parts).decode("utf-8", "replace")
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        body = text
    return {"status": answer.status, "headers": dict(answer.headers), "body": body}


def pass_on(parts: Iterator[bytes]) -> None:
    """Print the body as it comes: exactly its bytes into a file or pipe, on a terminal what it can show."""
    if not sys.stdout.isatty():
        sys.stdout.flush()
        for part in parts:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    import codecs

    from companion.cli.output import showable

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    ends_a_line = True

    def show(text: str) -> None:
        nonlocal ends_a_line
        sys.stdout.write(showable(text))
        ends_a_line = text.endswith("\n") if text else ends_a_line

    for part in parts:
        show(decoder.decode(part))
    show(decoder.decode(b"", final=True))
    if not ends_a_line:  # else the prompt would stand behind it
        sys.stdout.write("\n")
