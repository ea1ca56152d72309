"""How controls are found where their first name does not lead to them, and that it is said."""

import pytest
from panel_pages import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    HOST,
    credentials_text,
    form_page,
    home_page,
    list_page,
    panel_tab,
    shell,
)
from panel_pages import NAME as ACCOUNT
from transcripts import Play
from written_pages import document, snapshot, tab

from automation.core.actions import Do, Press
from automation.core.extract.account_form import account_form
from automation.core.extract.credentials_window import credentials_window, window_of_file
from automation.core.extract.element import Way
from automation.core.extract.messages import confirmation, dismissal, field_errors
from automation.core.extract.sign_in import code_form
from automation.core.progress import Progress, Storefront
from automation.core.request import RetrievalRequest
from automation.core.targets import API_ACCOUNTS, CREATE_API_ACCOUNT, SAVE, SETTINGS
from automation.core.view import View
from companion.core.credentials_file import credentials_from_text


def view(html: str) -> View:
    return View(tab(snapshot(html)))


@pytest.mark.parametrize(
    ("html", "way"),
    [
        ("<a href='/x'>Store-level API accounts</a>", Way.NAME),
        ("<a href='/x'><div>Store-level API accounts</div><p>Make some.</p></a>", Way.TEXT),
        ("<a href='/x'>Cuentas API de la tienda</a>", Way.TRANSLATION),
        ("<a href='/manage/settings/api-accounts/'>Whatever</a>", Way.ADDRESS),
        ("<a href='#/settings/api-accounts'>Whatever</a>", Way.ADDRESS),
    ],
)
def test_a_row_is_found_by_the_way_most_to_be_trusted(html: str, way: Way):
    other = "<a href='https://accounts.bigcommerce.com/tokens'>Account-level API accounts</a>"
    found = next(view(f"{other}{html}").ways(API_ACCOUNTS))
    assert found.way is way
    assert found.control.way is way


@pytest.mark.parametrize("target", [API_ACCOUNTS, CREATE_API_ACCOUNT, SAVE, SETTINGS])
def test_no_translation_is_a_name_on_record(target):
    assert not set(target.names) & set(target.translated)


def test_nothing_is_found_in_a_frame_of_others():
    row = "<a href='/x'>Store-level API accounts</a>"
    main = tab(snapshot(shell(), f"{HOST}/manage/dashboard"), snapshot(row, "https://chat.example/widget"))
    play = Play(Progress(RetrievalRequest(ACCOUNT), storefront=Storefront(None, None)))
    play.sees(main).does("open-api-accounts: press “Settings”")


def test_a_frame_without_a_word_is_waited_for():
    top = shell().replace("<iframe ", "<iframe style='width:100%' ")
    play = Play(Progress(RetrievalRequest(ACCOUNT), storefront=Storefront(None, None)))
    play.sees(panel_tab(home_page(), top=top)).does("open-api-accounts: press “Settings”")
    play.sees(panel_tab("<div></div>", "/manage/settings", top=top)).waits(20)
    play.sees(panel_tab(list_page(), "/manage/settings/api-accounts", top=top))
    play.does("create-api-account: press “Create API account”")


def test_a_click_that_was_told_late_does_not_make_a_moving_page_a_stuck_one():
    play = Play(Progress(RetrievalRequest(ACCOUNT), storefront=Storefront(None, None)))
    play.sees(panel_tab(list_page(), "/manage/settings/api-accounts"))
    play.does("create-api-account: press “Create API account”")
    play.sees(panel_tab("<div></div>", "/manage/settings/api-accounts/create"), blocked=True).waits(0.5)
    play.sees(panel_tab(form_page(), "/manage/settings/api-accounts/create"))
    assert play.acts().startswith("enter-name: type")


def test_a_form_in_unknown_words_is_read_by_its_structure():
    page = document(
        "<h1>Uusi</h1><form><label>Nimi <input></label><p>https://api.bigcommerce.com/stores/abc123/v3/</p>"
        "<button type=button>Takaisin</button><button style='background:blue'>Luo</button></form>"
    )
    form = account_form(page, ())
    assert form is not None
    assert (form.name.way, form.save and form.save.name, form.save and form.save.way) == (
        Way.STRUCTURE, "Luo", Way.STRUCTURE,
    )  # fmt: skip


