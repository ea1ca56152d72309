"""The project's own."""

import pytest


@pytest.fixture
def connected(bigcommerce_connection, monkeypatch):
    """The connection, and its variables in the environment of this process."""
    for name, value in bigcommerce_connection.env.items():
        monkeypatch.setenv(name, value)
    return bigcommerce_connection


@pytest.fixture
def catalogue(connected):
    from shop_sync.catalogue import Catalogue

    with Catalogue() as catalogue:
        yield catalogue
