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
    """

    id: StepId
    say: str


STEPS: tuple[Step, ...] = (
    Step(StepId.SIGN_IN, "Sign in to BigCommerce."),
    Step(StepId.OPEN_STOREFRONT, "Click “View storefront”; the store's page opens."),
    Step(StepId.READ_SUBDOMAIN, "Note the subdomain in the storefront's address."),
    Step(StepId.READ_STORE_HASH, "Note the store hash in the control panel's address."),
    Step(StepId.OPEN_API_ACCOUNTS, "Open Settings, then “Store-level API accounts” under API."),
    Step(StepId.CREATE_API_ACCOUNT, "Press “Create API account”."),
    Step(StepId.CHOOSE_TOKEN_TYPE, "From Token type, select “V2/V3 API token”."),
    Step(StepId.ENTER_NAME, "Enter the name of the API account."),
    Step(StepId.SET_SCOPES, "Set both Storefront API scopes to “manage”."),
    Step(StepId.SAVE, "Press “Save”."),
    Step(StepId.READ_CREDENTIALS, "Read the credentials, which are shown once."),
    Step(StepId.HAND_OVER, "Hand the connection to the companion, which encrypts it."),
    Step(StepId.VERIFY, "Prove the connection by using it."),
)
STEP_IDS: tuple[str, ...] = tuple(step.id.value for step in STEPS)
