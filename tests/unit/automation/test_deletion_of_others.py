"""What belongs to another account is never deleted, and what may still be there is never called gone."""

from __future__ import annotations

from panel_pages import HOST, NAME, form_page, list_page, panel_tab
from transcripts import Play

from automation.core.actions import Removal
from automation.core.decisions.deletion import decide_deletion, deletion_after
from automation.core.extract.credentials_window import CredentialsWindow
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from companion.core.secret import Secret

LIST = "/manage/settings/api-accounts"
OPEN_LIST = f"read-credentials: open {HOST}{LIST}"
DELETE = "read-credentials: press “Delete”"
MENU = "read-credentials: press “”"
QUESTION = "<div role=dialog><h2>Delete account</h2><p>Delete “{}”?</p><button>Delete</button></div>"
WINDOW = CredentialsWindow(Secret("t" * 31), "c" * 31, None, None, None)


def looking(window: CredentialsWindow | None = None) -> Play:
    progress = Progress(
        RetrievalRequest(NAME), now=9.0, store_hash="abc123", save_pressed_at=8.0, panel_seen=True, window=window
    )
    play = Play(deletion_after(progress), decide_deletion)
    play.sees(panel_tab(form_page(NAME))).does(OPEN_LIST)
    return play


def outcome(play: Play) -> Removal:
    while not (text := play.acts()).startswith("removed: "):
        pass
    return Removal(text.removeprefix("removed: "))


def rows(*names: str, open_row: str = "") -> str:
    """A list whose rows say themselves whether their menu is open."""
    cells = "".join(
        f"<tr><td><a href=#>{name}</a></td>"
        f"<td><button aria-haspopup=menu aria-expanded={str(name == open_row).lower()}></button></td></tr>"
        for name in names
    )
    menu = "<ul role=menu><li role=option>Delete</li></ul>" if open_row else ""
    return f"<h1>Store-level API accounts</h1><button>Create API account</button><table>{cells}</table>{menu}"


def test_the_open_menu_of_another_row_is_not_used() -> None:
    play = looking().sees(panel_tab(rows("ERP", NAME), LIST)).does(MENU)
    assert outcome(play.sees(panel_tab(rows("ERP", NAME, open_row="ERP"), LIST))) is Removal.LEFT
    assert DELETE not in play.log


def test_the_open_menu_of_our_row_is_used() -> None:
    play = looking().sees(panel_tab(rows("ERP", NAME), LIST)).does(MENU)
    play.sees(panel_tab(rows("ERP", NAME, open_row=NAME), LIST)).does(DELETE)


def test_a_question_that_names_another_account_is_not_answered() -> None:
    play = looking().sees(panel_tab(rows("ERP", NAME), LIST)).does(MENU)
    play.sees(panel_tab(rows("ERP", NAME, open_row=NAME), LIST)).does(DELETE)
    assert outcome(play.sees(panel_tab(rows("ERP", NAME) + QUESTION.format("ERP"), LIST))) is Removal.LEFT
    assert play.log.count(DELETE) == 1


def test_an_account_that_went_to_another_page_of_the_list_is_not_called_deleted() -> None:
    play = looking().sees(panel_tab(rows("ERP", NAME), LIST)).does(MENU)
    play.sees(panel_tab(rows("ERP", NAME, open_row=NAME), LIST)).does(DELETE)
    play.sees(panel_tab(rows("ERP"), LIST)).does(OPEN_LIST)
    play.sees(panel_tab(list_page(["ERP"], next_page=True), LIST)).does("read-credentials: press “Next page”")
    play.sees(panel_tab(rows("CRM", NAME), LIST)).acts()
    assert "press" in play.log[-1]


def test_an_account_whose_credentials_were_shown_is_never_called_absent() -> None:
    assert outcome(looking(WINDOW).sees(panel_tab(rows("ERP"), LIST))) is Removal.LEFT


def test_a_list_without_its_accounts_tells_nothing() -> None:
    page = "<h1>Store-level API accounts</h1><button>Create API account</button>"
    assert outcome(looking().sees(panel_tab(page, LIST))) is Removal.LEFT


def test_an_empty_list_that_says_so_tells_that_there_is_none() -> None:
    page = "<h1>Store-level API accounts</h1><button>Create API account</button><p>No accounts were found.</p>"
    assert outcome(looking().sees(panel_tab(page, LIST))) is Removal.NEVER_THERE
