"""All switches of the control panel can be combined: a seeded sample of combinations, as HTML."""

import os
import random
from typing import Any

import pytest
from panel_visits import PanelVisit, config_of, fresh_world

from simulated_store.options.switches import Switch, switches
from simulated_store.panel.form import shown_scopes
from simulated_store.panel.wording import words_of

SWITCHES = [each for each in switches().values() if each.group == "panel" and "NUMBER" not in each.values]
SEED = os.environ.get("COMPANION_TEST_SEED", "0")


def combination(number: int) -> dict[str, Any]:
    """A value for every switch but delays, drawn by the seed that is printed."""
    draw = random.Random(f"{SEED} panel {number}")  # noqa: S311  a sample, not a secret

    def value(switch: Switch) -> object:
        return switch.value_from_text(draw.choice(switch.values))

    return {switch.name: value(switch) for switch in SWITCHES}


@pytest.mark.parametrize("number", range(12))
def test_any_combination_of_switches_makes_pages_that_work(number):
    chosen = combination(number)
    state = fresh_world(**chosen, content_delay=1.0 if number % 2 else 0.0)
    for each in range(number * 2):
        state.store.create_api_account(f"Account {each}", frozenset({"store_v2_products"}))
    state.store.add_channel("Outlet")
    here = PanelVisit()
    for path in ("/manage/dashboard", "/manage/settings", here.list_path, f"{here.list_path}/create"):
        shell, content = here.get(path), here.get(path.replace("/manage/", "/admin/app/", 1), host=here.host)
        assert (shell.status_code, content.status_code, chosen) == (200, 200, chosen)
    assert here.get("/manage/view-storefront").status_code in (200, 302)
    assert here.get("/", host=state.store.vanity_host).status_code in (200, 503)

    words = words_of(state.variants)
    last = shown_scopes(state.store, state.variants, words)[-1]
    before = len(state.store.api_accounts)
    status, answer = here.save(token_type=words.v2_v3_token, **{last.name: last.options[-1].label})
    fault = chosen["save_fault"]
    assert (status, chosen) == (500 if fault else 200, chosen)
    assert len(state.store.api_accounts) == before + (fault != "500")
    if status == 200:
        account = state.store.api_accounts[-1]
        assert last.options[-1].parameter in account.scopes
        assert (answer["window"] is None) == (chosen["window"] == "never")
        assert (answer["file"] is None) == (chosen["txt"] == "never")
        if answer["file"]:
            file = answer["file"]
            text = file["text"] if "text" in file else here.get(file["address"]).text
            assert account.access_token in text
    assert config_of(here.form())["words"]["save"] == words.save
