"""Which of the long tests run: a seeded sample of those marked `sampled`, or all where COMPANION_TEST_ALL is set."""

import os
import random
import signal
from collections import Counter, defaultdict
from typing import Any

import pytest
from postgresql_server import postgresql_server, stoppable_server  # noqa: F401  fixtures for all

from companion.service.audit import USER, acting

pytest.register_assert_rewrite("retrievals", "transcripts", "written_pages")

collect_ignore = ["sample_project"]  # somebody else's, run by a test in an environment of its own

ALL = "COMPANION_TEST_ALL"
SEED = "COMPANION_TEST_SEED"


@pytest.fixture(autouse=True)
def as_the_user() -> None:
    """Let nobody act whom an earlier test of this process let act."""
    acting(USER)


def pytest_configure(config: pytest.Config) -> None:
    # Workers of pytest-xdist inherit the environment, so that all of them draw the same sample.
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))
    # A shell starts what runs in its background with SIGINT ignored, and every program of a test would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    if os.environ.get(ALL):
        return f"{ALL} is set: no test is left out; {SEED}={os.environ[SEED]} draws the same moments and inputs again"
    return f"sampled tests: {SEED}={os.environ[SEED]} draws this sample again, {ALL}=1 runs them all"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep `n` of the cases of each test, or of each `group` of tests, that is marked `sampled(n)`.

    A test that is asked for by its id is always kept.
    """
    if os.environ.get(ALL) or any("::" in argument for argument in config.args):
        return
    groups: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        marker = item.get_closest_marker("sampled")
        if marker:
            groups[marker.kwargs.get("group") or item.nodeid.partition("[")[0]].append(item)
    left_out: set[pytest.Item] = set()
    for name, cases in groups.items():
        marker = cases[0].get_closest_marker("sampled")
        kept = marker.args[0] if marker else len(cases)
        shuffled = sorted(cases, key=lambda case: case.nodeid)
        random.Random(f"{os.environ[SEED]} {name}").shuffle(shuffled)  # noqa: S311  a sample, not a secret
        left_out.update(shuffled[kept:])
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say of the forms of the control panel how many runs ended how, and how long each took."""
    told = [
        value
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "matrix"
    ]
    failed = [report.nodeid for report in terminalreporter.stats.get("failed", []) if "test_matrix" in report.nodeid]
    if not told:
        return
    counted = Counter(f"{mode}: {verdict}" for mode, _, verdict, _ in told)
    terminalreporter.section("forms of the control panel")
    for line in (*(f"{what}: {number}" for what, number in sorted(counted.items())), f"neither: {len(failed)}"):
        terminalreporter.write_line(line)
    for mode, form, _, seconds in sorted(told, key=lambda entry: -entry[3]):
        terminalreporter.write_line(f"{seconds:6.1f} s  {mode}  {form}")
