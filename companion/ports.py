"""The ports: Protocols between the use cases and the outside.

Secrets reach the repository already sealed, as the bytes of an envelope; `companion.service.vault.Vault` seals and
opens them. No method returns half-written state: each is one transaction, durable before it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from companion.core.answers import Minted, NoAnswer, Observed, StreamedAnswer
from companion.core.api_tokens import ApiToken
from companion.core.audit import AuditEntry, Deed, Head, Told
from companion.core.audit_actions import AuditAction
from companion.core.connection import AuthType, Connection, Finding, Status, World
from companion.core.errors import CompanionError
from companion.core.exports import Export, ExportedToken
from companion.core.key_usage import KeyUsage, Unopened
from companion.core.request_body import NO_BODY, RequestBody
from companion.core.retrieval_events import Event
from companion.core.retrieval_order import OrderWord
from companion.core.secret import Secret
from companion.core.tickets import Ticket
from companion.core.web_sessions import WebSession

if TYPE_CHECKING:
    from companion.core.envelope import WrappedKey


class Clock(Protocol):
    """What time it is. `lambda: datetime.now(UTC)` is one."""

    def __call__(self) -> datetime:
        """Return the present time: aware, in UTC."""
        ...


class BigCommerce(Protocol):
    """Calls BigCommerce. Gives back what came, raises nothing for it; waits out a 429 within bounds."""

    def get(self, store_hash: str, access_token: Secret, path: str) -> Observed:
        """Read from the store's REST API; `path` starts with `v2/` or `v3/`."""
        ...

    def mint_private_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, scopes: Sequence[str], expires_at: int
    ) -> Minted | Observed:
        """Mint a private storefront token; `expires_at` in Unix seconds."""
        ...

    def mint_impersonation_token(
        self, store_hash: str, access_token: Secret, *, channel_id: int, expires_at: int
    ) -> Minted | Observed:
        """Mint a customer impersonation token; `expires_at` in Unix seconds."""
        ...

    def mint_storefront_token(
        self,
        store_hash: str,
        access_token: Secret,
        *,
        channel_id: int,
        allowed_cors_origins: Sequence[str],
        expires_at: int,
    ) -> Minted | Observed:
        """Mint a storefront token of the older kind, for browsers on these origins; `expires_at` in Unix seconds."""
        ...

    def revoke_storefront_token(self, store_hash: str, access_token: Secret, token: Secret) -> Observed:
        """Revoke a storefront or private token by itself; BigCommerce takes about a minute to act on it."""
        ...

    def graphql(
        self, host: str, storefront_token: Secret, query: str, variables: Mapping[str, Any] | None = None
    ) -> Observed:
        """Ask the GraphQL Storefront API on `host`."""
        ...

    def forward(
        self,
        store_hash: str,
        access_token: Secret,
        method: str,
        path: str,
        *,
        query: str = "",
        body: RequestBody = NO_BODY,
    ) -> StreamedAnswer | NoAnswer:
        """Send a call to the store's REST API as it is; `path` as `checked_rest_path` gives it.

        Raises what the pieces of a streamed body raise.
        """
        ...

    def oauth_info(self, host: str) -> Observed:
        """Read `/admin/oauth/info` of a storefront, without credentials."""
        ...

    def close(self) -> None:
        """Close all connections. Nothing may be called afterwards."""
        ...


class KeyProvider(Protocol):
    """Holds key-encryption keys, and wraps and unwraps data keys with them.

    Every method raises `KeysUnavailable` (or `Locked`) where the keys cannot be reached; then nothing was changed.
    """

    @property
    def name(self) -> str:
        """`keyring`, `file`, …: as in `COMPANION_KEY_PROVIDER`."""
        ...

    @property
    def active_key_id(self) -> str:
        """The id of the key that `wrap` uses."""
        ...

    def wrap(self, data_key: bytes, associated_data: bytes) -> WrappedKey:
        """Wrap 32 bytes under the active key, bound to `associated_data` and the key's id."""
        ...

    def unwrap(self, wrapped_key: WrappedKey, associated_data: bytes) -> bytes:
        """Return the 32 bytes.

        Raises:
            WrongKey: the key id is none that this provider holds.
            Tampered: the key is held, but the wrapped data key does not open with it.
        """
        ...


