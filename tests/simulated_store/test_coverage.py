"""The table of what is imitated: every fact is shown by tests that exist, or says why it is not imitated."""

import ast
import functools
import tomllib
from pathlib import Path

import pytest

from simulated_store.switches import switches

TESTS = Path(__file__).parents[1]
FACTS = tomllib.loads(Path(__file__).with_name("coverage.toml").read_text("utf-8"))["facts"]
FAMILIES = range(1, 26)
"""Numbers of the families of variants that the control panel has been seen in, or may be met in."""


@functools.cache
def functions_of(file: str) -> frozenset[str]:
    """The test functions of a file, by its path from the folder of all tests."""
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_no_fact_stands_twice():
    ids = [fact["id"] for fact in FACTS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
def test_a_fact_is_shown_by_tests_or_says_why_it_is_not_imitated(fact):
    assert fact.keys() <= {"id", "fact", "tests", "switches", "not-imitated", "open"}
    assert len(fact.keys() & {"tests", "not-imitated", "open"}) == 1
    for named in fact.get("tests", ()):
        file, _, test = named.partition("::")
        assert file.rpartition("/")[2].startswith(("test_", "program_")), named
        assert test in functions_of(file), f"there is no test {named}"
    assert fact.get("tests") or fact.get("not-imitated") or fact.get("open")


@pytest.mark.parametrize("fact", [fact for fact in FACTS if "switches" in fact], ids=lambda fact: fact["id"])
def test_the_switches_of_a_fact_exist(fact):
    assert set(fact["switches"]) <= {switch.name for switch in switches().values()}


def test_every_switch_of_the_apis_belongs_to_a_fact():
    named = {name for fact in FACTS for name in fact.get("switches", ())}
    assert {switch.name for switch in switches().values() if switch.group == "api"} <= named


def test_the_panels_switches_name_families_that_there_are():
    named = {number for switch in switches().values() for number in switch.families}
    assert named <= set(FAMILIES)
