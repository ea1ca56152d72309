"""Statements that every request runs: compiled once, then handed to the driver as they are.

SQLAlchemy takes ten times as long to run a statement as SQLite to find a row by its key, most of it to find out that it
has compiled the same one before. What is compiled, and how values become what the driver takes and gives, is still
SQLAlchemy's, so a statement means the same either way, on every database.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import JSON, Delete, Insert, LargeBinary, Select, Update
from sqlalchemy import Connection as Transaction
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

_Processor = Callable[[Any], Any] | None
_MOST_REMEMBERED = 256

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class _Compiled:
    """A statement for one kind of database.

    Attributes:
        positional: whether the driver takes values in the order of `binds`, else by name.
        binds: name, value where none is given, and what makes it one that the driver takes.
        columns: name of each column of the result, and what makes a value of the driver's.
        plain: whether the driver gives nothing but text, bytes and numbers; others read JSON by themselves.
    """

    text: str
    positional: bool
    binds: tuple[tuple[str, Any, _Processor], ...]
    columns: tuple[tuple[str, _Processor], ...]
    plain: bool

    def values(self, given: Mapping[str, Any]) -> Any:
        if self.positional:
            return [
                given.get(name, default) if made is None else made(given.get(name, default))
                for name, default, made in self.binds
            ]
        return {
            name: given.get(name, default) if made is None else made(given.get(name, default))
            for name, default, made in self.binds
        }


class Made(Generic[_T]):
    """What is made of rows, remembered for those that come again as they were, which costs less than making it anew.

    The row is read from the database each time, and compared as a whole. Nothing that is secret is made this way.
    """

    def __init__(self, make: Callable[[Mapping[str, Any]], _T]) -> None:
        """Take what makes something that cannot change of a row, given by the names of its columns."""
        self._make = make
        self._remembered = functools.lru_cache(maxsize=_MOST_REMEMBERED)(self._made)

    def of(self, compiled: _Compiled, row: tuple[Any, ...]) -> _T:
        """Return what is made of a row as the driver gave it."""
        return self._remembered(compiled, row) if compiled.plain else self._made(compiled, row)

    def _made(self, compiled: _Compiled, row: tuple[Any, ...]) -> _T:
        return self._make(_as_dict(compiled, row))


class Prepared:
    """A statement whose values are given by the names of its `bindparam`s, an `INSERT`'s by its columns'."""

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        """Take the statement; it is compiled when it is first run on a kind of database."""
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def first(self, transaction: Transaction, **values: Any) -> dict[str, Any] | None:
        """Return the first row by the names of its columns, None where there is none."""
        compiled = self._for(transaction.dialect)
        row = _fetched(transaction, compiled, values, "fetchone")
        return None if row is None else _as_dict(compiled, row)

    def all(self, transaction: Transaction, **values: Any) -> list[dict[str, Any]]:
        """Return all rows, each by the names of its columns."""
        compiled = self._for(transaction.dialect)
        rows = _fetched(transaction, compiled, values, "fetchall")
        return [_as_dict(compiled, row) for row in rows]

    def first_made(self, transaction: Transaction, made: Made[_T], **values: Any) -> _T | None:
        """Return what is made of the first row, None where there is none."""
        compiled = self._for(transaction.dialect)
        row = _fetched(transaction, compiled, values, "fetchone")
        return None if row is None else made.of(compiled, tuple(row))

    def grouped(
        self, transaction: Transaction, made: Made[_T], last: int, **values: Any
    ) -> tuple[_T, list[tuple[Any, ...]]] | None:
        """Return what is made of the first row but its `last` columns, and those of all rows as the driver gave them.

        None where there is no row.

        For rows that differ in these columns alone, as those of a join with what one thing has many of.
        """
        compiled = self._for(transaction.dialect)
        rows = _fetched(transaction, compiled, values, "fetchall")
        return (made.of(compiled, tuple(rows[0][:-last])), [tuple(row[-last:]) for row in rows]) if rows else None

    def change(self, transaction: Transaction, **values: Any) -> int:
        """Run it; returns how many rows it changed."""
        compiled = self._for(transaction.dialect)
        return int(_ran(transaction, compiled.text, compiled.values(values)).rowcount)

    def change_each(self, transaction: Transaction, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it for each of `rows`, which hold its values; the driver is asked once."""
        compiled = self._for(transaction.dialect)
        driver: Any = transaction.connection.dbapi_connection
        try:
            with closing(driver.cursor()) as cursor:
                cursor.executemany(compiled.text, [compiled.values(row) for row in rows])
        except transaction.dialect.loaded_dbapi.Error as failure:
            raise _wrapped(transaction, compiled.text, failure) from None

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return found