class LockableKeys(Protocol):
    """Keys that may be sealed under a passphrase. Every method raises `Conflict` where they are not."""

    def unlock(self, passphrase: Secret) -> None:
        """Open them. Raises `WrongPassphrase`, `KeysUnavailable`."""
        ...

    def check_lockable(self) -> None:
        """Do nothing where they are."""
        ...

    def lock(self) -> None:
        """Forget them until they are unlocked again."""
        ...


class RewrappingKeys(Protocol):
    """The keys of a data folder while this process, and no other, changes them."""

    @property
    def active_key_id(self) -> str:
        """The id of the key that wraps."""
        ...

    @property
    def held_key_ids(self) -> frozenset[str]:
        """The ids of all keys that are kept; more than one from the begin of a change to its end."""
        ...

    @property
    def unfinished(self) -> bool:
        """Whether a change was begun earlier and has not come to its end."""
        ...

    def begin(self) -> None:
        """Make a new key and let it wrap from now on, here and in every other process; the others still unwrap.

        Raises `KeysUnavailable`: it cannot be kept; nothing was changed.
        """
        ...

    def announce(self) -> None:
        """Tell every other process that there is a new key, unless they have been told. Raises `StorageFailed`."""
        ...

    def rewrap(self, envelope: bytes, associated_data: bytes) -> bytes:
        """Return the envelope with its data key under the active key.

        Raises:
            Tampered, WrongKey: as `rewrap_envelope`.
        """
        ...

    def finish(self, forget: frozenset[str]) -> tuple[str, ...]:
        """Keep these keys no longer, and nothing in a place that was left; returns what could not be cleaned up."""
        ...


class SecretField(StrEnum):
    """The sealed secrets that stand beside a connection; the value is the `field` in their associated data."""

    ACCESS_TOKEN = "access_token"  # noqa: S105  names a field
    STOREFRONT_TOKEN = "storefront_token"  # noqa: S105  given by the user, with auth type `token`
    MINTED_STOREFRONT_TOKEN = "minted_storefront_token"  # noqa: S105  a private token we minted and keep while it lives
    EXPORTED_STOREFRONT_TOKEN = "exported_storefront_token"  # noqa: S105  one that we minted for a file


@dataclass(frozen=True)
class StoredConnection:
    """A connection and its secrets, sealed, as they stood at one moment.

    Attributes:
        secrets: the envelope's bytes of each secret that is set.
    """

    connection: Connection
    secrets: Mapping[SecretField, bytes]


@dataclass(frozen=True)
class KeptSession:
    """A browser session that was kept for a user.

    Attributes:
        user: `hash_of_user` of the e-mail address; 32 bytes.
        world: where the user signed in.
        connection_id: of the connection it was kept with, whose deletion deletes it.
        ends_at: when it is used no more; aware, UTC.
        envelope: the sealed session.
    """

    user: bytes
    world: World
    connection_id: str
    ends_at: datetime
    envelope: bytes


@dataclass(frozen=True)
class Page:
    """One page of connections in the order of their creation.

    Attributes:
        after: the id to pass for the next page, None where this is the last.
    """

    connections: tuple[Connection, ...]
    after: str | None


@dataclass(frozen=True)
class TicketSpending:
    """A ticket that is spent by the write it comes with, in the same transaction.

    Attributes:
        ticket_hash: `hash_of_ticket` of the ticket.
        digest: `hand_over_digest` of what was handed over.
        now: decides whether the ticket has expired.
    """

    ticket_hash: bytes
    digest: bytes
    now: datetime


@dataclass(frozen=True)
class RewrappedBatch:
    """What one transaction of a rotation did.

    Attributes:
        rewrapped: how many records.
        last: where it ended.
    """

    rewrapped: int
    unopened: tuple[Unopened, ...]
    last: tuple[Any, ...]


