"""Settings in, a working service out: the one place that names concrete classes."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from companion import __version__
from companion.api_token import api_token
from companion.bigcommerce import BigCommerceClient, Outbound
from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.backup_file import BackupKey, Read, backup_key_of, new_backup_key
from companion.core.errors import CompanionError, Conflict, InvalidInput, KeysUnavailable, Locked
from companion.core.passphrases import checked_new_passphrase, generated_passphrase
from companion.core.retrieval_order import RetrievalMode, SignInAtHand
from companion.core.secret import Secret
from companion.core.verification import store_hash_in
from companion.keys.changing import changing_keys
from companion.keys.choice import AskPassphrase, OpenedKeys, glance_at_keys, open_keys, standing_notice
from companion.keys.passphrase import NAME as PASSPHRASE
from companion.keys.places import ON_ONE_MACHINE
from companion.launcher import ChildProcesses
from companion.ports.audit import AuditFilter
from companion.ports.backup import OnConflict
from companion.private_files import new_private_file
from companion.service.audit import Recorder, teller
from companion.service.backup import BackedUp, backup_pieces
from companion.service.child_values import child_values
from companion.service.exports import Exporter
from companion.service.kept_sessions import KeptSessions
from companion.service.one_at_a_time import FileLocks, OneAtATime
from companion.service.parts import Parts
from companion.service.restore import Restored, restore
from companion.service.retrievals import Retrievals
from companion.service.rotate_keys import rotate_keys
from companion.service.unlocking import Unlocking
from companion.service.vault import Vault
from companion.service_state import announced, only_service
from companion.settings import SignInSettings
from companion.storage.repository import SqlRepository
from companion.storage.sqlite import database_file, open_sqlite_repository, was_made

if TYPE_CHECKING:
    from flask import Flask

    from companion.core.child_environment import ChildValues
    from companion.core.connection import Finding
    from companion.core.folder_findings import SeenDatabase
    from companion.core.key_usage import KeyUsage, Rotation
    from companion.keys.choice import Glance
    from companion.ports.bigcommerce import BigCommerce
    from companion.settings import Settings
    from companion.storage.postgresql import PostgresqlRepository


@dataclass(frozen=True)
class CompanionService:
    """The service, ready to be served.

    Attributes:
        notice: what the user must be told now about the key provider; None where there is nothing.
    """

    parts: Parts
    app: Flask
    api_token: Secret
    notice: str | None
    retrievals: Retrievals

    def close(self) -> None:
        """Let go of storage and network; a retrieval that is under way ends first."""
        self.retrievals.close()
        self.parts.close()


@dataclass(frozen=True)
class RunningService:
    """A service that answers.

    Attributes:
        url: such as `http://127.0.0.1:7467`, or `unix:` and the path of a socket.
        api_token: authorizes everything.
        notice: as `CompanionService.notice`.
        locked: it waits for its passphrase.
    """

    url: str
    api_token: Secret
    notice: str | None = None
    locked: bool = False


def _open_repository(settings: Settings, keys: OpenedKeys | None = None) -> SqlRepository:
    address = settings.database_url
    if address is not None:
        return _open_postgresql(address.get_secret_value())
    folder_id, rewrap = (None, None) if keys is None else (keys.folder_id, keys.provider.rewrap)
    return open_sqlite_repository(settings.data_dir, folder_id=folder_id, rewrap=rewrap)


def _open_postgresql(address: str) -> PostgresqlRepository:
    # Loaded for those who have one alone.
    from companion.storage.postgresql import open_postgresql_repository

    return open_postgresql_repository(address)


def _between_processes(settings: Settings, repository: SqlRepository) -> Callable[[str], AbstractContextManager[None]]:
    """Return the lock that every process on the same database takes."""
    if settings.database_url is None:
        return FileLocks(settings.data_dir / "locks").of
    return cast("PostgresqlRepository", repository).one_at_a_time


def _has_database(settings: Settings) -> bool:
    return settings.database_url is not None or database_file(settings.data_dir).exists()


def key_notice(settings: Settings) -> str | None:
    """Return what the user must know, at any time, about where the key is; None where a keychain holds it.

    Raises:
        KeysUnavailable, StorageFailed: what the data folder says of its key cannot be read.
    """
    return standing_notice(settings.data_dir, key_file=settings.key_file)


def key_provider_of(settings: Settings) -> str | None:
    """Return the key provider that the data folder was made with; None where there is no such folder yet.

    Raises:
        KeysUnavailable, StorageFailed: as `key_notice`.
    """
    glance = glance_at_keys(settings.data_dir, key_file=settings.key_file)
    return None if glance is None else glance.provider


def open_parts(
    settings: Settings,
    *,
    around: Callable[[BigCommerce], BigCommerce] | None = None,
    ask: AskPassphrase | None = None,
    may_be_locked: bool = False,
) -> tuple[Parts, str | None]:
    """Fill the ports; returns them with what the user must be told about the key provider.

    Args:
        ask: gives the passphrase, where the key provider is `passphrase`; COMPANION_PASSPHRASE if None.
        may_be_locked: without a passphrase, go on with locked keys; else that is an error.
        around: is given the client of BigCommerce and returns what the use cases call in its place, such as one
            that notes what was minted.

    Raises:
        InvalidSetting: a setting does not fit the data folder or cannot be used.
        KeysUnavailable, WrongKey: the keys cannot be reached, or are not those of the data folder.
        StorageFailed: the data folder or the database cannot be used.
    """
    outbound = Outbound(settings.host_map, settings.ca_file, settings.extra_ca_file)
    bigcommerce = BigCommerceClient(outbound)
    try:
        keys, repository = _opened_folder(settings, ask, may_be_locked=may_be_locked)
    except BaseException:
        bigcommerce.close()
        raise
    vault = Vault(keys.provider, os.urandom)
    parts = Parts(
        repository=repository,
        vault=vault,
        bigcommerce=bigcommerce if around is None else around(bigcommerce),
        clock=_now,
        entropy=os.urandom,
        world=settings.world,
        unlocking=Unlocking(keys.provider, _now),
        folder_id=keys.folder_id,
        minting=OneAtATime(_between_processes(settings, repository)),
        sessions=KeptSessions(repository, vault, keys.folder_id, _now, settings.world),
    )
    return parts, keys.notice


def _opened_folder(
    settings: Settings, ask: AskPassphrase | None = None, *, may_be_locked: bool = False
) -> tuple[OpenedKeys, SqlRepository]:
    repository: SqlRepository
    if settings.database_url is None:
        keys = _opened_keys(settings, ask, may_be_locked=may_be_locked)
        repository = _open_repository(settings, keys)
    else:
        keys, repository = _opened_with_others(settings, settings.database_url.get_secret_value(), ask, may_be_locked)
    repository.record_with(Recorder(Vault(keys.provider, os.urandom), _now, keys.folder_id))
    return keys, repository


def _opened_with_others(
    settings: Settings, address: str, ask: AskPassphrase | None, may_be_locked: bool
) -> tuple[OpenedKeys, PostgresqlRepository]:
    """Open a database that other machines may use, and the keys as the last one left them."""
    repository = _open_postgresql(address)
    try:
        keys = _opened_keys(settings, ask, may_be_locked=may_be_locked, shared=repository)
        repository.seal_with(keys.folder_id, keys.provider.rewrap)
        keys.provider.share(repository)
    except BaseException:
        repository.close()
        raise
    return keys, repository


def _opened_keys(
    settings: Settings,
    ask: AskPassphrase | None,
    *,
    may_be_locked: bool = False,
    shared: PostgresqlRepository | None = None,
) -> OpenedKeys:
    def of_the_environment(*, new: bool, again: bool) -> Secret | None:
        del new
        return None if again else settings.passphrase_secret

    return open_keys(
        settings.data_dir,
        wanted=settings.key_provider,
        key_file=settings.key_file,
        kms_key=settings.aws_kms_key,
        ask=ask or of_the_environment,
        may_be_locked=may_be_locked,
        shared=shared,
    )


def _is_locked(parts: Parts) -> bool:
    try:
        return not parts.vault.keys.active_key_id
    except Locked:
        return True


@dataclass(frozen=True)
class KeysAtHand:
    """What is known of the keys of a data folder.

    Attributes:
        glance: None where there is no such folder yet.
        held: the ids of the keys that the provider holds; None where it cannot be asked.
        failure: why it cannot be asked; None where it can.
    """

    glance: Glance | None
    held: frozenset[str] | None
    failure: KeysUnavailable | None
    usage: tuple[KeyUsage, ...]


def keys_at_hand(settings: Settings) -> KeysAtHand:
    """Look at the keys of the data folder and at what is under each; makes nothing.

    Raises:
        InvalidSetting, KeysUnavailable, StorageFailed: not even that can be read.
    """
    glance = glance_at_keys(settings.data_dir, key_file=settings.key_file)
    if glance is None:
        return KeysAtHand(None, None, None, ())
    held, failure = None, None
    repository = _open_repository(settings) if _has_database(settings) else None
    try:
        shared = repository if settings.database_url is not None else None
        try:
            keys = _opened_keys(_of_the_folder(settings), None, shared=cast("PostgresqlRepository | None", shared))
            held = keys.provider.held_key_ids
        except KeysUnavailable as unavailable:
            failure = unavailable
        glance = glance_at_keys(settings.data_dir, key_file=settings.key_file)
        return KeysAtHand(glance, held, failure, () if repository is None else repository.key_usage())
    finally:
        if repository is not None:
            repository.close()


def _refuse_a_key_for_one_machine(settings: Settings, provider: str, *, carried: bool) -> None:
    """Refuse to make a key that other machines on the same database could not come by, unless it is carried there."""
    if settings.database_url is None or provider not in ON_ONE_MACHINE or carried:
        return
    raise InvalidInput(
        "Other machines that use this database could not open anything under a new key. Nothing was changed.",
        why=f"The key provider `{provider}` keeps a key on one machine; only `passphrase` and `aws-kms` share it.",
        next_step="Move the key to where all machines can use it: `companion keys rewrap --to passphrase`, or `--to "
        "aws-kms`. Or run this again with `--carried`, where no other machine uses the database"
        + (", or you bring the key file to the others right after." if provider == "file" else "."),
    )


def rotate_folder_keys(
    settings: Settings, *, told: Callable[[int], object], ask: AskPassphrase | None = None, carried: bool = False
) -> Rotation:
    """Make a new key for the data folder and rewrap everything; or go on with what was begun before.

    Args:
        told: as `rotate_keys`.
        ask: as `open_parts`.
        carried: a key that is on this machine alone will be brought to the others that use the database.

    Raises:
        InvalidInput: other machines that use the database could not come by the new key; nothing was changed.
        Conflict: another process, or another machine, is at it.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts` and `rotate_keys`.
    """
    keys, repository = _opened_folder(_of_the_folder(settings), ask)
    try:
        with _failures_recorded(repository, AuditAction.ROTATE_KEYS), changing_keys(keys.provider) as changing:
            if not changing.unfinished:
                _refuse_a_key_for_one_machine(settings, changing.provider, carried=carried)
            rotation = rotate_keys(changing, repository, told=told)
        _record(repository, AuditAction.ROTATE_KEYS, f"{rotation.rewrapped} records under {rotation.active_key_id}")
        return rotation
    finally:
        repository.close()


def move_folder_keys(
    settings: Settings,
    provider: str,
    *,
    new_passphrase: Callable[[], Secret],
    told: Callable[[int], object],
    ask: AskPassphrase | None = None,
    carried: bool = False,
) -> Rotation:
    """Move the keys of the data folder to another provider, under a new key; or go on with what was begun before.

    Args:
        provider: as in `COMPANION_KEY_PROVIDER`.
        new_passphrase: asks for the one that is to seal the keys from now on; only with `passphrase`, which may be what
            the folder has already: then the passphrase is changed.
        told: as `rotate_keys`.
        ask, carried: as `rotate_folder_keys`.

    Raises:
        Conflict: the keys are there already, another process is at it, or another change is not finished.
        InvalidInput: the new passphrase is too short.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts` and `rotate_keys`.
    """
    keys, repository = _opened_folder(_of_the_folder(settings), ask)
    try:
        with _failures_recorded(repository, AuditAction.MOVE_KEYS), changing_keys(keys.provider) as changing:
            if changing.unfinished and changing.provider != provider:
                raise Conflict(
                    "Another change of the key was begun, and is not finished.",
                    next_step="Finish it first: companion keys rotate",
                )

            if not changing.unfinished:
                _refuse_a_key_for_one_machine(settings, provider, carried=carried)

            def begin() -> None:
                if provider != PASSPHRASE:
                    changing.begin_move(provider)
                    return
                passphrase = checked_new_passphrase(new_passphrase())
                if changing.provider == PASSPHRASE:
                    changing.begin_with_passphrase(passphrase)
                else:
                    keys.provider.places.passphrase_file.choose(passphrase)
                    changing.begin_move(provider)

            rotation = rotate_keys(changing, repository, begin=begin, told=told)
        detail = f"to {provider}; {rotation.rewrapped} records under {rotation.active_key_id}"
        _record(repository, AuditAction.MOVE_KEYS, detail)
        return rotation
    finally:
        repository.close()


def seen_database(settings: Settings) -> SeenDatabase | None:
    """Look at the database as it lies there, without making or changing anything; None where there is none.

    Raises:
        InvalidSetting, StorageFailed: its server cannot be reached.
    """
    from companion.storage.looking import look_at_postgresql, look_at_sqlite

    if settings.database_url is not None:
        return look_at_postgresql(settings.database_url.get_secret_value())
    file = database_file(settings.data_dir)
    return look_at_sqlite(settings.data_dir) if file.exists() or was_made(settings.data_dir) else None


def findings_in_folder(settings: Settings, *, ask: AskPassphrase | None = None) -> Iterator[Finding]:
    """Open the data folder itself, as the user who owns it, and say of everything in it that does not open.

    Args:
        ask: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    from companion.service.check_folder import folder_findings

    parts, _ = open_parts(settings, ask=ask)
    try:
        yield from folder_findings(parts, cast("SqlRepository", parts.repository))
    finally:
        parts.close()


