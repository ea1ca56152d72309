"""`companion api-tokens`: API tokens of tools from the command line."""

from __future__ import annotations

import json
import stat

import pytest

from companion.client import CompanionClient
from companion.core.errors import NotAllowed
from companion.core.secret import Secret
from companion.settings import load_settings
from companion.wiring.service import running_service

ADD = ("--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--no-verify")


@pytest.fixture
def shop(companion):
    return json.loads(companion("add", "shop", *ADD, "--json", stdin="r4nd0mt0k3n" * 3).stdout)


def test_a_token_is_made_used_listed_and_revoked(companion, own_folder, shop):
    made = json.loads(
        companion("api-tokens", "create", "ERP", "--connection", "SHOP", "--action", "read", "--json").stdout
    )
    assert (made["connections"], made["actions"]) == ([shop["id"]], ["read"])
    with (
        running_service(load_settings()) as service,
        CompanionClient(service.url, Secret(made["token"])) as tool,
    ):
        assert tool.connection("shop")["id"] == shop["id"]
        with pytest.raises(NotAllowed):
            tool.delete(shop["id"], 1)

    listed = companion("api-tokens", "list")
    assert "ERP" in listed.stdout
    assert "shop" in listed.stdout
    assert "never" not in listed.stdout
    assert made["token"] not in listed.stdout + listed.stderr

    assert companion("api-tokens", "revoke", "erp").exit_code == 0
    assert json.loads(companion("api-tokens", "list", "--json").stdout) == {"api_tokens": []}
    assert companion("api-tokens", "revoke", "erp").exit_code == 7


def test_a_token_goes_into_a_file_of_the_users_own_instead_of_the_terminal(companion, own_folder):
    file = own_folder / "erp-token"
    made = companion("api-tokens", "create", "ERP", "--all", "--action", "graphql", "--output", str(file))
    assert made.exit_code == 0
    text = file.read_text().strip()
    assert text.startswith("companion_")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert text not in made.stdout + made.stderr

    again = companion("api-tokens", "create", "other", "--all", "--action", "graphql", "--output", str(file))
    assert again.exit_code == 8
    nowhere = companion("api-tokens", "create", "other", "--all", "--action", "read", "--output", str(file / "x"))
    assert nowhere.exit_code == 2
    assert [each["name"] for each in json.loads(companion("api-tokens", "list", "--json").stdout)["api_tokens"]] == [
        "ERP"
    ]
    assert companion("api-tokens", "revoke", "--all").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("create", "ERP", "--action", "read"), 2),
        (("create", "ERP", "--action", "read", "--all", "--connection", "x"), 2),
        (("create", "ERP", "--all"), 2),
        (("create", "ERP", "--all", "--action", "everything"), 2),
        (("create", "ERP", "--action", "read", "--connection", "nowhere"), 7),
        (("create", "ERP", "--action", "read", "--all", "--days", "400"), 2),
        (("revoke",), 2),
        (("revoke", "x", "--all"), 2),
    ],
)
def test_what_does_not_limit_a_token_is_refused(companion, arguments, exit_code):
    assert companion("api-tokens", *arguments).exit_code == exit_code
