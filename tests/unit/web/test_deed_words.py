"""What the audit record holds is shown in words that say it apart from anything else."""

from __future__ import annotations

from companion.core.audit_actions import AuditAction
from companion.web.pages.deed_words import DEED_WORDS, who_word


def test_every_action_has_words_of_its_own() -> None:
    assert set(DEED_WORDS) == set(AuditAction)
    assert len(set(DEED_WORDS.values())) == len(DEED_WORDS)


def test_a_tool_keeps_its_name() -> None:
    assert who_word("tool user") == "tool user"
    assert who_word("user") == "a command"
