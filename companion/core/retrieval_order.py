"""What a retrieval child is told on its standard input: one line with all it needs, then a word a line.

It is the only way by which secrets reach that process: never its arguments, never its environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from companion.core.secret import Secret

LONGEST_ORDER = 4 * 1024 * 1024
"""Bytes of the first line: a kept browser session is the longest part of it."""


class RetrievalMode(StrEnum):
    """Who signs in, and who is there."""

    GUIDED = "guided"
    UNATTENDED = "unattended"


class OrderWord(StrEnum):
    """What may be asked of a retrieval while it goes on; `mine` is followed by the id of a step."""

    PAUSE = "pause"
    RESUME = "resume"
    MINE = "mine"
    CANCEL = "cancel"


@dataclass(frozen=True)
class WantedRetrieval:
    """What is to be retrieved, and how.

    Attributes:
        name: of the connection to store.
        replace: whether a connection of this name is replaced, in place.
        auth_type, channel_id, scopes, tags: of the connection; None takes what a replaced one has, else the default.
        store_hash: where the user has several stores.
        oauth_scopes: on top of the two that are always set, as `Products=read-only`.
        presets: purposes, each a set of OAuth scopes.
        api_account_name: how the name of the new API account begins.
        shown: whether the browser window is shown.
        attach: the address of a running browser to join; None starts one.
    """

    name: str
    mode: RetrievalMode
    replace: bool = False
    auth_type: str | None = None
    channel_id: int | None = None
    scopes: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    store_hash: str | None = None
    oauth_scopes: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    api_account_name: str = "BigCommerce Companion"
    shown: bool = True
    attach: str | None = None

    @property
    def has_window(self) -> bool:
        """Whether there is a browser window at which a person can do a step."""
        return self.shown or self.attach is not None


@dataclass(frozen=True)
class SignInAtHand:
    """What the service itself can sign in with: its environment, or a browser session that was kept. All may be None.

    Attributes:
        totp_secret: of an authenticator, base32 or `otpauth://`.
        code_command: gives the e-mailed code.
        kept_session: cookies of a browser session.
    """

    email: str | None = None
    password: Secret | None = None
    totp_secret: Secret | None = None
    code_command: str | None = None
    kept_session: Secret | None = None

    @property
    def is_enough(self) -> bool:
        """Whether somebody who is not there can be signed in with it."""
        return self.kept_session is not None or bool(self.email and self.password)


@dataclass(frozen=True)
class TicketGiven:
    """The hand-over ticket, which is all that the child may do at the service."""

    id: str
    text: Secret
    expires_at: datetime
    replaces: str | None
    supersedes: Mapping[str, Any] | None


@dataclass(frozen=True)
class RetrievalOrder:
    """The first line.

    Attributes:
        id: of the retrieval.
        service_url: where the service that gives the order answers.
        proof_key: 64 hexadecimal digits; under them the service proves to the child that it is still the same.
        replaced: the connection that is replaced, as the API shows it; None where one is created.
        settings: paths and the host map, by the names of the settings.
    """

    id: str
    service_url: str
    proof_key: Secret
    ticket: TicketGiven
    wanted: WantedRetrieval
    sign_in: SignInAtHand
    replaced: Mapping[str, Any] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def line_from_order(order: RetrievalOrder) -> Secret:
    """Return the line, without its end; it holds secrets in clear."""
    ticket, sign_in = order.ticket, order.sign_in
    wanted = {name: getattr(order.wanted, name) for name in WantedRetrieval.__dataclass_fields__}
    document = {
        "id": order.id,
        "service_url": order.service_url,
        "proof_key": order.proof_key.reveal(),
        "ticket": {
            "id": ticket.id,
            "text": ticket.text.reveal(),
            "expires_at": ticket.expires_at.isoformat(),
            "replaces": ticket.replaces,
            "supersedes": ticket.supersedes,
        },
        "wanted": wanted,
        "sign_in": {name: _plain(getattr(sign_in, name)) for name in SignInAtHand.__dataclass_fields__},
        "replaced": order.replaced,
        "settings": dict(order.settings),
    }
    return Secret(json.dumps(document))


def order_from_line(line: Secret) -> RetrievalOrder:
    """Read the line.

    Raises:
        ValueError: it is none. The message does not repeat it.
    """
    try:
        read = json.loads(line.reveal())
        ticket, wanted, sign_in = read["ticket"], read["wanted"], read["sign_in"]
        return RetrievalOrder(
            id=read["id"],
            service_url=read["service_url"],
            proof_key=Secret(read["proof_key"]),
            ticket=TicketGiven(
                ticket["id"],
                Secret(ticket["text"]),
                datetime.fromisoformat(ticket["expires_at"]),
                ticket["replaces"],
                ticket["supersedes"],
            ),
            wanted=WantedRetrieval(**{name: _frozen(value) for name, value in wanted.items()} | _mode(wanted)),
            sign_in=SignInAtHand(
                sign_in["email"],
                _secret(sign_in["password"]),
                _secret(sign_in["totp_secret"]),
                sign_in["code_command"],
                _secret(sign_in["kept_session"]),
            ),
            replaced=read["replaced"],
            settings=read["settings"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("this is no order for a retrieval") from None


def _mode(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"mode": RetrievalMode(wanted["mode"])}


def _plain(value: Any) -> Any:
    return value.reveal() if isinstance(value, Secret) else value


def _secret(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
