"""The page on the simulated store lists every switch of the control panel, and every family has one."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from simulated_store.options.switches import switches
from simulated_store.variants import Variants

PAGE = (Path(__file__).parents[2] / "docs" / "simulated-store.md").read_text("utf-8")
SWITCHES = [each for each in switches().values() if each.group == "panel"]
FAMILIES = range(1, 26)


def test_what_is_not_imitated_comes_first():
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE)[0] == "What it does not imitate"


def test_every_field_is_a_switch_that_says_what_it_imitates():
    assert [each.name for each in SWITCHES] == [field.name for field in fields(Variants)]
    for each in SWITCHES:
        assert each.what, each.name
        assert "\n" not in each.what
        assert set(each.families) <= set(FAMILIES)


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_every_switch_is_listed_with_its_values_and_families(switch):
    values = ", ".join(f"`{value}`" for value in switch.values)
    families = ", ".join(map(str, switch.families))
    assert f"| `{switch.name.replace('_', '-')}` | {values} | {switch.what} | {families} |\n" in PAGE


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_of_variants_has_a_switch(family):
    assert any(family in each.families for each in SWITCHES)
