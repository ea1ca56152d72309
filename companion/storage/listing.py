"""The list of connections in the database: searched, filtered, counted; in the order of their names."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select
from sqlalchemy import Connection as Transaction

from companion.core.connection import AuthType, Connection, Status, name_key, search_key
from companion.core.errors import FieldError, InvalidInput
from companion.core.paging import MAX_PAGE
from companion.ports.listing import ConnectionFilter, ListPage, Overview
from companion.storage.prepared import Prepared
from companion.storage.rows import SELECT_CONNECTIONS, connection_of
from companion.storage.tables import connection_tags, connections
from companion.storage.transactions import Transactions

_MOST_TAGS = 40

_DELETE_TAGS = Prepared(delete(connection_tags).where(connection_tags.c.connection_id == bindparam("connection_id")))


class ListingStorage(Transactions):
    """A `ConnectionListing`."""

    def list_page(self, wanted: ConnectionFilter, *, limit: int, after: str | None = None) -> ListPage:
        """See `ConnectionListing.list_page`."""
        if not 1 <= limit <= MAX_PAGE:
            detail = f"A page has 1 to {MAX_PAGE} connections."
            raise InvalidInput(detail, fields=(FieldError("/limit", detail),))
        # In two steps: which ones is answered by an index alone, without reading the rows of all those that are not.
        ids = select(connections.c.id).where(*_conditions(wanted)).order_by(connections.c.name_key).limit(limit + 1)
        if after is not None:
            ids = ids.where(connections.c.name_key > name_key(after))
        query = SELECT_CONNECTIONS.where(connections.c.id.in_(ids.subquery().select())).order_by(connections.c.name_key)

        def work(transaction: Transaction) -> ListPage:
            rows = transaction.execute(query).mappings().all()
            found = tuple(connection_of(row) for row in rows[:limit])
            return ListPage(found, found[-1].name if len(rows) > limit else None)

        return self._read(work)

    def overview(self) -> Overview:
        """See `ConnectionListing.overview`."""

        def work(transaction: Transaction) -> Overview:
            status, auth_type, tag = connections.c.status, connections.c.auth_type, connection_tags.c.tag
            by_status = transaction.execute(select(status, func.count()).group_by(status)).all()
            with_token = transaction.execute(
                select(func.count()).select_from(connections).where(auth_type == AuthType.TOKEN.value)
            ).scalar()
            used = select(tag, func.count()).group_by(tag).order_by(func.count().desc(), tag).limit(_MOST_TAGS)
            return Overview(
                by_status={Status(name): count for name, count in by_status},
                with_auth_type_token=with_token or 0,
                tags=tuple((name, count) for name, count in transaction.execute(used)),
            )

        return self._read(work)


def put_tags(transaction: Transaction, connection: Connection, *, is_new: bool = False) -> None:
    """Let the connection be found by the tags that it has now, and by no others."""
    if not is_new:
        _DELETE_TAGS.change(transaction, connection_id=connection.id)
    rows = [{"tag": tag, "connection_id": connection.id} for tag in dict.fromkeys(connection.tags)]
    if rows:
        transaction.execute(insert(connection_tags), rows)


def _conditions(wanted: ConnectionFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        key = search_key(wanted.text)
        columns = (
            connections.c.name_key,
            connections.c.search_key,
            connections.c.subdomain,
            connections.c.store_hash,
        )
        found.append(or_(*(column.contains(key, autoescape=True) for column in columns)))
    if wanted.status is not None:
        found.append(connections.c.status == wanted.status.value)
    if wanted.auth_type is not None:
        found.append(connections.c.auth_type == wanted.auth_type.value)
    if wanted.tag is not None:
        tagged = select(connection_tags.c.connection_id).where(connection_tags.c.tag == wanted.tag)
        found.append(connections.c.id.in_(tagged))
    return found
