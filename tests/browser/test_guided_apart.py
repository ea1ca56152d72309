"""A guided run in a browser that gives the panel's frame a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import chromium_for
from guided_runs import GuidedRun
from persons import Person
from playwright.sync_api import Browser

from simulated_store.serving.server import RunningStore
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plain_chromium(served: RunningStore) -> Iterator[Browser]:
    with chromium_for(served, "--isolate-origins=https://[*.]mybigcommerce.com") as browser:
        yield browser


def test_a_frame_in_a_process_of_its_own_has_its_ring_and_its_covers(
    plain_chromium: Browser, bigcommerce: SimulatedBigCommerce
) -> None:
    bigcommerce.variants = Variants(frame="foreign", values_delay=1.0, txt="never")
    apart: list[bool] = []
    covered: list[bool] = []
    run = GuidedRun(plain_chromium, bigcommerce)
    person = Person(run.page, bigcommerce.owner)

    def look() -> None:
        page = run.page()
        frame = page.frames[1] if page and len(page.frames) > 1 else None
        boxes = frame.locator("[role=dialog] input").all() if frame is not None else []
        if page is None or frame is None or not any(box.input_value() for box in boxes):
            return
        page.context.new_cdp_session(frame).detach()  # fails for a frame in its tab's process
        apart.append(True)
        seen = person.look()
        covered.append(seen is not None and len(seen.covers) >= len(boxes) - 1)

    run.glance = look
    captured = run.captures(person)
    [account] = bigcommerce.store.api_accounts
    assert captured.access_token.reveal() == account.access_token
    assert run.statuses["save"] == run.statuses["set-scopes"] == "by-user"  # found by the ring in the frame
    assert apart
    assert all(covered)
