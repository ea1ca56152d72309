"""What the purposes for which an API account is made ask for together, as the control panel's form takes it."""

from __future__ import annotations

from collections.abc import Iterable

from automation.core.oauth_scopes import named_scope
from companion.core.oauth_scopes import SCOPES
from companion.core.presets import PRESETS


def scopes_of_presets(names: Iterable[str], oauth_scopes: Iterable[str]) -> tuple[str, ...]:
    """Return what the presets and the scopes that are named by themselves ask for together.

    Where presets differ about a scope, the greater grant counts; what is named by itself counts in any case.

    Args:
        oauth_scopes: as `--oauth-scope` takes them; an entry that cannot be read is passed on as it is.
    """
    given = tuple(oauth_scopes)
    named = {named_scope(text)[0] for text in given}
    chosen: dict[str, str] = {}
    for preset in PRESETS:
        if preset.name in names:
            for text in preset.scopes:
                label, option = named_scope(text)
                if label not in named:
                    before = chosen.get(label, option)
                    chosen[label] = option if _rank(label, option) > _rank(label, before) else before
    return (*(f"{label}={option}" for label, option in chosen.items()), *given)


def presets_help() -> str:
    """Return a sentence that lists the presets and what each asks for."""
    listed = (f"{each.name}: {each.purpose} ({', '.join(each.scopes) or 'no further scope'})" for each in PRESETS)
    return "; ".join(listed)


def _rank(label: str, option: str) -> int:
    """Return how much an option grants; the form lists them from the least."""
    options = next(options for names, options in SCOPES if names[0] == label)
    return [each for each, _ in options].index(option)
