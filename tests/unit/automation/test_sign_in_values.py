"""What an unattended sign-in takes from the environment."""

from __future__ import annotations

import base64
import hmac
import os
import select
import sys
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest

from automation.cli.sign_in import (
    authenticator_from_text,
    code_from_command,
    current_code,
    environment_of_command,
    unattended_sign_in,
)
from automation.core.errors import CodeNeeded, Interrupted, SignInNeeded
from companion.core.errors import InvalidSetting
from companion.core.secret import Secret

BASE32 = "JBSWY3DPEHPK3PXP"
LONG = BASE32 * 2
MADE_UP = Secret("made-up")


@dataclass(frozen=True)
class Values:
    email: str | None = "owner@shop.example"
    password_secret: Secret | None = MADE_UP
    authenticator_secret: Secret | None = None


@pytest.mark.parametrize(
    ("values", "named", "not_named"),
    [
        (Values(email=None), "BIGCOMMERCE_EMAIL is not set", "BIGCOMMERCE_PASSWORD is"),
        (Values(password_secret=None), "BIGCOMMERCE_PASSWORD is not set", "BIGCOMMERCE_EMAIL is"),
        (Values(None, None), "BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD are not set", "nothing else"),
    ],
)
def test_what_is_missing_is_named(values: Values, named: str, not_named: str) -> None:
    with pytest.raises(SignInNeeded) as refusal:
        unattended_sign_in(values, None)
    assert named in str(refusal.value)
    assert not_named not in str(refusal.value)
    assert refusal.value.exit_code == 3


def test_without_a_secret_and_a_command_there_are_no_codes() -> None:
    sign_in = unattended_sign_in(Values(), None)
    assert sign_in.authenticator_code is None
    assert sign_in.emailed_code is None


@pytest.mark.parametrize(
    "text", [LONG, "jbsw y3dp ehpk 3pxp " * 2, "JBSW-Y3DP-EHPK-3PXP-" * 2, f" {LONG}\n", LONG + "=="]
)
def test_a_base32_secret_gives_bigcommerces_codes_which_change_every_20_seconds(text: str) -> None:
    code = current_code(authenticator_from_text(Secret(text)), clock=lambda: 1000.0)
    assert code == Secret(pyotp.TOTP(LONG, interval=20).at(1000))


