"""What `companion connect` refuses before a service or a browser starts, and how it shows the steps."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from automation.cli.step_display import _Steps, step_display
from automation.core.errors import BrowserUnavailable
from automation.core.flows.retrieval import STEP_IDS, STEPS, StepId
from automation.jobs.account_names import MAX_ACCOUNT_NAME, api_account_name_from, with_another_end
from automation.jobs.interruption import Interruption
from automation.runners.loop import StepReport
from companion.core.errors import InvalidInput


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("COMPANION_URL", "COMPANION_HOST_MAP", "COMPANION_CA_FILE", "COMPANION_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("BIGCOMMERCE_EMAIL", "BIGCOMMERCE_PASSWORD", "BIGCOMMERCE_TOTP_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COMPANION_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMPANION_KEY_FILE", str(tmp_path / "key"))
    return tmp_path / "data"


def refused(*arguments: str) -> tuple[int, dict[str, Any]]:
    from companion.cli.program import program

    result = CliRunner().invoke(program, ["connect", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_guided_mode_without_a_graphical_session_says_what_to_do(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    code, document = refused("shop", "--mode", "guided")
    assert (code, document["error"]["code"], document["created"]) == (4, "browser-unavailable", [])
    assert "--mode unattended" in document["error"]["action"]
    assert not data_dir.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--mode", "other"),
        ("--mode", "unattended", "--no-cover"),
        ("--oauth-scope", "Products=everything"),
        ("--storefront-scope", "Nobody"),
        ("--channel-id", "none"),
        ("--store", "https://www.example.com/"),
        ("--store", "https://api.bigcommerce.com/accounts/abc/v3/"),
        ("--api-account-name", " "),
        ("--auth-type", "token", "--storefront-scope", "Customer"),
        ("--timeout", "0"),
        ("--timeout", "nan"),
        ("--tag", " "),
    ],
)
def test_wrong_usage_is_exit_code_2_and_nothing_starts(data_dir: Path, arguments: tuple[str, ...]) -> None:
    code, document = refused("shop", *arguments)
    assert (code, document["error"]["exit_code"], document["created"]) == (2, 2, [])
    assert not data_dir.exists()


def test_a_name_that_cannot_be_one_is_refused(data_dir: Path) -> None:
    assert refused("\x07")[0] == 2
    assert refused("x" * 101)[0] == 2
    assert not data_dir.exists()


def test_the_connection_at_hand_is_taken_where_no_name_is_given(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused()[0] == 2
    monkeypatch.setenv("COMPANION_CONNECTION", "shop")
    code, document = refused()
    assert (code, document["error"]["code"]) == (3, "sign-in-needed")
    assert not data_dir.exists()


def test_without_anything_to_sign_in_with_the_document_still_has_every_step(data_dir: Path) -> None:
    code, document = refused("shop")
    assert (code, document["error"]["step"], document["human_actions"]) == (3, "sign-in", 0)
    assert [step["id"] for step in document["steps"]] == list(STEP_IDS)
    assert [step["status"] for step in document["steps"]] == ["failed"] + ["skipped"] * 12


def test_every_api_account_gets_a_name_of_its_own_that_begins_as_asked() -> None:
    names = {api_account_name_from("  My   tool ") for _ in range(200)}
    assert len(names) == 200
    assert all(re.fullmatch(r"My tool [a-z2-9]{10}", name) for name in names)


@pytest.mark.parametrize("name", ["My tool k3v9q2x7ab", "k3v9q2x7ab"])
def test_a_second_account_of_a_run_differs_in_its_end_alone(name: str) -> None:
    other = with_another_end(name)
    assert other != name
    assert other.startswith(name.removesuffix("k3v9q2x7ab"))
    assert re.fullmatch(r"[a-z2-9]{10}", other.split()[-1])


@pytest.mark.parametrize("prefix", ["", "\n", "x" * (MAX_ACCOUNT_NAME + 1), "bell\x07"])
def test_a_beginning_that_no_name_has_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        api_account_name_from(prefix)
    assert refusal.value.fields[0].pointer == "/api_account_name"


def test_elsewhere_than_on_a_terminal_each_step_is_a_line() -> None:
    stream = io.StringIO()
    with step_display(stream) as (on_step, say):
        on_step(StepReport(StepId.SIGN_IN, "done", 1.24))
        say("A line beside.")
        on_step(StepReport(StepId.OPEN_STOREFRONT, "failed", 0))
    assert stream.getvalue() == "sign-in: done (1.2 s)\nA line beside.\nopen-storefront: failed (0.0 s)\n"


def test_on_a_terminal_all_steps_are_listed_with_what_became_of_them() -> None:
    steps = _Steps()
    for number, step in enumerate(STEPS[:3]):
        steps.add(StepReport(step.id, ("done", "skipped", "failed")[number], 2.0))
    shown = io.StringIO()
    Console(file=shown, width=120, force_terminal=False).print(steps)
    lines = shown.getvalue().splitlines()
    assert len(lines) == 13
    assert [line[0] for line in lines[:4]] == ["✓", "-", "✗", " "]
    assert all(step.say in line for step, line in zip(STEPS, lines, strict=True))


def test_the_step_under_way_is_the_first_that_is_not_over() -> None:
    steps = _Steps()
    steps.add(StepReport(STEPS[0].id, "done", 2.0))
    shown = io.StringIO()
    Console(file=shown, width=120, force_terminal=False).print(steps)
    lines = shown.getvalue().splitlines()
    assert lines[1][0] not in " ✓-✗"
    assert lines[2][0] == " "


def test_what_runs_at_once_is_broken_off_where_the_run_is_to_stop_already() -> None:
    interruption = Interruption()
    interruption.requested = True
    with pytest.raises(KeyboardInterrupt), interruption.at_once():
        pass


@pytest.mark.parametrize(
    "arguments",
    [
        ("shop", "--remember", "--dry-run"),
        ("shop", "--remember", "--attach", "http://127.0.0.1:9222"),
        ("--remember", "--batch", "stores.csv"),
        ("shop", "--forget"),
        ("--forget", "--remember"),
    ],
)
def test_what_keeps_or_drops_a_session_goes_with_few_others(data_dir: Path, arguments: tuple[str, ...]) -> None:
    code, document = refused(*arguments)
    assert (code, document["error"]["exit_code"]) == (2, 2)
    assert not data_dir.exists()


@pytest.mark.parametrize("arguments", [("--forget",), ("shop", "--remember", "--mode", "unattended")])
def test_a_session_is_neither_kept_nor_dropped_for_a_service_elsewhere(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COMPANION_URL", "http://127.0.0.1:9")
    code, document = refused(*arguments)
    assert code == 2
    assert "COMPANION_URL names a service" in json.dumps(document["error"])
    assert not (data_dir / "companion.sqlite3").exists()


def test_forgetting_where_nothing_is_kept_makes_nothing(data_dir: Path) -> None:
    assert refused("--forget") == (0, {"forgotten": 0})
    assert not data_dir.exists()


def test_a_guided_run_in_a_hidden_browser_is_refused(data_dir: Path) -> None:
    code, document = refused("shop", "--mode", "guided", "--headless")
    assert code == 2
    assert "--mode unattended" in document["error"]["detail"]
    assert not data_dir.exists()


def test_a_browser_that_ends_because_of_a_signal_was_interrupted() -> None:
    interruption = Interruption()
    failure = BrowserUnavailable("It does not start.")
    assert interruption.instead_of(failure) is failure
    interruption.requested = True
    assert interruption.instead_of(failure).exit_code == 130
    assert interruption.instead_of(InvalidInput("Other.")).code == "invalid-input"
