"""The read-only walk of `doctor --panel`, as transcripts, and what is said of its findings."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from panel_pages import HOST, blank_tab, form_page, home_page, list_page, panel_tab, settings_page
from transcripts import Play

from automation.cli.panel_check import findings, keep_ways, last_ways
from automation.core.decide import decide
from automation.core.errors import NotPermitted
from automation.core.oauth_scopes import SCOPE_NAMES
from automation.core.request import Sighting
from automation.core.survey import CONTROLS, Difference, decide_survey, differences, ways_of
from companion.core.connection import Severity

LIST = "/manage/settings/api-accounts"


def walked(form: str) -> Play:
    play = Play(rule=partial(decide, on_panel=decide_survey), store_hash="abc123")
    play.sees(blank_tab()).does(f"sign-in: open {HOST}/manage")
    play.sees(panel_tab(home_page())).does("open-api-accounts: press “Settings”")
    play.sees(panel_tab(settings_page(), "/manage/settings")).acts()
    assert play.log[-1].startswith("open-api-accounts: press “Store-level API accounts")
    play.sees(panel_tab(list_page(["ERP"]), LIST)).does("create-api-account: press “Create API account”")
    play.sees(panel_tab(form, f"{LIST}/create")).does(f"save: open {HOST}/manage")
    return play.sees(panel_tab(home_page())).does_at_once(f"surveyed: {', '.join(found(play))}")


def found(play: Play) -> list[str]:
    return [each.control for each in play.progress.sightings]


def test_every_documented_control_is_looked_for_and_nothing_is_typed_or_saved():
    play = walked(form_page())
    assert set(found(play)) == set(CONTROLS)
    ways = ways_of(play.progress.sightings)
    assert ways.pop("api-accounts") == "text"  # its accessible name holds the description, too
    assert set(ways.values()) == {"name"}
    assert not any("type" in line.split(": ", 1)[1].split() or "Save" in line for line in play.log[:-1])


def test_a_control_that_is_not_there_is_not_found():
    play = walked(form_page(without=["Storefront API tokens"], token_type=None))
    assert set(CONTROLS) - set(found(play)) == {"scope-storefront-tokens", "token-type"}


def test_scopes_that_another_token_type_hides_are_brought_up():
    play = Play(rule=partial(decide, on_panel=decide_survey), store_hash="abc123")
    hidden = form_page(token_type="Stencil-CLI token", without=list(SCOPE_NAMES))
    play.sees(panel_tab(hidden, f"{LIST}/create")).does("choose-token-type: press “Token type”")
    play.sees(panel_tab(form_page(), f"{LIST}/create")).does(f"save: open {HOST}/manage")
    assert {"scope-storefront-tokens", "scope-impersonation-tokens"} <= set(found(play))


def test_a_walk_that_ends_early_keeps_what_it_found():
    play = Play(rule=partial(decide, on_panel=decide_survey), store_hash="abc123")
    play.sees(panel_tab(list_page(["ERP"], create="no"), LIST)).through_to(NotPermitted)
    assert found(play) == ["view-storefront", "settings"]


SEEN = tuple(Sighting(control, "name", called) for control, called in CONTROLS.items())


def test_a_control_found_otherwise_than_the_last_time_is_a_difference():
    before = {**ways_of(SEEN), "save": "text", "name": None}
    assert set(differences(before, SEEN)) == {Difference("save", "text", "name"), Difference("name", None, "name")}
    assert differences({}, SEEN) == ()
    assert differences(ways_of(SEEN), SEEN[1:]) == (Difference("view-storefront", "name", None),)


def test_all_that_is_found_as_before_needs_nothing():
    told = list(findings(SEEN, None, ()))
    assert [each.code for each in told] == [f"panel-{control}" for control in CONTROLS]
    assert {(each.severity, each.action) for each in told} == {(Severity.NOTE, "")}


def test_what_a_retrieval_needs_and_is_not_found_is_broken():
    told = {each.code: each for each in findings((), None, (Difference("save", "name", None),))}
    assert told["panel-save"].severity is Severity.BROKEN
    assert "last time it was found by its role and name" in told["panel-save"].message
    assert told["panel-view-storefront"].severity is Severity.NOTE


def test_what_a_walk_did_not_come_to_is_not_said_to_be_missing():
    told = list(findings(SEEN[:2], NotPermitted("May not.", why="Why.", next_step="Ask."), ()))
    assert [each.code for each in told] == ["panel-view-storefront", "panel-settings", "not-permitted"]
    assert (told[-1].severity, told[-1].action) == (Severity.BROKEN, "Ask.")


def test_the_ways_are_kept_for_each_world(tmp_path: Path):
    file = tmp_path / "data" / "panel-controls.json"
    assert last_ways(file, "real") == {}
    keep_ways(file, "real", {"save": "name"})
    keep_ways(file, "simulated", {"save": None})
    assert (last_ways(file, "real"), last_ways(file, "simulated")) == ({"save": "name"}, {"save": None})
    file.write_text(json.dumps(["something", "else"]))
    assert last_ways(file, "real") == {}
    keep_ways(file, "real", {"save": "text"})
    assert last_ways(file, "real") == {"save": "text"}