def test_a_box_is_not_taken_for_the_name_where_there_are_several():
    boxes = "<label>Nimi <input></label><label>Toinen <input></label>"
    assert account_form(document(f"{boxes}<p>https://api.bigcommerce.com/stores/abc123/v3/</p>"), ()) is None


def test_a_window_in_unknown_words_counts_where_it_shows_what_the_file_holds():
    file = credentials_from_text(credentials_text())
    boxes = f"<p>Avain</p><input readonly value={CLIENT_ID}><p>Tunnus</p><input readonly value={ACCESS_TOKEN}>"
    page = document(f"<div role=dialog>{boxes}<button>Valmis</button></div>")
    assert credentials_window(page) is None
    window = window_of_file(page, file)
    assert window is not None
    assert (window.access_token.reveal(), window.client_id, window.client_secret) == (ACCESS_TOKEN, CLIENT_ID, None)
    assert window_of_file(document(f"<input value={CLIENT_SECRET}>"), file) is None


@pytest.mark.parametrize("value", ["Clipboard", "x" * 31, "made0up0acc...", "********", "Download"])
def test_words_masks_and_what_is_cut_short_are_no_values(value: str):
    assert credentials_window(document(f"<div role=dialog><p>Access token</p><p>{value}</p></div>")) is None


def test_a_value_drawn_in_parts_is_read_whole():
    page = document(
        f"<div role=dialog><p>Access token</p><p><i>{ACCESS_TOKEN[:4]}</i><b>{ACCESS_TOKEN[4:]}</b></p></div>"
    )
    window = credentials_window(page)
    assert window is not None
    assert window.access_token.reveal() == ACCESS_TOKEN


def test_the_bar_of_the_form_is_nothing_to_put_aside():
    bar = "<div style='position:fixed'><button>Cancel</button><button>Save</button></div>"
    assert dismissal(document(bar)) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("High-risk permissions: this account can create tokens. Go on?", "Continue"),
        ("You have unsaved changes. Leave?", None),
        ("Upgrade your plan to go on.", None),
    ],
)
def test_a_question_whether_to_go_on_is_answered_unless_it_binds(text: str, answer: str | None):
    page = document(f"<div role=dialog><p>{text}</p><button>Cancel</button><button>Continue</button></div>")
    found = confirmation(page)
    assert (found.name if found else None) == answer


def test_what_stands_at_a_field_is_read_as_its_error():
    page = document("<div><label>Name <input></label><p>A name must be unique: it is already in use.</p></div>")
    assert field_errors(page) == ("A name must be unique: it is already in use.",)


def test_six_boxes_for_one_code_are_one_form():
    boxes = "".join(f"<input name=d{n} aria-label='Digit {n}' maxlength=1>" for n in range(6))
    form = code_form(document(f"<fieldset><legend>Authentication code</legend>{boxes}</fieldset><input type=submit>"))
    assert form is not None
    assert len(form.boxes) == 6


def test_the_default_storefront_says_nothing_of_another_channels_subdomain():
    play = Play(channel_id=7)
    play.sees(panel_tab(home_page())).does("open-storefront: press “View storefront”")
    store = tab(snapshot("<h1>Shop</h1>", "https://maple-lanterns7.mybigcommerce.com/"), number=1)
    play.sees(panel_tab(home_page()), store).does("read-subdomain: close tab 1")
    assert play.progress.storefront == Storefront("maple-lanterns7.mybigcommerce.com", None)


def test_the_way_stands_with_what_is_pressed():
    play = Play(Progress(RetrievalRequest(ACCOUNT), storefront=Storefront(None, None)))
    play.sees(panel_tab(home_page(), top="<nav><a href='/manage/settings'>Asetukset</a></nav>"))
    play.acts()
    assert isinstance(play.command, Do)
    assert isinstance(play.command.action, Press)
    assert play.command.action.control.way is Way.ADDRESS
