"""The table of what is imitated: every fact is shown by tests that exist, or says why it is not imitated."""

import ast
import functools
import tomllib
from pathlib import Path

import pytest

from simulated_store.options.switches import switches

TESTS = Path(__file__).parents[1]
FACTS = tomllib.loads(Path(__file__).with_name("coverage.toml").read_text("utf-8"))["facts"]


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
    assert fact.keys() <= {"id", "fact", "tests", "switches", "not-imitated"}
    assert ("tests" in fact) != ("not-imitated" in fact)
    for named in fact.get("tests", ()):
        file, _, test = named.partition("::")
        assert file.rpartition("/")[2].startswith(("test_", "program_")), named
        assert test in functions_of(file), f"there is no test {named}"
    assert fact.get("tests") or fact.get("not-imitated")


@pytest.mark.parametrize("fact", [fact for fact in FACTS if "switches" in fact], ids=lambda fact: fact["id"])
def test_the_switches_of_a_fact_exist(fact):
    assert set(fact["switches"]) <= {switch.name for switch in switches().values()}


@pytest.mark.parametrize("switch", switches().values(), ids=lambda switch: switch.full_name)
def test_every_switch_belongs_to_a_fact(switch):
    assert any(switch.name in fact.get("switches", ()) for fact in FACTS)