def check_port(port: int) -> None:
    """Raise `PortInUse` where another program listens on this port of the loopback, `NotAllowed` where nobody may."""
    from companion.web.server import check_that_port_is_free

    check_that_port_is_free(port)


def skew_of_this_clock(settings: Settings) -> timedelta | None:
    """Return BigCommerce's clock minus this machine's; None where BigCommerce does not answer."""
    bigcommerce = BigCommerceClient(Outbound(settings.host_map, settings.ca_file, settings.extra_ca_file))
    try:
        date = bigcommerce.date()
    finally:
        bigcommerce.close()
    return None if date is None else date - _now()


def _record(repository: SqlRepository, action: AuditAction, detail: str) -> None:
    repository.record([teller(_now, Deed(action, detail=detail))])


@contextmanager
def _failures_recorded(repository: SqlRepository, action: AuditAction) -> Iterator[None]:
    """Record what failed; a record that was never begun is not begun with that."""
    try:
        yield
    except CompanionError as failure:
        with suppress(CompanionError):  # the first failure is the one to tell
            if repository.audit_page(AuditFilter(), limit=1).entries:
                repository.record([teller(_now, Deed(action, outcome=failure.code))])
        raise


def _of_the_folder(settings: Settings) -> Settings:
    """Let the data folder say which provider it has: a variable may still name the one before a move."""
    known = glance_at_keys(settings.data_dir, key_file=settings.key_file) is not None
    return settings.model_copy(update={"key_provider": None}) if known else settings


