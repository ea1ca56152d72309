"""A form whose frame is taken away while it is filled in, in a real Chromium."""

import pytest
from playwright.sync_api import Browser
from retrievals import Retrieval

from simulated_store.state import SimulatedBigCommerce

pytestmark = pytest.mark.browser

LOSSES = {
    "detached": "document.querySelector('#content-iframe').remove()",
    "led away": "document.querySelector('#content-iframe').src = 'about:blank'",
}


@pytest.mark.parametrize("how", LOSSES)
def test_the_page_is_loaded_again_and_the_connection_is_the_right_one(
    plain_chromium: Browser, bigcommerce: SimulatedBigCommerce, how: str
):
    lost: list[str] = []

    def lose_it(action: str) -> None:
        if action.startswith("set-scopes") and not lost:
            lost.append(action)
            run.page().evaluate(LOSSES[how])

    run = Retrieval(plain_chromium, bigcommerce, bigcommerce.owner, before=lose_it)
    captured = run.captures()
    (account,) = bigcommerce.store.api_accounts
    assert lost
    assert captured.access_token.reveal() == account.access_token
    assert any(line.endswith("/manage/settings/api-accounts/create") for line in run.log)