@dataclass(frozen=True)
class SealedRecord:
    """An envelope as it is stored.

    Attributes:
        what: what a person calls one of its kind, such as `secret`.
        place: where it is; for a secret the connection's id and the field.
        associated_data: what it has to be bound to there.
    """

    what: str
    place: str
    associated_data: bytes
    envelope: bytes


class SealedRecords(Protocol):
    """All sealed records, as what is under some key. Every method raises `StorageFailed`."""

    def sealed_records(self) -> Iterator[SealedRecord]:
        """Yield every sealed record as of one moment; never more than some of them are in memory."""
        ...

    def key_usage(self) -> tuple[KeyUsage, ...]:
        """Return what is known of each key-encryption key, the first used one first."""
        ...

    def start_rewrapping(self, active: str, others: Collection[str]) -> None:
        """Note that `active` wraps from now on."""
        ...

    def rewrap_all(
        self, active: str, rewrap: Callable[[bytes, bytes], bytes], *, batch: int
    ) -> Iterator[RewrappedBatch]:
        """Bring every record that is under another key under `active`, in one durable transaction a batch.

        What cannot be opened stays as it is and is named. Others read and write meanwhile.

        Args:
            rewrap: an envelope and its associated data -> the envelope under `active`.
        """
        ...

    def retire(self, key_ids: Collection[str]) -> frozenset[str]:
        """Let nothing be stored ever again under those keys that nothing is under; returns these.

        Whoever has sealed something under such a key, and stores it later, gets `KeyRetired`, in any process.
        """
        ...


class OnConflict(StrEnum):
    """What becomes of a connection of a backup whose name or id is here already."""

    STOP = "stop"
    KEEP = "keep"
    REPLACE = "replace"


@dataclass(frozen=True)
class ConnectionConflict:
    """A connection of a backup that is here already.

    Attributes:
        id: the backup's.
        name: the backup's.
        stored_name: of what is here, with the same name or the same id.
    """

    id: str
    name: str
    stored_name: str


@dataclass(frozen=True)
class Everything:
    """What goes into a backup, all as of one moment.

    Attributes:
        connections: with their secrets.
        chain: the audit chain; the error where its key does not open.
    """

    connections: Iterator[StoredConnection]
    chain: StoredChain | CompanionError


@dataclass(frozen=True)
class IncomingChain:
    """An audit chain out of a backup.

    Attributes:
        chapter: its number as an earlier chapter, where it was one; None for the chain that went on.
        restored_at: aware, UTC.
        whole: whether nothing is wrong with it.
        entries: in the order of their numbers; all are to be taken before the next chain is.
    """

    chapter: int | None
    restored_at: datetime
    whole: bool
    head: Head
    key: bytes = field(repr=False)
    entries: Iterator[AuditEntry] = field(repr=False)


@dataclass(frozen=True)
class RestoredChains:
    """What became of the audit chains of a backup.

    Attributes:
        entries: of the chain that went on where the backup was made; 0 where the backup has none.
        goes_on: it goes on here, since nothing had been recorded.
        chapters: the numbers under which chains are kept beside the one here; none that is a part of one here.
    """

    entries: int = 0
    goes_on: bool = False
    chapters: tuple[int, ...] = ()


@dataclass(frozen=True)
class RestoredRows:
    """What a restore stored.

    Attributes:
        kept: names of connections that stayed as they are here.
        replaced: names of connections that the backup's took the place of.
    """

    connections: int
    kept: tuple[str, ...]
    replaced: tuple[str, ...]
    chains: RestoredChains


