"""Every name that this program gives in a data folder is known, and no other is."""

from __future__ import annotations

import pytest

from automation.browser.temporary_folder import LOCK
from automation.cli.panel_check import FILE as PANEL_CONTROLS
from companion import account_notes, manifest, service_state
from companion.cli import temporary_files
from companion.core.folder_contents import FILES, FOLDERS, is_ours
from companion.keys import aws_kms, folder_file, passphrase
from companion.settings import load_settings
from companion.storage import sqlite


def test_the_names_are_those_that_the_modules_give(tmp_path):
    settings = load_settings(data_dir=tmp_path)
    given = {
        PANEL_CONTROLS, manifest.FILE_NAME, service_state.LOCK_NAME, aws_kms.FILE_NAME, folder_file.FILE_NAME,
        folder_file.LOCK_NAME, passphrase.FILE_NAME, sqlite.FILE_NAME, sqlite.MADE_MARK, settings.token_file.name,
        settings.state_file.name, settings.sign_in_file.name,
    }  # fmt: skip
    beside = {f"{sqlite.FILE_NAME}{end}" for end in ("-journal", "-shm", "-wal")} | {".schema.lock"}
    assert given | beside == FILES
    assert {account_notes.FOLDER, temporary_files._FOLDER, "locks"} == set(FOLDERS)


@pytest.mark.parametrize(
    "path",
    [
        "companion.sqlite3.before-migration-from-0007",
        "companion.sqlite3.before-migration-from-0007.part",
        "companion.sqlite3.damaged-log-0123456789ab",
        ".keys.json.0123456789abcdef.new",
        "locks/07.lock",
        "accounts-under-way/0123456789abcdef.json",
        "temporary-files/.0123456789abcdef.json.0123456789abcdef.new",
    ],
)
def test_what_comes_and_goes_is_known(path):
    assert is_ours(path.split("/"))


@pytest.mark.parametrize(
    "path",
    [
        "config.toml", "notes", "keys.json.bak", "companion.sqlite3.mine", "companion.sqlite3.damaged-log-",
        "locks/notes", "accounts-under-way/keys.json", "locks/07.lock/x", ".notes.0123456789abcdef.new", LOCK, "",
    ],
)  # fmt: skip
def test_what_is_somebody_elses_is_not(path):
    assert not is_ours(path.split("/"))
