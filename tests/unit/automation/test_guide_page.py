"""The illustrated guide as text: every step in every language, in one file that needs no other."""

from __future__ import annotations

import base64
import re
import string

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from automation.core.actions import CheckBeforeSave, CloseTab, Do, Open, Press, Type, Wait
from automation.core.extract.element import Control
from automation.core.flows.retrieval import STEP_IDS, STEPS, StepId
from automation.core.guide.page import guide_page
from automation.core.guide.pictures import Picture, host_parts, instead, scenes
from automation.core.guide.words import ENGLISH, FRENCH, LANGUAGES
from automation.core.targets import API_ACCOUNTS
from simulated_store.commands import LANGUAGES as OFFERED
from simulated_store.commands import guide
from simulated_store.variants import Language

by_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.code)
PNG = b"\x89PNG made up"


def parsed(language, pictures=(), others=None):
    return BeautifulSoup(guide_page(language, pictures, others or {}), "html.parser")


def test_the_languages_are_those_of_the_simulated_store():
    assert set(LANGUAGES) == set(Language.__args__) == set(OFFERED)


@by_language
def test_every_step_has_its_section_in_order_with_its_reason(language):
    page = parsed(language)
    assert page.html["lang"] == language.code
    assert [section["id"] for section in page.find_all("section")] == list(STEP_IDS)
    for number, (section, step) in enumerate(zip(page.find_all("section"), STEPS, strict=True), 1):
        told = language.steps[step.id]
        assert told.say
        assert told.why
        assert section.h2.text.startswith(f"{number}. ")
        assert told.say.replace("`", "") in section.h2.text
        assert told.why.replace("`", "") in section.text


def test_english_says_what_the_step_definitions_say():
    for step in STEPS:
        if step.why:  # the others are the helper's own
            assert ENGLISH.steps[step.id] == type(ENGLISH.steps[step.id])(step.say, step.why, step.where)


@by_language
def test_each_pattern_has_the_fields_that_are_put_in(language):
    fields = {
        name: {field for _, field, _, _ in string.Formatter().parse(getattr(language, name)) if field}
        for name in ("press", "type_in", "choose", "enter", "picture")
    }
    assert fields == {
        "press": {"control"}, "type_in": {"control", "text"}, "choose": {"control", "text"}, "enter": set(),
        "picture": {"number"},
    }  # fmt: skip


def test_pictures_stand_in_their_sections_with_marks_addresses_and_alternatives():
    pictures = [
        Picture(StepId.READ_SUBDOMAIN, PNG, host=("https://", "celigo", ".mybigcommerce.com/")),
        Picture(StepId.SET_SCOPES, PNG, "Press “<manage>”."),
        Picture(StepId.SET_SCOPES, PNG + b"2", "Press “manage” too."),
    ]
    page = parsed(ENGLISH, pictures)
    section = page.find(id="set-scopes")
    assert [image["alt"] for image in section.find_all("img")] == [
        "Step 9. Press “<manage>”.",
        "Step 9b. Press “manage” too.",
    ]
    assert section.img["src"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert page.find(id="read-subdomain").mark.text == "celigo"
    assert not page.find(id="sign-in").find_all("img")


def test_the_file_needs_no_other_and_runs_nothing():
    text = guide_page(ENGLISH, [Picture(StepId.SAVE, PNG)], {"Français": "fr.html"})
    page = BeautifulSoup(text, "html.parser")
    assert not page.find_all(["script", "link", "iframe"])
    assert all(image["src"].startswith("data:") for image in page.find_all("img"))
    assert [link["href"] for link in page.find_all("a")] == ["fr.html"]
    assert "default-src 'none'" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    for wanted in ("prefers-color-scheme: dark", "@media print"):
        assert wanted in text
    assert not re.search(r"url\(|@import", text)


def control(name="Save"):
    return Control(0, 1, "button", name)


def test_what_is_pictured():
    step = StepId.SAVE
    (scene,) = scenes(Do(step, Press(control())), ENGLISH)
    assert (scene.step, scene.controls, scene.instruction) == (step, (control(),), "Press “Save”.")
    (scene,) = scenes(Do(StepId.ENTER_NAME, Type(control("Nom"), "Shop 1")), FRENCH)
    assert scene.instruction == "Saisissez dans « Nom » : Shop 1"
    assert scenes(Do(StepId.CREATE_API_ACCOUNT, Press(control())), ENGLISH)[0].covered
    assert [scene.step for scene in scenes(Do(StepId.READ_SUBDOMAIN, CloseTab(1)), ENGLISH)] == [
        StepId.READ_SUBDOMAIN,
        StepId.READ_STORE_HASH,
    ]


@pytest.mark.parametrize(
    "command",
    [
        Do(StepId.SIGN_IN, Press(control(), aside=True)),
        Do(StepId.SIGN_IN, Open("https://login.bigcommerce.com/login")),
        Do(StepId.SAVE, CheckBeforeSave()),
        Wait(StepId.SAVE),
    ],
)
def test_what_is_not_pictured(command):
    assert scenes(command, ENGLISH) == ()


@pytest.mark.parametrize("known", API_ACCOUNTS.all_names)
def test_a_description_in_the_same_link_is_no_part_of_its_name(known):
    (scene,) = scenes(Do(StepId.OPEN_API_ACCOUNTS, Press(control(f"{known} More about them"))), ENGLISH)
    assert "More about" not in scene.instruction


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Press(control("Alex's store")), "Press what is marked."),
        (Press(control("Save")), "Press “Save”."),
        (Type(control("Alex's box"), "Shop 1"), "Fill in what is marked."),
        (Type(control("Name"), "Shop 1"), "Type into “Name”: Shop 1"),
    ],
)
def test_of_ones_own_store_no_name_is_repeated_that_may_be_its_own(action, said):
    (scene,) = scenes(Do(StepId.SIGN_IN, action), ENGLISH, own=True)
    assert scene.instruction == said


