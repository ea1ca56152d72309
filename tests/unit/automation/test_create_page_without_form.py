"""A “Create API account” that leads to a page without a form and without a word: looked at again, and soon refused."""

from __future__ import annotations

import pytest
from panel_pages import NAME, STORE, form_page, home_page, list_page, panel_tab, settings_page
from transcripts import Play

from automation.core.actions import Do, Open, Press, Stop
from automation.core.errors import PanelRefused
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress, Storefront
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Tab

LIST, CREATE = "/manage/settings/api-accounts", "/manage/settings/api-accounts/create"
HEAD = "<header><h1>Create account</h1></header><main></main>"


class Panel:
    """A panel whose create page shows `empty`; from the `draws`-th second after it was opened, the form."""

    def __init__(self, empty: str, draws: float | None = None) -> None:
        self.play = Play(
            Progress(
                RetrievalRequest(NAME),
                store_hash=STORE,
                storefront=Storefront("maple.mybigcommerce.com", "maple"),
                panel_seen=True,
            ).over(StepId.READ_STORE_HASH)
        )
        self.empty, self.draws = empty, draws
        self.at, self.since = LIST, 0.0

    def tab(self) -> Tab:
        if self.at == CREATE:
            drawn = self.draws is not None and self.play.now - self.since >= self.draws
            return panel_tab(form_page() if drawn else self.empty, CREATE)
        pages = {LIST: list_page(["ERP"]), "/manage/settings": settings_page()}
        return panel_tab(pages.get(self.at, home_page()), self.at)

    def walk(self) -> float:
        """Go on until the form is reached or given up; return how many seconds that took."""
        began = self.play.now
        while not isinstance(self.play.command, Stop):
            self.play.sees(self.tab()).look()
            command = self.play.command
            if isinstance(command, Do) and command.step is StepId.ENTER_NAME:
                break
            if isinstance(command, Do):
                self.since = self.play.now
                match command.action:
                    case Open(url):
                        path = f"/manage{url.partition('/manage')[2]}"
                        self.at = path if path in {LIST, CREATE, "/manage/settings"} else "/manage/dashboard"
                    case Press(control):
                        names = {"Create API account": CREATE, "Settings": "/manage/settings"}
                        self.at = names.get(control.name, LIST)
        return self.play.now - began


@pytest.mark.parametrize("empty", [HEAD, "<div></div>", home_page()], ids=["head", "nothing", "dashboard"])
def test_it_is_refused_within_half_the_time_of_a_search_and_says_so(empty: str) -> None:
    panel = Panel(empty)
    assert panel.walk() <= 35.0
    assert isinstance(panel.play.command, Stop)
    error = panel.play.command.error
    assert isinstance(error, PanelRefused)
    assert error.step == StepId.CREATE_API_ACCOUNT
    assert "no reason" in error.explained.why


@pytest.mark.parametrize(("empty", "draws"), [(HEAD, 14.0), ("<div></div>", 14.0)], ids=["head", "nothing"])
def test_a_form_that_is_drawn_late_is_waited_for(empty: str, draws: float) -> None:
    panel = Panel(empty, draws)
    panel.walk()
    assert not isinstance(panel.play.command, Stop), panel.play.log
