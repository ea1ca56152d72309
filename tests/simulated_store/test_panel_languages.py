"""The control panel in other languages, all of them our own translations."""

import dataclasses
import string
from typing import Any

import pytest
from panel_visits import PanelVisit, block_of, fresh_world, texts

from simulated_store.panel.form import shown_scopes
from simulated_store.panel.french import FRENCH
from simulated_store.panel.languages import LANGUAGES
from simulated_store.panel.login_languages import LOGIN_LANGUAGES
from simulated_store.panel.spanish import SPANISH
from simulated_store.panel.words import ENGLISH
from simulated_store.scopes import all_scopes
from simulated_store.variants import Variants

SAME_EVERYWHERE = {"b2b", "api_section"}
OTHERS = pytest.mark.parametrize("words", [SPANISH, FRENCH], ids=lambda words: words.code)
TABLES = pytest.mark.parametrize(
    ("words", "english"),
    [(table[code], table["en"]) for table in (LANGUAGES, LOGIN_LANGUAGES) for code in ("es", "fr")],
    ids=["panel-es", "panel-fr", "sign-in-es", "sign-in-fr"],
)


def visit(accept_language: str | None = None, **variants: Any) -> PanelVisit:
    fresh_world(**variants)
    return PanelVisit(accept_language=accept_language)


@TABLES
def test_every_text_is_translated(words, english):
    for field in dataclasses.fields(words):
        if field.name not in SAME_EVERYWHERE:
            assert getattr(words, field.name) != getattr(english, field.name), field.name


@TABLES
def test_translations_have_the_same_gaps(words, english):
    def gaps(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for name, text in dataclasses.asdict(english).items():
        if isinstance(text, str):
            assert gaps(getattr(words, name)) == gaps(text), name


@pytest.mark.parametrize(
    ("form", "accepts", "button"),
    [
        ("en", "fr", "Log in"),
        ("browser", "fr", "Se connecter"),
        ("browser", "es", "Iniciar sesión"),
        ("browser", "de", "Log in"),
    ],
)
def test_signing_in_speaks_english_or_what_the_browser_does(form, accepts, button):
    here = visit(accepts, sign_in_language=form)
    here.get("/logout", host="login.bigcommerce.com")
    page = here.get("/login", host="login.bigcommerce.com").text
    assert f'value="{button}"' in page


@OTHERS
def test_every_scope_of_the_form_and_its_options_have_a_name_of_their_own(words):
    store = fresh_world().store
    english = shown_scopes(store, Variants(), ENGLISH)
    translated = shown_scopes(store, Variants(), words)
    assert len({scope.name for scope in translated}) == len(english) == len(translated)
    for before, after in zip(english, translated, strict=True):
        assert after.name != before.name
        labels = [option.label for option in after.options]
        assert len(set(labels)) == len(labels)
        assert not set(labels) & {option.label for option in before.options}
        assert [option.parameter for option in after.options] == [option.parameter for option in before.options]
    assert set(words.scope_names) <= {scope.name for scope in all_scopes()}


@pytest.mark.parametrize(
    ("language", "storefront", "heading", "save"),
    [
        ("en", "View storefront", "Create account", "Save"),
        ("es", "Ver tienda online", "Crear cuenta", "Guardar"),
        ("fr", "Voir la vitrine", "Créer un compte", "Enregistrer"),
    ],
)
def test_the_panel_speaks_the_language_of_the_profile(language, storefront, heading, save):
    here = visit("fr,en;q=0.5", language=language)
    assert here.shell().html["lang"] == here.form().html["lang"] == language
    assert texts(here.shell().select("a[target=_blank]")) == [storefront]
    assert texts(here.form().select("h1")) == [heading]
    assert save in texts(here.form().select("button"))


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("es-MX,es;q=0.9,en;q=0.8", "es"), ("fr", "fr"), ("de,fr;q=0.5", "fr"), ("de", "en"), (None, "en")],
)
def test_the_panel_may_leave_its_language_to_the_browser(accepts, language):
    here = visit(accepts, language_from="browser")
    assert here.form().html["lang"] == language


def test_what_is_chosen_in_another_language_is_saved_alike():
    here = visit(language="es")
    label = SPANISH.scope_names["Storefront API tokens"]
    assert texts(block_of(here.form(), label).select("button")) == ["Ninguno", "gestionar"]
    status, answer = here.save(token_type=SPANISH.v2_v3_token, **{label: "gestionar"})
    assert status == 200
    assert here.store.api_accounts[0].scopes == {"store_storefront_api", "store_metafield_write"}
    assert answer["window"]["title"] == SPANISH.credentials
    assert [box["label"] for box in answer["window"]["boxes"]][2] == "Token de acceso"
    assert answer["file"]["text"].startswith("ACCESS TOKEN: ")
    assert "Tokens de la API Storefront" in here.list().select_one("tbody").get_text()
    assert set(LANGUAGES) == {"en", "es", "fr"}
