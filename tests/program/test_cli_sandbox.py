"""`companion sandbox`: what it prints, what it serves, and that it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def sandbox_process(process):
    serving = process.start("sandbox", "serve", "--json", "--seed", "7")
    yield serving
    if serving.poll() is None:
        serving.kill()
    serving.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_first_line_is_the_document_and_a_signal_ends_it(sandbox_process, how):
    document = json.loads(sandbox_process.stdout.readline())

    assert set(document) == {"host_map", "ca_file", "proxy", "env", "email", "password", "totp_secret", "stores"}
    assert "*.mybigcommerce.com=127.0.0.1:" in document["host_map"]
    assert document["env"]["HTTPS_PROXY"] == document["proxy"]
    assert document["totp_secret"] is None
    assert set(document["stores"][0]) == {"store_hash", "subdomain"}
    ca_file = Path(document["ca_file"])
    assert "BEGIN CERTIFICATE" in ca_file.read_text()

    sandbox_process.send_signal(how)
    rest, _ = sandbox_process.communicate()
    assert sandbox_process.returncode == 0
    assert rest == ""
    assert not ca_file.exists()


def test_a_program_run_in_it_reaches_the_simulated_store_and_its_exit_code_is_passed_on(process):
    code = (
        "import os, ssl, sys, urllib.request as r\n"
        "print(r.urlopen('https://login.bigcommerce.com/login').status, os.environ['BIGCOMMERCE_EMAIL'])\n"
        "sys.exit(7)"
    )
    process.environment["BIGCOMMERCE_PASSWORD"] = "the-real-one"

    result = process.run("sandbox", "exec", "--", sys.executable, "-c", code)

    assert result.returncode == 7, result.stderr
    assert result.stdout.startswith("200 owner@")


def test_nothing_of_the_user_s_own_leads_around_the_proxy(process):
    process.environment.update(
        {"NO_PROXY": "*.bigcommerce.com", "no_proxy": "*", "ALL_PROXY": "socks5://127.0.0.1:9", "BIGCOMMERCE_X": "real"}
    )
    code = "import json, os; print(json.dumps(dict(os.environ)))"

    found = json.loads(process.run("sandbox", "exec", "--", sys.executable, "-c", code).stdout)

    assert {found[name] for name in ("NO_PROXY", "no_proxy")} == {"127.0.0.1,localhost,::1"}
    proxies = {found[f"{kind}_PROXY"] for kind in ("HTTPS", "HTTP", "ALL")}
    assert proxies == {found[f"{kind}_proxy"] for kind in ("https", "http", "all")} != {"socks5://127.0.0.1:9"}
    authorities = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "COMPANION_CA_FILE")
    assert len({found[name] for name in authorities}) == 1
    assert "BIGCOMMERCE_X" not in found


def test_a_program_that_is_not_there_is_127(process):
    result = process.run("sandbox", "exec", "--", "no-such-program-anywhere")

    assert result.returncode == 127
    assert "no such program" in result.stderr


def test_a_file_that_is_no_program_is_126(process, tmp_path):
    text = tmp_path / "read-me.txt"
    text.write_text("no program")

    result = process.run("sandbox", "exec", "--", str(text))

    assert result.returncode == 126
    assert "It cannot be run" in result.stderr


def test_a_program_s_own_127_is_its_own_matter(process):
    result = process.run("sandbox", "exec", "--", sys.executable, "-c", "raise SystemExit(127)")

    assert (result.returncode, result.stderr) == (127, "")


WAITING = """
import signal
wanted = {signal.SIGINT, signal.SIGUSR1}
signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
print("ready", flush=True)
print(int(signal.sigwait(wanted)), flush=True)
raise SystemExit(41)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("how", ["SIGINT", "SIGUSR1"])
def test_a_signal_is_passed_on_and_the_program_decides_what_it_means(process, how):
    command = process.command("sandbox", "exec", "--", sys.executable, "-c", WAITING)
    # A session of its own has no terminal, which would tell the program itself.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=process.environment, start_new_session=True
    ) as running:
        assert running.stdout.readline() == "ready\n"
        running.send_signal(getattr(signal, how))
        printed, _ = running.communicate()

    assert printed.split() == [str(int(getattr(signal, how)))]
    assert running.returncode == 41


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_program_that_a_signal_ends_counts_as_in_a_shell(process, how):
    code = f"import os, signal; os.kill(os.getpid(), signal.{how})"

    assert process.run("sandbox", "exec", "--", sys.executable, "-c", code).returncode == 128 + getattr(signal, how)


def test_stopping_it_stops_the_program_in_it(process):
    code = "import sys, time; print('ready', flush=True); time.sleep(600)"
    running = process.start("sandbox", "exec", "--", sys.executable, "-c", code)
    assert running.stdout.readline() == "ready\n"

    running.send_signal(signal.SIGTERM)
    running.communicate()

    assert running.returncode == 128 + signal.SIGTERM


def test_the_same_seed_gives_the_same_store(process):
    def names() -> object:
        serving = process.start("sandbox", "serve", "--json", "--seed", "11")
        document = json.loads(serving.stdout.readline())
        serving.terminate()
        serving.communicate()
        return document["stores"], document["email"], document["password"]

    assert names() == names()


@pytest.mark.parametrize(
    ("option", "value", "near"),
    [
        ("--variant", "colour=red", None),
        ("--variant", "a2018", "a2019"),
        ("--variant", "scope_controll=radio", "scope-control"),
        ("--variant", "frame=round", "content-iframe"),
        ("--fault", "saev:500", "save"),
        ("--fault", "save:boom", "save:500:once"),
    ],
)
@pytest.mark.parametrize("command", [("serve",), ("exec",)])
def test_an_unknown_name_is_wrong_usage_and_what_comes_near_is_said(companion, command, option, value, near):
    program = ("--", sys.executable, "-c", "raise SystemExit(0)") if command == ("exec",) else ()
    result = companion("sandbox", *command, option, value, *program)
    assert result.exit_code == 2
    assert near is None or near in result.stderr


def test_variants_and_faults_are_those_of_the_store_that_runs(process):
    code = (
        "import urllib.request as r, urllib.error as e, ssl\n"
        "def status():\n"
        "    try: return r.urlopen('https://login.bigcommerce.com/login').status\n"
        "    except e.HTTPError as refused: return refused.code\n"
        "print(status(), status())"
    )
    options = ("--variant", "a2019", "--variant", "scope-control=radio", "--fault", "sign-in-page:503:once")

    result = process.run("sandbox", "exec", *options, "--", sys.executable, "-c", code)

    assert result.stdout == "503 200\n", result.stderr


def test_all_names_are_listed(companion):
    names = json.loads(companion("sandbox", "variants", "--json").stdout)
    assert {kind: type(entries) for kind, entries in names.items()} == {
        "bundles": list, "circumstances": list, "switches": list, "fault_places": list, "faults": list
    }  # fmt: skip
    assert all(entry["name"] and entry["what"] for entries in names.values() for entry in entries)
    text = companion("sandbox", "variants").stdout
    assert all(f"  {entry['name']} " in text for entries in names.values() for entry in entries)
