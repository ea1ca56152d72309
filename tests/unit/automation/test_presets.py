"""Purposes and the scopes they ask for."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from panel_pages import list_page, panel_tab
from transcripts import Play
from written_pages import document

from automation.core.errors import PanelRefused
from automation.core.extract.api_accounts import api_accounts_list
from automation.core.oauth_scopes import wanted_scopes
from automation.core.presets import scopes_of_presets
from companion.core.presets import PRESETS

NAMES = ("graphql-storefront", "catalyst", "theme-development", "catalog-sync", "order-sync")


def grants(presets: tuple[str, ...], *scopes: str) -> set[str]:
    both = {scope.grant for scope in wanted_scopes(())}
    return {scope.grant for scope in wanted_scopes(scopes_of_presets(presets, scopes))} - both


def test_every_preset_asks_for_scopes_that_there_are_and_says_where_that_is_from():
    assert tuple(preset.name for preset in PRESETS) == NAMES
    for preset in PRESETS:
        assert len(grants((preset.name,))) == len(preset.scopes)
        assert preset.source
        assert preset.purpose


@pytest.mark.parametrize(
    ("presets", "scopes", "expected"),
    [
        ((), (), set()),
        (("graphql-storefront",), (), set()),
        (("catalog-sync",), (), {"store_v2_products"}),
        (("catalog-sync", "order-sync"), (), {"store_v2_products", "store_v2_orders"}),
        (("catalog-sync",), ("Orders=read-only",), {"store_v2_products", "store_v2_orders_read_only"}),
        # What is named by itself counts, in any spelling
        (("catalog-sync",), ("products = Read-only",), {"store_v2_products_read_only"}),
        # The greater grant of two presets, whatever their order
        (("catalyst",), (), {"store_channel_settings", "store_sites"}),
        (
            ("theme-development", "catalyst"),
            (),
            {"store_v2_information_read_only", "store_themes_manage", "store_channel_settings", "store_sites"},
        ),
    ],
)
def test_presets_and_named_scopes_add_up(presets: tuple[str, ...], scopes: tuple[str, ...], expected: set[str]):
    assert grants(presets, *scopes) == expected
    assert grants(presets[::-1], *scopes) == expected


def test_the_help_lists_every_preset_with_its_scopes():
    from automation.cli.connect import connect

    shown = " ".join(CliRunner().invoke(connect, ["--help"], terminal_width=2000).output.split())
    for preset in PRESETS:
        assert f"{preset.name}: {preset.purpose}" in shown
        assert all(scope in shown for scope in preset.scopes)


def full(names: list[str], pages: str = "") -> str:
    return list_page(names).replace("<main>", f"<main>{pages}")


def test_a_list_that_is_full_is_told_before_the_form_opens():
    names = [f"Account {number}" for number in range(25)]
    pages = '<nav aria-label="pagination"><button>1 - 25 of 50</button><button title="Next page"></button></nav>'
    play = Play(subdomain="x").sees(panel_tab(full(names, pages), "/manage/settings/api-accounts"))
    assert "at most 50" in str(play.stops(PanelRefused))
    assert play.log == [play.log[-1]]


@pytest.mark.parametrize(
    ("pages", "rows", "total"),
    [
        ("<nav role=navigation><button>1 - 25 of 40</button><button title='Next page'></button></nav>", 25, 40),
        (
            "<nav role=navigation><button>26 \u2013 40 of 40</button><button title=Next disabled></button></nav>",
            15,
            40,
        ),
        ("<nav role=navigation><button title='Next page'></button></nav>", 25, None),
        ("", 3, 3),
        ("", 0, None),
    ],
)
def test_how_many_accounts_there_are_is_read_where_the_page_tells(pages: str, rows: int, total: int | None):
    shown = api_accounts_list(document(full([f"Account {number}" for number in range(rows)], pages)))
    assert shown is not None
    assert shown.total == total
