"""`companion --help` against a bare Click program that scans the same entry points."""

from __future__ import annotations

import subprocess
import sys

from alternation import median_ratio

LIMIT = 1.5
OURS = "from companion.cli import main; main()"
BARE = """
from importlib.metadata import entry_points
import click

class Bare(click.Group):
    def list_commands(self, ctx):
        return sorted(entry.name for entry in entry_points(group="companion.commands"))

    def get_command(self, ctx, name):
        return click.Command(name, short_help="A command of this program.")

Bare("companion").main(["--help"])
"""


def help_of(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def test_help_takes_little_longer_than_a_bare_program_s():
    assert "Commands:" in help_of(OURS)
    assert "Commands:" in help_of(BARE)

    ratio = median_ratio("companion --help", lambda: help_of(OURS), lambda: help_of(BARE), rounds=21)

    assert ratio <= LIMIT