def test_of_ones_own_store_neither_storefront_nor_address_is_shown():
    scenes_of_own = scenes(Do(StepId.READ_SUBDOMAIN, CloseTab(1)), ENGLISH, own=True)
    assert [scene.step for scene in scenes_of_own] == [StepId.READ_STORE_HASH]
    for step, host in (
        (StepId.READ_SUBDOMAIN, "celigo.mybigcommerce.com"),
        (StepId.READ_STORE_HASH, "store-abc1.mybigcommerce.com"),
    ):
        parts = host_parts(step, host, own=True)
        assert parts is not None
        assert "celigo" not in "".join(parts)
        assert "abc1" not in "".join(parts)


def test_pictures_of_ones_own_store_stand_instead_of_the_others_step_by_step():
    mine = [Picture(StepId.SIGN_IN, b"mine"), Picture(StepId.SET_SCOPES, b"mine")]
    others = [Picture(step, b"other") for step in (StepId.SIGN_IN, StepId.SIGN_IN, StepId.SET_SCOPES, StepId.SAVE)]
    assert [(each.step, each.png) for each in instead(mine, others)] == [
        (StepId.SIGN_IN, b"mine"),
        (StepId.SET_SCOPES, b"mine"),
        (StepId.SAVE, b"other"),
    ]
    assert instead([], others) == others


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_page_says_whose_pictures_they_are(language):
    assert language.masked in guide_page(language, [], {})
    own = BeautifulSoup(guide_page(language, [], {}, own=True), "html.parser").get_text()
    assert language.masked_own in own
    assert language.masked not in own


@pytest.mark.parametrize(
    "options", [("--store", "abc"), ("--headed",), ("--own-store", "--language=en", "--language=es")]
)
def test_options_that_do_not_fit_are_refused_before_a_browser_starts(options, tmp_path):
    result = CliRunner().invoke(guide, [str(tmp_path / "guide"), *options])
    assert result.exit_code == 2
    assert not (tmp_path / "guide").exists()


def test_what_to_note_of_an_address():
    assert host_parts(StepId.READ_SUBDOMAIN, "celigo.mybigcommerce.com") == (
        "https://", "celigo", ".mybigcommerce.com/",
    )  # fmt: skip
    assert host_parts(StepId.READ_STORE_HASH, "store-abc1.mybigcommerce.com")[1] == "abc1"
    assert host_parts(StepId.READ_SUBDOMAIN, "shop.example.com") is None
    assert host_parts(StepId.READ_STORE_HASH, "celigo.mybigcommerce.com") is None
    assert host_parts(StepId.SAVE, "store-abc1.mybigcommerce.com") is None
