"""What a person at a terminal is asked, and what is never shown there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a POSIX matter", allow_module_level=True)

import pty

TOKEN = "r4nd0mt0k3n" * 3


class Terminal:
    """The program at a pseudo-terminal: questions come on standard error, the result goes into a pipe."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True, env=environment
        )
        os.close(theirs)
        self.shown = ""

    def answer(self, question: str, answer: str) -> None:
        """Wait for the question, then type the answer and Enter."""
        asked_before = len(self.shown)
        while question not in self.shown[asked_before:]:
            self._read()
        os.write(self._ours, f"{answer}\n".encode())

    def wait_for(self, text: str) -> None:
        """Wait until the text is shown."""
        while text not in self.shown:
            self._read()

    def interrupt(self) -> None:
        """Do what Ctrl-C does to a program in the foreground."""
        self._process.send_signal(signal.SIGINT)

    def ended(self) -> tuple[int, str]:
        """Return exit code and standard output."""
        out, _ = self._process.communicate()
        try:
            while True:
                self._read()
        except (OSError, AssertionError):
            os.close(self._ours)
        return self._process.returncode, out

    def _read(self) -> None:
        part = os.read(self._ours, 4096)
        assert part, f"the program ended before it asked; it had shown {self.shown!r}"
        self.shown += part.decode(errors="replace")


@pytest.fixture
def at_terminal(process) -> Iterator[Callable[..., Terminal]]:
    def start(*arguments: str) -> Terminal:
        return Terminal(process.command(*arguments), process.environment)

    return start


def test_missing_fields_are_asked_for_and_the_token_is_not_shown(at_terminal):
    terminal = at_terminal("add", "shop", "--no-verify", "--json")
    terminal.answer("Store hash", "no hash at all!")
    terminal.answer("Store hash", "https://store-ci4bzn8adz.mybigcommerce.com/manage")
    terminal.answer("Subdomain", "https://celigo.mybigcommerce.com/?ctk=1")
    terminal.answer("Access token", TOKEN)

    code, out = terminal.ended()

    assert code == 0, terminal.shown
    assert json.loads(out)["store_hash"] == "ci4bzn8adz"
    assert json.loads(out)["subdomain"] == "celigo"
    assert TOKEN not in terminal.shown + out
    assert "letters and digits" in terminal.shown


def test_a_no_deletes_nothing_and_a_yes_does(at_terminal, process):
    process.run(
        "add", "shop", "--subdomain", "x", "--store-hash", "abc", "--access-token-stdin", "--no-verify", stdin=TOKEN
    )

    refusing = at_terminal("delete", "shop")
    refusing.answer("[y/N]", "n")
    assert refusing.ended()[0] == 2
    assert process.run("show", "shop").returncode == 0

    agreeing = at_terminal("delete", "shop")
    agreeing.answer("[y/N]", "y")
    assert agreeing.ended()[0] == 0
    assert process.run("show", "shop").returncode == 7


def test_all_tokens_of_tools_are_ended_after_a_yes(at_terminal, process):
    process.run(
        "add", "shop", "--subdomain", "x", "--store-hash", "abc", "--access-token-stdin", "--no-verify", stdin=TOKEN
    )
    process.run("api-tokens", "create", "erp", "--connection", "shop", "--action", "read")

    refusing = at_terminal("api-tokens", "revoke", "--all")
    refusing.answer("[y/N]", "n")
    assert refusing.ended()[0] == 2
    assert "'erp'" in refusing.shown
    assert len(json.loads(process.run("api-tokens", "list", "--json").stdout)["api_tokens"]) == 1

    assert at_terminal("api-tokens", "revoke", "--all", "--yes").ended()[0] == 0
    assert json.loads(process.run("api-tokens", "list", "--json").stdout)["api_tokens"] == []


def test_the_file_is_offered_for_deletion(at_terminal, own_folder):
    file = own_folder / "credentials.txt"
    file.write_text(f"ACCESS TOKEN: {TOKEN}\nAPI PATH: https://api.bigcommerce.com/stores/abc/v3/\n")

    terminal = at_terminal("add", "shop", "--subdomain", "x", "--credentials-file", str(file), "--no-verify")
    terminal.answer("Delete it? [y/N]", "y")

    assert terminal.ended()[0] == 0
    assert not file.exists()


COUNTING = """
import os, signal
wanted = {signal.SIGINT, signal.SIGUSR1}
signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
print("ready", flush=True)
interrupts = 0
while signal.sigwait(wanted) == signal.SIGINT:
    interrupts += 1
    # It comes back once all that was sent before has been passed on.
    os.kill(os.getppid(), signal.SIGUSR1)
raise SystemExit(40 + interrupts)
"""
WITH_THE_TERMINAL_FOR_ITS_OWN = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_ctrl_c_reaches_a_program_in_the_sandbox_once(process):
    terminal, theirs = pty.openpty()
    command = process.command("sandbox", "exec", "--", sys.executable, "-c", COUNTING)
    with subprocess.Popen(
        [sys.executable, "-c", WITH_THE_TERMINAL_FOR_ITS_OWN, *command],
        stdin=theirs,
        stdout=theirs,
        env=process.environment,
        start_new_session=True,
    ) as running:
        os.close(theirs)
        shown = b""
        while b"ready" not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, b"\x03")
        running.wait()
    os.close(terminal)

    assert running.returncode == 41


XCLIP = """#!/bin/sh
# A clipboard in a file: `-o` shows it, anything else takes it from standard input.
case "$*" in *-o*) cat "$CLIPBOARD_FILE" ;; *) cat > "$CLIPBOARD_FILE" ;; esac
"""


@pytest.fixture
def clipboard(process, tmp_path):
    """The file that stands for the desktop's clipboard, behind a program that is called as xclip is."""
    programs, held = tmp_path / "programs", tmp_path / "clipboard"
    programs.mkdir()
    (programs / "xclip").write_text(XCLIP, "utf-8")
    (programs / "xclip").chmod(0o755)
    held.touch()
    process.environment.pop("WAYLAND_DISPLAY", None)
    path = f"{programs}{os.pathsep}{process.environment['PATH']}"
    process.environment.update(PATH=path, DISPLAY=":99", CLIPBOARD_FILE=str(held))
    return held


@pytest.mark.skipif(sys.platform != "linux", reason="other desktops have a clipboard without xclip")
@pytest.mark.parametrize("copied_since", [None, "of somebody else"])
def test_a_copied_token_is_cleared_unless_something_else_was_copied_since(
    process, at_terminal, clipboard, copied_since
):
    process.run(
        "add", "shop", "--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--no-verify",
        stdin=TOKEN,
    )  # fmt: skip
    terminal = at_terminal("copy", "shop", "--json")
    terminal.wait_for("is on the clipboard")
    assert clipboard.read_text("utf-8") == TOKEN
    if copied_since is not None:
        clipboard.write_text(copied_since, "utf-8")
    terminal.interrupt()
    code, out = terminal.ended()
    assert (code, json.loads(out)["cleared"]) == (0, copied_since is None)
    assert clipboard.read_text("utf-8") == (copied_since or "")
    assert TOKEN not in terminal.shown + out
    recorded = json.loads(process.run("audit", "--json").stdout)["entries"]
    assert [each["connection"]["name"] for each in recorded if each["action"] == "copy"] == ["shop"]


def test_nothing_is_copied_without_a_terminal(process, clipboard):
    assert process.run("copy", "shop").returncode == 2
    assert clipboard.read_text("utf-8") == ""
