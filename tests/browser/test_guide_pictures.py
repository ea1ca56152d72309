"""No picture of the guide shows a secret: each is painted in a colour of its own first, which no picture then has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from painted_secrets import MARK, PAINT, SECRET, counted
from programs import Program

import automation.jobs.illustrating as illustrating
import automation.overlay.picture as picture
from automation.browser.session import browser_session
from automation.core.flows.retrieval import STEP_IDS, StepId
from automation.core.guide.known_words import known_words
from automation.core.guide.words import ENGLISH, SPANISH
from automation.jobs.interruption import Interruption
from companion.settings import load_settings
from simulated_store.guide import OwnStore, pictures_of
from simulated_store.guide_of_own_store import own_pictures
from simulated_store.serving.server import running
from simulated_store.state import SimulatedBigCommerce

pytestmark = [pytest.mark.browser, pytest.mark.sampled(3, group="guide pictures")]


@pytest.fixture
def settings(tmp_path):
    return load_settings(data_dir=tmp_path / "data", host_map="", ca_file=None)


def test_every_step_is_pictured_and_nothing_secret_or_personal_shows(monkeypatch, settings):
    state = SimulatedBigCommerce()
    taken = picture.take_picture
    painted = []

    def painting(page, controls, **options):
        account = state.store.api_accounts[-1:]
        secrets = [*state.canaries(), state.owner.email, *(each.client_id for each in account)]
        painted.append(sum(frame.evaluate(PAINT, secrets) for frame in page.frames))
        return taken(page, controls, **options)

    monkeypatch.setattr(picture, "take_picture", painting)
    monkeypatch.setattr(illustrating, "take_picture", painting)
    pictures = pictures_of(SPANISH, Interruption(), state=state)
    assert list(dict.fromkeys(each.step for each in pictures)) == [StepId(each) for each in STEP_IDS]
    assert dict(zip([each.step for each in pictures], painted, strict=True))[StepId.READ_CREDENTIALS] >= 3
    unmarked = {StepId.READ_SUBDOMAIN, StepId.READ_STORE_HASH}
    with browser_session(settings) as context:
        page = context.new_page()
        for each in pictures:
            assert counted(page, each.png, SECRET) == 0, each.step
            assert (counted(page, each.png, MARK) > 0) == (each.step not in unmarked), each.step


PAGE = """<body style="font: 16px sans-serif"><p>Signed in as somebody@example.com, key abcdefgh12345678ijkl</p>
<input value="typed by somebody"><textarea>lines of somebody</textarea><table><td>Somebody's account</td></table>
<p>known-to-us</p><div id="deep"></div><iframe srcdoc="<p>other@example.com</p>"></iframe><button>Save</button>"""
SECRETS = [
    "somebody@example.com", "abcdefgh12345678ijkl", "typed by somebody", "lines of somebody", "Somebody's account",
    "known-to-us", "other@example.com",
]  # fmt: skip


def test_a_picture_covers_what_it_must_and_leaves_the_page_as_it_was(settings, monkeypatch):
    with browser_session(settings) as context:
        page = context.new_page()
        page.set_content(PAGE)
        page.frames[1].locator("p").wait_for()
        before = page.content()
        painted = sum(frame.evaluate(PAINT, SECRETS) for frame in page.frames)
        assert painted == len(SECRETS)
        options = {"mark": "1", "hidden": ("known-to-us",), "covered": "td"}
        button = page.locator("button").element_handle()
        shot = picture.take_picture(page, [button], **options)
        assert counted(page, shot, SECRET) == 0
        assert counted(page, shot, MARK) > 0
        assert page.locator("companion-picture").count() == 0
        assert len(page.content()) - len(before) < 400  # the painting's own styles alone
        # Without the covers the very same page does show them.
        monkeypatch.setattr(picture, "_STYLE", picture._STYLE.replace("background: #3a3f4a", "background: none"))
        assert counted(page, picture.take_picture(page, [button], **options), SECRET) > 1000


OWN_PAGE = """<style>
#avatar { width: 60px; height: 60px; background: url("data:image/png;base64,") rgb(255, 0, 254); }
#said::after { content: "Alex"; background: rgb(255, 0, 254); }
.secret { background: rgb(255, 0, 254); }</style>
<body style="font: 16px sans-serif"><nav>Orders <a href="#">Settings</a></nav>
<h1><span class="secret">Hello Alex</span></h1>
<div id="avatar"></div><p id="said"></p>
<img class="secret" alt="" width="60" height="60">
<table><td>1.234,50</td></table>
<canvas class="secret" width="60" height="60"></canvas>
<svg class="secret" width="200" height="60"></svg>
<input class="secret" placeholder="Search in Alex's store">
<select class="secret"><option>Alex's store</option></select>
<button>Save</button><button>Delete Alex</button><p>API</p><div id="deep"></div>
<script>document.getElementById("deep").attachShadow({ mode: "open" }).innerHTML =
  '<span style="background: rgb(255, 0, 254)">Deep Alex</span>';</script>"""


def test_of_ones_own_panel_nothing_shows_but_what_every_panel_says(settings, monkeypatch):
    with browser_session(settings) as context:
        page = context.new_page()
        page.set_content(OWN_PAGE)
        page.evaluate(PAINT, ["1.234,50", "Delete Alex"])
        button = page.get_by_role("button", name="Save").element_handle()
        shot = picture.take_picture(page, [button], mark="1", known=known_words())
        assert counted(page, shot, SECRET) == 0
        assert counted(page, shot, MARK) > 0
        # What every panel says can be read: painted, it shows.
        assert page.evaluate(PAINT, ["Settings", "Save", "Delete Alex"]) == 3
        assert counted(page, picture.take_picture(page, [button], mark="1", known=known_words()), SECRET) > 500
        # Each of the others shows where the page is nobody's own.
        assert counted(page, picture.take_picture(page, [button], mark="1"), SECRET) > 10_000


def test_the_guide_of_ones_own_store_makes_nothing_and_shows_nothing_of_it(monkeypatch, settings):
    """The simulated store stands for the real one: another age and form of it than the pictures after Save are of."""
    real = SimulatedBigCommerce()
    store, owner = real.store, real.owner
    store.create_api_account("Alex's ERP", frozenset({"store_v2_products"}))
    real.variants = replace(real.variants, api_pages="2023", account_picker="2023")
    taken = picture.take_picture
    painted = []

    def painting(page, controls, **options):
        personal = [*real.canaries(), owner.email, store.store_hash, store.subdomain, "Alex's ERP", store.name]
        painted.append(sum(frame.evaluate(PAINT, personal) for frame in page.frames))
        return taken(page, controls, **options)

    monkeypatch.setattr(illustrating, "take_picture", painting)
    with running(real) as served:
        for name, value in {
            "COMPANION_HOST_MAP": served.host_map, "COMPANION_CA_FILE": str(served.ca_file),
            "COMPANION_DATA_DIR": str(settings.data_dir), "BIGCOMMERCE_EMAIL": owner.email,
            "BIGCOMMERCE_PASSWORD": owner.password,
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        said: list[str] = []
        pictures = own_pictures(OwnStore(), ENGLISH, Interruption(), said.append)
    assert [account.name for account in store.api_accounts] == ["Alex's ERP"]
    assert not settings.data_dir.exists()
    steps = list(dict.fromkeys(each.step for each in pictures))
    assert {StepId.SIGN_IN, StepId.OPEN_API_ACCOUNTS, StepId.CREATE_API_ACCOUNT, StepId.SET_SCOPES} <= set(steps)
    assert not {StepId.READ_SUBDOMAIN, StepId.SAVE, StepId.READ_CREDENTIALS} & set(steps)
    assert sum(painted) > 0
    texts = " ".join([*(each.instruction for each in pictures), *("".join(each.host or ()) for each in pictures)])
    assert not [each for each in (store.store_hash, store.subdomain, owner.email, store.name, "Alex") if each in texts]
    with browser_session(settings) as context:
        page = context.new_page()
        assert [each.step for each in pictures if counted(page, each.png, SECRET)] == []
        assert all(counted(page, each.png, MARK) for each in pictures if each.step is not StepId.READ_STORE_HASH)


def test_the_command_writes_one_file_and_overwrites_none(program: Program):
    folder = program.place / "guide"
    code, document, said = program.run("guide", str(folder), "--language", "fr")
    assert code == 0, said
    assert [each["language"] for each in document["files"]] == ["fr"]
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    page = BeautifulSoup((folder / "index.html").read_text("utf-8"), "html.parser")
    assert [section["id"] for section in page.find_all("section")] == list(STEP_IDS)
    assert all(section.find("img") for section in page.find_all("section"))
    assert program.left_behind() == []
    written = (folder / "index.html").read_bytes()
    code, document, _ = program.run("guide", str(folder))
    assert (code, document["error"]["code"]) == (8, "conflict")
    assert (folder / "index.html").read_bytes() == written
