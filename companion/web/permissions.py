"""Which caller may ask for which endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companion.core.api_tokens import Action, ApiToken, rest_actions
from companion.core.errors import NotAllowed, SignInAgain
from companion.core.web_sessions import CONFIRMED_FOR, WebSession
from companion.service.parts import Parts

# What is told to anybody; it holds nothing secret.
OPEN_ENDPOINTS = frozenset({"api.health", "api.openapi", "problem_page"})
# Screens that show nothing that needs a session, or begin and end one.
OPEN_PAGES = frozenset({"pages.assets", "pages.sign_in"})
# What begins and ends sessions, which are none where people sign in at an identity provider.
LINK_ENDPOINTS = frozenset({"pages.sign_in.button", "pages.sign_in.spend", "pages.sign_in.leave"})
# What a session may not do: it would confirm itself, hand its rights on, or say what a worker has done.
_NOT_FOR_SESSIONS = frozenset(
    {"api.issue_sign_in_link", "api.issue_hand_over_ticket", "api.renew_hand_over_ticket", "api.record_left_account"},
)
# What a session, or a person, may do only when they signed in a moment ago.
CONFIRMED_ENDPOINTS = frozenset(
    {
        "api.delete_connection",
        "api.create_api_token",
        "api.revoke_api_token",
        "api.revoke_all_api_tokens",
        "pages.deleting.show",
        "pages.deleting.run",
        "pages.panel_work.rotate",
        "pages.keys.ask_for_backup",
        "pages.keys.backup",
        "pages.tools.ask",
        "pages.tools.create",
        "pages.tools.revoke",
    }
)
# What a ticket is good for; the views check that it is for this very connection.
TICKET_ENDPOINTS = frozenset({"api.create_connection", "api.replace_connection", "api.renew_hand_over_ticket"})
# What a tool's API token must allow; what stands in neither of these two is for the user alone.
TOOL_ENDPOINTS = {
    "api.list_connections": Action.READ,
    "api.get_connection": Action.READ,
    "api.verify_connection": Action.VERIFY,
    "api.run_graphql": Action.GRAPHQL,
    "api.give_storefront_token": Action.STOREFRONT_TOKEN,
    "api.issue_hand_over_ticket": Action.HAND_OVER,
    "api.record_left_account": Action.HAND_OVER,
    "metrics": Action.METRICS,
}
# What a locked service does all the same.
WHILE_LOCKED = frozenset({"api.unlock_keys", "api.lock_keys", "api.end_sessions", "metrics", "pages.unlocking.unlock"})
# How the endpoints begin that forward a call to the REST API.
FORWARDING = "api.forward_rest_"


def check_session(session: WebSession, endpoint: str, parts: Parts) -> None:
    """Refuse what a session does not allow, or only to who signed in a moment ago.

    Raises:
        NotAllowed: a session never allows it.
        SignInAgain: a new sign-in link is needed first.
    """
    if endpoint in _NOT_FOR_SESSIONS:
        raise NotAllowed("The web page may not do this.", next_step="Use the command line.")
    if endpoint in CONFIRMED_ENDPOINTS and not session.is_confirmed(parts.clock()):
        raise SignInAgain(
            "This needs a new sign-in.",
            why=f"It is allowed for {CONFIRMED_FOR.seconds // 60} minutes after signing in.",
            next_step="Run `companion open`, sign in with the new link, and do it again.",
        )


def check_ticket(endpoint: str) -> None:
    """Refuse what no hand-over ticket allows; the views check that it is for this very connection.

    Raises:
        NotAllowed: it is for something else.
    """
    if endpoint not in TICKET_ENDPOINTS:
        raise NotAllowed(
            "A hand-over ticket does not allow this.",
            why="It is for handing over one connection, and nothing else.",
            next_step="Use the API token.",
        )


def check_tool(token: ApiToken, endpoint: str, method: str, values: Mapping[str, Any]) -> None:
    """Refuse what a tool's API token does not allow.

    Args:
        values: of the address: `id` of the connection and `path` of the REST API, where it has them.

    Raises:
        NotAllowed: says which action or connection is missing, whether there is such a connection or not.
    """
    connection_id = values.get("id")
    if endpoint.startswith(FORWARDING):
        needed: tuple[Action, ...] = rest_actions(method, str(values.get("path", "")))
    elif endpoint in TOOL_ENDPOINTS:
        needed = (TOOL_ENDPOINTS[endpoint],)
    else:
        raise NotAllowed(
            "The API token of a tool does not allow this.",
            why="Changing connections, API tokens and keys is left to the user.",
            next_step="Use the command line, or the API token of the data folder.",
        )
    missing = [action.value for action in needed if action not in token.actions]
    if missing:
        raise NotAllowed(
            f"The API token {token.name!r} does not allow this.",
            why=f"It lacks the action {missing[0]}.",
            next_step="Make another with `companion api-tokens create` that has it.",
        )
    if not all(token.allows(action, connection_id) for action in needed):
        raise NotAllowed(
            f"The API token {token.name!r} does not allow this connection.",
            why="It is limited to others.",
            next_step="Make another with `companion api-tokens create` that names this one.",
        )
