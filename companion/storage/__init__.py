"""Connections, sealed secrets and tickets in a relational database."""
