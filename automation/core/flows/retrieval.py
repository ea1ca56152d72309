"""The documented retrieval: its 13 steps, in order, and what each asks of a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from automation.core.targets import (
    API_ACCOUNTS,
    CREATE_API_ACCOUNT,
    DONE,
    NAME,
    SAVE,
    SETTINGS,
    SIGN_IN,
    TOKEN_TYPE,
    VIEW_STOREFRONT,
    Target,
)


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
        targets: the controls it uses.
    """

    id: StepId
    say: str
    targets: tuple[Target, ...] = ()


STEPS: tuple[Step, ...] = (
    Step(StepId.SIGN_IN, "Sign in to BigCommerce.", (SIGN_IN,)),
    Step(StepId.OPEN_STOREFRONT, "Click “View storefront”; the store's page opens.", (VIEW_STOREFRONT,)),
    Step(StepId.READ_SUBDOMAIN, "Note the subdomain in the storefront's address."),
    Step(StepId.READ_STORE_HASH, "Note the store hash in the control panel's address."),
    Step(
        StepId.OPEN_API_ACCOUNTS, "Open Settings, then “Store-level API accounts” under API.", (SETTINGS, API_ACCOUNTS)
    ),
    Step(StepId.CREATE_API_ACCOUNT, "Press “Create API account”.", (CREATE_API_ACCOUNT,)),
    Step(StepId.CHOOSE_TOKEN_TYPE, "From Token type, select “V2/V3 API token”.", (TOKEN_TYPE,)),
    Step(StepId.ENTER_NAME, "Enter the name of the API account.", (NAME,)),
    Step(StepId.SET_SCOPES, "Set both Storefront API scopes to “manage”."),
    Step(StepId.SAVE, "Press “Save”.", (SAVE,)),
    Step(StepId.READ_CREDENTIALS, "Read the credentials, which are shown once.", (DONE,)),
    Step(StepId.HAND_OVER, "Hand the connection to the companion, which encrypts it."),
    Step(StepId.VERIFY, "Prove the connection by using it."),
)
STEP_IDS: tuple[str, ...] = tuple(step.id.value for step in STEPS)
