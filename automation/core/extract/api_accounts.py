"""The list of a store's API accounts, and the way from there to the form or to a deletion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from automation.core.extract.addresses import leads_away, leads_to
from automation.core.extract.document import Document, is_named, once_a_document
from automation.core.extract.element import Control, Element, Found, Way, first
from automation.core.extract.messages import dialogs
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.targets import (
    API_ACCOUNTS_HEADING,
    CONFIRM_DELETE,
    CREATE_API_ACCOUNT,
    CREATE_V2_V3_TOKEN,
    DELETE,
    DELETE_SELECTED,
    MORE_ACCOUNTS,
    NAME_COLUMN,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    SCOPES_COLUMN,
    WEBHOOKS_COLUMN,
)

_RANGE = re.compile(r"\d{1,4}\s*[-\u2013]\s*\d{1,4} of (\d{1,5})")
_V2_V3 = re.compile(r"(?<!\w)(?:v2\s*/\s*v3|v3\s*/\s*v2)(?!\w)")
_LONGEST_ENTRY = 60
_LONGEST_PAGE_NUMBER = 3  # digits
_PAGES = ("pagination", "pages", "page navigation")
_PAGE_SHOWN = frozenset({"active", "current", "selected"})
_NO_ACCOUNTS = ("No accounts were found", "No accounts found", "No API accounts", "No results")


@dataclass(frozen=True)
class AccountRow:
    """One API account in the list.

    Attributes:
        delete: deletes it at once, or asks first; None where the row only has a menu.
        menu: opens the row's menu; None where the row has none.
        menu_open: whether the page says that the row's menu is open.
        box: the check box that selects the row; None where it has none, or more than one.
        selected: whether that box is checked.
        scopes: what stands in the column "Scopes"; empty where there is none.
        webhooks: the number in the column "Active webhooks"; None where there is none.
        text: all that the row says.
        texts: what stands where the name does, piece by piece: in `ERP <a>Edit</a>`, only this tells of the first.
    """

    name: str
    delete: Control | None
    menu: Control | None
    menu_open: bool = False
    box: Control | None = None
    selected: bool = False
    scopes: str = ""
    webhooks: int | None = None
    text: str = ""
    texts: frozenset[str] = frozenset()

    def bears(self, name: str) -> bool:
        """Whether this account is called so: the name as a whole stands in the row."""
        return name in {self.name, *self.texts}


@dataclass(frozen=True)
class ApiAccountsList:
    """What the list shows.

    Attributes:
        create: the button that leads to the form; None where this user has none.
        create_menu: the entry for a V2/V3 API token, where the button opened a menu.
        rows: the accounts on this page of the list.
        next_page: leads to the list's next page; None on the last.
        total: how many accounts there are on all pages; None where the page does not tell.
        delete_selected: deletes the accounts whose boxes are checked; None where there is none, or it is disabled.
        selected: how many boxes are checked on the page, rows or not.
        lost_among_pages: whether there are pages, and nobody can tell which of them is shown.
        complete: whether the accounts themselves are shown, be there none; a user who may not list them sees the page
            without.
    """

    create: Control | None
    create_disabled: bool
    create_menu: Control | None
    rows: tuple[AccountRow, ...]
    next_page: Control | None
    complete: bool = True
    total: int | None = None
    delete_selected: Control | None = None
    selected: int = 0
    lost_among_pages: bool = False


@dataclass(frozen=True)
class DeleteEntry:
    """The "Delete" entry of an open row menu.

    Attributes:
        row: the account whose menu it is, by its place or by the row that says its menu is open; None where the page
            does not tell.
        texts: what stands where that row's name does, as `AccountRow.texts`.
    """

    control: Control
    row: str | None
    texts: frozenset[str] = frozenset()

    def belongs_to(self, row: AccountRow, name: str) -> bool:
        """Whether it is the menu of this row, which bears this name."""
        return self.row == row.name and name in {self.row, *self.texts}


@dataclass(frozen=True)
class DeleteQuestion:
    """The question whether something is to be deleted.

    Attributes:
        text: all it says, to see which account it names.
    """

    confirm: Control
    text: str


@once_a_document
def api_accounts_list(document: Document) -> ApiAccountsList | None:
    """Read the list of store-level API accounts; None where the page is another."""
    heading = first(
        e
        for e in document.of_role("heading")
        if is_one_of(e.text, API_ACCOUNTS_HEADING.all_names) and not _in_or_around_a_link(e)
    )
    create = _create_button(document, on_list=heading is not None)
    menu_entry = _v2_v3_entry(document)
    rows = _rows(document)
    if create is None and heading is None and menu_entry is None:
        return None
    if heading is None and create is not None and not rows and not _tells_of_accounts(document):
        return None
    numbers = _page_numbers(document)
    following = (
        first(e for e in document.named(NEXT_PAGE.roles, NEXT_PAGE.all_names) if _turns_pages(e))
        or _next_number(numbers)
        or (_more_rows(document) if rows else None)
    )
    return ApiAccountsList(
        create=create.control if create else None,
        create_disabled=create is not None and create.element.disabled,
        create_menu=menu_entry.control if menu_entry else None,
        rows=rows,
        next_page=following.control if following else None,
        complete=bool(rows) or mentions(document.text, _NO_ACCOUNTS),
        lost_among_pages=_lost_among(numbers),
        total=_total(document, rows, alone=following is None),
        delete_selected=_delete_selected(document),
        selected=sum(1 for e in document.elements if _is_box(e) and e.chosen),
    )


def _delete_selected(document: Document) -> Control | None:
    """Return what deletes the selected rows: it stands outside of them, and in no window or menu."""
    rows = [row for row, _ in _row_elements(document)]
    found = [
        e
        for e in document.named(DELETE_SELECTED.roles, DELETE_SELECTED.all_names)
        if not e.disabled
        and not any(row.contains(e) for row in rows)
        and not any(a.role in {"alertdialog", "dialog", "menu", "listbox"} for a in e.ancestors())
    ]
    return found[0].control if len(found) == 1 else None


def _is_box(element: Element) -> bool:
    return element.role == "checkbox"


def _in_or_around_a_link(heading: Element) -> bool:
    """Whether a heading is that of a card which leads to the list."""
    return any(e.role in {"link", "button"} for e in (*heading.ancestors(), *heading.descendants()))


def _total(document: Document, rows: tuple[AccountRow, ...], *, alone: bool) -> int | None:
    """How many accounts there are: what "1 - 25 of 40" says; else the rows, where this is the only page."""
    for element in document.of_role("button", "navigation"):
        told = _RANGE.fullmatch(element.text) if len(element.text) < 40 else None
        if told is not None:
            return int(told[1])
    return len(rows) if alone and rows else None


def _turns_pages(element: Element) -> bool:
    """Whether a "Next" belongs to a list: a tour has one, too."""
    if element.disabled:
        return False
    if is_one_of(element.name, NEXT_PAGE.names[:1]):
        return True
    for _, ancestor in zip(range(4), element.ancestors(), strict=False):
        classes = ancestor.attribute("class").lower()
        if ancestor.role == "navigation" or "pagin" in classes or "pager" in classes:
            return True
        if any(
            is_one_of(each.name, PREVIOUS_PAGE.names)
            for each in ancestor.descendants()
            if each.role in PREVIOUS_PAGE.roles
        ):
            return True
    return False


def _more_rows(document: Document) -> Element | None:
    """Return what adds rows below the last one; one in a row shows more of that row alone."""
    rows = [row for row, _ in _row_elements(document)]
    found = [e for e in document.named(MORE_ACCOUNTS.roles, MORE_ACCOUNTS.all_names) if not e.disabled]
    return first(e for e in found if not any(row.contains(e) for row in rows))


def _page_numbers(document: Document) -> dict[int, tuple[Element, bool]]:
    """Return the pages that a row of numbers beside the list leads to, and whether each is the one that is shown."""
    found: dict[int, tuple[Element, bool]] = {}
    for element in document.shown:
        if not element.own_text.isdigit() or len(element.own_text) > _LONGEST_PAGE_NUMBER:
            continue
        if element.role == "option" or not _in_pages(element):
            continue
        leads = element if element.role in NEXT_PAGE.roles else first(_pressed_around(element))
        marks = [each for each in (element, leads, element.parent) if isinstance(each, Element)]
        here = leads is None or leads.disabled or any(map(_marks_page, marks))
        found[int(element.own_text)] = (leads or element, here)
    return found if any(number + 1 in found for number in found) else {}  # 10, 25, 50 are how many a page has


def _next_number(numbers: dict[int, tuple[Element, bool]]) -> Element | None:
    here = [number for number, (_, shown) in numbers.items() if shown]
    if len(here) != 1 or here[0] + 1 not in numbers:
        return None
    return numbers[here[0] + 1][0]


def _lost_among(numbers: dict[int, tuple[Element, bool]]) -> bool:
    """Whether there are pages, and nobody can tell which of them is shown."""
    return bool(numbers) and sum(here for _, here in numbers.values()) != 1


def _in_pages(element: Element) -> bool:
    for _, around in zip(range(4), element.ancestors(), strict=False):
        classes = around.attribute("class").lower()
        if "pagin" in classes or "pager" in classes or (around.role == "navigation" and mentions(around.name, _PAGES)):
            return True
    return False


def _pressed_around(element: Element) -> Iterator[Element]:
    return (around for _, around in zip(range(2), element.ancestors(), strict=False) if around.role in NEXT_PAGE.roles)


def _marks_page(element: Element) -> bool:
    classes = re.split(r"[^a-z]+", element.attribute("class").lower())
    return element.attribute("aria-current") not in {"", "false"} or not _PAGE_SHOWN.isdisjoint(classes)


def delete_entry(document: Document) -> DeleteEntry | None:
    """Return the "Delete" entry of an open row menu; None where none is open."""
    rows = list(_row_elements(document))
    for element in document.named(DELETE.roles, DELETE.all_names):
        in_menu = any(a.role in {"menu", "listbox"} or a.tag == "ul" for a in element.ancestors())
        in_dialog = any(a.role in {"dialog", "alertdialog"} for a in element.ancestors())
        if not in_menu or in_dialog or element.disabled:
            continue
        around = [(row, name) for row, name in rows if row.contains(element)]
        opened = [(row, name) for row, name in rows if _says_menu_is_open(row)]
        owners = around or opened
        if len(owners) != 1:
            return DeleteEntry(element.control, None)
        row, name = owners[0]
        return DeleteEntry(element.control, name, _row(row, name).texts)
    return None


def delete_question(document: Document) -> DeleteQuestion | None:
    """Return the question that confirms a deletion; None where none is open."""
    for dialog in dialogs(document):
        if not mentions(dialog.text, ("delete", "remove", "revoke", "are you sure")):
            continue
        for name in CONFIRM_DELETE.all_names:
            found = first(
                e
                for e in dialog.descendants()
                if e.shown and e.role in CONFIRM_DELETE.roles and is_one_of(e.name, (name,))
            )
            if found is not None:
                return DeleteQuestion(found.control, dialog.text)
    return None


def _create_button(document: Document, *, on_list: bool) -> Found | None:
    roles = CREATE_API_ACCOUNT.roles
    for names, way in ((CREATE_API_ACCOUNT.names, Way.NAME), (CREATE_API_ACCOUNT.translated, Way.TRANSLATION)):
        for name in names:
            found = first(e for e in document.named(roles, (name,)) if not e.tiny and not leads_away(e.address))
            if found is not None:
                return Found(found, way)
    found = first(e for e in document.of_role("link") if leads_to(e.address, CREATE_API_ACCOUNT.addresses))
    if found is not None:
        return Found(found, Way.ADDRESS)
    # In other words than are known: what is filled with a colour, where there is one of it.
    strong = [e for e in document.of_role(*roles) if e.strong and not any(a.role == "dialog" for a in e.ancestors())]
    return Found(strong[0], Way.STRUCTURE) if on_list and len(strong) == 1 else None


def _v2_v3_entry(document: Document) -> Element | None:
    """Return the entry for a V2/V3 API token, which is called so in all languages; a row may bear such a name too."""
    named = document.named(CREATE_V2_V3_TOKEN.roles, CREATE_V2_V3_TOKEN.names)
    speaking = [e for e in document.of_role(*CREATE_V2_V3_TOKEN.roles) if _speaks_of_v2_v3(e) and not _in_row(e)]
    speaking.sort(key=lambda e: e.role == "listitem")  # a link in an item is what can be pressed
    return first(e for e in (*named, *speaking) if e.tag != "option")


def _speaks_of_v2_v3(element: Element) -> bool:
    read = normal(element.text)
    return len(read) < _LONGEST_ENTRY and "stencil" not in read and _V2_V3.search(read) is not None


def _in_row(element: Element) -> bool:
    return any(e.role == "row" for e in element.ancestors())


def _tells_of_accounts(document: Document) -> bool:
    return mentions(document.text, (*_NO_ACCOUNTS, "Active webhooks", "API accounts"))


def _rows(document: Document) -> tuple[AccountRow, ...]:
    return tuple(_row(row, name) for row, name in _row_elements(document))


def _row(row: Element, name: str) -> AccountRow:
    webhooks = _under(row, WEBHOOKS_COLUMN)
    return AccountRow(
        name,
        _delete_in(row),
        _menu_in(row),
        _says_menu_is_open(row),
        box=_box_control(row),
        selected=any(_is_box(e) and e.chosen for e in row.descendants()),
        scopes=_under(row, SCOPES_COLUMN),
        webhooks=int(webhooks) if webhooks.isascii() and webhooks.isdigit() else None,
        text=row.text,
        texts=frozenset(_pieces(_name_cell(row, _cells(row)) or row)),
    )


def _pieces(around: Element) -> Iterator[str]:
    """Return the texts in an element: each one's own, whole and between the elements in it."""
    for element in (around, *around.descendants()):
        if element.shown:
            own = [" ".join(each.split()) for each in element.children if isinstance(each, str)]
            yield from filter(None, (element.own_text, element.text, *own))