class BackupStorage(Protocol):
    """All connections at once, and the audit chain. Every method raises `StorageFailed`."""

    def everything(self) -> AbstractContextManager[Everything]:
        """Give every connection and the audit chain, as long as the context lasts."""
        ...

    def conflicts_with(self, connections_: Sequence[tuple[str, str]]) -> tuple[ConnectionConflict, ...]:
        """Return which of these, by id and name, are here already."""
        ...

    def restore(
        self,
        connections_: Callable[[], Iterator[StoredConnection]],
        chains: Callable[[], Iterator[IncomingChain]],
        on_conflict: OnConflict,
    ) -> RestoredRows:
        """Store connections as they are and audit chains beside the one here, in one transaction.

        Args:
            connections_: begins to yield them anew each time; a transaction may have to be tried again.
            chains: likewise; the one that went on comes first.

        Raises:
            NameTaken: one is here, and `on_conflict` says to stop. What the iterator raises; nothing was changed.
        """
        ...


class SessionRepository(Protocol):
    """Kept browser sessions. Every method raises `StorageFailed` where the storage cannot be read or written."""

    def put_session(self, session: KeptSession) -> None:
        """Store a session in place of the one that its user has in its world. Raises `NotFound`: no such connection."""
        ...

    def sessions(self, world: World) -> tuple[KeptSession, ...]:
        """Return the sessions of one world, expired ones too."""
        ...

    def used_session(self, session: KeptSession) -> None:
        """Record that a session is used. Raises `NotFound`: its connection is gone, and it with it."""
        ...

    def drop_session(self, user: bytes, world: World) -> None:
        """Delete one session, if it is there."""
        ...

    def drop_sessions(self) -> int:
        """Delete the sessions of both worlds; returns how many there were."""
        ...


class ConnectionRepository(Protocol):
    """Connections, their sealed secrets, and hand-over tickets.

    Every method raises `StorageFailed` where the storage cannot be read or written.
    """

    def add(
        self, connection: Connection, secrets: Mapping[SecretField, bytes], *, hand_over: TicketSpending | None = None
    ) -> Connection:
        """Store a new connection, whose id comes from `core.ids.new_id`, and spend the ticket of `hand_over`.

        Returns:
            What is stored now, with revision 1. Where the ticket was spent before by a hand-over with the same digest:
            the connection that was made then, and nothing is written.

        Raises:
            NameTaken: another connection has this name, ignoring case.
            NotAuthorized: the ticket is unknown or has expired.
            NotAllowed: the ticket is for another name or purpose.
            Conflict: the ticket was spent on something else, or its connection is gone since.
        """
        ...

    def get(self, connection_id: str) -> Connection:
        """Return one connection. Raises `NotFound`."""
        ...

    def get_with_secrets(self, connection_id: str) -> StoredConnection:
        """Return one connection and its sealed secrets as of one moment. Raises `NotFound`."""
        ...

    def find(self, name_or_id: str) -> Connection:
        """Return the connection with this name, ignoring case, else the one with this id. Raises `NotFound`."""
        ...

    def page(self, *, limit: int, after: str | None = None) -> Page:
        """Return up to `limit` connections created after the one with the id `after`, which may be deleted by now.

        Raises:
            InvalidInput: `limit` is not 1 to `MAX_PAGE` (points at `/limit`), or `after` is no id (`/after`).
        """
        ...

    def replace(
        self,
        connection: Connection,
        secrets: Mapping[SecretField, bytes],
        *,
        expected_revision: int | None,
        hand_over: TicketSpending | None = None,
        action: AuditAction = AuditAction.REPLACE,
    ) -> Connection:
        """Replace everything but id and creation time; secrets that are not given are deleted.

        Args:
            action: what the audit chain calls it where no ticket is spent.
            expected_revision: the revision this change was made from. None only with `hand_over`: a ticket to replace
                names its connection, whatever its revision is by now.

        Returns:
            What is stored now: `connection` with the stored creation time and the next revision. With a ticket that was
            spent before: as `add`.

        Raises:
            NotFound, NameTaken, StaleRevision: nothing was changed.
            NotAuthorized, NotAllowed, Conflict: because of the ticket, as `add`.
        """
        ...

    def patch(
        self,
        connection_id: str,
        *,
        expected_revision: int,
        updated_at: datetime,
        name: str | None = None,
        tags: tuple[str, ...] | None = None,
    ) -> Connection:
        """Change name or tags, what is None stays. Returns what is stored now, with the next revision.

        Raises:
            NotFound, NameTaken, StaleRevision: nothing was changed.
        """
        ...

    def save_verification(
        self,
        connection_id: str,
        *,
        expected_revision: int,
        status: Status,
        findings: tuple[Finding, ...],
        verified_at: datetime | None,
        action: AuditAction = AuditAction.VERIFY,
    ) -> Connection:
        """Keep what a verification found, or what is left of that.

        The revision stays: no field that a user edits has changed. `action` is what the audit chain calls it.

        Raises:
            NotFound: it was deleted meanwhile.
            StaleRevision: it was changed meanwhile, so the findings are about something else.
        """
        ...

    def put_secret(
        self, connection_id: str, field: SecretField, envelope: bytes | None, *, expected_revision: int
    ) -> None:
        """Set one sealed secret, or delete it with None. The revision stays.

        Raises:
            NotFound: there is no such connection.
            StaleRevision: the connection was changed meanwhile, so the secret is not one of its secrets.
        """
        ...

    def delete(self, connection_id: str, *, expected_revision: int) -> Connection:
        """Delete a connection and its secrets; returns what it was. Raises `NotFound`, `StaleRevision`."""
        ...

    def issue_ticket(self, ticket: Ticket, *, now: datetime) -> None:
        """Store a new ticket; those that expired more than a day ago are dropped.

        Raises:
            NameTaken: a ticket to create, and the name is taken.
            NotFound: a ticket to replace, and there is no such connection.
        """
        ...

    def ticket(self, ticket_hash: bytes) -> Ticket | None:
        """Return a ticket, expired and spent ones too; None where there is none."""
        ...

    def renew_ticket(self, ticket_hash: bytes, *, expires_at: datetime, now: datetime) -> Ticket:
        """Let an unspent, unexpired ticket live until `expires_at`. Raises `NotAuthorized` for any other."""
        ...

    def revoke_ticket(self, ticket_hash: bytes) -> None:
        """Drop a ticket, if it is there."""
        ...

    def close(self) -> None:
        """Let go of the storage. Nothing may be called afterwards."""
        ...


