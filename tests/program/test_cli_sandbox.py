"""`companion sandbox`: what it prints, what it serves, and that it ends."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from simulated_store.sandbox import variants_from_text


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


def test_a_program_that_is_not_there_is_127(process):
    result = process.run("sandbox", "exec", "--", "no-such-program-anywhere")

    assert result.returncode == 127
    assert "not found" in result.stderr


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


def test_variants_are_named_and_checked():
    assert variants_from_text(["frame=none", "cookie-bar=yes"]).cookie_bar is True
    assert variants_from_text(["save_fault=500"]).save_fault == "500"
    with pytest.raises(ValueError, match="no variant 'colour'"):
        variants_from_text(["colour=red"])
    with pytest.raises(ValueError, match="takes"):
        variants_from_text(["frame=round"])


def test_an_unknown_variant_is_wrong_usage(companion):
    assert companion("sandbox", "serve", "--variant", "colour=red").exit_code == 2