def made_up_passphrase() -> Secret:
    """Return a passphrase that nobody can guess."""
    return generated_passphrase(os.urandom)


def backup_folder(
    settings: Settings,
    file: Path,
    passphrase: Secret,
    *,
    ask: AskPassphrase | None = None,
    before_it_is_there: Callable[[BackedUp], object] = lambda _done: None,
) -> BackedUp:
    """Write all connections and the audit record of the data folder into a new file, sealed under a passphrase.

    Args:
        ask: as `open_parts`.
        before_it_is_there: called once all is written, before the file gets its name: nobody is left with a file whose
            passphrase was never shown.

    Raises:
        Conflict: there is such a file already.
        StorageFailed: the file, or the data folder, cannot be used; then there is no such file.
        InvalidSetting, KeysUnavailable, WrongKey: as `open_parts`.
    """
    keys, repository = _opened_folder(settings, ask)
    done = BackedUp(0, [])
    try:
        with (
            _failures_recorded(repository, AuditAction.BACKUP),
            _file_failures(file),
            new_private_file(file) as written,
        ):
            pieces = backup_pieces(
                repository,
                keys.provider,
                new_backup_key(passphrase, entropy=os.urandom),
                folder_id=keys.folder_id,
                made_at=_now(),
                version=__version__,
                done=done,
            )
            for piece in pieces:
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())  # what a full disk does not take is known before anybody is told
            detail = f"{done.connections} connections, {done.entries} entries of the record"
            _record(repository, AuditAction.BACKUP, detail)
            before_it_is_there(done)
    finally:
        repository.close()
    return done


