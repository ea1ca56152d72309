"""What makes the program start with a double click, and its service with the session; as text, for each platform.

    Linux     a .desktop file in the menu of programs, and a systemd unit of the user
    macOS     a .command file in the user's Applications, and a LaunchAgent
    Windows   a .cmd file in the start menu, and one in its Startup folder

Nothing secret stands in them: settings come out of `config.toml` in the data folder, whose place alone is named where
it is not the usual one.
"""

from __future__ import annotations

import plistlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.core.errors import InvalidInput

TITLE = "BigCommerce Companion"
UNIT = "bigcommerce-companion.service"
AGENT = "com.bigcommerce-companion.service"

_DATA_DIR = "COMPANION_DATA_DIR"
_ABOUT = "Connections to BigCommerce stores, kept on this machine"


@dataclass(frozen=True)
class LauncherFile:
    """A file, or a link, that is to be written.

    Attributes:
        what: what a person calls it.
        content: empty for a link.
        executable: who double-clicks it runs it.
        leads_to: where a link leads; None for a file.
    """

    what: str
    path: str
    content: bytes = b""
    executable: bool = False
    leads_to: str | None = None


def launcher_files(
    platform: str, places: Mapping[str, str], program: Sequence[str], data_dir: str | None
) -> tuple[LauncherFile, ...]:
    """Return what is to be written.

    Args:
        platform: as `sys.platform`.
        places: the environment: HOME, XDG_DATA_HOME, XDG_CONFIG_HOME; on Windows APPDATA.
        program: starts the program; the name of the command follows.
        data_dir: of the data folder, where it is not the usual one.

    Raises:
        InvalidInput: a path holds characters that no such file can say, or the user has no home.
    """
    for text in (*program, data_dir or ""):
        if any(ord(character) < 32 for character in text):
            raise InvalidInput("The path of the program or of the data folder holds a line end or another control.")
    try:
        if platform == "win32":
            return _of_windows(places["APPDATA"], program, data_dir)
        home = places["HOME"]
    except KeyError as missing:
        raise InvalidInput(f"Where your files are is not known: {missing.args[0]} is not set.") from None
    if platform == "darwin":
        return _of_macos(home, program, data_dir)
    programs = places.get("XDG_DATA_HOME") or f"{home}/.local/share"
    settings = places.get("XDG_CONFIG_HOME") or f"{home}/.config"
    return _of_linux(programs, settings, program, data_dir)


def _of_linux(programs: str, settings: str, program: Sequence[str], data_dir: str | None) -> tuple[LauncherFile, ...]:
    units = f"{settings}/systemd/user"
    setting = () if data_dir is None else ("env", f"{_DATA_DIR}={data_dir}")
    desktop = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={TITLE}",
        f"Comment={_ABOUT}",
        f"Exec={' '.join(map(_for_desktop, (*setting, *program, 'open')))}",
        "Terminal=false",
        "Categories=Development;",
    ]
    environment = [] if data_dir is None else [f"Environment={_for_systemd(f'{_DATA_DIR}={data_dir}', dollar='$')}"]
    unit = [
        "[Unit]",
        f"Description={TITLE}: {_ABOUT.lower()}",
        "",
        "[Service]",
        *environment,
        f"ExecStart={' '.join(map(_for_systemd, (*program, 'serve')))}",
        "Restart=on-failure",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return (
        LauncherFile("launcher", f"{programs}/applications/bigcommerce-companion.desktop", _text(desktop)),
        LauncherFile("login service", f"{units}/{UNIT}", _text(unit)),
        LauncherFile("start with the session", f"{units}/default.target.wants/{UNIT}", leads_to=f"{units}/{UNIT}"),
    )


def _of_macos(home: str, program: Sequence[str], data_dir: str | None) -> tuple[LauncherFile, ...]:
    export = [] if data_dir is None else [f"export {_DATA_DIR}={shlex.quote(data_dir)}"]
    script = ["#!/bin/sh", *export, f"exec {shlex.join((*program, 'open'))}"]
    agent = {
        "Label": AGENT,
        "ProgramArguments": [*program, "serve"],
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ProcessType": "Background",
        "Umask": 0o077,
        **({} if data_dir is None else {"EnvironmentVariables": {_DATA_DIR: data_dir}}),
    }
    return (
        LauncherFile("launcher", f"{home}/Applications/{TITLE}.command", _text(script), executable=True),
        LauncherFile("login service", f"{home}/Library/LaunchAgents/{AGENT}.plist", plistlib.dumps(agent)),
    )


def _of_windows(roaming: str, program: Sequence[str], data_dir: str | None) -> tuple[LauncherFile, ...]:
    menu = rf"{roaming}\Microsoft\Windows\Start Menu\Programs"
    setting = [] if data_dir is None else [f'set "{_DATA_DIR}={_for_cmd(data_dir)}"']
    quoted = " ".join(f'"{_for_cmd(part)}"' for part in program)

    def script(command: str) -> bytes:
        # `chcp` since the rest of the file is UTF-8, which a path may need.
        lines = ["@echo off", "chcp 65001 >nul", *setting, f'start "{TITLE}" /min {quoted} {command}']
        return "".join(f"{line}\r\n" for line in lines).encode()

    return (
        LauncherFile("launcher", rf"{menu}\{TITLE}.cmd", script("open")),
        LauncherFile("login service", rf"{menu}\Startup\{TITLE} service.cmd", script("serve")),
    )


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _for_desktop(argument: str) -> str:
    """Quote an argument (Desktop Entry Specification 1.5: the key Exec, and the escapes of its type string)."""
    quoted = "".join(f"\\{character}" if character in '"`$\\' else character for character in argument)
    return f'"{quoted}"'.replace("\\", "\\\\").replace("%", "%%")


def _for_systemd(argument: str, dollar: str = "$$") -> str:
    """Quote an argument (systemd.service, command lines; systemd.exec, Environment: no variables there)."""
    quoted = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", dollar)
    return f'"{quoted}"'


def _for_cmd(argument: str) -> str:
    return argument.replace("%", "%%")
