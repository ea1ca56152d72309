"""Connections, sealed secrets and hand-over tickets in a relational database.

`sqlite.py` sets SQLite up, `schema.py` brings a database to the present schema, `repository.py` is the port's one
implementation and holds no SQL of one database alone, `failures.py` turns what drivers raise into our errors.
"""
