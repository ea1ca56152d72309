"""The 13 documented steps of a retrieval, as they are named to who watches one: ids, in order, and a title each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RetrievalStep:
    """One step.

    Attributes:
        id: as the JSON documents name it.
        title: what is done in it.
    """

    id: str
    title: str


RETRIEVAL_STEPS: tuple[RetrievalStep, ...] = (
    RetrievalStep("sign-in", "Sign in to BigCommerce"),
    RetrievalStep("open-storefront", "Open the storefront"),
    RetrievalStep("read-subdomain", "Read the subdomain in its address"),
    RetrievalStep("read-store-hash", "Read the store hash in the control panel's address"),
    RetrievalStep("open-api-accounts", "Open Settings, API, Store-level API accounts"),
    RetrievalStep("create-api-account", "Press Create API account"),
    RetrievalStep("choose-token-type", "Choose the token type V2/V3 API token"),
    RetrievalStep("enter-name", "Enter the name of the API account"),
    RetrievalStep("set-scopes", "Set the OAuth scopes"),
    RetrievalStep("save", "Press Save"),
    RetrievalStep("read-credentials", "Read the credentials, which are shown once"),
    RetrievalStep("hand-over", "Encrypt and store the connection here"),
    RetrievalStep("verify", "Prove the connection by using it"),
)
RETRIEVAL_STEP_IDS: tuple[str, ...] = tuple(step.id for step in RETRIEVAL_STEPS)
HAND_OVER = "hand-over"
VERIFY = "verify"
