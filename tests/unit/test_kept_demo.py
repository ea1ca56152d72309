"""The script that leads a terminal to a demo that is kept running."""

import pytest

from simulated_store.kept_demo import environment_script


@pytest.mark.parametrize(
    ("powershell", "sets", "away"),
    [
        (False, "export COMPANION_DATA_DIR='/t/it'\\''s'", "unset COMPANION_URL "),
        (True, "$env:COMPANION_DATA_DIR='/t/it''s'", "Remove-Item Env:COMPANION_URL -ErrorAction SilentlyContinue"),
    ],
)
def test_values_are_quoted_and_what_leads_elsewhere_is_unset(powershell, sets, away):
    script = environment_script({"COMPANION_DATA_DIR": "/t/it's"}, powershell=powershell)
    assert sets in script.splitlines()
    assert away in script
