"""Runs of pytest within a test, in this process unless they must not share it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from simulated_store.testing.real_store import VARIABLES

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session")
def all_imported() -> None:
    """A run in this process forgets the modules that it was the first to import; some cannot be imported twice."""
    import simulated_store.testing.revocation
    from simulated_store.sandbox import running_sandbox
    from simulated_store.state import SimulatedBigCommerce
    from simulated_store.testing.connection import connect
    from simulated_store.testing.marks import Wanted
    from simulated_store.testing.sandbox import sandbox_of_test
    from simulated_store.testing.service import service_of_test

    assert simulated_store.testing.revocation
    with (
        running_sandbox(SimulatedBigCommerce()) as running,
        sandbox_of_test(running, None, "once", Wanted()) as sandbox,
        service_of_test(sandbox) as service,
    ):
        assert connect(service, (), in_browser=False).graphql("{ site { settings { storeName } } }")


@pytest.fixture
def run(all_imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs these tests, with nothing of the developer's own settings and warnings as errors."""
    for name in list(os.environ):
        if name.startswith("COMPANION_") or name in VARIABLES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("temporary")))
    monkeypatch.setattr("tempfile.tempdir", None)
    # Hypothesis would be imported anew in every run, and asserts are rewritten as they are.
    options = "--strict-markers -p no:cacheprovider -p no:hypothesispytest"
    pytester.makeini(f"[pytest]\nfilterwarnings = error\naddopts = {options}")

    def run(tests: str, *options: str, apart: bool = False) -> pytest.RunResult:
        pytester.makepyfile(tests)
        return pytester.runpytest_subprocess(*options) if apart else pytester.runpytest_inprocess(*options)

    return run
