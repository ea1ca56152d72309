"""Finding and installing a browser, on machines that are plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from automation.browser.discovery import find_browser, installed_browsers
from automation.browser.install import APT_INSTALL, APT_UPDATE, PLAYWRIGHT_LIBRARIES, install_browser
from automation.core.errors import BrowserUnavailable
from companion.core.errors import InvalidSetting


@dataclass
class FakeMachine:
    """A machine with exactly these programs."""

    platform: str = "linux"
    programs: dict[str, bytes] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:relative"})
    home: str = "/home/someone"
    links: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def is_program(self, path: str) -> bool:
        return path in self.programs

    def real_path(self, path: str) -> str:
        return self.links.get(path, path)

    def head(self, path: str) -> bytes:
        return self.programs[path]

    def answers(self, path: str) -> bool:
        return path not in self.broken


def with_programs(*paths: str, platform: str = "linux", **others: object) -> FakeMachine:
    return FakeMachine(platform, dict.fromkeys(paths, b"\x7fELF"), **others)  # type: ignore[arg-type]


WINDOWS = {
    "ProgramFiles": r"C:\Program Files",
    "ProgramFiles(x86)": r"C:\Program Files (x86)",
    "LocalAppData": r"C:\Users\someone\AppData\Local",
    "PATH": r"C:\Windows;D:\tools",
}


@pytest.mark.parametrize(
    ("platform", "path", "environ"),
    [
        ("linux", "/usr/bin/google-chrome-stable", {"PATH": "/usr/bin"}),
        ("linux", "/usr/bin/microsoft-edge-stable", {"PATH": "/usr/bin"}),
        ("linux", "/usr/bin/chromium", {"PATH": "/usr/bin"}),
        ("linux", "/usr/bin/chromium-browser", {"PATH": "/usr/bin"}),
        ("linux", "/opt/mine/chromium", {"PATH": "/usr/bin:/opt/mine"}),
        ("linux", "/usr/bin/chromium", {}),
        ("linux", "/opt/google/chrome/chrome", {"PATH": "/usr/bin"}),
        ("darwin", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", {"PATH": "/usr/bin"}),
        ("darwin", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge", {}),
        ("darwin", "/home/someone/Applications/Chromium.app/Contents/MacOS/Chromium", {}),
        ("darwin", "/opt/homebrew/bin/chromium", {"PATH": "/opt/homebrew/bin"}),
        ("win32", r"C:\Program Files\Google\Chrome\Application\chrome.exe", WINDOWS),
        ("win32", r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe", WINDOWS),
        ("win32", r"C:\Users\someone\AppData\Local\Google\Chrome\Application\chrome.exe", WINDOWS),
        ("win32", r"C:\Users\someone\AppData\Local\Chromium\Application\chrome.exe", WINDOWS),
        ("win32", r"D:\tools\chrome.exe", WINDOWS),
    ],
)
def test_an_installed_browser_is_found(platform: str, path: str, environ: dict[str, str]) -> None:
    assert find_browser(with_programs(path, platform=platform, environ=environ)) == path


def test_chrome_comes_before_edge_and_edge_before_chromium() -> None:
    machine = with_programs("/usr/bin/chromium", "/usr/bin/microsoft-edge", "/usr/local/bin/google-chrome")
    assert list(installed_browsers(machine)) == [
        "/usr/local/bin/google-chrome",
        "/usr/bin/microsoft-edge",
        "/usr/bin/chromium",
    ]


def test_one_program_under_two_names_is_listed_once() -> None:
    machine = with_programs(
        "/usr/bin/google-chrome",
        "/opt/google/chrome/chrome",
        links={"/usr/bin/google-chrome": "/opt/google/chrome/chrome"},
    )
    assert list(installed_browsers(machine)) == ["/usr/bin/google-chrome"]


def test_the_stub_of_a_system_that_wants_snap_is_passed_over() -> None:
    stub = b"#!/bin/sh\nif ! [ -x /snap/bin/chromium ]; then\n    echo requires the chromium snap >&2\n    exit 1\nfi\n"
    machine = FakeMachine(programs={"/usr/bin/chromium-browser": stub})
    assert find_browser(machine) is None


@pytest.mark.parametrize("real", ["/usr/bin/snap", "/snap/chromium/1/chrome", "/var/lib/flatpak/exports/bin/chromium"])
def test_a_browser_in_a_sandbox_of_its_own_is_passed_over(real: str) -> None:
    machine = with_programs("/usr/bin/chromium", links={"/usr/bin/chromium": real})
    assert find_browser(machine) is None


def test_a_script_that_starts_an_ordinary_browser_is_taken() -> None:
    machine = FakeMachine(programs={"/usr/bin/chromium": b"#!/bin/sh\nexec /usr/lib/chromium/chromium $FLAGS\n"})
    assert find_browser(machine) == "/usr/bin/chromium"


def test_an_installed_browser_that_does_not_run_is_passed_over() -> None:
    machine = with_programs("/usr/bin/google-chrome", "/usr/bin/chromium", broken={"/usr/bin/google-chrome"})
    assert find_browser(machine) == "/usr/bin/chromium"


def test_the_configured_browser_comes_first() -> None:
    machine = with_programs("/opt/mine/thorium", "/usr/bin/google-chrome")
    assert find_browser(machine, configured="/opt/mine/thorium") == "/opt/mine/thorium"


def test_a_configured_name_is_looked_up_on_the_search_path() -> None:
    machine = with_programs("/usr/bin/chromium", "/usr/bin/google-chrome")
    assert find_browser(machine, configured="chromium") == "/usr/bin/chromium"


def test_a_configured_macos_application_stands_for_its_program() -> None:
    program = "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser"
    machine = with_programs(program, platform="darwin")
    assert find_browser(machine, configured="/Applications/Brave Browser.app") == program


@pytest.mark.parametrize("broken", [set(), {"/opt/mine/chrome"}])
def test_a_configured_browser_that_cannot_be_used_is_refused_and_named(broken: set[str]) -> None:
    programs = ["/usr/bin/google-chrome", *broken]
    with pytest.raises(InvalidSetting, match=r"COMPANION_BROWSER names /opt/mine/chrome"):
        find_browser(with_programs(*programs, broken=broken), configured="/opt/mine/chrome")


def test_playwrights_own_is_asked_for_only_where_nothing_is_installed() -> None:
    asked = []

    def own() -> str:
        asked.append(True)
        return "/cache/chrome"

    assert find_browser(with_programs("/usr/bin/chromium", "/cache/chrome"), playwrights_own=own) == "/usr/bin/chromium"
    assert not asked
    assert find_browser(with_programs("/cache/chrome"), playwrights_own=own) == "/cache/chrome"


def test_playwrights_own_counts_only_once_it_was_downloaded() -> None:
    assert find_browser(with_programs(), playwrights_own=lambda: "/cache/chrome") is None


@dataclass
class FakeInstallers:
    """Installers that put programs on a fake machine, or fail."""

    machine: FakeMachine
    may_use_apt: bool = False
    brings: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str]) -> str | None:
        name = " ".join(command[1:]) if command[0] != "apt-get" else " ".join(command)
        self.ran.append(name)
        for part, path in self.brings.items():
            if part in name:
                self.machine.programs[path] = b"\x7fELF"
                return None
        return None if name == " ".join(APT_UPDATE) else f"`{name}` ended with exit code 1."


def installed(installers: FakeInstallers) -> str:
    return install_browser(installers.machine, lambda: "/cache/chrome", installers, lambda _: None)


def test_playwrights_download_is_tried_first() -> None:
    installers = FakeInstallers(with_programs(), may_use_apt=True, brings={"playwright install --": "/cache/chrome"})
    assert installed(installers) == "/cache/chrome"
    assert len(installers.ran) == 1


def test_where_the_download_fails_root_gets_the_systems_package() -> None:
    installers = FakeInstallers(with_programs(), may_use_apt=True, brings={" ".join(APT_INSTALL): "/usr/bin/chromium"})
    assert installed(installers) == "/usr/bin/chromium"
    assert installers.ran[1:] == [" ".join(APT_UPDATE), " ".join(APT_INSTALL)]


def test_without_root_the_system_is_left_alone_and_the_person_told_what_to_do() -> None:
    installers = FakeInstallers(with_programs())
    with pytest.raises(BrowserUnavailable, match=r"package manager.*COMPANION_BROWSER"):
        installed(installers)
    assert not [command for command in installers.ran if command.startswith("apt-get")]


def test_every_failed_way_is_named() -> None:
    with pytest.raises(BrowserUnavailable) as failure:
        installed(FakeInstallers(with_programs(), may_use_apt=True))
    assert "playwright install" in failure.value.explained.why
    assert "apt-get install" in failure.value.explained.why


def test_a_download_that_lacks_system_libraries_says_how_to_get_them() -> None:
    machine = with_programs(broken={"/cache/chrome"})
    installers = FakeInstallers(machine, brings={"playwright install --": "/cache/chrome"})
    with pytest.raises(BrowserUnavailable, match=" ".join(PLAYWRIGHT_LIBRARIES)):
        installed(installers)
