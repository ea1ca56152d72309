"""Who may call the service, in the database: the part of the repository that is about callers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, delete, insert, select, update

from companion.core.api_tokens import Action, ApiToken
from companion.core.connection import name_key
from companion.core.errors import Conflict
from companion.storage.failures import UniqueNameViolated
from companion.storage.tables import api_tokens

_T = TypeVar("_T")


class CallerStorage:
    """A `CallerRepository`; what runs its transactions is the repository that it is a part of."""

    def _read(self, work: Callable[[Transaction], _T]) -> _T:
        raise NotImplementedError

    def _write(self, work: Callable[[Transaction], _T]) -> _T:
        raise NotImplementedError

    def add_api_token(self, token: ApiToken, *, now: datetime) -> None:
        """See `CallerRepository.add_api_token`."""

        def work(transaction: Transaction) -> None:
            same_name = api_tokens.c.name_key == name_key(token.name)
            transaction.execute(delete(api_tokens).where(same_name, api_tokens.c.expires_at <= now))
            if transaction.execute(select(api_tokens.c.id).where(same_name)).first() is not None:
                raise _name_taken(token)
            transaction.execute(insert(api_tokens).values(_row_of(token)))

        try:
            self._write(work)
        except UniqueNameViolated:
            raise _name_taken(token) from None

    def api_token(self, token_id: str) -> ApiToken | None:
        """See `CallerRepository.api_token`."""

        def work(transaction: Transaction) -> ApiToken | None:
            row = transaction.execute(select(api_tokens).where(api_tokens.c.id == token_id)).mappings().first()
            return None if row is None else _token_of(row)

        return self._read(work)

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
            return None if row is None else _token_of(row)

        return self._write(work)

    def drop_api_tokens(self) -> tuple[ApiToken, ...]:
        """See `CallerRepository.drop_api_tokens`."""

        def work(transaction: Transaction) -> tuple[ApiToken, ...]:
            there = _all_tokens(transaction)
            transaction.execute(delete(api_tokens))
            return there

        return self._write(work)


def _name_taken(token: ApiToken) -> Conflict:
    return Conflict(
        f"There is already an API token named {token.name!r}.",
        why="Names are unique, ignoring case.",
        next_step="Choose another name, or revoke that token first.",
    )


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


def _token_of(row: RowMapping) -> ApiToken:
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
