"""What every control panel says, so that it may be read in pictures of somebody's own; pure."""

from __future__ import annotations

from functools import cache

from automation.core import targets
from automation.core.extract.scope_options import KNOWN_OPTIONS
from automation.core.extract.wording import normal
from automation.core.request import NOTHING
from automation.core.targets import ACCESS_TOKEN, API_PATH, CLIENT_ID, CLIENT_SECRET, STORE_HASH, Target
from automation.core.translations import every_translation
from companion.core.oauth_scopes import SCOPES

# The rest of what stands around the documented controls: sign-in pages, menu, the form's headings and column titles.
# Sources: as those of `targets.py`.
_AROUND = (
    "Analytics", "API", "Apps", "Account settings", "Actions", "Balance", "Cancel", "Channel manager", "Content",
    "Customers", "Delete", "Description", "Email", "Email address", "Forgot your password?", "Forgot password?", "Help",
    "Home", "Log in", "Log in to your store", "Log out", "Marketing", "My apps", "Name", "None", "OAuth scopes",
    "Orders", "Password", "Products", "Save", "Scopes", "Search", "Server settings", "Settings", "Setup", "Sign in",
    "Store logs", "Store setup", "Storefront", "Channels",
)  # fmt: skip


@cache
def known_words() -> tuple[str, ...]:
    """Return what may be read in pictures of somebody's own control panel, in every language known.

    It is a list of what may, not of what may not: whatever a page says that nobody foresaw is covered.
    """
    found = set(_AROUND) | set(NOTHING) | set(KNOWN_OPTIONS) | set(every_translation())
    found.update(*(CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN, STORE_HASH, API_PATH))
    for target in vars(targets).values():
        if isinstance(target, Target):
            found.update(target.all_names)
    for names, options in SCOPES:
        found.update(names, (option for option, _ in options))
    return tuple(sorted(found))


def is_known(text: str) -> bool:
    """Return whether every control panel says this."""
    return normal(text) in _normal_words()


@cache
def _normal_words() -> frozenset[str]:
    return frozenset(map(normal, known_words()))