@dataclass(frozen=True)
class ConnectionFilter:
    """Which connections are wanted; what is None or empty does not matter.

    Attributes:
        text: stands in the name, the subdomain or the store hash, ignoring case.
        tag: exactly so.
    """

    text: str = ""
    status: Status | None = None
    auth_type: AuthType | None = None
    tag: str | None = None


@dataclass(frozen=True)
class ListPage:
    """One page of connections in the order of their names.

    Attributes:
        after: the name to pass for the next page, None where this is the last.
    """

    connections: tuple[Connection, ...]
    after: str | None


@dataclass(frozen=True)
class Overview:
    """How many connections there are.

    Attributes:
        by_status: a status that none has may be missing.
        with_auth_type_token: how many stop working with the older storefront tokens.
        tags: the most used ones, each with its number of connections.
    """

    by_status: Mapping[Status, int]
    with_auth_type_token: int
    tags: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many there are in all."""
        return sum(self.by_status.values())


class ConnectionListing(Protocol):
    """Finds connections among very many. Every method raises `StorageFailed` where the storage cannot be read."""

    def list_page(self, wanted: ConnectionFilter, *, limit: int, after: str | None = None) -> ListPage:
        """Return up to `limit` of them whose names come behind `after`, whether there is one of that name or not.

        Raises:
            InvalidInput: `limit` is not 1 to `MAX_PAGE` (points at `/limit`).
        """
        ...

    def overview(self) -> Overview:
        """Count them."""
        ...


class CallerRepository(Protocol):
    """Who may call the service. Every method raises `StorageFailed` where the storage cannot be read or written."""

    def add_api_token(self, token: ApiToken, *, now: datetime) -> None:
        """Store a new token, in place of one with its name that has expired.

        Raises:
            Conflict: another token has this name, ignoring case, and lives.
        """
        ...

    def api_token(self, token_id: str) -> ApiToken | None:
        """Return a token, expired ones too; None where there is none."""
        ...

    def api_tokens(self) -> tuple[ApiToken, ...]:
        """Return all tokens in the order they were made, expired ones too."""
        ...

    def note_uses_of_api_tokens(self, uses: Mapping[str, datetime]) -> None:
        """Keep when these tokens were used last; ids that are gone by now are passed over."""
        ...

    def drop_api_token(self, token_id: str) -> ApiToken | None:
        """Delete one token; returns what it was, None where there was none."""
        ...

    def drop_api_tokens(self) -> tuple[ApiToken, ...]:
        """Delete all tokens; returns what they were."""
        ...


class WebSessionRepository(Protocol):
    """Sessions of the web page, and the links that begin them.

    Every method raises `StorageFailed` where the storage cannot be read or written.
    """

    def add_sign_in_link(self, link_hash: bytes, *, expires_at: datetime, now: datetime) -> None:
        """Store a new link; those that have expired are dropped."""
        ...

    def spend_sign_in_link(self, link_hash: bytes, session: WebSession) -> bool:
        """Delete the link and store the session that it begins; those that have ended are dropped.

        Returns:
            Whether it was there and had not expired by the time that the session begins; else nothing was changed.
        """
        ...

    def web_session(self, session_hash: bytes) -> WebSession | None:
        """Return a session, one that has ended too; None where there is none."""
        ...

    def note_web_session(self, session_hash: bytes, seen_at: datetime) -> None:
        """Keep when a session was used last, if it is there."""
        ...

    def confirm_web_session(self, session_hash: bytes, confirmed_at: datetime) -> None:
        """Keep when the user of a session last proved who it is, if the session is there."""
        ...

    def drop_web_session(self, session_hash: bytes) -> bool:
        """End a session; returns whether it was there."""
        ...

    def drop_web_sessions(self, now: datetime) -> int:
        """End all sessions and links; returns how many of the sessions were open."""
        ...


class ExportRepository(Protocol):
    """The files that were written for other tools, with a secret in them.

    Every method raises `StorageFailed` where the storage cannot be read or written.
    """

    def put_exports(self, written: Collection[Export]) -> None:
        """Remember these, each in place of one with its path; nothing for a connection that is gone."""
        ...

    def exports_of(self, connection_ids: Collection[str]) -> tuple[Export, ...]:
        """Return the exports of these connections, in the order of connection and path."""
        ...

    def drop_exports(self, paths: Collection[str]) -> None:
        """Forget these, as far as they are known."""
        ...

    def put_exported_token(self, token: ExportedToken, *, now: datetime) -> None:
        """Keep a token that was minted for a file; those that have ended are dropped. Raises `NotFound`."""
        ...

    def exported_tokens(self, connection_id: str) -> tuple[ExportedToken, ...]:
        """Return those of a connection, the first made one first.

        They go with the connection, and with what they were minted for: `ConnectionRepository.replace` drops them where
        `core.connection.serves_alike` says no.
        """
        ...


class AuditRecorder(Protocol):
    """What a repository records with; the chain's key passes through the key provider only here."""

    def told(self, deed: Deed) -> Told:
        """Return the deed with who does it and when."""
        ...

    def new_key(self) -> tuple[bytes, bytes]:
        """Make a key for a new chain; returns it and its envelope's bytes."""
        ...

    def seal_key(self, key: bytes, chapter: int | None = None) -> bytes:
        """Return the envelope's bytes for the key of a chain; with `chapter` for that of an earlier one."""
        ...

    def open_key(self, envelope: bytes, chapter: int | None = None) -> bytes:
        """Return the key of the chain, or of an earlier chapter. Raises `Tampered`, `WrongKey`, `KeysUnavailable`."""
        ...


