"""Which environment variables a process that we start may see, by a list: secrets of any program are not on it."""

from __future__ import annotations

from collections.abc import Mapping

# What a browser, Playwright's driver and an installer need to find a screen, their own files, the language and the way
# out. Everything else is withheld: secrets of whatever program, and what makes them write down what passes through them
# (DEBUG, DEBUG_FILE, PWDEBUG, NODE_OPTIONS, SSLKEYLOGFILE, CHROME_LOG_FILE).
_PASSED_ON = frozenset({
    "ALLUSERSPROFILE", "ALL_PROXY", "APPDATA", "COMMONPROGRAMFILES", "COMMONPROGRAMFILES(X86)", "COMMONPROGRAMW6432",
    "COMSPEC", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "DISPLAY", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "HOME",
    "HOMEDRIVE", "HOMEPATH", "HTTPS_PROXY", "HTTP_PROXY", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOCALAPPDATA",
    "LOGNAME", "NIX_LD", "NIX_LD_LIBRARY_PATH", "NO_PROXY", "NUMBER_OF_PROCESSORS", "OS", "PATH", "PATHEXT",
    "PLAYWRIGHT_BROWSERS_PATH", "PLAYWRIGHT_CHROMIUM_DOWNLOAD_HOST", "PLAYWRIGHT_DOWNLOAD_HOST",
    "PLAYWRIGHT_NODEJS_PATH", "PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)",
    "PROGRAMW6432", "PUBLIC", "SHELL", "SSL_CERT_DIR", "SSL_CERT_FILE", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TERM",
    "TMP", "TMPDIR", "TZ", "USER", "USERDOMAIN", "USERNAME", "USERPROFILE", "VIRTUAL_ENV", "WAYLAND_DISPLAY", "WINDIR",
    "XAUTHORITY", "__CF_USER_TEXT_ENCODING",
})  # fmt: skip
_PASSED_ON_PREFIXES = ("LC_", "XDG_")
# What the user's command for e-mailed codes needs besides: where its keys and its agent are, none of which is a secret.
_FOR_COMMANDS = frozenset({"GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_DIR", "SSH_AUTH_SOCK"})


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a browser may see, by a list: secrets of any program are not on it.

    A proxy's password may be in `HTTPS_PROXY`, which installers need.
    """
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in _PASSED_ON or name.upper().startswith(_PASSED_ON_PREFIXES)
    }


def environment_of_retrieval(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a retrieval child sees: what its browser does, and what a command for codes needs.

    Its settings and its secrets reach it by standard input.
    """
    commands = {name: value for name, value in environ.items() if name.upper() in _FOR_COMMANDS}
    return without_secrets(environ) | commands
