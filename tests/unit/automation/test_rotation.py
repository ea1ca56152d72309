"""What a rotation checks before a browser opens, and how an earlier API account is remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from automation.core.earlier_accounts import earlier_accounts, finding_of_earlier
from automation.core.errors import AccountUnclear
from automation.jobs.account_names import name_of_successor
from automation.jobs.rotation import check_rotation
from companion.core.errors import Conflict, ReauthorizeNeeded
from companion.schemas.connections import FindingIn


@pytest.mark.parametrize("client_id", [None, "k3v9q2x7"])
@pytest.mark.parametrize(
    "name", ["ERP", "a “quoted” one", "ends in (client ID x)", "” , which this connection", "é" * 255]
)
def test_an_earlier_account_is_read_back_from_its_finding(name: str, client_id: str | None):
    finding = finding_of_earlier(name, client_id)
    FindingIn.model_validate({"code": finding.code, "message": finding.message, "action": finding.action})
    [read] = earlier_accounts([("one-witness", "m"), (finding.code, finding.message)])
    assert (read.name, read.client_id, read.code) == (name, client_id, finding.code)


def test_two_earlier_accounts_are_two_findings():
    found = [finding_of_earlier(name, None) for name in ("one", "two")]
    assert [each.name for each in earlier_accounts((f.code, f.message) for f in found)] == ["one", "two"]


def test_a_message_that_does_not_fit_its_code_tells_of_no_account():
    one, two = finding_of_earlier("one", None), finding_of_earlier("two", None)
    assert earlier_accounts([(one.code, two.message), (one.code, "m"), ("other", one.message)]) == ()


def test_a_successor_keeps_the_beginning_and_gets_an_end_of_its_own():
    assert name_of_successor("Companion k3v9q2x7ab").split()[:-1] == ["Companion"]
    assert name_of_successor("ERP connection").split()[:-1] == ["ERP", "connection"]
    assert name_of_successor("k3v9q2x7ab").split()[:-1] == ["k3v9q2x7ab"]
    assert len({name_of_successor("ERP") for _ in range(50)}) == 50
    assert len(name_of_successor("x" * 200)) <= 91


def connection(**changes: Any) -> Any:
    return {
        "id": "1", "name": "shop", "store_hash": "abc", "auth_type": "custom", "oauth_scopes": ["store_storefront_api"],
        "api_account": {"name": "ERP", "client_id": "c"}, **changes,
    }  # fmt: skip


def test_a_connection_that_can_be_rotated_tells_its_account():
    others = [connection(), connection(id="2", store_hash="other"), connection(id="3", api_account=None)]
    account = check_rotation(connection(), others)
    assert (account.name, account.client_id, account.oauth_scopes) == ("ERP", "c", ("store_storefront_api",))


@pytest.mark.parametrize(
    ("changes", "others", "refusal"),
    [
        ({"api_account": None}, [], AccountUnclear),
        ({"auth_type": "token"}, [], ReauthorizeNeeded),
        ({}, [connection(id="2", name="other")], Conflict),
        ({}, [connection(id="2", name="other", api_account={"name": "Renamed", "client_id": "c"})], Conflict),
    ],
)
def test_what_would_harm_is_refused(changes: dict[str, Any], others: list[Any], refusal: type[Exception]):
    with pytest.raises(refusal):
        check_rotation(connection(**changes), others)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPANION_URL", "COMPANION_HOST_MAP", "COMPANION_CA_FILE", "COMPANION_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("BIGCOMMERCE_EMAIL", "BIGCOMMERCE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COMPANION_KEY_PROVIDER", "file")
    monkeypatch.setenv("COMPANION_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMPANION_KEY_FILE", str(tmp_path / "key"))
    file = tmp_path / "credentials.txt"
    path = "https://api.bigcommerce.com/stores/abc123/v3/"
    file.write_text(f"ACCESS TOKEN: made-up-token\nCLIENT ID: c\nNAME: ERP\nAPI PATH: {path}\n")
    assert run("add", "shop", "--subdomain", "x", "--credentials-file", str(file), "--keep-file", "--no-verify")[0] == 0


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    from companion.cli.program import program

    result = CliRunner().invoke(program, [*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_without_a_terminal_it_needs_a_yes_unless_nothing_is_deleted(shop: None):
    code, document = run("rotate", "shop")
    assert (code, document["error"]["code"]) == (2, "confirmation-needed")
    assert run("rotate", "shop", "--keep-old")[0] == 3  # nothing to sign in with
    code, document = run("rotate", "--all", "--yes")
    assert (code, document["totals"]) == (3, {"failed": 1})


def test_the_plan_needs_neither_browser_nor_yes(shop: None):
    code, document = run("rotate", "--all", "--dry-run")
    assert code == 0
    assert document["plan"][0]["replaces"] == document["plan"][0]["deletes"][0] == {"name": "ERP", "client_id": "c"}
    assert run("rotate", "shop", "--dry-run", "--keep-old")[1]["plan"][0]["deletes"] == []


def test_where_nothing_is_left_there_is_nothing_to_finish(shop: None):
    assert run("rotate", "shop", "--finish", "--yes") == (
        0,
        {"id": run("show", "shop")[1]["id"], "name": "shop", "deleted": []},
    )


def test_what_somebody_saves_in_a_dry_run_is_not_handed_over(monkeypatch: pytest.MonkeyPatch):
    from fake_service import FakeService

    from automation.core.errors import StepFailed
    from automation.core.progress import Progress
    from automation.core.request import Captured, RetrievalRequest
    from automation.core.snapshot import Observation
    from automation.jobs.attempt import attempt
    from automation.jobs.hand_over import HandOver, WantedConnection
    from automation.jobs.reports import Record
    from automation.jobs.run_options import RunOptions
    from automation.runners.loop import Run
    from automation.runners.unattended import SignIn
    from companion.core.secret import Secret
    from companion.settings import load_settings

    class NoWindow:
        confirms = False

        def observe(self) -> Observation:
            return Observation(1.0, ())

        def decide(self, progress: Progress, seen: Observation) -> None:
            raise AssertionError((progress, seen))

        credited = decide

    captured = Captured("abc", "x", None, 1, Secret("made-up"), None, "ERP", ())
    monkeypatch.setattr(Run, "capture", lambda _run: captured)
    service = FakeService()
    with pytest.raises(StepFailed) as failure:
        attempt(
            Progress(RetrievalRequest("ERP", dry_run=True), save_pressed_at=1.0),
            NoWindow(),  # type: ignore[arg-type]
            HandOver(service, WantedConnection("shop")),
            Record(lambda _report: None),
            RunOptions(load_settings(), SignIn(None, None)),
        )
    assert service.handed == []
    assert [made.name for made in failure.value.created] == ["ERP"]