@dataclass(frozen=True)
class AuditFilter:
    """Which entries of the audit chain are wanted; None does not matter.

    Attributes:
        chapter: of this earlier chapter; None for the chain that goes on.
    """

    connection_id: str | None = None
    action: AuditAction | None = None
    who: str | None = None
    chapter: int | None = None


@dataclass(frozen=True)
class AuditPage:
    """One page of the audit chain, newest first.

    Attributes:
        before: the number to pass for the next page, None where this is the last.
    """

    entries: tuple[AuditEntry, ...]
    before: int | None


@dataclass(frozen=True)
class StoredChapter:
    """A chain that a backup brought along, as of one moment.

    Attributes:
        restored_at: aware, UTC.
        key: opens the chain's key; raises what `AuditRecorder.open_key` raises.
        entries: in the order of their numbers; read while they are asked for.
    """

    number: int
    restored_at: datetime
    head: Head
    key: Callable[[], bytes] = field(repr=False)
    entries: Iterable[AuditEntry] = field(repr=False)


@dataclass(frozen=True)
class StoredChain:
    """The whole audit chain as of one moment.

    Attributes:
        head, key: None where nothing was ever recorded.
        entries: in the order of their numbers; read while they are asked for.
        chapters: earlier chains, in the order of their numbers; after `entries`.
    """

    head: Head | None
    key: bytes | None = field(repr=False)
    entries: Iterable[AuditEntry] = field(repr=False)
    chapters: Iterable[StoredChapter] = field(default=(), repr=False)


