"""What an unattended sign-in needs, out of the environment: e-mail address, password, one-time codes."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from automation.core.errors import CodeNeeded, Interrupted, SignInNeeded
from companion.core.errors import FieldError, InvalidSetting
from companion.core.secret import Secret

if TYPE_CHECKING:
    import pyotp

    from automation.runners.unattended import SignIn

CODE_PERIOD = 20
"""Seconds for which a code of BigCommerce's is valid (Help Center, "Setting up 2FA"); `otpauth://` says its own."""

COMMAND_LIMIT = 300.0
"""Seconds that the command for the e-mailed code may take: mail is slow."""

_STEP = "sign-in"
_LAST_SECONDS = 2.0
_LOOK_AGAIN = 0.2
_LONGEST_CODE = 64

# What a program needs to find its own files, a mailbox or a keychain; no secret of ours is among it.
_PASSED_ON = frozenset({
    "APPDATA", "COMSPEC", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "GNUPGHOME", "GPG_TTY", "HOME", "HOMEDRIVE",
    "HOMEPATH", "HTTPS_PROXY", "HTTP_PROXY", "LANG", "LOCALAPPDATA", "LOGNAME", "NO_PROXY", "PASSWORD_STORE_DIR",
    "PATH", "PATHEXT", "SHELL", "SSH_AUTH_SOCK", "SSL_CERT_DIR", "SSL_CERT_FILE", "SYSTEMDRIVE", "SYSTEMROOT",
    "TEMP", "TERM", "TMP", "TMPDIR", "TZ", "USER", "USERNAME", "USERPROFILE", "WAYLAND_DISPLAY", "WINDIR",
})  # fmt: skip
_PASSED_ON_PREFIXES = ("LC_", "XDG_")


class SignInValues(Protocol):
    """The part of `companion.settings.SignInSettings` that is used here."""

    @property
    def email(self) -> str | None: ...

    @property
    def password_secret(self) -> Secret | None: ...

    @property
    def authenticator_secret(self) -> Secret | None: ...


def unattended_sign_in(
    values: SignInValues,
    code_command: str | None,
    *,
    interrupted: Callable[[], bool] = lambda: False,
    needed: bool = True,
) -> SignIn:
    """Return what an unattended sign-in needs.

    Args:
        code_command: what `COMPANION_VERIFICATION_CODE_COMMAND` says.
        needed: False where a person can sign in instead; then anything may be missing.

    Raises:
        SignInNeeded: e-mail address or password is missing; names the variables.
        InvalidSetting: the authenticator secret or the command cannot be read.
    """
    from automation.runners.unattended import SignIn

    missing = [
        name
        for name, value in (("BIGCOMMERCE_EMAIL", values.email), ("BIGCOMMERCE_PASSWORD", values.password_secret))
        if not value
    ]
    if missing and needed:
        raise SignInNeeded(
            "An unattended run has nothing to sign in with.",
            why=f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set.",
            next_step="Set BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD; they are used once and never stored. "
            "At a desktop, `companion connect NAME --mode guided` lets you sign in by hand instead.",
            step=_STEP,
        )
    secret = values.authenticator_secret
    authenticator = None if secret is None else authenticator_from_text(secret)
    arguments = None if not code_command else _arguments(code_command)
    return SignIn(
        email=values.email,
        password=values.password_secret,
        authenticator_code=None if authenticator is None else lambda: current_code(authenticator),
        emailed_code=None if arguments is None else lambda: code_from_command(arguments, os.environ, interrupted),
    )


def authenticator_from_text(secret: Secret) -> pyotp.TOTP:
    """Read a base32 secret, grouped or not, or an `otpauth://` address.

    Raises:
        InvalidSetting: it is neither.
    """
    from automation.cli.authenticator import authenticator_from_address, authenticator_from_base32

    text = secret.reveal().strip()
    try:
        if text.lower().startswith("otpauth:"):
            return authenticator_from_address(text)
        return authenticator_from_base32(text, period=CODE_PERIOD)
    except ValueError:
        raise InvalidSetting(
            "BIGCOMMERCE_TOTP_SECRET cannot be used.",
            why="It is neither a base32 secret nor an `otpauth://totp/…` address.",
            next_step="Copy the secret again from where the authenticator app was set up.",
            fields=(FieldError("/totp_secret", "Neither base32 nor an otpauth:// address."),),
        ) from None


def current_code(
    authenticator: pyotp.TOTP,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Secret:
    """Return a code that will still be valid when it arrives: shortly before a change, the next one."""
    left = authenticator.interval - clock() % authenticator.interval
    if left < _LAST_SECONDS:
        sleep(left)
    return Secret(authenticator.at(int(clock())))


def code_from_command(
    arguments: list[str],
    environ: Mapping[str, str],
    interrupted: Callable[[], bool] = lambda: False,
    limit: float = COMMAND_LIMIT,
) -> Secret:
    """Run a command, without a shell and without our secrets, and return its first output line.

    What it started ends with it, as far as it stayed in its process group.

    Raises:
        CodeNeeded: it gave none; what it said is not repeated, since it may hold the code.
        Interrupted: the run is to stop.
    """
    try:
        process = subprocess.Popen(  # noqa: S603  the user's own command, from the environment alone
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment_of_command(environ),
            process_group=None if sys.platform == "win32" else 0,
        )
    except OSError as failure:
        raise _no_code(f"It could not be started: {failure.strerror}.") from None
    end = time.monotonic() + limit
    with process, _whole_group(process):
        while True:
            try:
                output, _ = process.communicate(timeout=_LOOK_AGAIN)
                break
            except subprocess.TimeoutExpired:
                if interrupted():
                    raise Interrupted("The retrieval was interrupted.", step=_STEP) from None
                if time.monotonic() >= end:
                    raise _no_code(f"It was not done within {limit:.0f} seconds.") from None
    if interrupted():
        raise Interrupted("The retrieval was interrupted.", step=_STEP)
    if process.returncode:
        raise _no_code(f"It ended with exit code {process.returncode}.")
    lines = output.decode("utf-8", "replace").splitlines()
    code = lines[0].strip() if lines else ""
    if not code or len(code) > _LONGEST_CODE:
        raise _no_code("Its first output line is empty." if not code else "Its first output line is no code.")
    return Secret(code)


@contextlib.contextmanager
def _whole_group(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End what is left of a process and of its group."""
    try:
        yield
    finally:
        if sys.platform == "win32":
            process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses where only zombies are left
                os.killpg(process.pid, signal.SIGKILL)


def environment_of_command(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the command sees."""
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in _PASSED_ON or name.upper().startswith(_PASSED_ON_PREFIXES)
    }


def _arguments(command: str) -> list[str]:
    try:
        # On Windows a backslash is part of a path.
        arguments = shlex.split(command, posix=os.name != "nt")
    except ValueError:
        arguments = []
    if not arguments:
        raise InvalidSetting(
            "COMPANION_VERIFICATION_CODE_COMMAND is no command.",
            why="It is split like a line of a shell, and a quotation mark in it is not closed, or it is blank.",
            next_step="Correct it, or unset it.",
        )
    return arguments


def _no_code(why: str) -> CodeNeeded:
    return CodeNeeded(
        "COMPANION_VERIFICATION_CODE_COMMAND gave no code.",
        why=why,
        next_step="Run the command by hand: its first output line has to be the code.",
        step=_STEP,
    )
