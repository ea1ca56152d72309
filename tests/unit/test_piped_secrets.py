"""Secrets that are piped in."""

import io

import pytest

from companion.cli.prompts import PipedSecrets
from companion.core.errors import InvalidInput


def test_an_empty_line_is_not_answered_with_another_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """`edit`, `reauthorize` and `add` all read here: advice to run `add` would make a second connection."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))

    with pytest.raises(InvalidInput) as caught:
        PipedSecrets().take("The access token")

    assert "The access token" in str(caught.value)
    assert "companion add" not in str(caught.value.explained.next_step)


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_bytes_that_are_no_text_are_refused_in_every_locale(monkeypatch: pytest.MonkeyPatch, errors: str) -> None:
    """A passphrase of such bytes could be typed nowhere, and would seal a backup for one machine alone."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"gr\xf6\xdfte Hoffnung\n"), "utf-8", errors))

    with pytest.raises(InvalidInput, match="UTF-8") as caught:
        PipedSecrets().take("The new passphrase")

    assert "Hoffnung" not in str(caught.value)
    assert caught.value.explained.next_step
