"""What every command has in common: help, versions, failures, exit codes, documents."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from companion import __version__
from companion.cli.failure import explained_failure
from companion.cli.output import Output, with_output
from companion.cli.program import COMMAND_GROUP, Program
from companion.core.errors import FieldError, InvalidInput, KeysUnavailable

HEAVY = {
    "flask", "sqlalchemy", "alembic", "pydantic", "cryptography", "httpx2", "playwright", "rich", "keyring", "bs4",
}  # fmt: skip


def test_help_lists_every_installed_command(companion):
    shown = companion("--help").output

    for entry in entry_points(group=COMMAND_GROUP):
        assert f"\n  {entry.name} " in shown
    assert "cannot be loaded" not in shown


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from companion.cli.program import program\n"
        "try: program.main(['--help'])\nexcept SystemExit: print(sorted(sys.modules), file=sys.stderr)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr

    assert "click" in loaded
    assert {name for name in HEAVY if f"'{name}'" in loaded} == set()


def test_a_command_that_cannot_be_imported_leaves_the_others_in_the_help():
    class OneBroken(Program):
        @property
        def entry_points(self) -> dict[str, EntryPoint]:
            return {
                "absent": EntryPoint("absent", "no_such_package.at_all:command", COMMAND_GROUP),
                "list": EntryPoint("list", "companion.cli.list:list_", COMMAND_GROUP),
            }

    shown = CliRunner().invoke(OneBroken("companion"), ["--help"])

    assert shown.exit_code == 0
    assert "List connections" in shown.output
    assert "absent  (cannot be loaded: ModuleNotFoundError)" in shown.output


def test_a_mistyped_command_is_told_which_come_near(companion):
    done = companion("conect")
    assert done.exit_code == 2
    assert "connect" in done.stderr.replace("conect", "")


@pytest.mark.parametrize(("group", "member"), [("keys", "rotate"), ("api-tokens", "create"), ("sandbox", "serve")])
def test_a_group_alone_names_its_commands_in_one_line(companion, group, member):
    done = companion(group)
    assert done.exit_code == 2
    first, second = done.stderr.splitlines()
    assert member in first
    assert f"{group} --help" in second


def test_version_is_the_package_s(companion):
    first, facts = companion("--version").stdout.splitlines()
    assert first == f"companion, version {__version__}"
    assert platform.python_version() in facts


def test_version_tells_what_it_runs_on_and_nothing_of_the_user(companion):
    shown = companion("--version", "--json").stdout
    document = json.loads(shown)
    assert document["version"] == __version__
    assert document["installed_from"] == "a clone"
    assert set(document["libraries"]) == {"playwright", "cryptography", "sqlalchemy", "flask"}
    assert str(Path.home()) not in shown


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_can_be_told_how_to_complete(process, shell):
    process.environment["_COMPANION_COMPLETE"] = f"{shell}_source"
    assert "_COMPANION_COMPLETE" in process.run().stdout


@pytest.mark.parametrize(
    ("typed", "offered"), [("companion unin", "uninstall"), ("companion uninstall --dry", "--dry-run")]
)
def test_commands_and_options_are_completed(process, typed, offered):
    process.environment.update(
        _COMPANION_COMPLETE="bash_complete", COMP_WORDS=typed, COMP_CWORD=str(len(typed.split()) - 1)
    )
    assert process.run().stdout.split() == [f"plain,{offered}"]


def commands() -> list[str]:
    """Return all commands, those of groups with the group's name before them."""
    found = []
    for entry in entry_points(group=COMMAND_GROUP):
        command = entry.load()
        found += [f"{entry.name} {name}" for name in command.commands] if hasattr(command, "commands") else [entry.name]
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_every_command_takes_json(companion, command):
    assert "--json" in companion(*command.split(), "--help").output or command == "sandbox exec"


@pytest.mark.parametrize(
    "arguments",
    [("no-such-command",), ("list", "--no-such-option"), ("add",), ("list", "--limit", "0"), ("graphql",)],
    ids=" ".join,
)
def test_wrong_usage_is_a_document_too(companion, arguments):
    plain, as_json = companion(*arguments), companion(*arguments, "--json")

    assert plain.exit_code == as_json.exit_code == 2
    assert plain.stdout == ""
    assert "Error: " in plain.stderr
    document = json.loads(as_json.stdout)
    assert document["error"]["exit_code"] == 2
    assert document["error"]["detail"]
    assert document["error"]["step"] is None
    assert document["created"] == []


