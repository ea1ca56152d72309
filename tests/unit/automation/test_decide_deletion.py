"""Taking back what was created, as transcripts: exactly the one row that bears the whole name, else nothing."""

from dataclasses import replace

import pytest
from panel_pages import (
    HOST,
    NAME,
    blank_tab,
    code_page,
    delete_question,
    form_page,
    home_page,
    list_page,
    login_tab,
    panel_tab,
    settings_page,
    sign_in_page,
)
from transcripts import Play
from written_pages import snapshot, tab

from automation.core.actions import Removal
from automation.core.decisions.deletion import decide_deletion, deletion_after
from automation.core.progress import Progress
from automation.core.request import RetrievalRequest
from automation.core.snapshot import Tab

LIST = "/manage/settings/api-accounts"
OPEN_LIST = f"read-credentials: open {HOST}{LIST}"
DELETE = "read-credentials: press “Delete”"
MENU = "read-credentials: press “”"


def after_save(**known: object) -> Progress:
    """What a run knows when it has pressed Save and gives up."""
    progress = Progress(RetrievalRequest(NAME), now=1000.0, store_hash="abc123", save_pressed_at=990.0, panel_seen=True)
    return replace(progress, **known)


def deleting(**known: object) -> Play:
    return Play(deletion_after(after_save(**known)), decide_deletion)


def on_list(*names: str, **known: object) -> Play:
    play = deleting(**known)
    play.sees(panel_tab(form_page(NAME))).does(OPEN_LIST)
    return play.sees(panel_tab(list_page(names), LIST))


def removed(play: Play, within: float = 600.0) -> Removal:
    text = play.acts(within)
    assert text.startswith("removed: "), text
    return Removal(text.removeprefix("removed: "))


def test_the_one_row_is_deleted_through_its_menu_and_a_question():
    play = on_list("ERP", NAME, "CRM").does(MENU)
    play.sees(panel_tab(list_page(["ERP", NAME, "CRM"], menu=True), LIST)).does(DELETE)
    play.sees(panel_tab(list_page(["ERP", NAME, "CRM"], extra=delete_question(NAME)), LIST)).does(DELETE)
    play.sees(panel_tab(list_page(["ERP", "CRM"]), LIST)).does(OPEN_LIST)
    assert removed(play) is Removal.DELETED


def test_the_menu_of_that_row_is_the_one_that_is_opened():
    play = on_list("ERP", NAME, "CRM")
    play.acts()
    assert "row 2" in row_of_last_press(play)


def row_of_last_press(play: Play) -> str:
    """Which row of the list shown holds the control that was pressed last."""
    from automation.core.actions import Do, Press
    from automation.core.extract.document import Document

    assert isinstance(play.command, Do)
    assert isinstance(play.command.action, Press)
    ref = play.command.action.control.ref
    content = Document(play.seen[0].pages[1])
    rows = list(content.of_role("row"))
    return next(f"row {n}" for n, row in enumerate(rows) if any(e.ref == ref for e in row.descendants()))


def test_a_row_with_a_button_of_its_own_needs_no_menu():
    html = f"""<h1>Store API Accounts</h1><button>Create API Account</button>
    <table><tr><th>Name</th><th>Actions</th></tr>
    <tr><td>ERP</td><td><button title=Delete></button></td></tr>
    <tr><td>{NAME}</td><td><button title=Delete></button></td></tr></table>"""
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    play.sees(panel_tab(html, LIST)).does(DELETE)
    assert row_of_last_press(play) == "row 2"


# What is not exactly ours stays


@pytest.mark.parametrize(
    "names",
    [
        [f"{NAME}2"],
        [f"x{NAME}"],
        [NAME.upper()],
        [NAME[:-1]],
        [NAME.replace(" ", "")],
        [f"{NAME} copy", f"Copy of {NAME}"],
        [f"“{NAME}”"],
        ["ERP", "CRM"],
    ],
)
def test_similar_names_are_left_alone(names: list[str]):
    play = on_list(*names)
    play.does(OPEN_LIST)
    assert removed(play) is Removal.NEVER_THERE
    assert not any("press" in line for line in play.log)


def test_two_rows_of_the_name_are_both_left():
    play = on_list(NAME, "ERP", NAME)
    assert removed(play) is Removal.LEFT
    assert not any("press" in line for line in play.log)


def test_a_name_that_was_there_before_save_is_left():
    play = deleting(name_was_there=True).sees(panel_tab(list_page([NAME]), LIST))
    assert removed(play) is Removal.LEFT
    assert play.log == ["removed: left"]


