"""`companion open --install` and `--remove`, in a home of its own."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the places are Linux's")

CANARY = "canary-of-a-passphrase"


@pytest.fixture
def home(process, own_folder):
    """A home, and in the way of the session's own a `systemctl` that notes what it is told."""
    programs = own_folder / "programs"
    programs.mkdir()
    (programs / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> "{own_folder}/told"\n')
    (programs / "systemctl").chmod(0o700)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        process.environment.pop(name, None)
    process.environment.update(
        HOME=str(own_folder / "home"),
        PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",
        COMPANION_PASSPHRASE=CANARY,
    )
    (own_folder / "home").mkdir()
    return own_folder / "home"


def everything(home):
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if not path.is_dir())


def test_a_launcher_and_a_service_come_and_go(process, home, own_folder):
    result = process.run("open", "--install", "--json")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert everything(home) == [
        ".config/systemd/user/bigcommerce-companion.service",
        ".config/systemd/user/default.target.wants/bigcommerce-companion.service",
        ".local/share/applications/bigcommerce-companion.desktop",
    ]
    assert sorted(each["path"] for each in document["installed"]) == [str(home / each) for each in everything(home)]
    assert "COMPANION_PASSPHRASE" in document["settings_left_out"]
    assert "COMPANION_PASSPHRASE" in result.stderr
    for path in everything(home):
        assert CANARY not in (home / path).read_text()
        assert stat.S_IMODE((home / path).stat().st_mode) & 0o077 == 0
    noted = json.loads((own_folder / "data" / "installed.json").read_text())
    assert [each["path"] for each in noted["files"]] == [each["path"] for each in document["installed"]]
    assert (own_folder / "told").read_text().splitlines() == [
        "--user daemon-reload",
        "--user start bigcommerce-companion.service",
    ]
    assert process.run("open", "--install").returncode == 0  # again is no other

    removed = process.run("open", "--remove", "--json")
    assert removed.returncode == 0, removed.stderr
    assert len(json.loads(removed.stdout)["removed"]) == 3
    assert everything(home) == []
    assert "--user stop bigcommerce-companion.service" in (own_folder / "told").read_text()
    assert json.loads(process.run("open", "--remove", "--json").stdout) == {"removed": [], "left": []}


def test_the_service_that_was_installed_runs(process, home, own_folder):
    """As the session would start it: with what the unit says, and none of this shell's settings."""
    (own_folder / "data").mkdir(mode=0o700)
    key_file = own_folder / "keys" / "key.json"
    (own_folder / "data" / "config.toml").write_text(
        f'port = 0\nkey_provider = "file"\nkey_file = "{key_file}"\n', "utf-8"
    )
    assert process.run("open", "--install").returncode == 0
    unit = (home / ".config/systemd/user/bigcommerce-companion.service").read_text()
    said = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)
    (setting,) = shlex.split(said["Environment"])
    name, _, value = setting.partition("=")
    assert (name, value) == ("COMPANION_DATA_DIR", str(own_folder / "data"))
    service = subprocess.Popen(
        shlex.split(said["ExecStart"]),
        env={"HOME": str(home), "PATH": os.environ["PATH"], name: value},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert service.stderr is not None
        line = service.stderr.readline()
        while "Listening on" not in line:
            assert line, "the service ended before it listened"
            line = service.stderr.readline()
    finally:
        service.terminate()
        service.communicate(timeout=60)
    assert service.returncode == 0


def test_what_is_not_ours_is_neither_replaced_nor_removed(process, home):
    desktop = home / ".local/share/applications/bigcommerce-companion.desktop"
    desktop.parent.mkdir(parents=True)
    desktop.write_text("somebody else's")
    refused = process.run("open", "--install", "--json")
    assert refused.returncode == 8
    assert everything(home) == [str(desktop.relative_to(home))]
    desktop.unlink()

    assert process.run("open", "--install").returncode == 0
    desktop.write_text("changed since")
    unit = home / ".config/systemd/user/bigcommerce-companion.service"
    precious = home / "precious"
    precious.write_text("precious")
    unit.unlink()
    unit.symlink_to(precious)
    removed = process.run("open", "--remove", "--json")
    assert removed.returncode == 9
    assert sorted(json.loads(removed.stdout)["left"]) == sorted([str(desktop), str(unit)])
    assert (desktop.read_text(), precious.read_text()) == ("changed since", "precious")
    assert not (unit.parent / "default.target.wants" / unit.name).is_symlink()


def test_both_at_once_is_wrong_usage(process, home):
    assert process.run("open", "--install", "--remove").returncode == 2
    assert everything(home) == []


def test_the_manifest_that_cannot_be_read_stops_it(process, home, own_folder):
    (own_folder / "data").mkdir(mode=0o700)
    Path(own_folder / "data" / "installed.json").write_text("{")
    assert process.run("open", "--install").returncode == 5
    assert process.run("open", "--remove").returncode == 5
    assert everything(home) == []
