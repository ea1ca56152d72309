"""Who may call the service, in the database: the part of the repository that is about callers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, bindparam, delete, insert, select, update

from companion.core.api_tokens import Action, ApiToken
from companion.core.audit import Deed
from companion.core.audit_actions import AuditAction
from companion.core.connection import name_key
from companion.core.errors import Conflict
from companion.core.timestamps import MOST_SET_BACK
from companion.core.web_sessions import IDLE_LIFE, LINK_LIFE, LONGEST_LIFE, WebSession
from companion.storage.audit import AuditStorage
from companion.storage.failures import UniqueNameViolated
from companion.storage.prepared import Prepared
from companion.storage.tables import api_tokens, sign_in_links, web_sessions

_TOKEN_WITH_ID = Prepared(select(api_tokens).where(api_tokens.c.id == bindparam("id")))
_SESSION_WITH_HASH = Prepared(select(web_sessions).where(web_sessions.c.session_hash == bindparam("session_hash")))


class CallerStorage(AuditStorage):
    """A `CallerRepository` and `WebSessionRepository`."""

    def add_api_token(self, token: ApiToken, *, now: datetime) -> None:
        """See `CallerRepository.add_api_token`."""

        def work(transaction: Transaction) -> None:
            same_name = api_tokens.c.name_key == name_key(token.name)
            transaction.execute(delete(api_tokens).where(same_name, api_tokens.c.expires_at <= now))
            if transaction.execute(select(api_tokens.c.id).where(same_name)).first() is not None:
                raise _name_taken(token)
            transaction.execute(insert(api_tokens).values(_row_of(token)))
            self._record(transaction, Deed(AuditAction.CREATE_API_TOKEN, detail=token.name))

        try:
            self._write(work)
        except UniqueNameViolated:
            raise _name_taken(token) from None

    def api_token(self, token_id: str) -> ApiToken | None:
        """See `CallerRepository.api_token`."""

        row = self._read_once(lambda transaction: _TOKEN_WITH_ID.first(transaction, id=token_id))
        return None if row is None else _token_of(row)

    def api_tokens(self) -> tuple[ApiToken, ...]:
        """See `CallerRepository.api_tokens`."""
        return self._read(_all_tokens)

    def note_uses_of_api_tokens(self, uses: Mapping[str, datetime]) -> None:
        """See `CallerRepository.note_uses_of_api_tokens`."""

        def work(transaction: Transaction) -> None:
            for token_id, used_at in uses.items():
                transaction.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=used_at))

        self._write(work)

    def drop_api_token(self, token_id: str) -> ApiToken | None:
        """See `CallerRepository.drop_api_token`."""

        def work(transaction: Transaction) -> ApiToken | None:
            row = transaction.execute(select(api_tokens).where(api_tokens.c.id == token_id)).mappings().first()
            transaction.execute(delete(api_tokens).where(api_tokens.c.id == token_id))
            if row is None:
                return None
            self._record(transaction, Deed(AuditAction.REVOKE_API_TOKEN, detail=row["name"]))
            return _token_of(row)

        return self._write(work)

    def drop_api_tokens(self) -> tuple[ApiToken, ...]:
        """See `CallerRepository.drop_api_tokens`."""

        def work(transaction: Transaction) -> tuple[ApiToken, ...]:
            there = _all_tokens(transaction)
            transaction.execute(delete(api_tokens))
            for each in there:
                self._record(transaction, Deed(AuditAction.REVOKE_API_TOKEN, detail=each.name))
            return there

        return self._write(work)

    def add_sign_in_link(self, link_hash: bytes, *, expires_at: datetime, now: datetime) -> None:
        """See `WebSessionRepository.add_sign_in_link`."""

        def work(transaction: Transaction) -> None:
            transaction.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= now))
            transaction.execute(insert(sign_in_links).values(link_hash=link_hash, expires_at=expires_at))

        self._write(work)

    def spend_sign_in_link(self, link_hash: bytes, session: WebSession) -> bool:
        """See `WebSessionRepository.spend_sign_in_link`."""

        def work(transaction: Transaction) -> bool:
            now = session.began_at
            end = sign_in_links.c.expires_at
            # One that ends later than any does was made before the clock was set back.
            open_link = (sign_in_links.c.link_hash == link_hash, end > now, end <= now + LINK_LIFE + MOST_SET_BACK)
            # Of several at once one deletes the row, and the others are told that there was none.
            if transaction.execute(delete(sign_in_links).where(*open_link)).rowcount != 1:
                return False
            too_old = (web_sessions.c.began_at <= now - LONGEST_LIFE) | (web_sessions.c.seen_at <= now - IDLE_LIFE)
            transaction.execute(delete(web_sessions).where(too_old))
            transaction.execute(
                insert(web_sessions).values(
                    session_hash=session.session_hash,
                    began_at=session.began_at,
                    seen_at=session.seen_at,
                    confirmed_at=session.confirmed_at,
                )
            )
            self._record(transaction, Deed(AuditAction.SIGN_IN))
            return True

        return self._write(work)

    def web_session(self, session_hash: bytes) -> WebSession | None:
        """See `WebSessionRepository.web_session`."""

        row = self._read_once(lambda transaction: _SESSION_WITH_HASH.first(transaction, session_hash=session_hash))
        return None if row is None else _session_of(row)

    def web_sessions(self) -> tuple[WebSession, ...]:
        """See `WebSessionRepository.web_sessions`."""
        newest_first = select(web_sessions).order_by(web_sessions.c.seen_at.desc(), web_sessions.c.session_hash)
        rows = self._read(lambda transaction: transaction.execute(newest_first).mappings().all())
        return tuple(_session_of(row) for row in rows)

    def note_web_session(self, session_hash: bytes, seen_at: datetime) -> None:
        """See `WebSessionRepository.note_web_session`."""
        noted = update(web_sessions).where(web_sessions.c.session_hash == session_hash).values(seen_at=seen_at)
        self._write(lambda transaction: transaction.execute(noted))

    def confirm_web_session(self, session_hash: bytes, confirmed_at: datetime) -> None:
        """See `WebSessionRepository.confirm_web_session`."""
        confirmed = update(web_sessions).where(web_sessions.c.session_hash == session_hash)
        self._write(lambda transaction: transaction.execute(confirmed.values(confirmed_at=confirmed_at)))

    def drop_web_session(self, session_hash: bytes) -> bool:
        """See `WebSessionRepository.drop_web_session`."""
        dropped = delete(web_sessions).where(web_sessions.c.session_hash == session_hash)
        return self._write(lambda transaction: transaction.execute(dropped).rowcount > 0)

    def drop_web_sessions(self, now: datetime) -> int:
        """See `WebSessionRepository.drop_web_sessions`."""

        def work(transaction: Transaction) -> int:
            rows = transaction.execute(select(web_sessions)).mappings().all()
            there = [_session_of(row) for row in rows]
            transaction.execute(delete(web_sessions))
            transaction.execute(delete(sign_in_links))
            return sum(session.is_open(now) for session in there)

        return self._write(work)


def _name_taken(token: ApiToken) -> Conflict:
    return Conflict(
        f"There is already an API token named {token.name!r}.",
        why="Names are unique, ignoring case.",
        next_step="Choose another name, or revoke that token first.",
    )


def _session_of(row: Mapping[str, Any] | RowMapping) -> WebSession:
    return WebSession(bytes(row["session_hash"]), row["began_at"], row["seen_at"], row["confirmed_at"])


def _all_tokens(transaction: Transaction) -> tuple[ApiToken, ...]:
    rows = transaction.execute(select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.id)).mappings()
    return tuple(_token_of(row) for row in rows)


def _row_of(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "token_hash": token.token_hash,
        "name": token.name,
        "name_key": name_key(token.name),
        "connections": None if token.connections is None else list(token.connections),
        "actions": [action.value for action in token.actions],
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }


def _token_of(row: Mapping[str, Any] | RowMapping) -> ApiToken:
    connections = row["connections"]
    return ApiToken(
        id=row["id"],
        token_hash=bytes(row["token_hash"]),
        name=row["name"],
        connections=None if connections is None else tuple(connections),
        actions=tuple(Action(each) for each in row["actions"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
    )
