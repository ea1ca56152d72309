from __future__ import annotations

import pytest

from companion.core.advice import advice_for, explained_for
from companion.core.errors import Explained


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("Run `companion verify NAME`.", "shop", "Run `companion verify shop`."),
        ("`companion connect NAME --replace`", "my shop", "`companion connect 'my shop' --replace`"),
        ("`companion api-tokens create NAME` or `companion edit NAME`", "\\1", None),
        ("Give NAME and QUERY.", "shop", "Give NAME and QUERY."),
        ("`companion add NAMES`", "shop", "`companion add NAMES`"),
        ("`companion verify` NAME", "shop", "`companion verify` NAME"),
    ],
)
def test_a_command_that_is_advised_names_the_connection(text: str, name: str, said: str | None) -> None:
    expected = "`companion api-tokens create '\\1'` or `companion edit '\\1'`" if said is None else said
    assert advice_for(text, name) == expected


def test_what_happened_is_said_as_it_was() -> None:
    explained = Explained("`companion edit NAME` failed.", "See `companion show NAME`.", "Run `companion verify NAME`.")
    assert explained_for(explained, "shop") == Explained(
        "`companion edit NAME` failed.", "See `companion show shop`.", "Run `companion verify shop`."
    )