def restore_folder(
    settings: Settings, file: Path, passphrase: Secret, on_conflict: str, *, ask: AskPassphrase | None = None
) -> tuple[Restored, str | None]:
    """Put the connections of a backup into the data folder; returns also what `CompanionService.notice` says.

    Args:
        on_conflict: of `OnConflict`.

    Raises:
        BackupDamaged, WrongPassphrase, BackupConflicts: as `restore`. A new data folder is then not even made.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    with _file_failures(file), file.open("rb") as opened:

        def open_again() -> tuple[BackupKey, Read]:
            opened.seek(0)
            return backup_key_of(opened.read, passphrase, entropy=os.urandom), opened.read

        open_again()  # so that a wrong passphrase makes no data folder
        keys, repository = _opened_folder(settings, ask)
        try:
            with _failures_recorded(repository, AuditAction.RESTORE):
                done = restore(repository, keys.provider, open_again, OnConflict(on_conflict), now=_now())
            return done, keys.notice
        finally:
            repository.close()


@contextmanager
def _file_failures(file: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise Conflict(f"{file} is there already.", next_step="Give another name, or move that file away.") from None
    except OSError as failure:
        raise InvalidInput(
            f"{file} cannot be used: {failure.strerror or type(failure).__name__}.",
            next_step="Check the name, its folder and the free space.",
        ) from None


def opened_values(
    settings: Settings,
    name_or_id: str,
    wanted: frozenset[str],
    *,
    action: AuditAction = AuditAction.EXEC,
    ask: AskPassphrase | None = None,
) -> ChildValues:
    """Open a connection's secrets out of the data folder itself, as the user who owns it; no service is asked.

    Args:
        action: what the use is recorded as.
        ask: as `open_parts`.

    Raises:
        NotFound, WrongWorld, Tampered, BigCommerceUnreachable, …: as `child_values`.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    parts, _ = open_parts(settings, ask=ask)
    try:
        return child_values(parts, name_or_id, wanted, action)
    finally:
        parts.close()


