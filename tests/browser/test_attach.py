"""Joining a browser that is running already: its own tabs stay, and nothing is typed before the server is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from attachable import started
from chromium import chromium_path
from fake_service import FakeService

from automation.core.request import RetrievalRequest
from automation.jobs.account_names import api_account_name_from
from automation.jobs.hand_over import WantedConnection
from automation.jobs.reports import RetrievalReport
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import RunOptions
from automation.runners.unattended import SignIn
from companion.core.errors import InvalidInput, InvalidSetting
from companion.core.secret import Secret
from companion.settings import load_settings
from simulated_store.serving.server import RunningStore, running
from simulated_store.state import SimulatedBigCommerce

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium_path() is None, reason="no browser to start by hand")]


def joined(attach: str, served: RunningStore, said: list[str]) -> RetrievalReport:
    owner = served.state.owner
    return retrieve_and_hand_over(
        RetrievalRequest(api_account_name_from("Companion")),
        WantedConnection("shop"),
        FakeService(),
        RunOptions(
            load_settings(host_map=served.host_map, ca_file=served.ca_file),
            SignIn(owner.email, Secret(owner.password)),
            attach=attach,
            say=said.append,
        ),
    )


def test_a_joined_browser_is_used_and_left_running(served: RunningStore) -> None:
    said: list[str] = []
    with started(served) as address:
        report = joined(address, served, said)
        assert report.connection["store_hash"] == served.state.store.store_hash
        again = joined(address, served, said)  # it still answers
    assert again.connection["store_hash"] == served.state.store.store_hash
    assert "Every program on this machine can read" in said[0]


def test_in_a_browser_that_goes_elsewhere_nothing_is_typed(served: RunningStore) -> None:
    with running(SimulatedBigCommerce()) as other, started(other) as address:
        with pytest.raises(InvalidSetting) as failure:
            joined(address, served, [])
        assert f"127.0.0.1:{other.port}" in failure.value.explained.why
        assert not [each for each in other.state.requests if each.method == "POST"]


def test_a_browser_with_an_everyday_profile_is_refused(
    served: RunningStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with started(served) as address:
        # What the browser tells of itself is what counts: here its folder is where the everyday one would be.
        monkeypatch.setattr("automation.browser.endpoint.profile_folder", lambda _line: str(tmp_path / "chromium"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        with pytest.raises(InvalidInput, match="not one that was started for this"):
            joined(address, served, [])
