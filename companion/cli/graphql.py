"""`companion graphql`."""

from __future__ import annotations

import json
from typing import Any

import click

from companion.cli.output import Output, with_output
from companion.cli.text_input import text_from
from companion.core.errors import InvalidInput
from companion.core.exit_codes import ExitCode

_LONGEST_VARIABLES = 16 * 1024 * 1024


@click.command(short_help="Run a GraphQL query through a connection.")
@click.argument("arguments", metavar="[NAME] QUERY", nargs=-1, required=True)
@click.option("--variables", metavar="JSON", help="Variables of the query: a JSON object, or @FILE that holds one.")
@with_output
def graphql(output: Output, arguments: tuple[str, ...], variables: str | None) -> int:
    """Run a GraphQL query through the connection; its tokens are never shown.

    QUERY is the query itself, @FILE, or - for standard input. Ends with 1 where BigCommerce answers with errors alone,
    with 9 where it answers with data and errors.
    """
    from companion.cli.at_hand import connection_at_hand
    from companion.cli.session import open_client
    from companion.settings import load_settings

    if len(arguments) > 2:
        raise click.UsageError("Expected NAME and QUERY; put the query into quotes.")
    name = arguments[0] if len(arguments) == 2 else None
    if name is None and "{" not in arguments[0] and not arguments[0].startswith(("@", "-")):
        raise click.UsageError(f"{arguments[0]!r} alone is no query; give NAME and QUERY, the query in quotes.")
    query = text_from(arguments[-1], "QUERY")
    if not query.strip():
        raise InvalidInput("The query is empty.", next_step="Give the query itself, @FILE, or - for standard input.")
    values = None if variables is None else _variables(text_from(variables, "--variables", longest=_LONGEST_VARIABLES))
    settings = load_settings()
    with open_client(settings) as client:
        connection = client.connection(connection_at_hand(name, settings))
        answer = client.graphql(connection["id"], query, values)
    output.result(answer, json.dumps(answer, ensure_ascii=False, indent=2))
    return exit_code_of_answer(answer)


def exit_code_of_answer(answer: dict[str, Any]) -> int:
    """Return 0 for an answer without errors, 9 with data and errors, 1 with errors alone."""
    if not answer.get("errors"):
        return ExitCode.DONE
    return ExitCode.ATTENTION_DUE if answer.get("data") else ExitCode.UNEXPECTED


def _variables(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise InvalidInput(
            "--variables is not a JSON object.", next_step="""Write it such as --variables '{"first": 5}'."""
        )
    return values
