"""What every use case works with."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from companion.core.audit import Told
from companion.core.audit_actions import AuditAction
from companion.core.connection import Connection, World
from companion.core.entropy import Entropy
from companion.core.errors import CompanionError, WrongWorld
from companion.core.secret import Secret
from companion.ports.bigcommerce import BigCommerce
from companion.ports.clock import Clock
from companion.ports.connections import SecretField, StoredConnection
from companion.ports.repository import Repository
from companion.service.in_groups import InGroups
from companion.service.kept_sessions import KeptSessions
from companion.service.last_uses import LastUses
from companion.service.one_at_a_time import OneAtATime
from companion.service.opened_tokens import OpenedTokens
from companion.service.refusals import Refusals
from companion.service.unlocking import Unlocking
from companion.service.unwritten import MOST_USES, shortened
from companion.service.vault import Vault


@dataclass(frozen=True)
class Parts:
    """The ports, filled, and the world that this process works in.

    Attributes:
        unlocking: opens and closes the keys; None where nobody may.
        folder_id: of the data folder, to which backups are bound.
        minting: held while a storefront token is looked up or minted.
        opened: private tokens that were opened a moment ago.
        sessions: the kept browser sessions; None where nobody may sign in with one.
        uses: when tools used their API tokens.
        noted: uses of secrets that are still to be written into the audit chain.
        refusals: counts who could not say who it is.
        refused_links: counts sign-in links that are none, or were spent.
    """

    repository: Repository
    vault: Vault
    bigcommerce: BigCommerce
    clock: Clock
    entropy: Entropy
    world: World
    unlocking: Unlocking | None = None
    folder_id: str = ""
    minting: OneAtATime = field(default_factory=OneAtATime)
    opened: OpenedTokens = field(default_factory=OpenedTokens)
    sessions: KeptSessions | None = None
    uses: LastUses = field(init=False)
    noted: InGroups[Told] = field(init=False)
    refusals: Refusals = field(init=False)
    refused_links: Refusals = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "uses", LastUses(self.repository.note_uses_of_api_tokens))
        noted: InGroups[Told] = InGroups(self.repository.record, shorten=shortened, most=MOST_USES)
        object.__setattr__(self, "noted", noted)
        for name, action, kind in (
            ("refusals", AuditAction.AUTHENTICATE, "token"),
            ("refused_links", AuditAction.SIGN_IN, "sign-in link"),
        ):
            object.__setattr__(self, name, Refusals(self.clock, noted.note, action, kind))

    def close(self) -> None:
        """Let go of storage and network."""
        self.bigcommerce.close()
        self.opened.forget()
        self.refusals.flush()
        self.refused_links.flush()
        for groups in (self.uses, self.noted):
            with contextlib.suppress(CompanionError):  # there is nobody left to tell
                groups.write()
        self.repository.close()

    def open_secret(self, stored: StoredConnection, secret_field: SecretField) -> Secret | None:
        """Return one secret of a connection; None where it is not set.

        Raises:
            Tampered: its envelope does not open.
            KeysUnavailable: the key-encryption key cannot be reached.
        """
        envelope = stored.secrets.get(secret_field)
        if envelope is None:
            return None
        connection = stored.connection
        return self.vault.open(connection.id, secret_field, connection.store_hash, envelope)

    def check_world(self, connection: Connection) -> None:
        """Refuse a connection of the other world before anything is sent.

        Raises:
            WrongWorld: made in the real world and used in a simulated one, or the other way round.
        """
        if connection.world is self.world:
            return
        made, here, next_step = (
            (
                "at a simulated store",
                "without a host map",
                "Set what `companion sandbox serve` printed, while that still runs, or delete the connection.",
            )
            if connection.world is World.SIMULATED
            else (
                "at BigCommerce",
                "with a host map that leads to a simulated store",
                "Unset COMPANION_HOST_MAP and COMPANION_CA_FILE.",
            )
        )
        raise WrongWorld(
            f"The connection {connection.name!r} is not used here.",
            why=f"It was made {made}, and this is run {here}. Nothing was sent.",
            next_step=next_step,
        )
