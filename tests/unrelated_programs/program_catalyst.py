"""BigCommerce's `catalyst` command: signing in with credentials, and finding out who is signed in."""

import json


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
