"""Which service a command uses, and what running one leaves behind; with real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
from pathlib import Path

import httpx2
import pytest

TOKEN = "r4nd0mt0k3n" * 3
ADD = ("--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--no-verify")


@pytest.fixture
def served(process):
    """`companion serve` on a free port; yields its address."""
    service = process.start("serve", "--port", "0")
    line = service.stderr.readline()
    while "Listening on" not in line:
        assert line, "the service ended before it listened"
        line = service.stderr.readline()
    yield service, next(word for word in line.split() if word.startswith("http"))
    if service.poll() is None:
        service.terminate()
    service.communicate()


def test_commands_use_the_service_that_runs(process, served, own_folder):
    _, url = served
    state = json.loads((own_folder / "data" / "service.json").read_text())
    assert state["url"] == url

    added = process.run("add", "shop", *ADD, stdin=TOKEN)

    assert added.returncode == 0, added.stderr
    assert json.loads(process.run("list", "--json").stdout)["connections"][0]["name"] == "shop"


def test_a_stopped_service_leaves_no_state_and_commands_run_their_own(process, served, own_folder):
    service, _ = served
    service.send_signal(signal.SIGTERM)
    service.communicate()

    assert service.returncode == 0
    assert not (own_folder / "data" / "service.json").exists()
    assert process.run("list", "--json").returncode == 0


def test_a_killed_service_is_not_waited_for(process, served, own_folder):
    service, _ = served
    service.kill()
    service.communicate()
    assert (own_folder / "data" / "service.json").exists()

    assert process.run("list", "--json").returncode == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://192.0.2.1:80", "http://["])
def test_a_state_file_that_leads_elsewhere_is_not_followed(companion, own_folder, url):
    assert companion("list", "--json").exit_code == 0
    state = {"url": url, "pid": 1, "started": "2026-11-22T10:00:00Z"}
    (own_folder / "data" / "service.json").write_text(json.dumps(state))

    assert companion("list", "--json").exit_code == 0


@pytest.mark.parametrize("nested", ["data/config.toml", "project/.companion.toml"])
def test_a_file_that_is_nested_too_deep_is_named(companion, own_folder, nested):
    (own_folder / nested).parent.mkdir(exist_ok=True)
    (own_folder / nested).write_text("x = " + "[" * 5000)

    result = companion("show", "--json")

    assert result.exit_code == 2
    assert Path(nested).name in json.loads(result.stdout)["error"]["detail"]


def test_a_second_service_of_the_same_folder_is_refused(process, served):
    second = process.run("serve", "--port", "0")

    assert second.returncode == 8


def test_a_set_address_that_does_not_answer_is_unreachable(process, own_folder):
    process.run("list")  # makes the token file
    process.environment["COMPANION_URL"] = "http://127.0.0.1:9"

    result = process.run("list", "--json")

    assert result.returncode == json.loads(result.stdout)["error"]["exit_code"] == 5


@pytest.mark.parametrize("content", [None, "", "\u00e9"])
def test_a_set_address_without_its_token_is_unreachable_too(process, own_folder, content):
    process.environment["COMPANION_URL"] = "http://127.0.0.1:9"
    process.environment["COMPANION_API_TOKEN_FILE"] = str(own_folder / "token")
    if content is not None:
        (own_folder / "token").write_text(content, "utf-8")

    result = process.run("list", "--json")

    assert result.returncode == json.loads(result.stdout)["error"]["exit_code"] == 5


def test_a_service_of_the_other_world_is_refused(process, served):
    process.environment["COMPANION_HOST_MAP"] = "login.bigcommerce.com=127.0.0.1:1"

    result = process.run("list", "--json")

    assert result.returncode == 8
    assert json.loads(result.stdout)["error"]["code"] == "wrong-world"


def test_a_stranger_on_the_port_gets_no_token(process, served, own_folder):
    (own_folder / "data" / "other-token").write_text("0" * 64)
    process.environment["COMPANION_API_TOKEN_FILE"] = str(own_folder / "data" / "other-token")
    process.environment["COMPANION_URL"] = served[1]

    result = process.run("list", "--json")

    assert result.returncode == 5
    assert "prove" in json.loads(result.stdout)["error"]["detail"]


def test_looking_around_leaves_nothing_behind(process, own_folder):
    assert process.run("--json").returncode == 0
    assert process.run().returncode == 0
    assert process.run("doctor").returncode in {0, 9}

    assert not (own_folder / "data").exists()
    assert not (own_folder / "keys").exists()


def test_the_program_alone_says_what_to_do_next(process):
    assert "companion connect NAME" in process.run().stdout

    process.run("add", "my shop", *ADD, stdin=TOKEN)

    after = json.loads(process.run("--json").stdout)
    assert after["connections"] == {"total": 1, "unverified": 1}
    assert after["next"][0] == "companion verify 'my shop'"


def test_a_closed_pipe_is_no_error(process):
    reading, writing = os.pipe()
    os.close(reading)
    listing = subprocess.run(
        process.command("list", "--json"), stdout=writing, stderr=subprocess.PIPE, env=process.environment,
        text=True, check=False,
    )  # fmt: skip
    os.close(writing)

    assert listing.returncode == 0
    assert "Broken" not in listing.stderr
    assert "Traceback" not in listing.stderr


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_doctor_finds_what_others_can_read(process, own_folder):
    process.run("add", "shop", *ADD, stdin=TOKEN)
    assert "open-to-others" not in process.run("doctor", "--json").stdout
    database = own_folder / "data" / "companion.sqlite3"
    database.chmod(0o644)

    result = process.run("doctor", "--json")

    assert result.returncode == 9
    finding = next(each for each in json.loads(result.stdout)["findings"] if each["code"] == "open-to-others")
    assert str(database) in finding["action"]


def test_doctor_finds_a_damaged_database(process, own_folder):
    process.run("add", "shop", *ADD, stdin=TOKEN)
    (own_folder / "data" / "companion.sqlite3").write_bytes(b"not a database" * 100)

    result = process.run("doctor", "--json")

    assert result.returncode == 9
    assert "database-damaged" in {finding["code"] for finding in json.loads(result.stdout)["findings"]}


def test_doctor_says_that_the_key_is_a_file_for_as_long_as_it_is_so(process, own_folder):
    first = process.run("add", "shop", *ADD, stdin=TOKEN)
    again = process.run("list")
    result = process.run("doctor", "--json")

    key_file = str(own_folder / "keys" / "key.json")
    told = [each for each in json.loads(result.stdout)["findings"] if each["code"] == "key-in-a-file"]
    assert key_file in first.stderr
    assert key_file not in again.stderr
    assert [(each["status"], key_file in each["message"]) for each in told] == [("note", True)]
    assert result.returncode == (9 if len(json.loads(result.stdout)["findings"]) > 1 else 0)


def test_doctor_finds_a_key_that_is_gone(process, own_folder):
    process.run("add", "shop", *ADD, stdin=TOKEN)
    (own_folder / "keys" / "key.json").unlink()

    result = process.run("doctor", "--json")

    assert result.returncode == 9
    assert all(finding["action"] for finding in json.loads(result.stdout)["findings"])


BROWSER = """#!/bin/sh
printf '%s' "$1" > "{folder}/argument"
cp "$(printf '%s' "$1" | sed 's#^file://##')" "{folder}/shown"
touch "{folder}/opened"
"""


@pytest.mark.skipif(os.name != "posix", reason="a shell script for a browser")
@pytest.mark.parametrize("runs", [True, False], ids=["a service runs", "none runs"])
def test_open_leads_a_browser_to_a_link_that_stands_in_no_argument(process, own_folder, request, runs):
    script = own_folder / "browser"
    script.write_text(BROWSER.format(folder=own_folder))
    script.chmod(0o700)
    process.environment.update(BROWSER=f"{script} %s", COMPANION_PORT="0")
    if runs:
        request.getfixturevalue("served")

    opening = process.start("open")
    try:
        line = opening.stderr.readline()
        while "/sign-in/" not in line:
            assert line, "it ended without a link"
            line = opening.stderr.readline()

        argument, shown = ((own_folder / name).read_text() for name in ("argument", "shown"))
        link = re.search(r"http://127\.0\.0\.1:\d+/sign-in/([0-9a-f]{64})", line)
        assert link
        assert argument.startswith("file://")
        assert link[1] not in argument
        assert link[0] in shown
        file = own_folder / "data" / "sign-in.html"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with httpx2.Client(trust_env=False, verify=False) as browser:
            begun = browser.post(
                link[0].rpartition("/")[0], data={"link": link[1]}, headers={"Sec-Fetch-Site": "same-origin"}
            )
            assert begun.status_code == 303
        if not runs:
            opening.send_signal(signal.SIGTERM)
        opening.communicate()
        assert opening.returncode == 0
        assert file.exists() == runs
    finally:
        if opening.poll() is None:
            opening.kill()
            opening.communicate()