def store_hash_at(settings: Settings, host: str) -> str | None:
    """Ask a storefront below mybigcommerce.com for its store hash, without credentials; None where it does not tell."""
    bigcommerce = BigCommerceClient(Outbound(settings.host_map, settings.ca_file, settings.extra_ca_file))
    try:
        return store_hash_in(bigcommerce.oauth_info(host))
    finally:
        bigcommerce.close()


@contextmanager
def opened_exporter(settings: Settings, *, ask: AskPassphrase | None = None) -> Iterator[Exporter]:
    """Give what opens connections for files, out of the data folder itself, as the user who owns it.

    Args:
        ask: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    parts, _ = open_parts(settings, ask=ask)
    try:
        yield Exporter(parts)
    finally:
        parts.close()


@contextmanager
def opened_sessions(settings: Settings, *, ask: AskPassphrase | None = None) -> Iterator[KeptSessions]:
    """Give the kept browser sessions out of the data folder itself, as the user who owns it; no service is asked.

    Args:
        ask: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    keys, repository = _opened_folder(settings, ask)
    vault = Vault(keys.provider, os.urandom)
    try:
        yield KeptSessions(repository, vault, keys.folder_id, _now, settings.world)
    finally:
        repository.close()


def record_in_folder(settings: Settings, action: AuditAction, detail: str, *, ask: AskPassphrase | None = None) -> None:
    """Record what the user has done to no connection, in the data folder itself; nothing where it has no record.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    if not _has_database(settings):
        return
    _, repository = _opened_folder(settings, ask)
    try:
        _record(repository, action, detail)
    finally:
        repository.close()


def any_session(settings: Settings) -> bool:
    """Say whether a browser session is kept in this world, without asking for the keys.

    Raises:
        InvalidSetting, StorageFailed: as `open_parts`.
    """
    if not _has_database(settings):
        return False
    repository = _open_repository(settings)
    try:
        return bool(repository.sessions(settings.world))
    finally:
        repository.close()


def drop_sessions(settings: Settings) -> int:
    """Delete every kept browser session, of both worlds, without asking for the keys; returns how many there were.

    Raises:
        InvalidSetting, StorageFailed: as `open_parts`.
    """
    if not _has_database(settings):
        return 0
    repository = _open_repository(settings)
    try:
        return repository.drop_sessions()
    finally:
        repository.close()


def build(
    settings: Settings,
    *,
    log_stream: TextIO | None = None,
    log_level: int = logging.INFO,
    around: Callable[[BigCommerce], BigCommerce] | None = None,
    ask: AskPassphrase | None = None,
    may_be_locked: bool = False,
) -> CompanionService:
    """Build the service and its application.

    Args:
        log_stream: where the request log goes; standard error if None.
        log_level: as `create_app`.
        around, ask, may_be_locked: as `open_parts`.

    Raises:
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    from companion.web.app import create_app

    parts, notice = open_parts(settings, around=around, ask=ask, may_be_locked=may_be_locked)
    try:
        token = api_token(settings.token_file)
        retrievals = _retrievals(settings, parts)
        app = create_app(parts, token, retrievals, log_stream=log_stream, log_level=log_level)
    except BaseException:
        parts.close()
        raise
    return CompanionService(parts, app, token, notice, retrievals)