def test_another_stores_list_is_never_opened():
    play = deleting(store_hash="zz9").sees(panel_tab(home_page()))
    assert play.acts() == "read-credentials: open https://store-zz9.mybigcommerce.com/manage/settings/api-accounts"


def test_without_a_known_store_nothing_is_touched():
    assert removed(deleting(store_hash=None).sees(panel_tab(list_page([NAME]), LIST))) is Removal.LEFT


def test_a_closed_browser_leaves_the_account():
    assert removed(deleting().sees()) is Removal.LEFT


# Where it is looked for


def test_an_account_that_shows_late_is_found():
    play = on_list("ERP").does(OPEN_LIST)
    play.sees(panel_tab(list_page(["ERP", NAME]), LIST)).does(MENU)


def test_all_pages_of_the_list_are_looked_through():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    play.sees(panel_tab(list_page(["ERP"], next_page=True), LIST)).does("read-credentials: press “Next page”")
    play.sees(panel_tab(list_page([NAME]), LIST)).does(MENU)


def numbered(here: str) -> str:
    pages = f"<ul class=pagination><li>{here}</li><li><a href='#2'>2</a></li></ul>"
    return list_page(["ERP"]) + pages


def test_pages_that_have_numbers_alone_are_looked_through():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    play.sees(panel_tab(numbered("<b>1</b>"), LIST)).does("read-credentials: press “2”")
    play.sees(panel_tab(list_page([NAME]), LIST)).does(MENU)


def test_an_account_may_stand_on_a_page_that_nobody_can_turn_to():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    play.sees(panel_tab(numbered("<a href='#1'>1</a>"), LIST))
    assert through_to_removed(play) is Removal.LEFT


def test_a_list_that_is_still_loading_is_not_taken_for_empty():
    play = on_list()
    play.sees(panel_tab(list_page(extra="<div role=progressbar></div>"), LIST, pending=1)).waits(20)
    play.sees(panel_tab(list_page([NAME]), LIST)).does(MENU)


def test_the_way_is_found_from_the_settings_page():
    play = deleting()
    play.sees(panel_tab(home_page())).does(OPEN_LIST)
    play.sees(panel_tab(settings_page(), "/manage/settings")).acts()
    assert "Store-level API accounts" in play.log[-1]
    play.sees(panel_tab(list_page([NAME]), LIST)).does(MENU)


def test_a_session_that_ended_is_begun_again():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    play.sees(login_tab(sign_in_page())).does("sign-in: enter e-mail address and password")
    play.sees(panel_tab(list_page([NAME]), LIST)).does(MENU)


def test_a_sign_in_that_is_refused_leaves_the_account():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    play.sees(login_tab(sign_in_page())).acts()
    assert removed(play.sees(login_tab(sign_in_page("Incorrect password"), load=2))) is Removal.LEFT


def test_a_code_that_is_asked_for_meanwhile_is_entered():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    play.sees(login_tab(sign_in_page())).acts()
    play.sees(login_tab(code_page(), "/device_verifications/1")).does("sign-in: enter the code of an e-mail")


# What may go wrong


def test_a_refusal_to_delete_is_not_taken_for_done():
    play = on_list(NAME).does(MENU)
    play.sees(panel_tab(list_page([NAME], menu=True), LIST)).does(DELETE)
    play.sees(panel_tab(list_page([NAME], extra=delete_question(NAME)), LIST)).does(DELETE)
    alert = "<div role=alert>The account could not be deleted</div>"
    assert through_to_removed(play.sees(panel_tab(list_page([NAME], extra=alert), LIST))) is Removal.LEFT


def test_a_menu_without_delete_leaves_the_account():
    play = on_list(NAME).does(MENU)
    play.sees(panel_tab(list_page([NAME], extra="<ul role=menu><li role=option>Edit</li></ul>"), LIST))
    assert through_to_removed(play) is Removal.LEFT
    assert DELETE not in play.log


def test_a_menu_that_does_not_open_is_tried_three_times():
    play = on_list(NAME)
    assert through_to_removed(play) is Removal.LEFT
    assert sum(line.startswith(MENU) for line in play.log) == 3


def test_a_question_about_something_else_is_not_answered():
    play = on_list("ERP")
    other = "<div role=dialog><h2>Delete your store?</h2><button>Delete</button></div>"
    play.sees(panel_tab(list_page(["ERP"], extra=other), LIST))
    assert through_to_removed(play) is Removal.NEVER_THERE
    assert DELETE not in play.log


