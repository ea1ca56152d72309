"""BigCommerce's `catalyst` command: signing in with credentials, and finding out who is signed in."""

import json
import re
import shutil
import subprocess


def test_credentials_that_work_are_taken_and_told(node_world):
    who = ["--store-hash", node_world.store.store_hash, "--access-token", node_world.account.access_token]
    assert node_world.run("catalyst", "auth", "login", *who).returncode == 0
    kept = json.loads((node_world.folder / ".bigcommerce" / "project.json").read_text("utf-8"))
    assert kept["storeHash"] == node_world.store.store_hash
    done = node_world.run("catalyst", "auth", "whoami")
    assert done.returncode == 0
    assert f"Logged in to {node_world.store.name} ({node_world.store.store_hash})" in done.stdout + done.stderr
    assert node_world.asked() == [("GET", "/v3/settings/store/profile", 200)] * 2


def test_a_rejected_token_is_told_from_a_missing_scope(node_world):
    def login(token):
        arguments = ["--store-hash", node_world.store.store_hash, "--access-token", token]
        done = node_world.run("catalyst", "auth", "login", *arguments)
        return done.returncode, done.stdout + done.stderr

    code, said = login("unknown")
    assert code == 1
    assert "rejected" in said
    lacking = node_world.store.create_api_account("no settings", frozenset({"store_v2_orders"}))
    code, said = login(lacking.access_token)
    assert code == 0
    assert "403" in said


def test_the_device_flow_ends_with_a_token_that_works(node_world):
    state = node_world.state
    waiting = subprocess.Popen(
        [shutil.which("catalyst", path=node_world.path), "auth", "login"],
        cwd=node_world.folder,
        env=node_world.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with waiting:
        said = []
        for line in waiting.stdout:
            said.append(line)
            code = re.search(r"\b([A-Z]{4}-[A-Z]{4})\b", line)
            if code:
                grant = state.device_grants.waiting(code[1])
                tool = node_world.store.connect_tool(grant.client_id, frozenset(grant.scopes))
                state.device_grants.authorize(grant, node_world.store.store_hash, tool.access_token)
    assert waiting.returncode == 0, "".join(said)
    assert f"Logged in to store {node_world.store.store_hash}" in "".join(said)
    done = node_world.run("catalyst", "auth", "whoami")
    assert node_world.store.name in done.stdout + done.stderr
