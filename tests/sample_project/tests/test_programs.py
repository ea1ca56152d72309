"""Programs that are told of the store by their environment."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shop_sync.storefront import store_name

import automation

ROOT = Path(__file__).parents[1]


def test_the_nightly_automation_is_the_project_s_own():
    assert automation.NIGHTLY[0] == "sync the catalogue"
    assert Path(automation.__file__).is_relative_to(ROOT)


def test_the_storefront_tells_the_store_s_name(connected):
    query = "query Name { site { settings { storeName } } }"

    assert store_name() == connected.graphql(query)["data"]["site"]["settings"]["storeName"]


@pytest.mark.bigcommerce(scopes=["store_v2_products_read_only"])
def test_the_program_prints_what_is_for_sale(bigcommerce_connection):
    done = subprocess.run(
        [sys.executable, "-m", "shop_sync"],
        cwd=ROOT,
        env={**os.environ, **bigcommerce_connection.env},
        capture_output=True,
        text=True,
        check=True,
    )

    assert len(done.stdout.split()) > 2
    assert bigcommerce_connection.access_token not in done.stdout


def test_companion_uses_the_service_of_the_test(bigcommerce_connection):
    companion = Path(sys.executable).with_name("companion")
    done = subprocess.run(
        [companion, "verify", "--json"],
        env={**os.environ, **bigcommerce_connection.env},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout)["status"] == "ready"