def test_a_list_that_does_not_load_is_tried_again_and_then_left():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    down = panel_tab("<h1>503</h1>", LIST, status=503)
    assert through_to_removed(play.sees(down)) is Removal.LEFT
    assert play.log.count(OPEN_LIST) == 3


def test_a_list_that_is_refused_leaves_the_account():
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    denied = panel_tab("<h1>Access denied</h1><p>You don't have permission.</p>", LIST)
    assert through_to_removed(play.sees(denied)) is Removal.LEFT


@pytest.mark.parametrize(
    "seen",
    [
        panel_tab("<p>Loading</p>", LIST, pending=1),
        tab(snapshot("<h1>Shop</h1>", "https://shop.example/")),
        blank_tab(),
    ],
    ids=["loading", "elsewhere", "blank"],
)
def test_it_is_never_waited_for_longer_than_patience(seen: Tab):
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    begun = play.now
    assert through_to_removed(play.sees(seen)) is Removal.LEFT
    assert play.now - begun <= 65


def test_no_try_is_carried_over_from_the_run():
    tries = (("delete", 3), ("menu", 3), ("list", 3), ("sign-in", 3))
    assert deletion_after(after_save(tries=tries)).tries == ()


def through_to_removed(play: Play) -> Removal:
    """What becomes of the account while the page stays as it is."""
    while not (text := play.acts()).startswith("removed: "):
        pass
    return Removal(text.removeprefix("removed: "))


def test_what_lies_over_the_list_is_put_aside_and_the_question_is_not():
    warning = "<div role=dialog><h2>Your session is about to expire</h2><button>Stay logged in</button></div>"
    play = deleting()
    play.sees(panel_tab(form_page(NAME))).does(OPEN_LIST)
    play.sees(panel_tab(list_page(["ERP", NAME], extra=warning), LIST))
    play.does("read-credentials: press “Stay logged in”")
    play.sees(panel_tab(list_page(["ERP", NAME]), LIST)).does(MENU)
    play.sees(panel_tab(list_page(["ERP", NAME], menu=True), LIST)).does(DELETE)
    play.sees(panel_tab(list_page(["ERP", NAME], extra=delete_question(NAME)), LIST)).does(DELETE)


def test_the_list_is_opened_where_it_was_seen():
    address = f"{HOST}/manage/settings/store-level-api-accounts"
    play = deleting(list_address=address)
    play.sees(panel_tab(form_page(NAME))).does(f"read-credentials: open {address}")


def test_a_list_that_never_stops_moving_is_believed_after_a_while():
    play = on_list("ERP", NAME).does(MENU)
    play.sees(panel_tab(list_page(["ERP", NAME], menu=True), LIST)).does(DELETE)
    play.sees(panel_tab(list_page(["ERP", NAME], extra=delete_question(NAME)), LIST)).does(DELETE)
    for second in range(200):
        play.sees(panel_tab(list_page(["ERP"], extra=f"<p>12:00:{second}</p>"), LIST))
        if play.look().startswith("removed: "):
            break
    assert play.log[-1] == f"removed: {Removal.DELETED}"


# A list whose rows can only be selected


def boxes_page(*names: str, checked: tuple[str, ...] = (), all_checked: bool = False, extra: str = "") -> str:
    rows = "".join(
        f"<tr><td><input type=checkbox{' checked' if name in checked else ''}></td><td>{name}</td><td>Orders</td></tr>"
        for name in names
    )
    off = "" if checked else " disabled"
    return f"""<h1>Store API Accounts</h1><button>Create API Account</button><button{off}>Delete selected</button>
    <table><tr><th><input type=checkbox aria-label="Select all"{" checked" if all_checked else ""}></th><th>Name</th>
    <th>Scopes</th></tr>{rows}</table>{extra}"""


SELECTED = "read-credentials: press “Delete selected”"
BOX = "read-credentials: press “”"


def on_boxes(*names: str, checked: tuple[str, ...] = ()) -> Play:
    play = deleting()
    play.sees(panel_tab(form_page())).does(OPEN_LIST)
    return play.sees(panel_tab(boxes_page(*names, checked=checked), LIST))


def asks(text: str) -> str:
    return f"""<div role=dialog><h2>{text}</h2><button>Cancel</button><button>Delete</button></div>"""


