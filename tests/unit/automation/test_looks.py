"""Options whose state stands in a made-up class alone: read by what all untouched blocks have in common."""

import pytest
from written_pages import document

from automation.core.extract.scopes import scope_control
from automation.core.request import STOREFRONT_TOKENS

LABELS = ("Content", "Customers", "Orders", "Products", "Themes", "Storefront API tokens")
TOKENS = "Storefront API tokens"


def buttons(label: str, on: int, names: tuple[str, ...]) -> str:
    drawn = "".join(
        f'<button class="sc-d4 {"eRtYuI" if number == on else "aSdFgH"}">{name}</button>'
        for number, name in enumerate(names)
    )
    return f"<div><div>{label}</div><div>{drawn}</div></div>"


def links(label: str, on: int, names: tuple[str, ...]) -> str:
    drawn = "".join(
        f'<li class="{"x7" if number == on else ""}"><a href="#">{name}</a></li>' for number, name in enumerate(names)
    )
    return f"<div><label>{label}</label><ul>{drawn}</ul></div>"


def form(kind, on: dict[str, int], labels: tuple[str, ...] = LABELS) -> str:
    return "".join(
        kind(label, on.get(label, 0), ("None", "manage") if label == TOKENS else ("None", "read-only", "modify"))
        for label in labels
    )


@pytest.mark.parametrize("kind", [buttons, links])
def test_the_class_of_untouched_blocks_tells_what_is_selected(kind):
    untouched = scope_control(document(form(kind, {})), STOREFRONT_TOKENS)
    assert untouched is not None
    assert untouched.chosen() == "None"
    touched = scope_control(document(form(kind, {TOKENS: 1, "Orders": 2})), STOREFRONT_TOKENS)
    assert touched is not None
    assert touched.chosen() == "manage"


def test_a_lone_block_tells_nothing():
    control = scope_control(document(form(buttons, {}, (TOKENS,))), STOREFRONT_TOKENS)
    assert control is not None
    assert control.chosen() is None


def test_blocks_that_do_not_agree_tell_nothing():
    control = scope_control(document(form(buttons, {"Content": 1, "Customers": 2, "Orders": 1})), STOREFRONT_TOKENS)
    assert control is not None
    assert control.chosen() is None


def test_buttons_that_all_look_alike_tell_nothing():
    html = form(buttons, {}).replace("eRtYuI", "aSdFgH")
    control = scope_control(document(html), STOREFRONT_TOKENS)
    assert control is not None
    assert control.chosen() is None
