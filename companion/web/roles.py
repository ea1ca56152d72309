"""Which role a person needs for which endpoint. What stands in no list is refused to every person."""

from __future__ import annotations

from datetime import datetime

from companion.core.errors import NotAllowed, SignInAgain
from companion.core.people import Person, Role
from companion.core.web_sessions import CONFIRMED_FOR
from companion.web.permissions import CONFIRMED_ENDPOINTS

_SEE = {
    "api.deadlines_of_connection",
    "api.follow_retrieval",
    "api.get_connection",
    "api.get_retrieval",
    "api.list_audit",
    "api.list_connections",
    "api.list_deadlines",
    "api.list_retrievals",
    "api.verify_audit",
    "metrics",
    "pages.connection.past",
    "pages.connection.show",
    "pages.connections.index",
    "pages.keys.show",
    "pages.record.show",
    "pages.record.verify",
    "pages.retrieval.follow",
}
_USE = {
    "api.forward_rest_delete",
    "api.forward_rest_get",
    "api.forward_rest_patch",
    "api.forward_rest_post",
    "api.forward_rest_put",
    "api.give_storefront_token",
    "api.run_graphql",
    "api.verify_connection",
    "pages.connection.verify_now",
    "pages.graphql.box",
    "pages.graphql.run",
    "pages.hand_on.export",
}
_MANAGE = {
    "api.cancel_retrieval",
    "api.create_api_token",
    "api.create_connection",
    "api.delete_connection",
    "api.drop_finding",
    "api.end_sessions",
    "api.list_api_tokens",
    "api.lock_keys",
    "api.order_retrieval",
    "api.patch_connection",
    "api.reauthorize_connection",
    "api.replace_connection",
    "api.revoke_all_api_tokens",
    "api.revoke_api_token",
    "api.start_retrieval",
    "api.unlock_keys",
    "pages.create.blank",
    "pages.create.check",
    "pages.create.create",
    "pages.create.read",
    "pages.deleting.run",
    "pages.deleting.show",
    "pages.edit.label",
    "pages.edit.save",
    "pages.edit.show",
    "pages.hand_on.rotate",
    "pages.keys.ask_for_backup",
    "pages.keys.backup",
    "pages.panel_work.cancel",
    "pages.panel_work.follow",
    "pages.panel_work.rotate",
    "pages.reauthorize.run",
    "pages.reauthorize.run_many",
    "pages.reauthorize.show",
    "pages.retrieval.new",
    "pages.retrieval.order",
    "pages.retrieval.start",
    "pages.tools.ask",
    "pages.tools.create",
    "pages.tools.end_session",
    "pages.tools.revoke",
    "pages.tools.show",
    "pages.unlocking.unlock",
}
# What no person may do: it confirms or hands on the rights of a session or of the API token, says what a worker has
# done, or opens something on the machine that the service runs on.
NOT_FOR_PEOPLE = frozenset(
    {
        "api.confirm_session",
        "api.issue_hand_over_ticket",
        "api.issue_sign_in_link",
        "api.record_left_account",
        "api.renew_hand_over_ticket",
        "pages.try_out.end",
        "pages.try_out.show",
        "pages.try_out.start",
        "pages.unlocking.confirm",
    }
)

NEEDED_ROLES = {
    **dict.fromkeys(_SEE, Role.SEE),
    **dict.fromkeys(_USE, Role.USE),
    **dict.fromkeys(_MANAGE, Role.MANAGE),
}
"""The role that an endpoint needs."""


def check_person(person: Person, endpoint: str, now: datetime) -> None:
    """Refuse what a person's role does not allow, or only to who signed in a moment ago.

    Raises:
        NotAllowed: another role is needed, or nobody may do it from elsewhere.
        SignInAgain: a new sign-in at the identity provider is needed first.
    """
    needed = NEEDED_ROLES.get(endpoint)
    if needed is None:
        raise NotAllowed(
            "This cannot be done from another machine.",
            next_step="Use the command line, or the page, on the machine of the service.",
        )
    if person.role < needed:
        raise NotAllowed(
            f"{person.name} may not do this.",
            why=f"It needs the role {needed.word}; yours is {person.role.word}.",
            next_step="Ask who runs this service for a group that has it.",
        )
    if endpoint not in CONFIRMED_ENDPOINTS:
        return
    if person.signed_in_at is None:
        raise SignInAgain(
            "When you signed in is not known.",
            why="The identity that was passed on has no `auth_time`, and this needs a sign-in of the last "
            f"{CONFIRMED_FOR.seconds // 60} minutes.",
            next_step="Have the identity provider put `auth_time` into it, or use the command line.",
        )
    if now >= person.signed_in_at + CONFIRMED_FOR:
        raise SignInAgain(
            "This needs a new sign-in.",
            why=f"It is allowed for {CONFIRMED_FOR.seconds // 60} minutes after signing in.",
            next_step="Sign out, sign in again, and do it once more.",
        )
