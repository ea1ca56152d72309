"""The documented retrieval: its 13 steps, in order, and what each asks of a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StepId(StrEnum):
    """The ids of the steps, in their order."""

    SIGN_IN = "sign-in"
    OPEN_STOREFRONT = "open-storefront"
    READ_SUBDOMAIN = "read-subdomain"
    READ_STORE_HASH = "read-store-hash"
    OPEN_API_ACCOUNTS = "open-api-accounts"
    CREATE_API_ACCOUNT = "create-api-account"
    CHOOSE_TOKEN_TYPE = "choose-token-type"  # noqa: S105  a step, not a token
    ENTER_NAME = "enter-name"
    SET_SCOPES = "set-scopes"
    SAVE = "save"
    READ_CREDENTIALS = "read-credentials"
    HAND_OVER = "hand-over"
    VERIFY = "verify"


@dataclass(frozen=True)
class Step:
    """One documented action.

    Attributes:
        say: what a person is told to do, or what is being done.
        why: what it is good for, told to a person beside it.
        where: where to look, told to who cannot find it; pages of different years in one text.
        path: the page's address behind `/manage`, where it has one of its own.
    """

    id: StepId
    say: str
    why: str = ""
    where: str = ""
    path: str = ""


STEPS: tuple[Step, ...] = (
    Step(
        StepId.SIGN_IN,
        "Sign in to BigCommerce.",
        why="Only you can do this. What you type into the password box is not read.",
        where="The sign-in page is https://login.bigcommerce.com/login. With several stores, choose yours.",
    ),
    Step(
        StepId.OPEN_STOREFRONT,
        "Click “View storefront”; the store's page opens.",
        why="The storefront's address shows the store's subdomain.",
        where="It stands at the top right of the control panel; in older ones at the top left, under the store's name.",
    ),
    Step(StepId.READ_SUBDOMAIN, "Note the subdomain in the storefront's address."),
    Step(StepId.READ_STORE_HASH, "Note the store hash in the control panel's address."),
    Step(
        StepId.OPEN_API_ACCOUNTS,
        "Open Settings, then “Store-level API accounts” under API.",
        why="API accounts are what programs sign in with; only store-level ones fit here.",
        where="“Settings” is the last entry of the menu at the left (“Advanced Settings” in older ones; an icon where "
        "the menu is folded). “API” is the last section of that page, far down.",
        path="/settings/api-accounts",
    ),
    Step(
        StepId.CREATE_API_ACCOUNT,
        "Press “Create API account”.",
        why="A new account can be told from all others and deleted without harm; the ones you have stay as they are.",
        where="The button stands above the list of accounts, at the right. Without it, this user may not create "
        "accounts: ask the store's owner.",
        path="/settings/api-accounts/create",
    ),
    Step(
        StepId.CHOOSE_TOKEN_TYPE,
        "From Token type, select “V2/V3 API token”.",
        why="The other type, for Stencil-CLI, works for themes alone.",
        where="It is the first box of the form.",
    ),
    Step(
        StepId.ENTER_NAME,
        "Enter the name of the API account.",
        why="Its random end makes sure that no other account is ever deleted. What stands before it is up to you.",
        where="It is the box “Name” near the top of the form.",
    ),
    Step(
        StepId.SET_SCOPES,
        "Set both Storefront API scopes to “manage”.",
        why="With them, tokens for the storefront can be made. A scope that was not asked for is named before Save.",
        where="Both stand in the lower half of the list of OAuth scopes; one is for customer impersonation tokens.",
    ),
    Step(
        StepId.SAVE,
        "Press “Save”.",
        why="It creates the account; its credentials are shown once, and are read then.",
        where="It stands in the bar at the bottom right, and works once the form has a name.",
    ),
    Step(StepId.READ_CREDENTIALS, "Read the credentials, which are shown once."),
    Step(StepId.HAND_OVER, "Hand the connection to the companion, which encrypts it."),
    Step(StepId.VERIFY, "Prove the connection by using it."),
)
STEP_IDS: tuple[str, ...] = tuple(step.id.value for step in STEPS)
