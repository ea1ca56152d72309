"""What is made of what pip-audit says: a weakness fails, silence is named and fails nothing."""

import json
import runpy
from pathlib import Path

import pytest

AUDIT = runpy.run_path(str(Path(__file__).parents[2] / ".ci" / "audit_dependencies.py"))
CLEAN = {"name": "click", "version": "8.2.1", "vulns": []}
WEAK = {"name": "flask", "version": "0.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2"]}]}
SKIPPED = {"name": "rich", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "unknown", "weak"),
    [
        ([CLEAN], False, []),
        ([CLEAN, WEAK], False, ["flask 0.1: PYSEC-1, mended in 0.2"]),
        ([CLEAN, SKIPPED], True, []),
        ([WEAK, SKIPPED], True, ["flask 0.1: PYSEC-1, mended in 0.2"]),
    ],
)
def test_weaknesses_and_gaps_are_told_apart(packages, unknown, weak):
    gap, found = AUDIT["verdict"](json.dumps({"dependencies": packages}))
    assert (gap is not None, found) == (unknown, weak)


@pytest.mark.parametrize("said", ["", "no JSON", "[]", "{}"])
def test_where_nothing_is_said_nothing_is_known(said):
    assert AUDIT["verdict"](said) == ("the advisories cannot be reached.", [])


@pytest.mark.parametrize(
    ("answers", "code"),
    [([[SKIPPED]], 0), ([[CLEAN], [CLEAN]], 0), ([[CLEAN], [WEAK]], 1), ([[CLEAN], [WEAK, SKIPPED]], 1)],
)
def test_it_fails_for_a_known_weakness_alone_and_asks_once_where_nobody_answers(answers, code, capsys, monkeypatch):
    said = [json.dumps({"dependencies": each}) for each in answers]
    main = AUDIT["main"]
    monkeypatch.setitem(main.__globals__, "audited", lambda _pinned: said.pop(0))
    assert main() == code
    assert said == []
    assert ("not audited" in capsys.readouterr().out) is (answers == [[SKIPPED]])


def test_the_pinned_versions_are_read_without_their_hashes_and_conditions():
    first = "# a\nclick==8.2.1 \\\n    --hash=sha256:00\n"
    text = f"{first}colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:01\n"
    assert AUDIT["pinned_in"](text) == ["click==8.2.1", "colorama==0.4.6"]