class AuditRepository(Protocol):
    """The audit chain. Every method raises `StorageFailed` where the storage cannot be read or written."""

    def record_with(self, recorder: AuditRecorder) -> None:
        """Record every change from now on, in the transaction that makes it; without this, none is recorded."""
        ...

    def record(self, told: Sequence[Told]) -> None:
        """Append entries in this order, all or none. Raises what `AuditRecorder.open_key` raises."""
        ...

    def audit_page(self, wanted: AuditFilter, *, limit: int, before: int | None = None) -> AuditPage:
        """Return up to `limit` entries with numbers below `before`, newest first.

        Raises:
            InvalidInput: `limit` is not 1 to `MAX_PAGE` (points at `/limit`).
        """
        ...

    def audit_chain(self) -> AbstractContextManager[StoredChain]:
        """Give the whole chain, as long as the context lasts. Raises what `AuditRecorder.open_key` raises."""
        ...

    def forget_audit_key(self) -> None:
        """Keep the chain's key in memory no longer; it is opened again when it is needed."""
        ...


class BrowserJob(Protocol):
    """A process that drives a browser, and all that it started."""

    def tell(self, word: OrderWord, step: str | None = None) -> None:
        """Give it an order; one that is gone takes none, and nothing is said of that."""
        ...

    def cancel(self) -> None:
        """Let it stop in order: what it made is taken back first. After a while it is killed all the same."""
        ...

    def kill(self) -> None:
        """End it and all that it started, now."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait for its end, and until everything of it was heard; returns whether it has ended."""
        ...


class BrowserJobs(Protocol):
    """Starts processes that drive a browser; `companion.launcher.ChildProcesses` is one."""

    @property
    def has_display(self) -> bool:
        """Whether a browser can open a window here, as far as that can be told without trying."""
        ...

    def start(
        self, order: Secret, *, on_event: Callable[[Event], None], on_end: Callable[[], None], seconds: float
    ) -> BrowserJob:
        """Start one.

        Args:
            order: the first line of its standard input.
            on_event: called with each event, one after another, in a thread of its own.
            on_end: called after the last event, once nothing of it runs any more.
            seconds: how long it may take; then it is cancelled.

        Raises:
            CompanionError: it cannot be started.
        """
        ...


class Repository(
    ConnectionRepository,
    ConnectionListing,
    CallerRepository,
    WebSessionRepository,
    ExportRepository,
    AuditRepository,
    SealedRecords,
    BackupStorage,
    Protocol,
):
    """Everything that the service stores."""
