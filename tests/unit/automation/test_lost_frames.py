"""A frame that is lost, with what was in it: its page is loaded again, a few times at most."""

from __future__ import annotations

import pytest
from panel_pages import HOST, NAME, STORE, form_page, home_page, list_page, panel_tab, shell
from transcripts import Play
from written_pages import snapshot, tab

from automation.core.actions import Command, Open
from automation.core.decide import decide
from automation.core.errors import PanelUnreachable
from automation.core.flows.retrieval import StepId
from automation.core.guided import decide_guided, is_for_a_person
from automation.core.progress import Progress, Storefront
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Observation, Tab

LIST = "/manage/settings/api-accounts"
CREATE = "/manage/settings/api-accounts/create"
ENTER = f"enter-name: type “{NAME}” into “Name”"


def guided(progress: Progress, observation: Observation) -> tuple[Progress, Command]:
    decided = decide_guided(progress, observation)
    return decided.progress, decided.command


def on_panel(rule=decide) -> Play:  # type: ignore[no-untyped-def]
    found = Storefront("maple.mybigcommerce.com", "maple")
    start = Progress(RetrievalRequest(NAME), store_hash=STORE, storefront=found, panel_seen=True)
    return Play(start.over(StepId.READ_STORE_HASH), rule=rule)


def lost(how: str, path: str = CREATE) -> Tab:
    top = shell().replace("<iframe ", "<iframe style='width:100%' ")
    match how:
        case "crashed":
            frames = [snapshot("", f"{HOST}/admin/app{path}", ready="loading")]
        case "led away":
            frames = [snapshot("<p>Sale</p>", "https://advertisement.example/")]
        case "failed":
            frames = [snapshot("<h1>No internet</h1><p>ERR_INTERNET_DISCONNECTED", "chrome-error://chromewebdata/")]
        case _:
            top, frames = shell().replace("<iframe ", "<i "), []
    return tab(snapshot(top, HOST + path), *frames)


@pytest.mark.parametrize("rule", [decide, guided], ids=["unattended", "guided"])
@pytest.mark.parametrize("how", ["crashed", "led away", "failed", "detached"])
def test_a_form_whose_frame_is_lost_is_loaded_again_and_filled_in(how: str, rule) -> None:  # type: ignore[no-untyped-def]
    play = on_panel(rule)
    play.sees(panel_tab(form_page(), CREATE)).does(ENTER)
    play.sees(lost(how)).acts()
    assert play.log[-1].endswith(f": open {HOST}{CREATE}")
    play.sees(panel_tab(form_page(), CREATE)).does(ENTER)


def test_a_form_that_stays_lost_is_loaded_a_few_times_and_then_looked_for_elsewhere() -> None:
    play = on_panel()
    play.sees(panel_tab(form_page(), CREATE)).does(ENTER)
    play.sees(lost("led away"))
    done = [play.acts() for _ in range(4)]
    assert [each.endswith(f": open {HOST}{CREATE}") for each in done[:3]] == [True, True, False]


def test_a_page_whose_frame_never_answers_is_loaded_again_before_it_is_given_up() -> None:
    play = on_panel()
    play.sees(lost("crashed", "/manage/settings")).does("open-api-accounts: press “Settings”")
    play.does(f"open-api-accounts: open {HOST}/manage/settings")
    play.stops(PanelUnreachable)


def test_a_person_elsewhere_in_the_panel_is_left_where_they_are() -> None:
    play = on_panel(guided)
    play.sees(panel_tab(form_page(), CREATE)).does(ENTER)
    play.sees(panel_tab(home_page(), "/manage/orders")).acts()
    assert "open" not in play.log[-1].partition(": ")[2]


def test_what_is_loaded_again_is_not_left_to_a_person() -> None:
    seen = panel_tab(home_page(), CREATE)
    assert not is_for_a_person(StepId.CREATE_API_ACCOUNT, Open(f"{HOST}{CREATE}"), seen)
    assert is_for_a_person(StepId.CREATE_API_ACCOUNT, Open(f"{HOST}/manage/settings/api-accounts"), seen)


@pytest.mark.parametrize("rule", [decide, guided], ids=["unattended", "guided"])
def test_a_list_whose_button_led_to_a_frame_that_did_not_load_is_loaded_again(rule) -> None:  # type: ignore[no-untyped-def]
    play = on_panel(rule)
    play.sees(panel_tab(list_page(), LIST)).does("create-api-account: press “Create API account”")
    play.sees(lost("failed", LIST)).acts()
    assert play.log[-1].endswith(f": open {HOST}{LIST}")
