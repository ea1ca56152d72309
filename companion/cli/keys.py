"""`companion keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from companion.cli.output import Output, pairs, table, with_output
from companion.core.exit_codes import ExitCode
from companion.core.timestamps import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from companion.core.key_usage import Advice, KeyUsage, Rotation
    from companion.settings import Settings
    from companion.wiring.keys import KeysAtHand

_WHY = "The keys are looked at and changed in this data folder itself; no service gives them away."


@click.group(short_help="Look at the key-encryption key, rotate and move it.")
def keys() -> None:
    """Look at the key-encryption key of this data folder, rotate it, and move it to another provider."""


@keys.command(short_help="Which keys there are, what is under each, and what to do.")
@with_output
def status(output: Output) -> int:
    """Say where the keys are kept, how many records and encryptions are under each, how old it is, and what to do.

    Ends with 9 if something is due.
    """
    from datetime import UTC, datetime

    from companion.wiring.keys import keys_at_hand

    settings = _own_folder()
    at_hand = keys_at_hand(settings)
    if at_hand.glance is None:
        output.result(
            {"provider": None, "active_key_id": None, "unfinished": False, "notice": None, "keys": [], "findings": []},
            f"The data folder {settings.data_dir} has no key yet; the first connection makes one.",
        )
        return ExitCode.DONE
    now = datetime.now(UTC)
    findings = _findings(at_hand, now)
    document = _document(at_hand, findings, now)
    output.result(document, _text(document))
    return ExitCode.ATTENTION_DUE if any(finding.due for finding in findings) else ExitCode.DONE


_carried = click.option(
    "--carried",
    is_flag=True,
    help="With a database on PostgreSQL and a key that this machine alone keeps: no other machine uses the database, "
    "or you bring the key there.",
)


@keys.command(short_help="A new key; every record comes under it.")
@_carried
@with_output
def rotate(output: Output, carried: bool) -> int:
    """Make a new key-encryption key and bring every record under it, also while a service runs.

    Every record opens throughout. Interrupted at any moment it goes on from there when it is run again, and makes no
    further key. The old key is then forgotten: copies of the database file made before do not open any more. Ends with
    9 if a record could not be opened; it is named, and its old key is kept.
    """
    from companion.cli.passphrase import AskForPassphrase
    from companion.wiring.key_changes import rotate_folder_keys

    settings = _own_folder()
    rotation = rotate_folder_keys(settings, told=_progress(output), ask=AskForPassphrase(settings), carried=carried)
    return _told(output, rotation)


@keys.command(short_help="Move the key to another provider.")
@click.option(
    "--to",
    "provider",
    type=click.Choice(["keyring", "file", "passphrase", "aws-kms"]),
    required=True,
    help="Where the new key is kept; `aws-kms` under the key that COMPANION_AWS_KMS_KEY names.",
)
@click.option(
    "--passphrase-stdin", is_flag=True, help="With `passphrase`: take the new one from standard input, one line."
)
@_carried
@with_output
def rewrap(output: Output, provider: str, passphrase_stdin: bool, carried: bool) -> int:
    """Make a new key at another provider and bring every record under it; nothing is kept at the old one.

    `--to passphrase` where the provider is that already changes the passphrase. Every record opens throughout, and what
    was interrupted goes on when it is run again, as with `rotate`. A running service follows by itself; where the new
    provider has a passphrase, it is locked until `companion unlock`.
    """
    from companion.cli.passphrase import AskForPassphrase, ask_new_passphrase
    from companion.cli.prompts import PipedSecrets, can_ask
    from companion.core.errors import InvalidInput
    from companion.core.secret import Secret
    from companion.wiring.key_changes import move_folder_keys

    settings = _own_folder()

    def new_passphrase() -> Secret:
        if passphrase_stdin:
            return PipedSecrets().take("The new passphrase")
        if can_ask():
            return ask_new_passphrase("Passphrase of the data folder")
        raise InvalidInput(
            "The new passphrase is missing, and there is no terminal to ask on. Nothing was changed.",
            next_step="Pipe it in with `--passphrase-stdin`.",
        )

    rotation = move_folder_keys(
        settings,
        provider,
        new_passphrase=new_passphrase,
        told=_progress(output),
        ask=AskForPassphrase(settings),
        carried=carried,
    )
    return _told(output, rotation, to_unset=_setting_to_unset(settings, provider))


def _setting_to_unset(settings: Settings, provider: str) -> str | None:
    """Return what still names the provider before the move; every command would be refused because of it."""
    import os

    if settings.key_provider in {None, provider}:
        return None
    in_environment = bool(os.environ.get("COMPANION_KEY_PROVIDER"))
    return "COMPANION_KEY_PROVIDER" if in_environment else "key_provider in config.toml"


def _own_folder() -> Settings:
    from companion.cli.session import refuse_another_service
    from companion.settings import load_settings

    settings = load_settings()
    refuse_another_service(settings, _WHY)
    return settings


def _findings(at_hand: KeysAtHand, now: datetime) -> list[Advice]:
    from companion.core.key_usage import Advice, KeyState, advice_on_keys

    glance = at_hand.glance
    assert glance is not None  # noqa: S101  the caller looked
    found = []
    if at_hand.failure is not None:
        explained = at_hand.failure.explained
        found.append(Advice(at_hand.failure.code, f"{explained.what} {explained.why}".strip(), explained.next_step))
    unfinished = glance.left is not None or len(at_hand.held or ()) > 1
    unfinished = unfinished or any(key.state is KeyState.RETIRING for key in at_hand.usage)
    found += advice_on_keys(at_hand.usage, active=glance.key_id, held=at_hand.held, unfinished=unfinished, now=now)
    return found


def _document(at_hand: KeysAtHand, findings: list[Advice], now: datetime) -> dict[str, Any]:
    from companion.core.key_usage import KeyState

    glance = at_hand.glance
    assert glance is not None  # noqa: S101  the caller looked
    shown = [key for key in at_hand.usage if key.state is not KeyState.RETIRED]
    return {
        "provider": glance.provider,
        "active_key_id": glance.key_id,
        "unfinished": any(finding.code == "rotation-unfinished" for finding in findings),
        "notice": glance.notice,
        "keys": [_key(key, at_hand.held, glance.key_id, now) for key in shown],
        "retired_keys": len(at_hand.usage) - len(shown),
        "findings": [
            {"code": finding.code, "message": finding.message, "action": finding.action} for finding in findings
        ],
    }


def _key(key: KeyUsage, held: frozenset[str] | None, active: str, now: datetime) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "active": key.key_id == active,
        "held": None if held is None else key.key_id in held,
        "records": key.records,
        "encryptions": key.encryptions,
        "first_used_at": timestamp(key.first_used_at),
        "age_days": max(0, (now - key.first_used_at).days),
    }


def _text(document: dict[str, Any]) -> str:
    facts = [("Provider", document["provider"]), ("Active key", document["active_key_id"])]
    if document["retired_keys"]:
        facts.append(("Rotated away", f"{document['retired_keys']} earlier"))
    lines = [pairs(facts)]
    if document["keys"]:
        held = {True: "yes", False: "no", None: "not known"}
        rows = [
            (key["key_id"], str(key["records"]), str(key["encryptions"]), f"{key['age_days']} days", held[key["held"]])
            for key in document["keys"]
        ]
        lines.append(table(("KEY", "RECORDS", "ENCRYPTIONS", "AGE", "HELD"), rows))
    else:
        lines.append("Nothing is sealed yet.")
    if document["notice"]:
        lines.append(document["notice"])
    lines += [f"{finding['message']}\n  What to do: {finding['action']}" for finding in document["findings"]]
    return "\n\n".join(lines)


def _progress(output: Output) -> Any:
    import time

    last = [time.monotonic()]

    def told(rewrapped: int) -> None:
        if time.monotonic() - last[0] >= 1:
            last[0] = time.monotonic()
            output.note(f"{rewrapped} records so far.")

    return told


def _told(output: Output, rotation: Rotation, *, to_unset: str | None = None) -> int:
    number = f"{rotation.rewrapped} record{'' if rotation.rewrapped == 1 else 's'}"
    resumed = "Finished what was begun before: " if rotation.resumed else ""
    lines = [f"{resumed}{number} brought under the key {rotation.active_key_id}."]
    if rotation.forgotten:
        lines.append(f"Forgotten: {', '.join(sorted(rotation.forgotten))}.")
    for each in rotation.unopened:
        lines.append(f"Not opened, and left as it is: {each.what} {each.place}. {each.why}")
    if rotation.unopened:
        lines.append(
            "The old key is kept for these. What to do: restore them from a backup or give those access tokens again, "
            "then run `companion keys rotate`."
        )
    lines += rotation.left_behind
    if to_unset is not None:
        lines.append(
            f"What to do: unset {to_unset}, which still names the provider before this. Until then other commands "
            "refuse this data folder (exit code 2)."
        )
    document = {
        "active_key_id": rotation.active_key_id,
        "resumed": rotation.resumed,
        "rewrapped": rotation.rewrapped,
        "forgotten": sorted(rotation.forgotten),
        "unopened": [{"what": each.what, "place": each.place, "why": each.why} for each in rotation.unopened],
        "left_behind": list(rotation.left_behind),
        "unset": to_unset,
    }
    output.result(document, "\n".join(lines))
    return ExitCode.ATTENTION_DUE if rotation.unopened or rotation.left_behind else ExitCode.DONE
