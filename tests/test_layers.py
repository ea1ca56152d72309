"""The imports are those of the layering: arrows point inwards, and there are no circles.

Read from the source, so that an import that only happens inside a function counts too.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"companion": ROOT, "automation": ROOT, "simulated_store": ROOT / "fixtures"}

# What a module or package may import from this repository. The longest name that fits a module counts; a package's own
# modules may always import one another, save where they have rules of their own. A new module that fits no rule fails
# the test, so that its place is decided rather than happened upon.
MAY_IMPORT: dict[str, set[str]] = {
    "companion": set(),  # the version alone
    "companion.core": set(),
    "companion.core.errors": {"companion.core.exit_codes"},
    "companion.core.exit_codes": set(),
    "companion.core.secret": set(),
    "companion.core.store_urls": {"companion.core.errors", "companion.core.redaction"},
    "companion.core.connection": {
        "companion.core.errors",
        "companion.core.ids",
        "companion.core.secret",
        "companion.core.shown_text",
        "companion.core.store_urls",
        "companion.core.storefront_token",
    },
    "companion.core.api_tokens": {
        "companion.core.errors",
        "companion.core.ids",
        "companion.core.secret",
        "companion.core.shown_text",
    },
    "companion.core.proof": {"companion.core.api_tokens", "companion.core.secret"},
    "companion.core.web_sessions": {"companion.core.secret", "companion.core.timestamps"},
    "companion.core.entropy": set(),
    "companion.core.envelope": {"companion.core.entropy", "companion.core.errors"},
    "companion.core.host_map": {"companion.core.errors"},
    "companion.core.storefront_token": {"companion.core.errors", "companion.core.secret"},
    "companion.private_files": set(),
    "companion.project_files": {"companion.private_files"},
    "companion.clipboard": {"companion.core"},
    "companion.troubleshooting": set(),
    "companion.ports": {"companion.core"},
    "companion.schemas": {"companion.core"},
    "companion.settings": {"companion.core"},
    "companion.service": {"companion.core", "companion.ports"},
    "companion.keys": {"companion.core", "companion.private_files"},
    "companion.storage": {"companion.core", "companion.ports", "companion.private_files"},
    "companion.identity": {"companion.core"},
    "companion.bigcommerce": {"companion.core", "companion"},
    "companion.account_notes": {"companion.core", "companion.private_files"},
    "companion.launcher": {"companion.core"},
    "companion.try_out_process": {"companion.core", "companion.launcher"},
    "companion.panel_command_process": {"companion.core", "companion.launcher"},
    "companion.manifest": {"companion.core", "companion.private_files"},
    "companion.client": {"companion.core"},
    "companion.api_token": {"companion.core", "companion.private_files"},
    "companion.service_state": {"companion.core", "companion.private_files"},
    "companion.web": {
        "companion.core",
        "companion.ports",
        "companion.schemas",
        "companion.service",
        "companion",
        "companion.troubleshooting",
    },
    "companion.web.problems": {"companion.core"},
    "companion.wiring": {
        "companion",
        "companion.api_token",
        "companion.bigcommerce",
        "companion.core",
        "companion.identity",
        "companion.keys",
        "companion.launcher",
        "companion.panel_command_process",
        "companion.ports",
        "companion.private_files",
        "companion.service",
        "companion.service_state",
        "companion.settings",
        "companion.storage",
        "companion.try_out_process",
        "companion.web",
    },
    "companion.cli": {
        "companion",
        "companion.account_notes",
        "companion.api_token",
        "companion.client",
        "companion.clipboard",
        "companion.core",
        "companion.manifest",
        "companion.private_files",
        "companion.project_files",
        "companion.service_state",
        "companion.settings",
        "companion.troubleshooting",
        "companion.wiring",
    },
    "automation": set(),
    "automation.cli": set(),
    "automation.jobs": set(),
    "automation.core": set(),
    "automation.core.errors": {"companion.core.errors"},
    "automation.core.translations": set(),
    "automation.core.targets": {"automation.core.translations"},
    "automation.core.snapshot": set(),
    "automation.core.request": {"automation.core.translations", "companion.core"},
    "automation.core.oauth_scopes": {"automation.core.request", "companion.core"},
    "automation.core.batch_rows": {"companion.core"},
    "automation.core.presets": {"automation.core.oauth_scopes", "companion.core"},
    "automation.core.flows": set(),
    "automation.core.extract": {
        "automation.core.oauth_scopes",
        "automation.core.request",
        "automation.core.snapshot",
        "automation.core.targets",
        "companion.core",
    },
    "automation.core.view": {"automation.core.extract", "automation.core.snapshot", "automation.core.targets"},
    "automation.core.progress": {
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.request",
        "automation.core.snapshot",
        "companion.core",
    },
    "automation.core.actions": {
        "automation.core.errors",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.request",
    },
    "automation.core.decisions": {
        "automation.core.account_ends",
        "automation.core.actions",
        "automation.core.errors",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.progress",
        "automation.core.request",
        "automation.core.snapshot",
        "automation.core.targets",
        "automation.core.view",
        "companion.core",
    },
    "automation.core.decide": {
        "automation.core.actions",
        "automation.core.decisions",
        "automation.core.errors",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.progress",
        "automation.core.snapshot",
        "automation.core.view",
    },
    "automation.core.account_ends": set(),
    "automation.core.earlier_accounts": {"companion.core"},
    "automation.core.known_accounts": {
        "automation.core.account_ends",
        "automation.core.errors",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.oauth_scopes",
        "automation.core.request",
        "companion.core",
    },
    "automation.core.guided": {
        "automation.core.actions",
        "automation.core.decide",
        "automation.core.errors",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.progress",
        "automation.core.request",
        "automation.core.snapshot",
        "automation.core.view",
        "companion.core",
    },
    "automation.core.guidance": {
        "automation.core.actions",
        "automation.core.errors",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.targets",
    },
    "automation.core.guide": {
        "automation.core.actions",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.guidance",
        "automation.core.request",
        "automation.core.targets",
        "automation.core.translations",
        "companion.core",
    },
    "automation.core.seen": {
        "automation.core.extract",
        "automation.core.request",
        "automation.core.snapshot",
        "automation.core.view",
    },
    "automation.core.survey": {
        "automation.core.actions",
        "automation.core.decisions",
        "automation.core.extract",
        "automation.core.flows",
        "automation.core.progress",
        "automation.core.request",
        "automation.core.targets",
        "automation.core.view",
    },
    "automation.core.session_cookies": {"automation.core.extract", "companion.core"},
    "automation.core.evidence": {
        "automation.core.extract",
        "automation.core.snapshot",
        "automation.core.targets",
        "companion.core",
    },
    "automation.jobs.account_names": {"automation.core.account_ends", "companion.core"},
    "automation.cli.authenticator": set(),
    "automation.browser": {"automation.core", "companion.core"},
    "automation.pages": {"automation.core"},
    "automation.overlay": {"automation.core"},
    "automation.ports": {"companion.client", "companion.core"},
    "automation.runners": {
        "automation.browser.fibers",
        "automation.core",
        "automation.overlay",
        "automation.pages",
        "companion.core",
    },
    "automation.jobs.interruption": {"automation.browser", "automation.core", "companion.core"},
    "automation.cli.sign_in": {
        "automation.cli.authenticator",
        "automation.core",
        "automation.runners",
        "companion.core",
    },
    "automation.cli.step_display": {"automation.core", "automation.runners"},
    "automation.jobs.hand_over": {"automation.core", "automation.ports", "companion.client", "companion.core"},
    "automation.jobs.ticket_service": {"companion.client", "companion.core"},
    "automation.core.store_jobs": {"automation.core.batch_rows", "companion.core"},
    "automation.queue": {
        "automation.browser",
        "automation.core",
        "automation.jobs.account_names",
        "automation.jobs.context_in_browser",
        "automation.jobs.hand_over",
        "automation.jobs.interruption",
        "automation.jobs.left_accounts",
        "automation.jobs.retrieval",
        "automation.jobs.run_options",
        "automation.ports",
        "automation.runners",
        "companion.account_notes",
        "companion.client",
        "companion.core",
    },
    "automation.cli.worker": {
        "automation.cli.sign_in",
        "automation.core",
        "automation.jobs.interruption",
        "automation.queue",
        "companion.cli",
        "companion.client",
        "companion.core",
        "companion.settings",
    },
    "automation.cli.jobs": {
        "automation.cli.batch",
        "automation.cli.worker",
        "automation.core",
        "automation.jobs.account_names",
        "automation.queue",
        "companion.cli",
        "companion.core",
        "companion.settings",
    },
    "automation.jobs.storefront_lookup": {
        "automation.core",
        "automation.jobs.hand_over",
        "automation.ports",
        "companion.client",
        "companion.core",
    },
    "automation.jobs.reports": {
        "automation.core",
        "automation.runners",
        "companion.client",
        "companion.core",
    },
    "automation.jobs.left_accounts": {
        "automation.core",
        "automation.ports",
        "automation.runners",
        "companion.account_notes",
        "companion.client",
        "companion.core",
    },
    "automation.jobs.run_options": {
        "automation.browser",
        "automation.core",
        "automation.jobs.interruption",
        "automation.jobs.left_accounts",
        "automation.jobs.reports",
        "automation.runners",
    },
    "automation.jobs.attempt": {
        "automation.core",
        "automation.jobs.account_names",
        "automation.jobs.hand_over",
        "automation.jobs.interruption",
        "automation.jobs.left_accounts",
        "automation.jobs.reports",
        "automation.jobs.run_options",
        "automation.runners",
        "companion.client",
        "companion.core",
    },
    "automation.jobs.retrieval": {
        "automation.browser",
        "automation.core",
        "automation.jobs.attempt",
        "automation.jobs.hand_over",
        "automation.jobs.left_accounts",
        "automation.jobs.reports",
        "automation.jobs.run_options",
        "automation.jobs.storefront_lookup",
        "automation.ports",
        "automation.runners",
        "companion.client",
        "companion.core",
    },
    "automation.jobs.illustrating": {
        "automation.browser",
        "automation.core",
        "automation.jobs.run_options",
        "automation.overlay",
        "automation.pages",
        "automation.runners",
    },
    "automation.jobs.rehearsal": {
        "automation.core",
        "automation.jobs.attempt",
        "automation.jobs.hand_over",
        "automation.jobs.reports",
        "automation.jobs.retrieval",
        "automation.jobs.run_options",
        "automation.ports",
        "automation.runners",
    },
    "automation.jobs.revocation": {
        "automation.core",
        "automation.jobs.run_options",
        "automation.ports",
        "automation.runners",
        "companion.client",
        "companion.core",
    },
    "automation.jobs.rotation": {
        "automation.browser",
        "automation.core",
        "automation.jobs.account_names",
        "automation.jobs.hand_over",
        "automation.jobs.interruption",
        "automation.jobs.reports",
        "automation.jobs.retrieval",
        "automation.jobs.revocation",
        "automation.jobs.run_options",
        "automation.ports",
        "automation.runners",
        "companion.client",
        "companion.core",
    },
    "automation.jobs.beside": {"automation.browser", "automation.runners", "companion.core"},
    "automation.jobs.batch_values": {"automation.core", "companion.client", "companion.core"},
    "automation.jobs.batch_users": {"automation.core", "automation.runners", "companion.core"},
    "automation.jobs.context_in_browser": {"automation.browser", "automation.jobs.run_options"},
    "automation.jobs.shared_browser": {
        "automation.jobs.batch_users",
        "automation.jobs.context_in_browser",
        "automation.jobs.interruption",
    },
    "automation.jobs.batch": {
        "automation.jobs.batch_users",
        "automation.jobs.batch_values",
        "automation.jobs.shared_browser",
        "automation.jobs.beside",
        "automation.browser",
        "automation.core",
        "automation.jobs.account_names",
        "automation.jobs.hand_over",
        "automation.jobs.interruption",
        "automation.jobs.left_accounts",
        "automation.jobs.retrieval",
        "automation.jobs.run_options",
        "automation.ports",
        "automation.runners",
        "companion.core",
    },
    "automation.cli.child_pipes": {"companion.core"},
    "automation.cli.retrieval_child": {
        "automation.browser",
        "automation.cli.child_pipes",
        "automation.cli.child_run",
        "automation.core",
        "automation.jobs.interruption",
        "automation.runners",
        "companion.core",
    },
    "automation.cli.child_run": {
        "automation.browser",
        "automation.cli.sign_in",
        "automation.core",
        "automation.jobs.account_names",
        "automation.jobs.hand_over",
        "automation.jobs.interruption",
        "automation.jobs.kept_session",
        "automation.jobs.left_accounts",
        "automation.jobs.reports",
        "automation.jobs.retrieval",
        "automation.jobs.run_options",
        "automation.jobs.ticket_service",
        "automation.runners",
        "companion.account_notes",
        "companion.client",
        "companion.core",
        "companion.settings",
    },
    "automation.cli.end_at_once": {
        "automation.core",
        "automation.jobs.reports",
        "companion.cli",
    },
    "automation.cli.kept_session": {
        "automation.jobs.kept_session",
        "automation.jobs.reports",
        "automation.ports",
        "companion.cli",
        "companion.core",
        "companion.settings",
    },
    "automation.cli.noting": {
        "automation.jobs.left_accounts",
        "companion.account_notes",
        "companion.cli",
        "companion.settings",
    },
    "automation.cli.retrieve": {
        "automation.browser",
        "automation.cli.kept_session",
        "automation.cli.noting",
        "automation.cli.sign_in",
        "automation.cli.step_display",
        "automation.core",
        "automation.jobs.hand_over",
        "automation.jobs.interruption",
        "automation.jobs.rehearsal",
        "automation.jobs.reports",
        "automation.jobs.retrieval",
        "automation.jobs.run_options",
        "companion.cli",
        "companion.core",
        "companion.private_files",
        "companion.settings",
    },
    "automation.cli.batch": {
        "automation.cli.end_at_once",
        "automation.cli.kept_session",
        "automation.cli.noting",
        "automation.cli.sign_in",
        "automation.core",
        "automation.jobs.batch",
        "automation.jobs.batch_values",
        "automation.jobs.interruption",
        "automation.ports",
        "automation.runners",
        "companion.cli",
        "companion.core",
        "companion.settings",
    },
    # What the program finds by entry point.
    "automation.cli.panel_check": {
        "automation.cli.kept_session",
        "automation.cli.sign_in",
        "automation.core",
        "automation.jobs.run_options",
        "automation.runners",
        "companion.core",
        "companion.private_files",
        "companion.settings",
    },
    "automation.cli.rotation_texts": {
        "automation.core",
        "automation.jobs.rotation",
        "companion.cli",
        "companion.client",
        "companion.core",
    },
    "automation.cli.rotations": {
        "automation.cli.end_at_once",
        "automation.cli.kept_session",
        "automation.cli.noting",
        "automation.cli.rotation_texts",
        "automation.cli.sign_in",
        "automation.cli.step_display",
        "automation.core",
        "automation.jobs.interruption",
        "automation.jobs.reports",
        "automation.jobs.rotation",
        "automation.jobs.run_options",
        "companion.cli",
        "companion.client",
        "companion.core",
        "companion.settings",
    },
    "automation.cli.rotate": {
        "automation.cli.rotations",
        "companion.cli",
        "companion.settings",
    },
    # Only what signs in by itself needs it; the kept sessions themselves come through a port that the command fills.
    "automation.jobs.kept_session": {
        "automation.browser",
        "automation.core",
        "automation.jobs.run_options",
        "automation.runners",
        "companion.core",
    },
    "automation.cli.revoke": {
        "automation.cli.kept_session",
        "automation.cli.sign_in",
        "automation.core",
        "automation.jobs.interruption",
        "automation.jobs.revocation",
        "automation.jobs.run_options",
        "companion.cli",
        "companion.client",
        "companion.settings",
    },
    "automation.cli.leftovers": {"automation.browser"},
    "automation.cli.checks": {"automation.browser", "companion.core", "companion.settings"},
    "automation.cli.connect": {
        "automation.browser",
        "automation.cli.batch",
        "automation.cli.end_at_once",
        "automation.cli.retrieve",
        "automation.core",
        "automation.jobs.account_names",
        "automation.jobs.batch_values",
        "automation.jobs.hand_over",
        "automation.jobs.interruption",
        "automation.jobs.reports",
        "companion.cli",
        "companion.core",
        "companion.settings",
    },
    "simulated_store": set(),
    "simulated_store.canaries": set(),
    # The programs around the store; the store itself shares no code with what it tests.
    "simulated_store.commands": {"simulated_store", "companion.*"},
    "simulated_store.demo": {"simulated_store", "automation", "companion.*"},
    "simulated_store.guide": {"simulated_store", "automation", "companion.*"},
    "simulated_store.guide_of_own_store": {"simulated_store", "automation", "companion.*"},
    "simulated_store.side_by_side": {"automation", "companion.*"},
    "simulated_store.stories": {"simulated_store", "automation", "companion.*"},
    "simulated_store.kept_demo": {"simulated_store", "companion.*"},
    "simulated_store.own_pages": {"simulated_store", "automation", "companion.*"},
    "simulated_store.own_settings": {"companion.*"},
    "simulated_store.try_out": {"simulated_store", "companion.*"},
    "simulated_store.sandbox": {"simulated_store"},
    # Never `automation`: the test suites that load it may have a package of that name.
    "simulated_store.pytest_plugin": {"simulated_store", "companion.*"},
    "simulated_store.testing": {"simulated_store", "companion.*"},
}

# Modules that do something, rather than work something out: the pure cores have none of them.
DOES_SOMETHING = {
    "asyncio", "concurrent", "ctypes", "fcntl", "getpass", "glob", "http", "io", "logging", "multiprocessing", "os",
    "pathlib", "random", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time",
}  # fmt: skip
LIBRARIES_OF_A_CORE = {"companion.core": {"cryptography"}, "automation.core": set()}


@cache
def modules() -> dict[str, frozenset[str]]:
    """Every module of the three packages, and all that it imports: own modules, and others by their top name."""
    files = {
        ".".join(file.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): file
        for package, base in PACKAGES.items()
        for file in (base / package).rglob("*.py")
    }
    return {name: frozenset(_imports(file, set(files))) for name, file in files.items()}


@cache
def imports_that_run() -> dict[str, frozenset[str]]:
    """As `modules`, without what only a type checker imports."""
    return {name: frozenset(_imports(_file_of(name), set(modules()), running=True)) for name in modules()}


def _file_of(module: str) -> Path:
    plain = PACKAGES[module.split(".")[0]].joinpath(*module.split("."))
    return plain / "__init__.py" if plain.is_dir() else plain.with_suffix(".py")


def _imports(file: Path, own: set[str], *, running: bool = False) -> Iterator[str]:
    for node in _nodes(ast.parse(file.read_text(encoding="utf-8")), running=running):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute, so that they can be searched for"
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from named & own or {str(node.module)}


def _nodes(node: ast.AST, *, running: bool) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (running and isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")):
            yield from _nodes(child, running=running)


def _own(imported: frozenset[str]) -> set[str]:
    return {name for name in imported if name.split(".")[0] in PACKAGES}


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _allows(allowed: str, name: str) -> bool:
    # `companion` is its `__init__` alone, which holds the version; `companion.*` is all of it.
    return name == "companion" if allowed == "companion" else _within(name, allowed.removesuffix(".*"))


def _rule_of(module: str) -> str:
    return max((rule for rule in MAY_IMPORT if _within(module, rule)), key=len)


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_module_imports_what_its_place_allows(module: str) -> None:
    rule = _rule_of(module)
    allowed = {rule} | MAY_IMPORT[rule]
    for name in _own(modules()[module]):
        assert any(_allows(each, name) for each in allowed), f"{module} ({rule}) must not import {name}"


# Below these, each module or package has a rule of its own; the simulated store shares no code with what it tests, so
# one rule does for it.
TO_COME: set[str] = set()
DECIDED_ONE_BY_ONE = {"companion", "automation", "automation.core"}


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_new_module_has_a_rule(module: str) -> None:
    if module.rpartition(".")[0] in DECIDED_ONE_BY_ONE:
        assert module in MAY_IMPORT, f"decide what {module} may import, and write it into MAY_IMPORT"


def test_what_a_rule_allows_is_used() -> None:
    for rule, allowed in MAY_IMPORT.items():
        used = {name for module in modules() if _rule_of(module) == rule for name in _own(modules()[module])}
        unused = {each for each in allowed if not any(_allows(each, name) for name in used)}
        assert rule in TO_COME or not unused, f"{rule} does not import {unused}"


def test_every_rule_is_of_a_module_or_is_of_one_to_come() -> None:
    known = {package for module in modules() for package in _parents(module)}
    assert set(MAY_IMPORT) - known <= TO_COME


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def test_there_are_no_circles() -> None:
    graph = {name: _own(imported) & set(modules()) - {name} for name, imported in imports_that_run().items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' -> '.join(circle.args[1])}")


@pytest.mark.parametrize("module", sorted(name for name in modules() if ".core" in name))
def test_a_core_is_pure(module: str) -> None:
    core = next(core for core in LIBRARIES_OF_A_CORE if _within(module, core))
    others = {name.split(".")[0] for name in modules()[module]} - set(PACKAGES)
    assert not others & DOES_SOMETHING, f"{module} must get this as an argument instead"
    assert others - set(sys.stdlib_module_names) <= LIBRARIES_OF_A_CORE[core]


def test_the_companion_knows_nothing_of_who_uses_it() -> None:
    for module, imported in modules().items():
        if module.startswith("companion"):
            assert not {name for name in _own(imported) if not name.startswith("companion")}, module


def test_errors_import_the_exit_codes_alone_and_secrets_nothing_of_ours() -> None:
    assert _own(modules()["companion.core.errors"]) == {"companion.core.exit_codes"}
    assert not _own(modules()["companion.core.exit_codes"])
    assert not _own(modules()["companion.core.secret"])


def test_only_the_wiring_and_the_fixtures_for_tests_name_concrete_storage_keys_and_clients() -> None:
    concrete = ("companion.storage", "companion.keys", "companion.bigcommerce")
    for module, imported in modules().items():
        for name in _own(imported):
            for package in concrete:
                if _within(name, package) and not _within(module, package) and not _within(module, "companion.wiring"):
                    assert _within(module, "simulated_store.testing"), f"{module} names {name}"
