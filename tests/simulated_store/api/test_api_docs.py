"""The page on the simulated store lists every call and every switch of its APIs."""

import re
from pathlib import Path

import pytest

from simulated_store.api.rest import ROUTES
from simulated_store.options.switches import switches

PAGE = (Path(__file__).parents[3] / "docs" / "simulated-store.md").read_text("utf-8")
NAMES = {"channel_id": "CHANNEL", "site_id": "SITE", "entity_id": "ID", "theme": "THEME", "jti": "JTI"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_call_is_listed(route):
    path = re.sub(r"<(?:int:)?(\w+)>", lambda found: NAMES[found[1]], route.path)
    row = re.search(rf"^\| `{re.escape(path)}` \| ([A-Z, ]+) \|$", PAGE, re.MULTILINE)
    assert row, path
    assert route.method in row[1].split(", ")


@pytest.mark.parametrize("switch", [each for each in switches().values() if each.group == "api"], ids=lambda s: s.name)
def test_every_switch_is_listed_with_its_values(switch):
    values = ", ".join(f"`{value}`" for value in switch.values)
    assert f"| `{switch.name.replace('_', '-')}` | {values} | {switch.what} |" in PAGE