def _retrievals(settings: Settings, parts: Parts) -> Retrievals:
    """Return the retrievals of the web page: in a process of the program that drives a browser, where there is one."""

    def sign_in(mode: RetrievalMode) -> SignInAtHand:
        if mode is RetrievalMode.GUIDED:
            return SignInAtHand()  # the person signs in: the helper does all it can, and must not be able to do that
        values = SignInSettings()
        kept = parts.sessions.find(values.email) if parts.sessions is not None else None
        return SignInAtHand(
            values.email,
            values.password_secret,
            values.authenticator_secret,
            settings.verification_code_command,
            kept,
        )

    jobs = ChildProcesses(_retrieval_program(), os.environ, settings.data_dir)
    return Retrievals(parts, jobs, sign_in, _settings_of_child(settings))


def _retrieval_program() -> list[str]:
    """Return the command line of the program that drives a browser, which is found by its name and never imported.

    Without `-P` a module of that name in the folder where it runs would be taken for it.
    """
    found = next(iter(entry_points(group="companion.browser_jobs", name="retrieval")), None)
    return [] if found is None else [sys.executable, "-P", "-m", found.module]


def _settings_of_child(settings: Settings) -> dict[str, str]:
    """Return what a retrieval needs of the settings, with paths that hold in any folder."""
    files = {name: getattr(settings, name) for name in ("data_dir", "browser", "ca_file", "extra_ca_file")}
    chosen = {name: str(path.absolute()) for name, path in files.items() if path is not None}
    host_map = ",".join(f"{pattern}={target}" for pattern, target in settings.host_map.entries)
    return chosen | ({"host_map": host_map} if host_map else {})


@contextmanager
def running_service(
    settings: Settings,
    port: int | None = 0,
    *,
    socket: Path | None = None,
    public: bool = False,
    log_stream: TextIO | None = None,
    around: Callable[[BigCommerce], BigCommerce] | None = None,
    ask: AskPassphrase | None = None,
) -> Iterator[RunningService]:
    """Run the service in a thread of this process until the context ends; requests in flight are finished.

    Args:
        port: 0 picks a free one; None listens on none, which needs a socket.
        socket: where a Unix socket is made that this user alone can connect to.
        public: others are to find it: it holds the data folder's lock, leaves a state file while it runs, logs
            every request and says what the user must be told about the key provider; without the passphrase it
            starts locked. Else it is a command's own,
            beside others of its kind, and saying that is left to the command.
        log_stream: where the request log goes; standard error if None.
        around, ask: as `open_parts`.

    Raises:
        PortInUse: another program listens on `port`, or on the socket.
        InvalidInput: the socket cannot be made there.
        AlreadyRunning: with `public`; another service of this data folder runs.
        InvalidSetting, KeysUnavailable, WrongKey, StorageFailed: as `open_parts`.
    """
    from companion.web.server import LoopbackServer, RunningServer, SocketServer

    with ExitStack() as stack:
        if public:
            stack.enter_context(only_service(settings.state_file))
        # What a private service refuses, the command explains; only the service's own failures are for its log.
        level = logging.INFO if public else logging.ERROR
        service = build(settings, log_stream=log_stream, log_level=level, around=around, ask=ask, may_be_locked=public)
        stack.callback(service.close)
        if service.notice and public:
            (log_stream or sys.stderr).write(service.notice.rstrip() + "\n")
        servers: list[RunningServer] = []
        if port is not None:
            servers.append(stack.enter_context(LoopbackServer(service.app, port)))
        if socket is not None:
            servers.append(stack.enter_context(SocketServer(service.app, socket)))
        url = servers[0].url
        service.retrievals.service_url = url
        # Before the servers stop: they would wait for pages that follow a retrieval.
        stack.callback(service.retrievals.close)
        if public:
            stack.callback(settings.sign_in_file.unlink, missing_ok=True)
            stack.enter_context(announced(settings.state_file, url, _now()))
        yield RunningService(url, service.api_token, service.notice, locked=_is_locked(service.parts))


def _now() -> datetime:
    return datetime.now(UTC)