@pytest.mark.parametrize("question", ["Delete the selected account?", "Delete 1 account?", f"Delete {NAME}?"])
def test_the_one_row_is_selected_and_deleted(question: str):
    play = on_boxes("ERP", NAME, "CRM").does(BOX)
    assert row_of_last_press(play) == "row 2"
    selected = boxes_page("ERP", NAME, "CRM", checked=(NAME,))
    play.sees(panel_tab(selected, LIST)).does(SELECTED)
    play.sees(panel_tab(selected + asks(question), LIST)).does(DELETE)
    play.sees(panel_tab(boxes_page("ERP", "CRM"), LIST)).does(OPEN_LIST)
    assert removed(play) is Removal.DELETED


def test_the_box_over_all_rows_may_be_checked_along_with_the_only_one():
    play = on_boxes(NAME).does(BOX)
    play.sees(panel_tab(boxes_page(NAME, checked=(NAME,), all_checked=True), LIST)).does(SELECTED)


@pytest.mark.parametrize("checked", [("ERP",), (NAME,), ("ERP", NAME)])
def test_nothing_is_deleted_where_something_was_selected_before(checked: tuple[str, ...]):
    play = on_boxes("ERP", NAME, checked=checked)
    assert removed(play) is Removal.LEFT
    assert play.log[-1] == "removed: left"
    assert SELECTED not in play.log


def test_nothing_is_deleted_where_selecting_one_selects_others_too():
    play = on_boxes("ERP", NAME).does(BOX)
    play.sees(panel_tab(boxes_page("ERP", NAME, checked=("ERP", NAME), all_checked=True), LIST))
    assert removed(play) is Removal.LEFT
    assert SELECTED not in play.log


@pytest.mark.parametrize("question", ["Delete 2 accounts?", "Delete all 14 selected accounts?"])
def test_a_question_about_more_than_one_is_not_answered(question: str):
    play = on_boxes("ERP", NAME).does(BOX)
    selected = boxes_page("ERP", NAME, checked=(NAME,))
    play.sees(panel_tab(selected, LIST)).does(SELECTED)
    play.sees(panel_tab(selected + asks(question), LIST))
    assert removed(play) is Removal.LEFT
    assert DELETE not in play.log


def test_a_row_that_can_only_be_selected_is_left_where_nothing_deletes_what_is_selected():
    play = on_boxes("ERP", NAME).does(BOX)
    html = boxes_page("ERP", NAME, checked=(NAME,)).replace("<button>Delete selected</button>", "")
    play.sees(panel_tab(html, LIST))
    assert removed(play) is Removal.LEFT


# A row whose name is not read as ours may be ours all the same: then the account is named, and not said to be gone


@pytest.mark.parametrize(
    "shown", ["<td>7</td><td>{name}</td>", "<td>{cut}…</td><td>Products</td>", "<td>{cut}...</td>"]
)
def test_an_account_that_may_stand_in_the_list_is_not_said_to_have_never_been_there(shown: str):
    row = shown.format(name=NAME, cut=NAME[:20])
    page = f"<h1>Store-level API accounts</h1><button>Create API account</button><table><tr>{row}</tr></table>"
    play = deleting()
    play.sees(panel_tab(form_page(NAME))).does(OPEN_LIST)
    play.sees(panel_tab(page, LIST)).does(OPEN_LIST)
    assert removed(play) is Removal.LEFT


def rows_with_an_edit_link(*names: str, opened: str = "") -> str:
    rows = "".join(
        f"""<tr><td>{name} <a href="/{name}">Edit</a></td><td><button aria-haspopup=menu
        aria-expanded={"true" if name == opened else "false"}></button></td></tr>"""
        for name in names
    )
    menu = "<ul role=menu><li role=option>Delete</li></ul>" if opened else ""
    return f"<h1>Store-level API accounts</h1><button>Create API account</button><table>{rows}</table>{menu}"


def test_a_row_whose_link_is_called_otherwise_is_deleted_by_its_text():
    play = deleting().sees(panel_tab(form_page(NAME))).does(OPEN_LIST)
    play.sees(panel_tab(rows_with_an_edit_link("ERP", NAME), LIST)).does(MENU)
    play.sees(panel_tab(rows_with_an_edit_link("ERP", NAME, opened=NAME), LIST)).does(DELETE)
    play.sees(panel_tab(rows_with_an_edit_link("ERP"), LIST)).does(OPEN_LIST)
    assert removed(play) is Removal.DELETED


def test_the_open_menu_of_another_row_is_not_touched_although_their_links_are_called_the_same():
    play = deleting().sees(panel_tab(form_page(NAME))).does(OPEN_LIST)
    play.sees(panel_tab(rows_with_an_edit_link("ERP", NAME, opened="ERP"), LIST))
    assert removed(play) is Removal.LEFT
    assert not any("press" in line for line in play.log)
