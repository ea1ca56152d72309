"""Which OAuth scopes are asked for, besides the two that are always set, read out of how people name them."""

from __future__ import annotations

from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS, WantedScope, wordings_of
from companion.core.errors import FieldError, InvalidInput
from companion.core.oauth_scopes import SCOPES

_ALWAYS = (STOREFRONT_TOKENS, IMPERSONATION_TOKENS)

# Every name of every scope: they mark where one scope's controls end and the next one's begin.
SCOPE_NAMES: tuple[str, ...] = tuple(name for names, _ in SCOPES for name in names)


def wanted_scopes(texts: tuple[str, ...]) -> tuple[WantedScope, ...]:
    """Read `SCOPE=OPTION` entries, such as `Products=read-only`; the two that are always set come first.

    What is recorded of a grant (`store_v2_products_read_only`) serves as well.

    Raises:
        InvalidInput: an entry is malformed, or names a scope or an option that there is not.
    """
    wanted = {scope.parameter: scope for scope in _ALWAYS}
    named: dict[str, str] = {}
    for position, text in enumerate(texts):
        scope = _wanted_scope(text, position)
        name = scope.labels[0]
        if named.setdefault(name, scope.parameter) != scope.parameter:
            raise _refused(position, f"{name!r} is asked for twice, with different options.")
        if scope.parameter not in wanted or not scope.parameter:
            wanted[scope.parameter or name] = scope
    return tuple(wanted.values())


def wanted_scope(label: str, option: str) -> WantedScope:
    """Return a scope by its first name and an option as `SCOPES` spells it; the two that are always set in full."""
    names, options = next(each for each in SCOPES if each[0][0] == label)
    parameter = dict(options)[option]
    return next(
        (scope for scope in _ALWAYS if scope.parameter == parameter), WantedScope(names, wordings_of(option), parameter)
    )


def scope_of_grant(grant: str) -> tuple[str, str] | None:
    """Return first name and option of a scope by what `WantedScope.grant` recorded of it; None where none has it."""
    for names, options in SCOPES:
        for option, parameter in options:
            if grant in {parameter, f"{names[0]}={option}"} - {""}:
                return names[0], option
    return None


def named_scope(text: str) -> tuple[str, str]:
    """Return what an entry, or a recorded grant, names: scope, by its first name where it is known, and option."""
    granted = scope_of_grant(text.strip())
    if granted is not None:
        return granted
    name, _, option = (part.strip() for part in text.rpartition("="))
    return next((names[0] for names, _ in SCOPES if _key(name) in map(_key, names)), name), option


def _wanted_scope(text: str, position: int) -> WantedScope:
    granted = scope_of_grant(text.strip())
    if granted is not None:
        return wanted_scope(*granted)
    name, equals, option = (part.strip() for part in text.rpartition("="))
    if not equals or not name or not option:
        raise _refused(position, f"{text!r} is not of the form 'Products=read-only'.")
    for names, options in SCOPES:
        if _key(name) in map(_key, names):
            parameters = {_key(label): (label, parameter) for label, parameter in options}
            if _key(option) not in parameters:
                offered = ", ".join(label for label, _ in options)
                raise _refused(position, f"{names[0]!r} has no option {option!r}; it has {offered}.")
            label, parameter = parameters[_key(option)]
            return WantedScope(names, wordings_of(label), parameter)
    raise _refused(position, f"There is no scope {name!r}; there are {', '.join(names[0] for names, _ in SCOPES)}.")


def _key(text: str) -> str:
    return "".join(character for character in text.lower().replace("&", "and") if character.isalnum())


def _refused(position: int, detail: str) -> InvalidInput:
    return InvalidInput(
        "An OAuth scope cannot be asked for.",
        why=detail,
        next_step="Use the names of the control panel's form, as in --oauth-scope 'Products=read-only'.",
        fields=(FieldError(f"/oauth_scopes/{position}", detail),),
    )
