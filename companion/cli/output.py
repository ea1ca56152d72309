"""What a command says: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

# Control characters but for tab and newline, and those that override the direction of writing.
_OBEYED = {
    code: f"\\u{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\t\n"
}

P = ParamSpec("P")
R = TypeVar("R")


class Output:
    """Where a command puts its result: one JSON document, or text for a person.

    Attributes:
        as_json: print exactly one document on standard output, and nothing else there.
        printed: whether the document is out.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.printed = False

    def document(self, document: Mapping[str, Any]) -> None:
        """Print the one document of this run."""
        if self.printed:
            raise RuntimeError("a run prints one document")
        self.printed = True
        _write(json.dumps(document, ensure_ascii=False, indent=2), to_stderr=False)

    def result(self, document: Mapping[str, Any], text: str) -> None:
        """Print the document where one is asked for, else the text."""
        if self.as_json:
            self.document(document)
        elif text:
            _write(text, to_stderr=False)

    def line(self, text: str) -> None:
        """Print a line that belongs to the result, for a person only."""
        if not self.as_json:
            _write(text, to_stderr=False)

    def note(self, text: str) -> None:
        """Print progress or a remark on standard error."""
        _write(text, to_stderr=True)


def with_output(command: Callable[Concatenate[Output, P], R]) -> Callable[P, R]:
    """Give the command `--json`, and the run's `Output` as its first argument."""
    return _with_output(command, "Print exactly one JSON document on standard output.")


def with_output_of_failures(command: Callable[Concatenate[Output, P], R]) -> Callable[P, R]:
    """As `with_output`, for a command that has no document to print unless it fails before it begins."""
    return _with_output(command, "Print a JSON document where it cannot begin; otherwise there is none.")


def _with_output(command: Callable[Concatenate[Output, P], R], json_help: str) -> Callable[P, R]:
    @click.option("--json", "as_json", is_flag=True, help=json_help)
    @click.pass_context
    def invoked(context: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        output = context.ensure_object(Output)
        output.as_json = bool(kwargs.pop("as_json")) or output.as_json
        return context.invoke(command, output, *args, **kwargs)

    return update_wrapper(invoked, command)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return columns aligned by the width a terminal gives each character; two blanks between them."""
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return labels and values, one pair a line, the values aligned."""
    given = list(rows)
    width = max((_width(label) for label, _ in given), default=0)
    return "\n".join(f"{label}{' ' * (width - _width(label))}  {value}".rstrip() for label, value in given)


def showable(text: str) -> str:
    """Return `text` with what a terminal obeys instead of showing it written as `\\u001b`.

    Names, findings and BigCommerce's answers come from elsewhere: none of them may move the cursor, set the window's
    title or turn the direction of what follows. In a JSON document the escapes stand for the characters themselves.
    """
    return text.translate(_OBEYED)


def keep_quiet_when_nobody_reads() -> None:
    """Flush, and where the reader of a pipe has gone (`companion list | head`) say nothing about it."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # a closed one (`companion list >&-`) is None
        try:
            stream.flush()
        except BrokenPipeError:
            _discard(stream)
        except (ValueError, OSError):
            continue


def _write(text: str, *, to_stderr: bool) -> None:
    try:
        click.echo(showable(text), err=to_stderr)
    except BrokenPipeError:
        _discard(sys.stderr if to_stderr else sys.stdout)


def _discard(stream: Any) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):
        return
    finally:
        os.close(nowhere)


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
