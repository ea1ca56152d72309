"""What the companion writes for BigCommerce's own tools is what they read."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "using-a-connection.md").read_text("utf-8")
COMPANION = [sys.executable, "-c", "from companion.cli import main; main()"]


@pytest.fixture
def companion(node_world):
    """Run the companion in the world's folder, with a data folder of its own and the connection `shop`."""
    folder = node_world.folder
    own = {
        "COMPANION_DATA_DIR": str(folder.parent / f"{folder.name}-data"),
        "COMPANION_KEY_PROVIDER": "file",
        "COMPANION_KEY_FILE": str(folder.parent / f"{folder.name}-key" / "key.json"),
    }

    def run(*arguments):
        return node_world.run(*COMPANION, *arguments, **own)

    store = node_world.store
    added = subprocess.run(
        [*COMPANION, "add", "shop", "--subdomain", store.subdomain, "--store-hash", store.store_hash,
         "--access-token-stdin", "--no-verify"],
        input=node_world.account.access_token, text=True, env=node_world.environment | own, capture_output=True,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    return run


@pytest.fixture
def theme(node_world):
    config = {"settings": {"color-primary": "#000000"}, "variations": [{"name": "Light"}]}
    (node_world.folder / "config.json").write_text(json.dumps(config), "utf-8")
    return node_world


def pulled(theme):
    return json.loads((theme.folder / "config.json").read_text("utf-8"))["variations"][0].get("settings")


def test_stencil_reads_what_is_lent_to_it_and_nothing_is_left(companion, theme):
    assert companion("exec", "shop", "--with", "stencil", "--", "stencil", "pull", "--channel_id", "1").returncode == 0
    assert pulled(theme) == {"color-primary": "#3b3a72"}
    assert [each.name for each in theme.folder.glob("*stencil*")] == []


def test_stencil_reads_what_is_exported(companion, theme):
    assert companion("export", "shop", "--format", "stencil").returncode == 0
    assert theme.run("stencil", "pull", "--channel_id", "1").returncode == 0
    assert pulled(theme) == {"color-primary": "#3b3a72"}


def test_catalyst_reads_what_is_lent_to_it_and_nothing_is_left(companion, node_world):
    done = companion("exec", "shop", "--with", "catalyst", "--", "catalyst", "auth", "whoami")
    assert done.returncode == 0
    assert f"({node_world.store.store_hash})" in done.stdout + done.stderr
    assert not (node_world.folder / ".bigcommerce" / "project.json").exists()
    assert not (node_world.folder / ".env.local").exists()


def test_catalyst_reads_what_is_exported(companion, node_world):
    assert companion("export", "shop", "--format", "catalyst").returncode == 0
    done = node_world.run("catalyst", "auth", "whoami")
    assert done.returncode == 0
    assert f"({node_world.store.store_hash})" in done.stdout + done.stderr


def test_the_program_for_node_of_the_page_prints_the_name_of_the_shop(companion, node_world):
    (code,) = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)
    (node_world.folder / "shop-name.mjs").write_text(code, "utf-8")
    done = companion("exec", "shop", "--", "node", "shop-name.mjs")
    assert done.returncode == 0
    assert done.stdout == f"{node_world.store.name}\n"
