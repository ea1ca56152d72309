"""Asks for a passphrase: COMPANION_PASSPHRASE where it is set, else on the terminal, else nobody."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from companion.core.secret import Secret

if TYPE_CHECKING:
    from companion.settings import Settings

_TRIES = 3


@dataclass
class AskForPassphrase:
    """An `AskPassphrase` for commands.

    Attributes:
        what: what a person is asked for.
        only_new: ask a person for a new one alone.
    """

    settings: Settings
    what: str = "Passphrase of the data folder"
    only_new: bool = False
    _tries: int = 0

    def __call__(self, *, new: bool, again: bool) -> Secret | None:
        """See `AskPassphrase`. A wrong one is asked for again twice on a terminal, after a pause."""
        from companion.cli.prompts import ask_secret, can_ask

        self._tries += 1
        given = self.settings.passphrase_secret
        if given is not None:
            return None if again else given
        if not can_ask() or self._tries > _TRIES or (self.only_new and not new):
            return None
        if again:
            time.sleep(2 ** (self._tries - 2))
        return ask_new_passphrase(self.what) if new else ask_secret(self.what)


def ask_new_passphrase(what: str) -> Secret:
    """Ask for a new passphrase twice on the terminal, until both are alike and long enough."""
    import click

    from companion.cli.prompts import ask_secret
    from companion.core.errors import InvalidInput
    from companion.core.passphrases import MIN_CHARACTERS, checked_new_passphrase

    while True:
        passphrase = ask_secret(f"New: {what} ({MIN_CHARACTERS} characters or more)")
        try:
            checked_new_passphrase(passphrase)
        except InvalidInput as refusal:
            click.echo(refusal.explained.what, err=True)
            continue
        if ask_secret("The same again") == passphrase:
            return passphrase
        click.echo("These were not alike.", err=True)
