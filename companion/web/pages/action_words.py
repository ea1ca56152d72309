"""What a tool may do with a connection, in the words of who lets it in."""

from __future__ import annotations

from companion.core.api_tokens import Action

ACTION_WORDS = {
    Action.READ: ("See it", "its fields, status and findings, without secrets"),
    Action.VERIFY: ("Verify it", "ask BigCommerce whether it works"),
    Action.GRAPHQL: ("Run GraphQL queries", "through the service, which keeps the tokens"),
    Action.STOREFRONT_TOKEN: ("Get storefront tokens", "for a tool that calls GraphQL by itself"),
    Action.REST_READ: ("Read with the REST API", "of the store, through the service"),
    Action.REST_WRITE: ("Change with the REST API", "create, change and delete in the store, through the service"),
    Action.METRICS: ("Read the figures", "of the service, for Prometheus: nothing of a single connection"),
    Action.HAND_OVER: ("Add connections", "that it has retrieved; it changes none that is there"),
}
"""For each action what it is called, and what that means."""


def action_word(action: Action) -> str:
    """Return what an action is called."""
    return ACTION_WORDS[action][0]
