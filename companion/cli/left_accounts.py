"""What a killed run may have left at BigCommerce, said by whoever comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from companion.account_notes import AccountNote, LeftNote
    from companion.client import CompanionClient
    from companion.settings import Settings


def left_accounts(settings: Settings, client: CompanionClient) -> tuple[LeftNote, ...]:
    """Return what killed runs may have left; what a connection names is not among it, and its note is dropped."""
    from companion.account_notes import AccountNotes

    left = AccountNotes(settings.data_dir).left(settings.world)
    if not left:
        return ()
    named = {
        (connection["store_hash"], account["name"])
        for connection in client.all_connections()
        if (account := connection["api_account"]) is not None
    }
    for each in left:
        if (each.note.store_hash, each.note.name) in named:
            each.drop()
    return tuple(each for each in left if (each.note.store_hash, each.note.name) not in named)


def tell_left(say: Callable[[str], None], settings: Settings, client: CompanionClient) -> None:
    """Say what killed runs may have left, and what to do about it."""
    for each in left_accounts(settings, client):
        say(f"{what_is_left(each)}\n  What to do: {what_to_do(each)}")


def record_deletion(settings: Settings, note: AccountNote) -> None:
    """Record in this data folder that an account which a killed run had left was deleted.

    Raises:
        CompanionError: it could not be recorded.
    """
    from companion.cli.passphrase import AskForPassphrase
    from companion.cli.session import is_another_service
    from companion.core.audit_actions import AuditAction
    from companion.core.left_accounts import deleted_account_detail
    from companion.wiring.recording import record_in_folder

    if is_another_service(settings):
        return  # the record is kept where the connections are
    detail = deleted_account_detail(note.name, note.store_hash, note.command)
    record_in_folder(settings, AuditAction.DELETE_LEFT_ACCOUNT, detail, ask=AskForPassphrase(settings))


def what_is_left(left: LeftNote) -> str:
    """Say what it is."""
    note = left.note
    return (
        f"The API account {note.name!r} may have been left in store {note.store_hash}: `{note.command}`, begun "
        f"{note.written_at}, was ended before its credentials were stored. Nothing uses it."
    )


def what_to_do(left: LeftNote) -> str:
    """Say how to be rid of it."""
    return (
        "The next `companion connect` to that store deletes it, if it is there. Or delete it in the control panel, "
        f"under Settings > API > Store-level API accounts, and remove {left.file}."
    )
