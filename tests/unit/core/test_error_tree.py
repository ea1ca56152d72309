from __future__ import annotations

import inspect
import re
from types import ModuleType

import pytest

from automation.core import errors as errors_of_the_automation
from companion.core import errors
from companion.core.errors import CompanionError, FieldError, InvalidInput, InvalidSetting, NameTaken, NotFound

TREES = (errors, errors_of_the_automation)


def classes_of(tree: ModuleType) -> list[type[CompanionError]]:
    return [
        kind
        for kind in vars(tree).values()
        if inspect.isclass(kind) and issubclass(kind, CompanionError) and kind.__module__ == tree.__name__
    ]


CLASSES = [kind for tree in TREES for kind in classes_of(tree)]
EXIT_CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130}


def test_every_cause_has_a_code_of_its_own() -> None:
    assert len({kind.code for kind in CLASSES}) == len(CLASSES)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.code)
def test_codes_statuses_and_exit_codes_are_of_the_documented_kind(kind: type[CompanionError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
    assert 400 <= kind.http_status < 600
    assert kind.exit_code in EXIT_CODES - {0}
    assert kind.__doc__


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.__name__)
def test_the_tree_in_the_docstring_is_the_tree(tree: ModuleType) -> None:
    parents: list[str] = []
    drawn: dict[str, str] = {}
    for indent, name in re.findall(r"^    ([│ ├└─]*)([A-Z]\w+)", tree.__doc__ or "", re.MULTILINE):
        depth = len(indent) // 4
        parents[depth:] = [name]
        if depth:
            drawn[name] = parents[depth - 1]
    root = parents[0]
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in classes_of(tree) if kind.__name__ != root}


def test_an_error_says_what_why_and_what_next_in_one_text() -> None:
    error = InvalidInput("What.", why="Why.", next_step="Next.", fields=(FieldError("/name", "Detail."),))
    assert str(error) == "What. Why. Next."
    assert error.fields == (FieldError("/name", "Detail."),)
    assert str(NotFound("What.")) == "What."


def test_what_does_not_fit_always_has_a_next_step() -> None:
    assert InvalidInput("What.").explained.next_step == "Correct what was given, and try again."
    named = InvalidInput("What.", fields=(FieldError("/name", "Detail."),))
    assert named.explained.next_step == "Correct the fields named, and try again."
    assert InvalidSetting("What.", next_step="Unset it.").explained.next_step == "Unset it."


def test_a_taken_name_is_named() -> None:
    assert "'Shop'" in str(NameTaken("Shop"))
