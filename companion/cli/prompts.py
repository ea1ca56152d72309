"""Questions to a person: on standard error, so that the result stays alone on standard output."""

from __future__ import annotations

import sys

import click

from companion.cli.output import showable
from companion.core.errors import ConfirmationNeeded, InvalidInput
from companion.core.secret import Secret

# Longer than any secret that is accepted, and an end to what has none.
_LONGEST_LINE = 64 * 1024


def can_ask() -> bool:
    """Say whether a person sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(label: str, default: str | None = None) -> str:
    """Ask for a value on the terminal; Enter takes the default."""
    answer: str = click.prompt(label, default=default, err=True)
    return answer


def ask_secret(label: str) -> Secret:
    """Ask for a secret on the terminal without showing it."""
    return Secret(click.prompt(label, hide_input=True, err=True))


def confirm(consequence: str, question: str, *, yes: bool) -> None:
    """Say what will be gone, and go on only with a yes.

    Raises:
        ConfirmationNeeded: nobody can be asked and `yes` is not set, or the answer was no.
    """
    if yes:
        return
    if not can_ask():
        raise ConfirmationNeeded(
            f"{consequence} Nothing was changed.",
            why="This cannot be undone, and there is no terminal to ask on.",
            next_step="Say yes in advance with `--yes`.",
        )
    click.echo(showable(consequence), err=True)
    if not says_yes(question):
        raise ConfirmationNeeded(
            "Nothing was changed.",
            why="The answer was no.",
            next_step="Run it again and answer yes, if it is to be done.",
        )


def says_yes(question: str) -> bool:
    """Ask a question on the terminal to which Enter means no."""
    return bool(click.confirm(showable(question), default=False, err=True))


class PipedSecrets:
    """Standard input as secrets, one a line, in the order in which they are asked for."""

    def take(self, what: str) -> Secret:
        """Return the next line.

        Raises:
            InvalidInput: it is missing or empty, or no text: nobody could type it, and each machine would read it
                in its own way.
        """
        try:
            line = sys.stdin.readline(_LONGEST_LINE)
            line.encode()  # where standard input lets such bytes pass, they are halves of surrogate pairs
        except UnicodeError:
            raise InvalidInput(
                f"{what} was to come from standard input, but the line is no text in UTF-8.",
                next_step="Pipe it in as UTF-8, without what a file of another kind has around it.",
            ) from None
        value = line.removeprefix("\ufeff").strip()
        if not value:
            raise InvalidInput(
                f"{what} was to come from standard input, but the line was empty.",
                next_step="Run it again with the secret piped in: `password-manager show shop | companion …`.",
            )
        return Secret(value)