def test_json_behind_two_hyphens_belongs_to_another_program(companion):
    assert companion("no-such-command", "--", "--json").stdout == ""


class Failing(Program):
    """A program with one command, which raises what it is told to."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__("companion")

        @click.command("fail")
        @with_output
        def fail(output: Output) -> None:
            raise failure

        self.add_command(fail)

    @property
    def entry_points(self) -> dict[str, EntryPoint]:
        return {}


def test_the_unexpected_is_short_and_shows_no_message_and_no_traceback():
    result = CliRunner().invoke(Failing(RuntimeError("token-4711")), ["fail", "--json"])

    assert result.exit_code == json.loads(result.stdout)["error"]["exit_code"] == 1
    assert "RuntimeError" in result.stderr
    assert "Traceback" not in result.output
    assert "token-4711" not in result.output


def test_ctrl_c_ends_with_130_and_a_document():
    result = CliRunner().invoke(Failing(KeyboardInterrupt()), ["fail", "--json"])

    assert result.exit_code == json.loads(result.stdout)["error"]["exit_code"] == 130


def test_input_that_ends_too_early_is_invalid_input():
    result = CliRunner().invoke(Failing(EOFError()), ["fail"])

    assert result.exit_code == 2


def test_our_errors_say_what_why_and_what_to_do():
    error = KeysUnavailable("The keys are away.", why="The keychain is shut.", next_step="Open it.")

    result = CliRunner().invoke(Failing(error), ["fail", "--json"])

    problem = json.loads(result.stdout)["error"]
    assert result.exit_code == problem["exit_code"] == 5
    assert problem["code"] == "keys-unavailable"
    assert problem["detail"] == "The keys are away. The keychain is shut."
    assert problem["action"] == problem["next_step"] == "Open it."
    assert [line.strip() for line in result.stderr.splitlines()] == [
        "Error: The keys are away.",
        "The keychain is shut.",
        "What to do: Open it.",
        "More: docs/troubleshooting.md#keys-unavailable",
    ]


def test_what_a_run_left_elsewhere_stands_in_the_document():
    class Thing:
        kind, name = "api-account", "companion-x7"

    error = InvalidInput("No.")
    error.step, error.created = "save", (Thing(),)

    explained = explained_failure(error)

    assert explained.document["created"] == [{"kind": "api-account", "name": "companion-x7"}]
    assert explained.document["error"]["step"] == "save"
    assert "companion-x7" in explained.text


def test_fields_are_told_once_for_a_person():
    error = InvalidInput("Not accepted: name. Too long.", fields=(FieldError("/name", "Too long."),))

    explained = explained_failure(error)

    assert explained.text.count("Too long.") == 1
    assert explained.document["error"]["errors"] == [{"pointer": "/name", "detail": "Too long."}]


def test_a_document_is_printed_once_even_when_the_command_fails_afterwards():
    program = Failing(RuntimeError())

    @click.command("late")
    @with_output
    def late(output: Output) -> None:
        output.result({"done": True}, "done")
        raise RuntimeError

    program.add_command(late)
    result = CliRunner().invoke(program, ["late", "--json"])

    assert json.loads(result.stdout) == {"done": True}
    assert result.exit_code == 1


def test_json_may_stand_before_the_command_too():
    program = Failing(RuntimeError())

    @click.command("done")
    @with_output
    def done(output: Output) -> None:
        output.result({"as_json": output.as_json}, "plain")

    program.add_command(done)
    program.params.append(click.Option(["--json", "as_json"], is_flag=True))

    assert json.loads(CliRunner().invoke(program, ["--json", "done"]).stdout) == {"as_json": True}
    assert CliRunner().invoke(program, ["done"]).stdout == "plain\n"


def test_control_characters_reach_no_terminal(capsys):
    output = Output()

    output.result({}, "one\ttwo\n\x1b]0;title\x07\x9b2J\x7f")

    assert capsys.readouterr().out == "one\ttwo\n\\u001b]0;title\\u0007\\u009b2J\\u007f\n"


def test_ctrl_c_before_the_program_is_loaded_ends_with_130_and_a_document():
    code = (
        "import sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click':\n"
        "            sys.meta_path.remove(self)\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "sys.argv = ['companion', 'list', '--json']\n"
        "from companion.cli import main\n"
        "main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (ended.returncode, json.loads(ended.stdout)["error"]["exit_code"]) == (130, 130)
    assert "Traceback" not in ended.stderr


def test_a_closed_standard_output_is_no_traceback():
    code = (
        "import sys; sys.stdout = None; sys.argv = ['companion', '--version']; from companion.cli import main; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
