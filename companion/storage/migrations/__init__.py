"""Alembic's environment and scripts, run by `companion.storage.schema`, never by hand."""
