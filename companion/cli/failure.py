"""Any exception as an exit code, a JSON document and a message for a person; never a traceback, never a secret."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from companion.core.errors import CompanionError, FieldError
from companion.core.exit_codes import ExitCode
from companion.core.problem import problem_document
from companion.troubleshooting import reference

_SHOWN = 500


@dataclass(frozen=True)
class Failure:
    """What is known about a failure.

    Attributes:
        document: `{"error": …, "created": […]}`.
        text: some lines for a person.
    """

    exit_code: int
    document: dict[str, Any]
    text: str


def explained_failure(failure: BaseException) -> Failure:
    """Explain what a command raised.

    `step`, `created` and `document` of an error are taken over where it has them: the step under way, what now exists
    elsewhere because of the run, and further members of the document.
    """
    match failure:
        case CompanionError():
            return _of_ours(failure)
        case click.Abort() if isinstance(failure.__cause__, EOFError):
            return _plain(
                "no-input",
                ExitCode.INVALID_INPUT,
                422,
                "The input ended before everything was answered. Nothing was changed.",
                "Give what is asked for as options; `--help` lists them.",
            )
        case click.Abort() | KeyboardInterrupt():
            return _plain("interrupted", ExitCode.INTERRUPTED, 499, "Interrupted.", "")
        case click.exceptions.NoArgsIsHelpError():
            group = failure.ctx.command
            names = group.list_commands(failure.ctx) if isinstance(group, click.Group) else []
            return _plain(
                "wrong-usage",
                ExitCode.INVALID_INPUT,
                400,
                f"`{failure.ctx.command_path}` alone does nothing: it takes one of {', '.join(names)}.",
                f"`{failure.ctx.command_path} --help` says what each does.",
            )
        case click.ClickException():
            hint = failure.ctx.command_path if isinstance(failure, click.UsageError) and failure.ctx else "companion"
            return _plain(
                "wrong-usage",
                ExitCode.INVALID_INPUT,
                400,
                _shortened(failure.format_message()),
                f"`{hint} --help` shows the usage.",
            )
        case _:
            return _plain(
                "unexpected",
                ExitCode.UNEXPECTED,
                500,
                f"Something unexpected happened: {type(failure).__name__}{_place_of(failure)}.",
                "What it said is not shown, since it may hold a secret. `companion doctor` checks what is set up.",
            )


def _of_ours(error: CompanionError) -> Failure:
    explained = error.explained
    next_step = explained.next_step
    detail = " ".join(part for part in (explained.what, explained.why) if part)
    problem = problem_document(
        code=error.code,
        status=error.http_status,
        detail=detail,
        action=error.action or next_step,
        next_step=next_step,
        exit_code=error.exit_code,
    )
    if error.fields:
        problem["errors"] = [{"pointer": field.pointer, "detail": field.detail} for field in error.fields]
    step: str | None = getattr(error, "step", None)
    problem["step"] = step
    created = [{"kind": thing.kind, "name": thing.name} for thing in getattr(error, "created", ())]
    document = {"error": problem, "created": created, **getattr(error, "document", {})}
    lines = [f"Error: {_without_fields(explained.what, error.fields) or 'What was given does not fit.'}"]
    if why := _without_fields(explained.why, error.fields):
        lines.append(f"  {why}")
    lines += [f"  {field.pointer.removeprefix('/') or 'input'}: {field.detail}" for field in error.fields]
    if step:
        lines.append(f"  The step under way was `{step}`.")
    lines += [f"  Now exists because of this run: {thing['kind']} {thing['name']!r}." for thing in created]
    if next_step:
        lines.append(f"  What to do: {next_step}")
    lines += _more(error.code)
    return Failure(error.exit_code, document, "\n".join(lines))


def _without_fields(text: str, fields: tuple[FieldError, ...]) -> str:
    """Return `text` without what is said field by field below it; a service repeats that in its `detail`."""
    for field in fields:
        text = text.replace(field.detail, "")
    return " ".join(text.split())


def _plain(code: str, exit_code: int, status: int, what: str, next_step: str) -> Failure:
    problem = problem_document(
        code=code, status=status, detail=what, action=next_step, next_step=next_step, exit_code=exit_code
    )
    problem["step"] = None
    lines = [f"Error: {what}", *([f"  What to do: {next_step}"] if next_step else []), *_more(code)]
    text = "\n".join(lines)
    return Failure(exit_code, {"error": problem, "created": []}, text)


def _more(code: str) -> list[str]:
    more = reference(code)
    return [] if more is None else [f"  More: {more}"]


def _shortened(text: str) -> str:
    """Return `text` without the middle of what somebody typed thousands of characters of."""
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]} … {text[-_SHOWN:]}"


def _place_of(failure: BaseException) -> str:
    frames = traceback.extract_tb(failure.__traceback__)
    return f" (at {Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