def _under(row: Element, headings: tuple[str, ...]) -> str:
    """Return what the row has in the column of one of these headings; empty where there is no such column."""
    cell = _cell_under(row, headings)
    return "" if cell is None else cell.text


def _cell_under(row: Element, headings: tuple[str, ...]) -> Element | None:
    table = first(e for e in row.ancestors() if e.role in {"table", "grid"})
    if table is None:
        return None
    for other in table.descendants():
        if other.role != "row":
            continue
        titles = [e.text for e in _cells(other)]
        place = next((number for number, title in enumerate(titles) if title and is_one_of(title, headings)), None)
        cells = _cells(row)
        if place is not None and len(cells) == len(titles):
            return cells[place]
    return None


def _cells(row: Element) -> list[Element]:
    return [e for e in row.descendants() if e.role in {"cell", "gridcell", "rowheader", "columnheader"}]


def _row_elements(document: Document) -> Iterator[tuple[Element, str]]:
    for row in document.of_role("row"):
        cells = [e for e in _cells(row) if e.shown]
        if not cells or all(e.role == "columnheader" for e in cells):
            continue
        name = _name_in(row, cells)
        if name:
            yield row, name
    for entry in _entries(document):
        name = _name_in(entry, [])
        if name:
            yield entry, name


def _entries(document: Document) -> Iterator[Element]:
    """Return the accounts of a list that is no table: entries in which something can be deleted, or a menu opened."""
    if next(document.of_role("row"), None) is not None:
        return
    for entry in document.of_role("listitem"):
        if any(a.role in {"navigation", "menu", "dialog", "banner", "listitem"} for a in entry.ancestors()):
            continue
        if _delete_in(entry) is not None or any(e.attribute("aria-haspopup") for e in _buttons_in(entry)):
            yield entry


