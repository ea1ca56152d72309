"""What `companion doctor` checks by itself: files, keys, service, database and clock. A check makes nothing new.

A check is a function of the settings that yields findings: a note for what is well, attention or broken for what is
not. Packages bring further ones by the entry point group `companion.checks`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.errors import CompanionError, Locked, PortInUse
from companion.core.folder_findings import attention, audit_finding, broken, findings_of_database, note, well

if TYPE_CHECKING:
    from companion.core.connection import Finding
    from companion.settings import Settings

_LEAST_ROOM = 1024 * 1024

CHECK_GROUP = "companion.checks"

Check = Callable[["Settings"], Iterable["Finding"]]


def own_checks() -> dict[str, Check]:
    """Return the checks of this module by name, in the order in which they make sense to a reader."""
    return {
        "files": check_files,
        "key": check_key,
        "service": check_service,
        "keys and database": check_database,
        "clock": check_clock,
        "accounts": check_accounts,
    }


def installed_checks() -> Iterator[tuple[str, Check]]:
    """Yield the checks that packages bring."""
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=CHECK_GROUP), key=lambda entry: entry.name):
        yield entry.name, entry.load()


def findings_of(name: str, check: Check, settings: Settings) -> list[Finding]:
    """Run one check; what it raises becomes a finding, so that the others are still made."""
    findings: list[Finding] = []
    try:
        findings.extend(check(settings))
    except CompanionError as failure:
        explained = failure.explained
        findings.append(broken(failure.code, f"{explained.what} {explained.why}".strip(), explained.next_step))
    except Exception as failure:  # noqa: BLE001  a check that breaks is itself something to report
        message = f"The check of {name} itself failed with {type(failure).__name__}."
        findings.append(broken("check-failed", message, "Report this, with the platform and the version."))
    return findings


def check_files(settings: Settings) -> Iterator[Finding]:
    """Nobody but this user may read the data folder and what is in it, nor the key file."""
    folder = settings.data_dir
    if not folder.exists():
        yield well("data-folder", f"The data folder {folder} is not there yet; the first connection makes it.")
        return
    open_to_others = [path for path in (folder, *sorted(folder.rglob("*")), settings.key_file) if _is_open(path)]
    for path in open_to_others:
        mode = "700" if path.is_dir() else "600"
        yield attention(
            "open-to-others", f"{path} can be read by other users of this machine.", f"Run: chmod {mode} '{path}'"
        )
    if not open_to_others:
        yield well("data-folder", f"The data folder {folder} is open to this user alone.")
    yield from _room_in(folder)


def _room_in(folder: Path) -> Iterator[Finding]:
    import shutil

    if not os.access(folder, os.W_OK):
        yield attention(
            "read-only",
            f"The data folder {folder} cannot be written: what is stored can be read, and nothing can be changed.",
            "Check that the folder belongs to you, and that its disk is not read-only.",
        )
    elif shutil.disk_usage(folder).free < _LEAST_ROOM:
        yield attention(
            "disk-full",
            f"The disk of the data folder {folder} is full, or nearly: what is stored can be read, not changed.",
            "Free some space.",
        )


def check_key(settings: Settings) -> Iterator[Finding]:
    """A key that is a plain file is not protected as one in a keychain is; that is said for as long as it is so."""
    from companion.wiring.keys import key_notice

    notice = key_notice(settings)
    if notice is not None:
        action = "Nothing, where that is what you want; a new data folder on a machine with a keychain uses that."
        yield note("key-in-a-file", notice, action)


def check_service(settings: Settings) -> Iterator[Finding]:
    """The running service answers, and is the one of this data folder."""
    from companion.cli.session import running_client, running_url

    client = running_client(settings)
    if client is not None:
        with client:
            yield well("service", f"The service answers at {client.base_url}.")
        return
    if running_url(settings) is not None:
        yield well("service", "The service is not running; the file it left is stale and does no harm.")
    else:
        yield well("service", "The service is not running; commands run a private one for as long as they take.")
    yield from _port(settings)


def _port(settings: Settings) -> Iterator[Finding]:
    from companion.wiring.checks import check_port

    try:
        check_port(settings.port)
    except PortInUse as taken:
        yield attention("port-in-use", taken.explained.what, taken.explained.next_step)
    else:
        yield well("port", f"The port {settings.port} of `companion serve` is free.")


def check_database(settings: Settings) -> Iterator[Finding]:
    """The database is whole and of this version, and everything sealed in it opens."""
    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.session import is_another_service, open_client
    from companion.wiring.checks import findings_in_folder, seen_database

    if is_another_service(settings):
        with open_client(settings) as client:
            client.connections(1)
            yield well("keys", "The service that COMPANION_URL names has its key and its database at hand.")
            state = client.audit_state()
            yield audit_finding(state["entries"], state["broken_at"], state["why"] or "")
        return
    seen = seen_database(settings)
    if seen is None:
        yield well("database", "There is no database yet; the first connection makes it.")
        return
    yield from findings_of_database(seen)
    if not seen.is_usable:
        return
    try:
        yield from findings_in_folder(settings, ask=AskForPassphrase(settings))
    except Locked:
        yield note(
            "locked",
            "The keys are sealed under a passphrase that was not given, so nothing in the database was opened.",
            "To check that, run this on a terminal, or set COMPANION_PASSPHRASE.",
        )


def check_clock(settings: Settings) -> Iterator[Finding]:
    """This machine's clock goes as BigCommerce's does: expiry of storefront tokens is judged by it."""
    from companion.core.findings import clock_skew
    from companion.core.verification import MAX_CLOCK_SKEW
    from companion.wiring.bigcommerce import skew_of_this_clock

    skew = skew_of_this_clock(settings)
    if skew is None:
        yield well("clock", "BigCommerce did not answer, so this machine's clock was not compared with its.")
    elif abs(skew) > MAX_CLOCK_SKEW:
        yield clock_skew(skew)
    else:
        yield well("clock", "This machine's clock is right, to within a minute.")


def check_accounts(settings: Settings) -> Iterator[Finding]:
    """What runs that were killed may have left at BigCommerce is named until it is seen to."""
    from companion.account_notes import AccountNotes
    from companion.cli.left_accounts import left_accounts, what_is_left, what_to_do
    from companion.cli.session import open_client

    if not AccountNotes(settings.data_dir).left(settings.world):
        yield well("api-accounts", "No run that was killed has left an API account at BigCommerce.")
        return
    with open_client(settings) as client:
        for each in left_accounts(settings, client):
            yield attention("api-account-left", what_is_left(each), what_to_do(each))


def _is_open(path: Path) -> bool:
    if os.name != "posix":
        return False  # there the user's own folder protects what is in it
    try:
        status = path.lstat()
    except OSError:
        return False
    return not stat.S_ISLNK(status.st_mode) and bool(stat.S_IMODE(status.st_mode) & 0o077)