def run_text(transaction: Transaction, text: str) -> None:
    """Run a statement without values that gives nothing back."""
    _ran(transaction, text, ())


def _compile(statement: Select[Any] | Insert | Update | Delete, dialect: Dialect) -> _Compiled:
    if isinstance(statement, Insert):
        statement = statement.inline()
    compiled: Any = statement.compile(dialect=dialect)
    types = {name: bind.type for bind, name in compiled.bind_names.items()}
    names = compiled.positiontup if compiled.positional else types
    binds = tuple((name, compiled.params.get(name), _bind_processor(types[name], dialect)) for name in names)
    columns = (
        tuple((column.name, _result_processor(column.type, dialect)) for column in statement.selected_columns)
        if isinstance(statement, Select)
        else ()
    )
    return _Compiled(str(compiled), bool(compiled.positional), binds, columns, plain=dialect.name == "sqlite")


def _bind_processor(kind: Any, dialect: Dialect) -> _Processor:
    if isinstance(kind, LargeBinary):
        return None  # both drivers take bytes as they are
    processor: _Processor = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor if processor is None or not isinstance(kind, JSON) else functools.partial(_as_json, processor)


def _as_json(otherwise: Callable[[Any], Any], value: Any) -> Any:
    """Write JSON as SQLAlchemy does, sooner; what is none, or holds half a surrogate pair, is left to it."""
    if value is None:
        return otherwise(value)
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return otherwise(value)


def _result_processor(kind: Any, dialect: Dialect) -> _Processor:
    processor: _Processor = kind.dialect_impl(dialect).result_processor(dialect, None)
    return processor if processor is None or not isinstance(kind, JSON) else _from_json


def _from_json(text: str | None) -> Any:
    """Read JSON as the standard library does, which takes five times as long, and takes half a surrogate pair, too."""
    if text is None:
        return None
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text)


def _as_dict(compiled: _Compiled, row: Any) -> dict[str, Any]:
    """Return the values by the names of their columns; a row may end before the last ones."""
    return {
        name: value if made is None else made(value) for (name, made), value in zip(compiled.columns, row, strict=False)
    }


def _ran(transaction: Transaction, text: str, values: Any) -> Any:
    """Let the driver itself run it; returns the driver's cursor, which needs closing only where it has rows."""
    driver: Any = transaction.connection.dbapi_connection
    try:
        return driver.execute(text, values)
    except transaction.dialect.loaded_dbapi.Error as failure:
        raise _wrapped(transaction, text, failure) from None


def _fetched(transaction: Transaction, compiled: _Compiled, given: Mapping[str, Any], fetch: str) -> Any:
    """Run a statement that has rows, and return what this method of the driver's cursor gives of them."""
    cursor = _ran(transaction, compiled.text, compiled.values(given))
    try:
        return getattr(cursor, fetch)()
    except transaction.dialect.loaded_dbapi.Error as failure:
        raise _wrapped(transaction, fetch, failure) from None
    finally:
        cursor.close()


def _wrapped(transaction: Transaction, text: str, failure: Exception) -> BaseException:
    """Return what SQLAlchemy would raise, so that everybody else has one kind of failure to know."""
    dialect = transaction.dialect
    return DBAPIError.instance(text, None, failure, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)
