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
