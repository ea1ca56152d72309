"""The programs of `docs/using-a-connection.md` do what the page says, as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "using-a-connection.md").read_text("utf-8")
SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_information"})
CURL = shutil.which("curl")


def program(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture
def account(sandbox):
    return sandbox.store.state.store.create_api_account("ERP connection", SCOPES)


@pytest.fixture
def run(process, sandbox, account):
    """Run a command for the connection `shop`, where BigCommerce's names lead to the simulated store."""
    store = sandbox.store.state.store
    process.environment.update(sandbox.env)
    added = process.run(
        "add", "shop", "--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin",
        "--no-verify", stdin=account.access_token,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    return process.run


def test_the_python_program_prints_the_name_of_the_shop(run, sandbox):
    Path("shop_name.py").write_text(program("python"))
    done = run("exec", "shop", "--", sys.executable, "shop_name.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{sandbox.store.state.store.name}\n"


@pytest.mark.skipif(CURL is None or os.name != "posix", reason="no curl")
def test_the_shell_program_asks_without_a_secret_on_its_command_line(run):
    Path("time.sh").write_text(program("sh"))
    done = run(
        "exec", "shop", "--only", "BIGCOMMERCE_ACCESS_TOKEN", "--only", "BIGCOMMERCE_STORE_HASH", "--", "sh", "time.sh"
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r'\{"time":\s*\d+\}\s*', done.stdout)
