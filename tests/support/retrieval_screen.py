"""The page's screens of a retrieval, as somebody at a browser uses them."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

PATIENCE = 240_000.0  # milliseconds; only reached where something hangs


@dataclass
class RetrievalScreen:
    """A tab in which a retrieval is begun, or followed."""

    page: Page

    def begin(self, name: str, *, unattended: bool = False) -> None:
        """Fill the form in, press “Begin”, and wait until it is under way."""
        self.page.get_by_label("Name your connection").fill(name)
        if unattended:
            self.page.get_by_role("radio", name="The service does").check()
        self.page.get_by_role("button", name="Begin").click(timeout=PATIENCE)
        self.page.wait_for_url("**/retrieval/*", timeout=PATIENCE)

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()

    def step(self, step_id: str) -> Locator:
        return self.page.locator(f'[data-step="{step_id}"]')

    def reaches(self, step_id: str, *statuses: str) -> None:
        """Wait until a step is in one of these states."""
        wanted = ", ".join(f'[data-step="{step_id}"][data-status="{each}"]' for each in statuses)
        expect(self.page.locator(wanted)).to_have_count(1, timeout=PATIENCE)

    def ends_as(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=PATIENCE)

    def statuses(self) -> dict[str, str]:
        """Return what is said of each step, in the order in which they stand."""
        rows = self.page.locator("[data-step]").all()
        return {str(row.get_attribute("data-step")): row.locator(".word").inner_text() for row in rows}
