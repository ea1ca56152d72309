"""Programs that others wrote, run unchanged against the simulated store: what they find is in their environment alone.

The Python client is a test dependency and runs with the other tests. The programs for Node come from the npm registry
and run with `make programs`; `package.json` beside this file pins them, and says of one dependency which version to
take, since stencil-cli asks for one that a registry may not have. They need Node 24, which is installed beside them
where the machine has an older one.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from simulated_store.sandbox import Sandbox, running_sandbox
from simulated_store.state import ApiAccount, SimulatedBigCommerce, Store

HERE = Path(__file__).parent
NODE = "24.21.0"
MAJOR = int(NODE.split(".")[0])
PLATFORMS = {("Linux", "x86_64"): "linux-x64", ("Linux", "aarch64"): "linux-arm64", ("Darwin", "arm64"): "darwin-arm64"}
OPENS_BROWSERS = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP")

SCOPES = frozenset(
    {
        *("store_v2_information", "store_v2_products", "store_channel_settings", "store_sites"),
        *("store_themes_manage", "store_storefront_api"),
    }
)


@dataclass
class World:
    """A simulated store with an API account, and programs run against it."""

    sandbox: Sandbox
    account: ApiAccount
    folder: Path
    path: str = field(default_factory=lambda: os.environ["PATH"])

    @property
    def state(self) -> SimulatedBigCommerce:
        return self.sandbox.store.state

    @property
    def store(self) -> Store:
        return self.state.store

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name not in OPENS_BROWSERS},
            **self.sandbox.env,
            "PATH": self.path,
            "HOME": str(self.folder),
            "BROWSER": "true",  # the program, so that no page opens on the screen of whoever runs this
            "STORE_HASH": self.store.store_hash,
            "STORE_URL": f"https://{self.store.vanity_host}",
            "CLIENT_ID": self.account.client_id,
            "ACCESS_TOKEN": self.account.access_token,
        }

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, in an empty folder; prints what it said, for whom the test fails."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        print(done.stdout, done.stderr, sep="\n")  # noqa: T201
        return done

    def asked(self, host: str = "api.bigcommerce.com") -> list[tuple[str, str, int]]:
        """Method, path below the store, and status of every request to a host."""
        below = f"/stores/{self.store.store_hash}"
        return [(r.method, r.path.removeprefix(below), r.status) for r in self.state.requests if r.host == host]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    state = SimulatedBigCommerce(seed=17)
    state.clock.stop()  # so that no window ends between two requests, however slow the machine
    account = state.store.create_api_account("unrelated programs", SCOPES)
    with running_sandbox(state) as sandbox:
        yield World(sandbox, account, tmp_path)


@pytest.fixture(scope="session")
def node_programs() -> Path:
    """The folder with `node_modules`; installed once for each `package.json`, into this Python's own environment."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    wanted = HERE / "package.json"
    folder = Path(sys.prefix) / "node-programs" / hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(wanted, folder)
        own = _own_node()
        subprocess.run(
            [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", *own],
            cwd=folder,
            check=True,
        )
        (folder / "installed").touch()
    return folder


@pytest.fixture
def node_world(world: World, node_programs: Path) -> World:
    """The same, with the programs for Node and a Node that is new enough first on the path."""
    folders = [node_programs / "node_modules" / ".bin"]
    folders[:0] = [found.parent for found in node_programs.glob("node_modules/node-*/bin/node")]
    world.path = os.pathsep.join([*map(str, folders), world.path])
    return world


@pytest.fixture
def script(node_world: World, node_programs: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run JavaScript, an ES module, that may import the installed packages."""

    def run(code: str) -> subprocess.CompletedProcess[str]:
        (node_world.folder / "node_modules").symlink_to(node_programs / "node_modules")
        (node_world.folder / "program.mjs").write_text(code, "utf-8")
        return node_world.run("node", "program.mjs")

    return run


def _own_node() -> list[str]:
    """The npm package that brings Node along, where the machine has none that is new enough."""
    node = shutil.which("node")
    told = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    version = re.match(r"v(\d+)", told)
    if version and int(version[1]) >= MAJOR:
        return []
    name = PLATFORMS.get((platform.system(), platform.machine()))
    if name is None:
        pytest.skip(f"Node {MAJOR} or newer is not installed")
    return [f"node-{name}@{NODE}"]
