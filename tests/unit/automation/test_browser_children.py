"""What the programs that are started on a browser's behalf see, and what is said where they fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from automation.browser import extra_authorities
from automation.browser.extra_authorities import trusting_environment
from automation.browser.install import SystemInstallers
from companion.core.errors import InvalidSetting
from simulated_store.serving.authority import process_authority

SECRETS = ("BIGCOMMERCE_PASSWORD", "BIGCOMMERCE_TOTP_SECRET", "COMPANION_PASSPHRASE")
SEES_ONE = f"import os, sys; sys.exit(any(name in os.environ for name in {SECRETS}))"


@pytest.fixture
def _secrets_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "made-up")


@pytest.mark.usefixtures("_secrets_are_set")
def test_an_installer_sees_no_secret() -> None:
    assert SystemInstallers().run((sys.executable, "-c", SEES_ONE)) is None


def test_an_installer_trusts_the_extra_authorities(tmp_path: Path) -> None:
    told = f"import os, sys; sys.exit(os.environ['NODE_EXTRA_CA_CERTS'] != {str(tmp_path)!r})"
    assert SystemInstallers(tmp_path).run((sys.executable, "-c", told)) is None


@pytest.fixture
def authority_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if sys.platform in {"win32", "darwin"}:
        pytest.skip("browsers trust what the system trusts there")
    monkeypatch.setenv("HOME", str(tmp_path / "own home"))
    file = tmp_path / "authority.pem"
    file.write_bytes(process_authority().pem)
    return file


def _plays_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.usefixtures("_secrets_are_set")
def test_what_writes_the_authorities_sees_no_secret(
    tmp_path: Path, authority_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plays_python(tmp_path, monkeypatch, f'test -z "{"".join("$" + name for name in SECRETS)}"')
    assert trusting_environment(authority_file, tmp_path / "run")["HOME"] == str(tmp_path / "run" / "home")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo libnss3.so: no such file >&2; exit 3", "NSS said: libnss3.so: no such file."),
        ("echo Traceback of something >&2; exit 1", "NSS ended with exit code 1."),
        ("kill -9 $$", "NSS ended with exit code -9."),
    ],
)
def test_what_could_not_be_written_is_said_without_a_traceback(
    tmp_path: Path, authority_file: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    _plays_python(tmp_path, monkeypatch, script)
    with pytest.raises(InvalidSetting) as failure:
        trusting_environment(authority_file, tmp_path / "run")
    assert failure.value.explained.why == why


def test_writing_that_does_not_end_is_given_up(
    tmp_path: Path, authority_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = tmp_path / "never"
    os.mkfifo(ends)
    _plays_python(tmp_path, monkeypatch, f'exec cat "{ends}"')
    monkeypatch.setattr(extra_authorities, "_LIMIT", 0.1)
    with pytest.raises(InvalidSetting) as failure:
        trusting_environment(authority_file, tmp_path / "run")
    assert "not done within" in failure.value.explained.why
