"""What `companion delete --revoke` refuses before a browser opens, and what it says will die."""

from __future__ import annotations

import json

import pytest

from automation.core.actions import Action
from automation.core.errors import StepFailed
from automation.core.extract.api_accounts import AccountRow
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Observation
from automation.jobs.revocation import remove_listed
from companion.cli.delete import what_dies

ADD = ("--subdomain", "celigo", "--store-hash", "ci4bzn8adz", "--access-token-stdin", "--no-verify")
TOKEN = "r4nd0mt0k3n" * 3


def names(companion) -> list[str]:
    return [each["name"] for each in json.loads(companion("list", "--json").stdout)["connections"]]


def test_without_a_terminal_and_a_yes_nothing_begins_and_all_that_would_die_is_named(companion, tmp_path):
    for name in ("shop", "the same account"):
        file = tmp_path / "credentials.txt"
        file.write_text(
            f"ACCESS TOKEN: {TOKEN}\nNAME: ERP\nAPI PATH: https://api.bigcommerce.com/stores/ci4bzn8adz/v3/\n"
        )
        added = companion(
            "add", name, "--subdomain", "x", "--credentials-file", str(file), "--keep-file", "--no-verify"
        )
        assert added.exit_code == 0, added.output
    refused = companion("delete", "shop", "--revoke", "--json")
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["error"]["code"] == "confirmation-needed"
    assert "Its webhooks die with it" in refused.stderr
    assert "'the same account'" in refused.stderr
    assert names(companion) == ["shop", "the same account"]


def test_an_account_that_nobody_recorded_is_not_looked_for(companion):
    assert companion("add", "shop", *ADD, stdin=TOKEN).exit_code == 0
    refused = companion("delete", "shop", "--revoke", "--yes", "--json")
    assert refused.exit_code == 4
    assert json.loads(refused.stdout)["error"]["code"] == "api-account-unclear"
    assert names(companion) == ["shop"]


@pytest.mark.parametrize(
    ("webhooks", "says"),
    [(None, "Its webhooks die"), (0, "no active webhooks"), (1, "1 active webhook dies"), (3, "3 active webhooks die")],
)
def test_what_dies_is_said(webhooks, says):
    connection = {"id": "1", "name": "shop", "store_hash": "abc", "api_account": {"name": "ERP", "client_id": None}}
    assert says in what_dies(connection, [], webhooks)


class NoWindow:
    """Hands whose browser is gone."""

    confirms = False

    def observe(self) -> Observation:
        return Observation(1.0, ())

    def act(self, step: StepId, action: Action) -> None:
        raise AssertionError((step, action))

    def wait(self) -> None:
        pass


def test_an_account_that_is_not_seen_to_go_is_said_to_be_there_perhaps():
    progress = Progress(RetrievalRequest("ERP", store_hash="abc"), store_hash="abc")
    with pytest.raises(StepFailed) as failure:
        remove_listed(NoWindow(), progress, AccountRow("ERP", None, None))
    assert "“ERP” could not be deleted" in str(failure.value)
