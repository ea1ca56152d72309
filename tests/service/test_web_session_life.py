"""A session is confirmed by a link, or by the passphrase; by nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from scripted import Clock

from companion.core.errors import Conflict, TooManyTries, WrongPassphrase
from companion.core.secret import Secret
from companion.service import web_sessions
from companion.service.parts import Parts
from companion.service.unlocking import Unlocking

RIGHT = Secret("a made-up passphrase")


class KeysUnderPassphrase:
    def unlock(self, passphrase: Secret) -> None:
        if passphrase != RIGHT:
            raise WrongPassphrase

    def lock(self) -> None:
        raise AssertionError("nobody asked for that")


def test_the_passphrase_confirms_and_a_wrong_one_does_not(parts: Parts, clock: Clock) -> None:
    parts = replace(parts, unlocking=Unlocking(KeysUnderPassphrase(), clock))
    link, _ = web_sessions.issue_link(parts)
    text = web_sessions.sign_in(parts, link.reveal()).reveal()
    clock.now += timedelta(minutes=6)

    def session() -> web_sessions.WebSession:
        found = web_sessions.open_session(parts, text)
        assert found is not None
        return found

    assert not session().is_confirmed(clock())
    with pytest.raises(WrongPassphrase):
        web_sessions.confirm(parts, session(), Secret("another"))
    assert not session().is_confirmed(clock())
    with pytest.raises(TooManyTries):
        web_sessions.confirm(parts, session(), RIGHT)
    clock.now += timedelta(seconds=2)
    web_sessions.confirm(parts, session(), RIGHT)
    assert session().is_confirmed(clock())
    clock.now += timedelta(minutes=5)
    assert not session().is_confirmed(clock())


def test_without_a_passphrase_a_new_link_does_it(parts: Parts) -> None:
    link, _ = web_sessions.issue_link(parts)
    text = web_sessions.sign_in(parts, link.reveal()).reveal()
    session = web_sessions.open_session(parts, text)
    assert session is not None
    with pytest.raises(Conflict, match="companion open"):
        web_sessions.confirm(parts, session, RIGHT)


def test_a_session_that_is_used_lives_on_and_one_that_is_not_ends(parts: Parts, clock: Clock) -> None:
    link, _ = web_sessions.issue_link(parts)
    text = web_sessions.sign_in(parts, link.reveal()).reveal()
    for _ in range(4):
        clock.now += timedelta(minutes=14)
        assert web_sessions.open_session(parts, text) is not None
    clock.now += timedelta(minutes=15)
    assert web_sessions.open_session(parts, text) is None


def test_a_clock_that_is_set_back_begins_the_pause_anew_and_does_not_lengthen_it(clock: Clock) -> None:
    unlocking = Unlocking(KeysUnderPassphrase(), clock)
    with pytest.raises(WrongPassphrase):
        unlocking.unlock(Secret("another"))
    clock.move(timedelta(days=-365))
    with pytest.raises(TooManyTries):
        unlocking.unlock(RIGHT)
    clock.move(timedelta(seconds=1))
    unlocking.unlock(RIGHT)
