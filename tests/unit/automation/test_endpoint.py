"""Which running browser may be joined."""

from __future__ import annotations

import pytest

from automation.browser.endpoint import endpoint_from_text, profile_folder, refuse_default_profile
from companion.core.errors import InvalidInput


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:9222",
        "127.0.0.1:9222",
        "http://localhost:9222/",
        "http://[::1]:9222",
        "ws://127.0.0.1:9222/devtools/browser/0c2d4b1e",
    ],
)
def test_a_port_of_this_machine_will_do(text: str) -> None:
    assert endpoint_from_text(text).port == 9222


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9222",
        "http://127.0.0.1",
        "https://127.0.0.1:9222",
        "http://192.168.1.7:9222",
        "http://0.0.0.0:9222",
        "http://127.0.0.1.evil.example:9222",
        "http://localhost.evil.example:9222",
        "http://user:word@127.0.0.1:9222",
        "http://[::ffff:10.0.0.1]:9222",
        "http://[:9222",
        "http://127.0.0.1:99999",
        "file:///srv/x",
    ],
)
def test_no_other_address_will(text: str) -> None:
    with pytest.raises(InvalidInput) as failure:
        endpoint_from_text(text)
    assert "--user-data-dir" in failure.value.explained.next_step


@pytest.mark.parametrize(
    ("command_line", "folder"),
    [
        ("/usr/bin/chromium --user-data-dir=/srv/one --no-first-run", "/srv/one"),
        ('chrome.exe "--user-data-dir=C:\\for this" --no-first-run', "C:\\for this"),
        ('chrome.exe --user-data-dir="C:\\for this" about:blank', "C:\\for this"),
        ("/usr/bin/chromium --user-data-dir=/srv/for this --flag", "/srv/for this"),
        (
            "/usr/bin/chromium --user-data-dir=/srv/one --user-data-dir=/home/me/.config/chromium",
            "/home/me/.config/chromium",
        ),
        ("/usr/bin/chromium --user-data-dir=/srv/last", "/srv/last"),
        ("/usr/bin/chromium --user-data-dir= --flag", None),
        ("/usr/bin/chromium --remote-debugging-port=9222", None),
        ("", None),
    ],
)
def test_the_profile_is_read_from_the_command_line(command_line: str, folder: str | None) -> None:
    assert profile_folder(command_line) == folder


HOMES = {"linux": "/home/me", "darwin": "/Users/me", "win32": "C:\\Users\\me"}


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", None),
        ("linux", "/home/me/.config/google-chrome"),
        ("linux", "/home/me/.config/chromium/Default"),
        ("linux", "/home/me/snap/chromium/common/chromium"),
        ("linux", "profile"),
        ("linux", "/srv/../home/me/.config/chromium"),
        ("darwin", "/Users/me/Library/Application Support/Google/Chrome"),
        ("win32", "C:\\Users\\me\\AppData\\Local\\Google\\Chrome\\User Data"),
        ("win32", "c:\\users\\ME\\appdata\\local\\Microsoft\\Edge\\User Data\\Default"),
    ],
)
def test_an_everyday_profile_is_refused(platform: str, folder: str | None) -> None:
    line = "browser --remote-debugging-port=1" + (f" --user-data-dir={folder}" if folder else "")
    with pytest.raises(InvalidInput):
        refuse_default_profile(line, platform, {}, HOMES[platform])


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "/srv/for this"),
        ("darwin", "/Users/me/trial"),
        ("win32", "C:\\trial"),
        ("linux", "/home/me/.config/trial"),
    ],
)
def test_a_profile_made_for_this_will_do(platform: str, folder: str) -> None:
    refuse_default_profile(f"browser --user-data-dir={folder} --flag", platform, {}, HOMES[platform])


def test_a_link_to_an_everyday_profile_counts_and_so_does_a_place_that_is_a_link() -> None:
    links = {"/srv/trial": "/home/me/.config/chromium/Default", "/home/me/.config/chromium": "/data/browser"}

    def resolved(path: str) -> str:
        return next((path.replace(link, target) for link, target in links.items() if path.startswith(link)), path)

    for folder in ("/srv/trial", "/data/browser/Default"):
        with pytest.raises(InvalidInput):
            refuse_default_profile(f"browser --user-data-dir={folder}", "linux", {}, "/home/me", resolved)
    refuse_default_profile("browser --user-data-dir=/srv/other", "linux", {}, "/home/me", resolved)


def test_a_moved_configuration_folder_counts() -> None:
    with pytest.raises(InvalidInput):
        refuse_default_profile(
            "browser --user-data-dir=/data/chromium", "linux", {"XDG_CONFIG_HOME": "/data"}, "/home/me"
        )
