"""Each saved page is read as its `expected.json` says, field by field."""

from functools import cache
from typing import Any

import pytest
from saved_pages import FOLDER, expected, fields, reading, saved

CASES = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())
FIELDS = [(case, field) for case in CASES for field in fields(expected(case))]


@cache
def read(case: str) -> dict[str, Any]:
    return fields(reading(saved(case)))


def test_there_are_saved_pages():
    assert len(CASES) >= 12


@pytest.mark.parametrize(("case", "field"), FIELDS, ids=[f"{case}:{field}" for case, field in FIELDS])
def test_a_field_is_read_as_expected(case: str, field: str):
    assert read(case).get(field) == fields(expected(case))[field]


@pytest.mark.parametrize("case", CASES)
def test_nothing_else_is_read_in_a_page(case: str):
    assert sorted(read(case)) == sorted(fields(expected(case)))


@pytest.mark.parametrize("case", CASES)
def test_every_page_says_where_it_is_from(case: str):
    assert (FOLDER / case / "about.md").read_text().strip()
