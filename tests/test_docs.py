"""The documentation says what the code does."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

import automation
import companion
from automation.core.errors import NotPermitted
from automation.core.flows.retrieval import STEP_IDS
from companion.cli.failure import explained_failure
from companion.cli.program import COMMAND_GROUP, program
from companion.core.child_environment import VARIABLES
from companion.core.errors import CompanionError
from companion.settings import Settings, SignInSettings
from companion.troubleshooting import section

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def invocations(text: str) -> list[str]:
    """Every `companion …` that stands in a code span or on a line of a code block, without what pipes into it."""
    spans = re.findall(r"`([^`\n]+)`", text)
    lines = [line for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    found = [re.search(r"(?:^|[\s/\\])companion ((?!shop\b)[a-z].*)", code) for code in spans + lines]
    return [match[1].partition("#")[0].strip() for match in found if match]


def command_of(invocation: str) -> tuple[click.Command, list[str]]:
    words = invocation.split()
    command: click.Command | None = program
    while isinstance(command, click.Group) and words:
        command = command.get_command(click.Context(command), words.pop(0).rstrip(",;:"))
    assert command is not None, f"there is no `companion {invocation}`"
    return command, words


@by_page
def test_every_command_and_option_that_is_named_exists(page):
    for invocation in invocations(page.read_text("utf-8")):
        ours, _, _ = invocation.partition(" -- ")  # what follows is another program's
        command, words = command_of(ours)
        options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        given = {word.partition("=")[0] for word in words if word.startswith("--") and word != "--"}
        assert given <= options, f"companion {invocation}"


def texts_of(file: Path) -> list[str]:
    """Every string of a module, `NAME` where an f-string puts something in."""
    tree = ast.parse(file.read_text("utf-8"))
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in node.values}
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in parts]
    return [node.value for node in plain if isinstance(node.value, str)] + [
        "".join(str(part.value) if isinstance(part, ast.Constant) else "NAME" for part in node.values)
        for node in joined
    ]


CODE = [
    file for folder in ("companion", "automation", "fixtures/simulated_store") for file in (ROOT / folder).rglob("*.py")
]


@pytest.mark.parametrize("file", CODE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_command_that_a_message_names_exists(file):
    for text in texts_of(file):
        unquoted = re.findall(r"^(?:[^`\n]*: )?companion (?!service\b)([a-z].*)", text)
        for invocation in invocations(text) + unquoted:
            command, words = command_of(invocation)
            options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            assert {word for word in words if re.fullmatch(r"--[a-z-]+", word)} <= options, f"companion {invocation}"


def test_every_command_stands_in_the_readme():
    named = {invocation.split()[0] for invocation in invocations(README)}
    assert named >= {entry.name for entry in entry_points(group=COMMAND_GROUP)}


def kinds_of_errors() -> list[type[CompanionError]]:
    for package in (companion, automation):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and "migrations" not in module.name:
                importlib.import_module(module.name)
    kinds = [CompanionError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return [kind for kind in kinds if kind.__module__.startswith(("companion.", "automation."))]


def test_the_exit_codes_of_the_readme_are_those_of_the_errors():
    raised = {kind.exit_code for kind in kinds_of_errors()}

    table = README.partition("### Exit codes")[2].partition("\n## ")[0]
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}

    # 9 is what commands end with that did a part of their work; no error stands for it.
    assert listed == raised | {0, 9}


def test_every_problem_and_every_exit_code_has_an_anchor_to_look_up():
    from companion.core.exit_codes import ExitCode
    from companion.web.problems import _PROTOCOL

    raised = {kind.code for kind in kinds_of_errors()}
    # What is told without an error of its own.
    plain = {"bad-request", "no-input", "wrong-usage"} | {code for code, _, _ in _PROTOCOL.values()}
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    codes = [heading for heading in headings if not heading.startswith("Exit code ")]
    assert len(codes) == len(set(codes))
    assert set(codes) == raised | plain
    assert {int(each.rpartition(" ")[2]) for each in headings if each not in codes} == set(ExitCode)


def test_each_problem_is_told_of_where_errors_lead_to():
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    for kind in kinds_of_errors():
        told = section(kind.code)
        assert told, kind.code
        assert told in text
        assert "###" not in told
    assert section("no-such-problem") is None
    assert section("wrong") is None


def test_an_error_of_the_program_leads_to_its_heading(monkeypatch):
    monkeypatch.chdir(ROOT)
    failure = NotPermitted("It may not.", next_step="Ask.", step=None)
    assert explained_failure(failure).text.splitlines()[-1] == "  More: docs/troubleshooting.md#not-permitted"
    monkeypatch.chdir(ROOT / "tests")
    assert explained_failure(failure).text.endswith(f"{ROOT / 'docs' / 'troubleshooting.md'}#not-permitted")
    assert "More:" not in explained_failure(KeyboardInterrupt()).text


@by_page
def test_links_lead_somewhere(page):
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        file = page if not path else (page.parent / path)
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_steps_of_the_docs_are_those_of_the_program():
    listing = ", ".join(f"`{step}`" for step in STEP_IDS)
    for page in (ROOT / "README.md", ROOT / "docs" / "how-it-works.md"):
        assert listing in " ".join(page.read_text("utf-8").split())


@by_page
def test_every_variable_that_is_named_is_read_or_given(page):
    settings = {f"COMPANION_{name.upper()}" for name in Settings.model_fields}
    sign_in = {f"BIGCOMMERCE_{name.upper()}" for name in SignInSettings.model_fields}

    named = set(re.findall(r"\b(?:COMPANION|BIGCOMMERCE)_[A-Z_]+[A-Z]", page.read_text("utf-8")))

    assert named <= settings | sign_in | set(VARIABLES)


def test_every_make_target_that_is_named_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for page in PAGES:
        text = page.read_text("utf-8")
        codes = "\n".join(re.findall(r"```\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))
        assert set(re.findall(r"^make ([a-z-]+)", codes, re.MULTILINE)) <= targets


def test_every_dependency_is_pinned_by_hash_and_no_address_is_named():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [entry for group in project["dependency-groups"].values() for entry in group if isinstance(entry, str)]
    wanted = {re.split(r"[<>=!~ \[]", entry)[0] for entry in (*project["project"]["dependencies"], *groups)}
    files = [f"requirements{part}.txt" for part in ("", "-bench", "-audit", "-docs", "-release", "-uv")]
    text = "".join((ROOT / name).read_text("utf-8") for name in files)
    pinned = re.findall(r"^([a-z0-9.\-]+)==\S+.* \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)

    assert wanted <= set(pinned)
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_every_page_stands_in_the_contents_of_the_site():
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    listed = re.findall(r"^([a-z/-]+)$", index.partition("{toctree}")[2], re.MULTILINE)
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}
    assert set(listed) == pages
    assert "decisions/*" in index


def test_every_decision_has_a_number_of_its_own():
    numbers = []
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        number = int(page.name[:4])
        assert page.read_text("utf-8").startswith(f"# {number}. "), page.name
        numbers.append(number)
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_decision_says_context_options_choice_and_consequence():
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = page.read_text("utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Options", "Choice", "Consequence")), page.name


def test_the_simulated_store_s_page_tells_of_every_bundle_circumstance_and_fault():
    from simulated_store.options.names import all_names

    page = (ROOT / "docs" / "simulated-store.md").read_text("utf-8")
    names = all_names()
    for kind in ("bundles", "circumstances", "fault_places", "faults"):
        for entry in names[kind]:
            assert f"| `{entry['name']}` | {entry['what']} |" in page, f"{kind}: {entry['name']}"


def test_the_simulated_store_s_page_tells_of_every_verb_over_http():
    from simulated_store.control import create_control_app
    from simulated_store.state import SimulatedBigCommerce

    page = (ROOT / "docs" / "simulated-store.md").read_text("utf-8").partition("## Control over HTTP")[2]
    spelled = {"<email>": "EMAIL", "<store_hash>": "HASH", "<verb>": "VERB", "<client_id>": "CLIENT_ID"}
    for rule in create_control_app(SimulatedBigCommerce(seed=7)).url_map.iter_rules():
        path = rule.rule.removeprefix("/simulated-store")
        for variable, word in spelled.items():
            path = path.replace(variable, word)
        assert re.search(rf"`(?:[A-Z]+ )?{re.escape(path)}`", page), rule.rule
