"""A project of somebody else installs the package for its tests, and finds there what the documentation says.

`tests/sample_project` runs in a virtual environment with nothing in it but the built wheel, what the wheel depends on,
and what the project itself needs; of all that exactly the pinned versions.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
ITS_OWN = ["pytest", "pytest-xdist", "requests"]
TESTS = 11


@dataclass(frozen=True)
class Project:
    """The sample project, its Python, and folders that its runs may leave nothing in."""

    folder: Path
    python: Path
    temporary: Path
    home: Path

    def run_tests(self, *options: str) -> str:
        """Run its suite; returns what was printed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COMPANION_"))}
        if "COMPANION_BROWSER" in os.environ:
            kept["COMPANION_BROWSER"] = os.environ["COMPANION_BROWSER"]
        done = subprocess.run(
            [self.python, "-m", "pytest", "-p", "no:cacheprovider", *options],
            cwd=self.folder,
            env={**kept, "TMPDIR": str(self.temporary), "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Made once, for all workers."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    place = base / "sample-project"
    found = Project(place / "project", _python_in(place / "venv"), place / "temporary", place / "home")
    with FileLock(base / "sample-project.lock"):
        if not found.python.exists():
            _make(found, place)
    return found


def _make(project: Project, place: Path) -> None:
    for folder in (project.temporary, project.home):
        folder.mkdir(parents=True)
    shutil.copytree(ROOT / "tests" / "sample_project", project.folder, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place], cwd=ROOT, check=True)
    constraints = place / "constraints.txt"
    constraints.write_text("\n".join(_pinned()))
    wanted = [str(next(place.glob("*.whl"))), *ITS_OWN, "--constraint", str(constraints)]
    unfinished = place / "unfinished"
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        venv.create(unfinished, with_pip=True)
        _install([_python_in(unfinished), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted])
    else:
        subprocess.run([uv, "venv", "-q", "--relocatable", "--python", sys.executable, unfinished], check=True)
        install = [uv, "pip", "install", "-q", "--python", _python_in(unfinished), *wanted]
        # What `make install` has put into the cache will do, so that nothing has to be asked of an index.
        if subprocess.run([*install, "--offline"], capture_output=True, check=False).returncode != 0:
            _install(install)
    unfinished.rename(place / "venv")


def _install(command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _pinned() -> list[str]:
    """The versions of requirements.txt, without their hashes: the wheel has none there."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    return [line.removesuffix(" \\") for line in lines if re.match(r"[a-z0-9]", line)]


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def test_its_suite_runs_in_parallel_twice_in_a_row(project: Project):
    for _ in range(2):
        printed = project.run_tests("-n", "2")

        assert f"{TESTS} passed" in printed
        assert "warning" not in printed.lower()
    _assert_that_nothing_is_left(project)


def test_nothing_but_the_wheel_is_installed(project: Project):
    where = "import simulated_store, companion; print(simulated_store.__file__, companion.__file__)"
    found = subprocess.run([project.python, "-I", "-c", where], capture_output=True, text=True, check=True).stdout

    assert found.count("site-packages") == 2
    assert str(ROOT) not in found


def test_its_messages_lead_to_a_page_that_came_along(project: Project):
    where = "from companion.troubleshooting import reference; print(reference('wrong-key'))"
    found = subprocess.run(
        [project.python, "-I", "-c", where], cwd=project.home, capture_output=True, text=True, check=True
    ).stdout

    page, _, heading = found.strip().partition("#")
    assert heading == "wrong-key"
    assert "site-packages" in page
    assert Path(page).read_text("utf-8") == (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")


@pytest.mark.browser
def test_its_automation_is_not_mistaken_for_ours_in_a_browser_run(project: Project):
    printed = project.run_tests("--companion-browser", "-k", "nightly or storefront_tells")

    assert "2 passed" in printed
    _assert_that_nothing_is_left(project)


@pytest.mark.browser
def test_the_demo_runs_outside_the_clone(project: Project):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BIGCOMMERCE_"))}
    done = subprocess.run(
        [project.python.with_name("companion"), "demo", "--json"],
        cwd=project.home,
        env={**kept, "TMPDIR": str(project.temporary), "HOME": str(project.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["connection"]["status"] == "ready"
    _assert_that_nothing_is_left(project)


def test_the_sdist_makes_the_same_wheel_and_types_come_along(tmp_path: Path):
    built = [_built("wheel", ROOT, tmp_path / "of-the-clone")]
    with tarfile.open(_built("sdist", ROOT, tmp_path)) as sdist:
        sdist.extractall(tmp_path / "sources", filter="data")
    (sources,) = (tmp_path / "sources").iterdir()
    built.append(_built("wheel", sources, tmp_path / "of-the-sdist"))
    (first, names), (second, _) = ((zipfile.ZipFile(wheel).infolist(), wheel.name) for wheel in built)
    assert {(each.filename, each.CRC) for each in first} == {(each.filename, each.CRC) for each in second}
    assert names.startswith("bigcommerce_companion-")
    here = {each.filename for each in first}
    assert {f"{package}/py.typed" for package in ("companion", "automation", "simulated_store")} <= here
    assert not [name for name in here if name.startswith("tests/") or "__pycache__" in name]
    assert {"README.md", "LICENSE", "CHANGELOG.md", "requirements.txt"} <= {each.name for each in sources.iterdir()}


def _built(target: str, source: Path, place: Path) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", place], cwd=source, check=True)
    (found,) = place.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return found


def _assert_that_nothing_is_left(project: Project) -> None:
    left = [path.name for path in project.temporary.iterdir() if not path.name.startswith("pytest-of-")]
    assert left == []
    assert not list(project.home.rglob("*companion*"))
