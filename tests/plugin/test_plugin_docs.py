"""`docs/sandbox-in-your-tests.md` and its workflow say what the plugin does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from simulated_store.pytest_plugin import FIXTURES
from simulated_store.testing.connection import BigCommerceConnection
from simulated_store.testing.marks import SIGNATURE
from simulated_store.testing.sandbox import BigCommerceSandbox
from simulated_store.testing.service import CompanionService

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "sandbox-in-your-tests.md").read_text("utf-8")
WORKFLOW = (DOCS / "workflows" / "bigcommerce-tests.yml").read_text("utf-8")
KINDS = {
    "bigcommerce_sandbox": BigCommerceSandbox,
    "companion_service": CompanionService,
    "bigcommerce_connection": BigCommerceConnection,
}


def rows(heading: str) -> dict[str, str]:
    """A table's first column and the rest of each line."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return {match[1]: match[2] for match in re.finditer(r"^\| (`[^|]+`) \|(.*)\|$", table, re.MULTILINE)}


def test_the_workflow_of_the_page_is_the_file():
    assert f"```yaml\n{WORKFLOW}```" in PAGE


def test_the_workflow_s_commands_exist(pytestconfig: pytest.Config):
    workflow = yaml.safe_load(WORKFLOW)
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    options = {name for group in pytestconfig._parser._groups for option in group.options for name in option.names()}

    assert len(commands) >= 4
    for command in commands:
        python, _, module, *words = shlex.split(command)
        assert (python, module) in {("python", "pip"), ("python", "pytest")}
        if module == "pytest":
            assert {word for word in words if word.startswith("-")} <= options
        else:
            assert words[0] == "install"
    assert all({"runs-on", "timeout-minutes", "steps"} <= set(job) for job in workflow["jobs"].values())


def test_the_fixtures_offer_what_the_page_says():
    table = rows("fixture")
    assert {name.strip("`") for name in table} == FIXTURES == set(KINDS)
    for name, text in table.items():
        kind = KINDS[name.strip("`")]
        offered = {*dir(kind), *getattr(kind, "__dataclass_fields__", {})}
        named = set(re.findall(r"`\.(\w+)", text))
        assert named
        assert named <= offered, named - offered


def test_the_marker_takes_what_the_page_says():
    named = {name for cell in rows("argument") for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(re.findall(r"(\w+)=", SIGNATURE))


def test_the_page_s_first_test_passes_as_it_stands(run):
    example = re.search(r"```python\n(import requests\n.*?)```", PAGE, re.DOTALL)
    assert example is not None

    run(example[1]).assert_outcomes(passed=1)
