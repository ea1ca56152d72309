"""What starts the program with a double click and with the session, as each platform reads it."""

from __future__ import annotations

import configparser
import plistlib
import re
import shlex
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from companion.core.errors import InvalidInput
from companion.core.launchers import launcher_files

ODD = '/home/ann o\'neil/50% "off" $HOME `x` \\ 🛒/data'
PROGRAM = ("/opt/my tools/100%/companion",)
HOME = {"HOME": "/home/ann"}


def read(content: bytes) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(content.decode())
    return parser


def quoted(line: str) -> list[str]:
    """Take arguments in double quotes out of a line: a backslash takes the next character as it is."""
    return [re.sub(r"\\(.)", r"\1", each) for each in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]


def of_desktop(line: str) -> list[str]:
    """As the Desktop Entry Specification says: the escapes of a string first, then those within quotes."""
    return quoted(re.sub(r"\\\\", lambda _: "\\", line).replace("%%", "%"))


def of_systemd(line: str, *, variables: bool = True) -> list[str]:
    plain = line.replace("%%", "%")
    return quoted(plain.replace("$$", "$") if variables else plain)


@pytest.mark.parametrize("data_dir", [None, ODD])
def test_on_linux_the_menu_and_the_session_start_it(data_dir: str | None) -> None:
    launcher, unit, link = launcher_files("linux", HOME, PROGRAM, data_dir)
    setting = [] if data_dir is None else ["env", f"COMPANION_DATA_DIR={data_dir}"]
    assert PurePosixPath(launcher.path) == PurePosixPath(
        "/home/ann/.local/share/applications/bigcommerce-companion.desktop"
    )
    entry = read(launcher.content)["Desktop Entry"]
    assert (entry["Type"], entry["Name"], entry["Terminal"]) == ("Application", "BigCommerce Companion", "false")
    assert of_desktop(entry["Exec"]) == [*setting, *PROGRAM, "open"]

    assert PurePosixPath(unit.path) == PurePosixPath("/home/ann/.config/systemd/user/bigcommerce-companion.service")
    said = read(unit.content)
    assert of_systemd(said["Service"]["ExecStart"]) == [*PROGRAM, "serve"]
    assert said["Service"]["UMask"] == "0077"
    assert said["Install"]["WantedBy"] == "default.target"
    if data_dir is None:
        assert "Environment" not in said["Service"]
    else:
        assert of_systemd(said["Service"]["Environment"], variables=False) == [f"COMPANION_DATA_DIR={data_dir}"]
    place = PurePosixPath(unit.path)
    assert (PurePosixPath(link.path), link.leads_to) == (
        place.parent / "default.target.wants" / place.name, unit.path,
    )  # fmt: skip


def test_on_linux_the_places_that_the_environment_names_count() -> None:
    places = {**HOME, "XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/config"}
    launcher, unit, _ = launcher_files("linux", places, PROGRAM, None)
    assert str(launcher.path).startswith("/data/applications/")
    assert str(unit.path).startswith("/config/systemd/user/")


@pytest.mark.parametrize("data_dir", [None, ODD])
def test_on_macos_an_application_and_an_agent_start_it(data_dir: str | None) -> None:
    launcher, agent = launcher_files("darwin", HOME, PROGRAM, data_dir)
    assert PurePosixPath(launcher.path) == PurePosixPath("/home/ann/Applications/BigCommerce Companion.command")
    assert launcher.executable
    first, *settings, last = launcher.content.decode().splitlines()
    assert first == "#!/bin/sh"
    assert shlex.split(last) == ["exec", *PROGRAM, "open"]
    assert [shlex.split(each) for each in settings] == (
        [] if data_dir is None else [["export", f"COMPANION_DATA_DIR={data_dir}"]]
    )
    assert PurePosixPath(agent.path) == PurePosixPath(
        "/home/ann/Library/LaunchAgents/com.bigcommerce-companion.service.plist"
    )
    said = plistlib.loads(agent.content)
    assert said["Label"] == PurePosixPath(agent.path).stem
    assert said["ProgramArguments"] == [*PROGRAM, "serve"]
    assert (said["RunAtLoad"], said["Umask"]) == (True, 0o077)
    assert said.get("EnvironmentVariables") == (None if data_dir is None else {"COMPANION_DATA_DIR": data_dir})


@pytest.mark.parametrize("data_dir", [None, r"D:\50% & more\data"])
def test_on_windows_the_start_menu_and_its_startup_folder_start_it(data_dir: str | None) -> None:
    places = {"APPDATA": r"C:\Users\Ann\AppData\Roaming"}
    launcher, service = launcher_files("win32", places, (r"C:\Tools 100%\companion.exe",), data_dir)
    menu = PureWindowsPath(r"C:\Users\Ann\AppData\Roaming\Microsoft\Windows\Start Menu\Programs")
    assert (PureWindowsPath(launcher.path), PureWindowsPath(service.path)) == (
        menu / "BigCommerce Companion.cmd", menu / "Startup" / "BigCommerce Companion service.cmd",
    )  # fmt: skip
    for file, command in ((launcher, "open"), (service, "serve")):
        lines = file.content.decode().split("\r\n")
        assert lines[-2] == f'start "BigCommerce Companion" /min "C:\\Tools 100%%\\companion.exe" {command}'
        assert ('set "COMPANION_DATA_DIR=D:\\50%% & more\\data"' in lines) is (data_dir is not None)
        assert b"\n" not in file.content.replace(b"\r\n", b"")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_what_no_such_file_can_say_is_refused(platform: str) -> None:
    places = {**HOME, "APPDATA": r"C:\Roaming"}
    for program, data_dir in ((("/opt/a\nb",), None), (PROGRAM, "/home/a\nExecStartPre=/bin/false")):
        with pytest.raises(InvalidInput, match="line end"):
            launcher_files(platform, places, program, data_dir)
    with pytest.raises(InvalidInput, match="is not set"):
        launcher_files(platform, {}, PROGRAM, None)