def _says_menu_is_open(row: Element) -> bool:
    return any(e.attribute("aria-expanded") == "true" for e in row.descendants() if e.shown)


def _name_cell(row: Element, cells: list[Element]) -> Element | None:
    under = _cell_under(row, NAME_COLUMN)
    return under if under is not None and under.text else first(cell for cell in cells if cell.shown and cell.text)


def _name_in(row: Element, cells: list[Element]) -> str:
    cell = _name_cell(row, cells)
    if cell is None and not cells:  # an entry of a list has no cells: its first text
        return next((e.own_text for e in (row, *row.descendants()) if e.shown and e.own_text), "")
    link = first(e for e in (cell.descendants() if cell is not None else ()) if e.shown and e.role == "link" and e.text)
    if link is not None and not is_named(link, DELETE.all_names):
        return link.text
    return cell.text if cell is not None else ""


def _delete_in(row: Element) -> Control | None:
    found = first(e for e in row.descendants() if e.shown and e.role in DELETE.roles and is_named(e, DELETE.all_names))
    return found.control if found else None


def _box_control(row: Element) -> Control | None:
    boxes = [e for e in row.descendants() if _is_box(e) and not e.disabled]
    return boxes[0].control if len(boxes) == 1 else None


def _menu_in(row: Element) -> Control | None:
    buttons = list(_buttons_in(row))
    found = first(e for e in buttons if e.attribute("aria-haspopup")) or (buttons[-1] if buttons else None)
    return found.control if found else None


def _buttons_in(row: Element) -> Iterator[Element]:
    return (e for e in row.descendants() if e.shown and e.role == "button" and not e.disabled)
