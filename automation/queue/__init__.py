"""Stores handed out to workers on several machines, through Procrastinate's queue in PostgreSQL."""