def test_a_short_secret_is_taken_since_the_site_chose_it() -> None:
    key = base64.b32decode(BASE32)
    digest = hmac.digest(key, (1000 // 20).to_bytes(8), "sha1")
    start = digest[-1] & 15
    expected = (int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 10**6
    code = current_code(authenticator_from_text(Secret(BASE32)), clock=lambda: 1000.0)
    assert code == Secret(f"{expected:06}")


@pytest.mark.parametrize(
    ("seconds", "algorithm", "key", "code"),
    [
        (59, "SHA1", b"12345678901234567890", "94287082"),
        (1111111109, "SHA1", b"12345678901234567890", "07081804"),
        (20000000000, "SHA256", b"12345678901234567890123456789012", "77737706"),
        (1234567890, "SHA512", b"1234567890123456789012345678901234567890123456789012345678901234", "93441116"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, algorithm: str, key: bytes, code: str) -> None:
    secret = base64.b32encode(key).decode().rstrip("=")
    authenticator = authenticator_from_text(Secret(f"otpauth://totp/x?secret={secret}&digits=8&algorithm={algorithm}"))
    # Shortly before a change the next code would be given, so the clock stands at the period's start.
    assert current_code(authenticator, clock=lambda: float(seconds // 30 * 30)) == Secret(code)


def test_the_period_and_the_digits_of_an_address_count() -> None:
    address = f"otpauth://totp/BigCommerce:me?secret={LONG}&period=45&digits=8"
    code = current_code(authenticator_from_text(Secret(address)), clock=lambda: 1000.0)
    assert code == Secret(pyotp.TOTP(LONG, interval=45, digits=8).at(1000))


def test_a_code_that_is_about_to_change_is_not_used() -> None:
    now = [1019.0]  # codes change at 1020

    def sleep(seconds: float) -> None:
        now[0] += seconds

    code = current_code(authenticator_from_text(Secret(LONG)), clock=lambda: now[0], sleep=sleep)
    assert code == Secret(pyotp.TOTP(LONG, interval=20).at(1020))


@pytest.mark.parametrize("text", ["not base32!", "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1", "otpauth://x"])
def test_a_secret_that_cannot_be_used_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        authenticator_from_text(Secret(text))
    assert text not in str(refusal.value)


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_the_first_output_line_of_the_command_is_the_code() -> None:
    assert code_from_command(python("print(' 123456 '); print('second')"), {}) == Secret("123456")


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("print()", "first output line is empty"),
        ("", "first output line is empty"),
        ("print('9' * 65)", "no code"),
        ("print('made-up-code'); raise SystemExit(3)", "exit code 3"),
    ],
)
def test_a_command_without_a_code_says_why_and_not_what_it_printed(program: str, why: str) -> None:
    with pytest.raises(CodeNeeded, match=why) as refusal:
        code_from_command(python(program), {})
    assert "made-up-code" not in str(refusal.value)


def test_a_command_that_is_not_there_says_so() -> None:
    with pytest.raises(CodeNeeded, match="could not be started"):
        code_from_command(["/nowhere/at/all"], {})


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(CodeNeeded, match="not done within"):
        code_from_command(
            python("input()" if sys.platform == "win32" else "import signal; signal.pause()"), {}, limit=0
        )


def test_an_interrupted_run_does_not_wait_for_the_command() -> None:
    with pytest.raises(Interrupted):
        code_from_command(python("import signal; signal.pause()"), {}, lambda: True)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
@pytest.mark.parametrize("ends", [True, False], ids=["by itself", "by its time limit"])
def test_what_the_command_started_ends_with_it(tmp_path: Path, ends: bool) -> None:
    held = tmp_path / "held"  # open for writing for as long as what was started lives
    os.mkfifo(held)
    reading = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    starting = (
        "import subprocess, sys; kept = open(sys.argv[1], 'w')\n"
        "wait = [sys.executable, '-c', 'import signal; signal.pause()']\n"
        "subprocess.Popen(wait, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[kept.fileno()])\n"
        "print('123456', flush=True)\n"
    )
    command = [sys.executable, "-c", starting + ("" if ends else "import signal; signal.pause()"), str(held)]
    if ends:
        assert code_from_command(command, {}) == Secret("123456")
    else:
        with pytest.raises(Interrupted):
            code_from_command(command, {}, lambda: started(reading))
    os.set_blocking(reading, True)
    assert select.select([reading], [], [], 60)[0], "what the command started runs on"
    assert os.read(reading, 1) == b""
    os.close(reading)


def started(reading: int) -> bool:
    """Say whether somebody has the pipe open for writing: then there is nothing to read, and no end either."""
    try:
        return os.read(reading, 1) != b""
    except BlockingIOError:
        return True


def test_the_command_sees_what_programs_need_and_none_of_our_secrets() -> None:
    needed = {"PATH": "/bin", "HOME": "/home/me", "LC_ALL": "C", "XDG_RUNTIME_DIR": "/run/1", "GNUPGHOME": "/g"}
    ours = dict.fromkeys(("BIGCOMMERCE_PASSWORD", "BIGCOMMERCE_TOTP_SECRET", "COMPANION_PASSPHRASE", "AWS_SECRET"), "x")
    assert environment_of_command(needed | ours) == needed


@pytest.mark.parametrize("command", ["'unclosed", "   "])
def test_a_command_that_cannot_be_split_is_refused(command: str) -> None:
    with pytest.raises(InvalidSetting, match="COMPANION_VERIFICATION_CODE_COMMAND"):
        unattended_sign_in(Values(), command)


def test_a_command_is_split_like_a_shells_line_but_no_shell_runs_it() -> None:
    emailed = unattended_sign_in(Values(), f'"{sys.executable}" -c \'print("$HOME")\'').emailed_code
    assert emailed is not None
    assert emailed() == Secret("$HOME")
