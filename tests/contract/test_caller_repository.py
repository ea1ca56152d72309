"""What every repository does for callers of the service, run against each."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from repositories import opened_repository

from companion.core.api_tokens import Action, ApiToken, hash_of_api_token, id_of_api_token, token_text
from companion.core.errors import Conflict
from companion.core.web_sessions import IDLE_LIFE, WebSession
from companion.ports.callers import CallerRepository, WebSessionRepository
from companion.ports.repository import Repository

NOW = datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(params=["sqlite", "postgresql"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Repository]:
    repository = opened_repository(request, tmp_path)
    yield repository
    repository.close()


def token(name: str = "ERP", number: int = 1, connections: tuple[str, ...] | None = ("a", "b")) -> ApiToken:
    text = token_text(bytes([number]) * 32)
    return ApiToken(
        id_of_api_token(text),
        hash_of_api_token(text),
        name,
        connections,
        (Action.READ, Action.REST_WRITE),
        NOW + timedelta(seconds=number),
        LATER,
    )


def test_tokens_come_back_as_they_were_stored(repository: CallerRepository) -> None:
    first, second = token(), token("Émile 🛒", 2, None)
    repository.add_api_token(second, now=NOW)
    repository.add_api_token(first, now=NOW)
    assert repository.api_tokens() == (first, second)
    assert repository.api_token(first.id) == first
    assert repository.api_token("0" * 32) is None


def test_a_living_name_is_taken_ignoring_case_and_that_of_an_expired_one_is_free(repository: CallerRepository) -> None:
    repository.add_api_token(token(), now=NOW)
    with pytest.raises(Conflict):
        repository.add_api_token(token("erp", 2), now=LATER - timedelta(microseconds=1))
    following = token("erp", 2)
    repository.add_api_token(following, now=LATER)
    assert repository.api_tokens() == (following,)


def test_uses_are_kept_and_those_of_revoked_tokens_passed_over(repository: CallerRepository) -> None:
    first = token()
    repository.add_api_token(first, now=NOW)
    repository.note_uses_of_api_tokens({first.id: LATER, "0" * 32: LATER})
    assert repository.api_tokens() == (replace(first, last_used_at=LATER),)


def test_tokens_are_dropped_one_by_one_and_all_at_once(repository: CallerRepository) -> None:
    first, second, third = (token(str(number), number) for number in (1, 2, 3))
    for each in (first, second, third):
        repository.add_api_token(each, now=NOW)
    assert repository.drop_api_token(second.id) == second
    assert repository.drop_api_token(second.id) is None
    assert repository.drop_api_tokens() == (first, third)
    assert repository.api_tokens() == ()


def session(number: int, began_at: datetime = NOW) -> WebSession:
    return WebSession(bytes([number]) * 32, began_at, began_at, began_at)


def test_a_link_is_spent_once_and_not_after_its_end(repository: WebSessionRepository) -> None:
    repository.add_sign_in_link(b"a" * 32, expires_at=LATER, now=NOW)
    repository.add_sign_in_link(b"b" * 32, expires_at=LATER, now=NOW)
    assert not repository.spend_sign_in_link(b"c" * 32, session(1))
    assert not repository.spend_sign_in_link(b"a" * 32, session(1, LATER))
    assert repository.web_session(session(1).session_hash) is None
    assert repository.spend_sign_in_link(b"a" * 32, session(1))
    assert not repository.spend_sign_in_link(b"a" * 32, session(2))
    assert repository.web_session(session(1).session_hash) == session(1)
    assert repository.web_session(session(2).session_hash) is None


def test_a_clock_that_is_set_back_does_not_lengthen_a_link(repository: WebSessionRepository) -> None:
    repository.add_sign_in_link(b"a" * 32, expires_at=LATER, now=NOW)
    assert not repository.spend_sign_in_link(b"a" * 32, session(1, NOW - timedelta(hours=1)))
    assert repository.spend_sign_in_link(b"a" * 32, session(1, NOW - timedelta(minutes=1)))


def test_of_many_who_spend_one_link_at_once_one_succeeds(repository: WebSessionRepository) -> None:
    repository.add_sign_in_link(b"a" * 32, expires_at=LATER, now=NOW)
    with ThreadPoolExecutor(8) as pool:
        spent = list(pool.map(lambda number: repository.spend_sign_in_link(b"a" * 32, session(number)), range(16)))
    assert sum(spent) == 1


def test_sessions_are_noted_and_ended_one_by_one_and_all_at_once(repository: WebSessionRepository) -> None:
    for number in (1, 2, 3):
        repository.add_sign_in_link(bytes([number]) * 32, expires_at=LATER, now=NOW)
        assert repository.spend_sign_in_link(bytes([number]) * 32, session(number))
    assert set(repository.web_sessions()) == {session(1), session(2), session(3)}
    repository.note_web_session(session(1).session_hash, LATER)
    assert repository.web_sessions()[0] == replace(session(1), seen_at=LATER)
    assert repository.web_session(session(1).session_hash) == replace(session(1), seen_at=LATER)
    repository.confirm_web_session(session(1).session_hash, LATER)
    assert repository.web_session(session(1).session_hash) == replace(session(1), seen_at=LATER, confirmed_at=LATER)
    repository.drop_web_session(session(2).session_hash)
    assert repository.web_session(session(2).session_hash) is None
    repository.add_sign_in_link(b"x" * 32, expires_at=LATER, now=NOW)
    assert repository.drop_web_sessions(NOW + IDLE_LIFE) == 1
    assert repository.web_session(session(1).session_hash) is None
    assert not repository.spend_sign_in_link(b"x" * 32, session(4))
