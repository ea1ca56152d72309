"""How scopes are brought up that the form does not show, and how all of them are read before Save.

A form may keep scopes folded up, behind a search, on another page, or draw only those that are in view. One that came
set with a draft grants as much there as anywhere, so that every place is looked at once all that is wanted was set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from automation.core.actions import Action, Command, Do, Press, Scroll, Stop, Type, Wait
from automation.core.errors import ScopesUnread
from automation.core.extract.account_form import AccountForm, account_form
from automation.core.extract.document import Document
from automation.core.extract.element import Control
from automation.core.extract.folded import (
    Folded,
    Pages,
    Scroller,
    folded_parts,
    folded_scopes,
    more_scopes,
    names_beside,
    scope_pages,
    scope_searches,
    scopes_counted,
    scrollers,
    unreadable_parts,
    words_in_common,
)
from automation.core.extract.wording import normal
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.snapshot import Busy
from automation.core.view import View

_T = TypeVar("_T")
_MOST_TRIES = 4
_MOST_PARTS = 12
_MOST_TURNS = 80
_DRAWN_SECONDS = 0.5
_STEP = StepId.SET_SCOPES
_KEYS = ("unfold", "search ", "turn")
# Every name has one of these letters, so that a search that finds parts of words brings up all of them.
_LETTERS = ("e", "a", "o", "i")
# A form that shows fewer known scopes than that may draw more at its end; all forms on record have more.
_FEW = 15


@dataclass(frozen=True)
class _Hidden:
    """What of the form is not drawn; `searches` with what stands in each."""

    folded: tuple[Folded, ...]
    more: Control | None
    searches: tuple[tuple[Control, str], ...]
    pages: Pages | None
    scrollers: tuple[Scroller, ...]
    unreadable: bool
    counted: int


def on_this_form(progress: Progress, form: AccountForm) -> Progress:
    """Return the progress with what this very form showed so far; that of one that is gone is forgotten."""
    seen = progress.scopes_seen
    if form.name.document != progress.form_document:
        progress = scopes_touched(replace(progress, form_document=form.name.document))
        seen = frozenset()
    return replace(progress, scopes_seen=seen | {normal(name) for name in form.offered})


def scopes_touched(progress: Progress, *, wanted: bool = True) -> Progress:
    """Return the progress after something was set: what was read before has to be read again.

    Args:
        wanted: whether a wanted scope was set, which may set others with it.
    """
    tries = tuple((key, number) for key, number in progress.tries if not key.startswith(_KEYS))
    through = () if wanted else progress.looked_through
    return replace(progress, read_back=frozenset(), looked_through=through, tries=tries)


def has_brought_up(progress: Progress) -> bool:
    """Whether something was done to the form to bring up scopes."""
    return any(key.startswith(_KEYS) for key, _ in progress.tries)


def bring_up(progress: Progress, view: View, labels: Sequence[str]) -> tuple[Progress, Command] | None:
    """Decide how to bring up scopes that are not on the form; None while it may be drawn yet, or nothing is left."""
    if not progress.still_for(_DRAWN_SECONDS):
        return None
    parts = view.read(lambda document: _on_form(document, lambda d, form: folded_parts(d, form.name)) or None) or ()
    if parts and progress.tried("unfold") < _MOST_PARTS:
        # A form that is drawn anew may fold itself up again: what was pressed least often comes first.
        part = min(parts, key=lambda part: progress.tried(f"unfold {part.key}"))
        if progress.tried(f"unfold {part.key}") < _MOST_TRIES:
            progress = progress.trying(f"unfold {part.key}").trying("unfold")
            return progress, Do(_STEP, Press(part.control, view.tab.number))
    hidden = view.read(lambda document: _on_form(document, _hidden))
    if hidden is None:
        return None
    if hidden.searches:
        field, holds = hidden.searches[0]
        for text in dict.fromkeys((words_in_common(labels), labels[0], "")):
            if holds != text and progress.tried(f"search {text}") < _MOST_TRIES // 2:
                return progress.trying(f"search {text}"), Do(_STEP, Type(field, text, view.tab.number))
    turn = _turn(hidden, progress.tried("turned"), view.tab.number)
    if turn is None and not progress.tried("turned"):
        progress = progress.trying("turned")
        turn = _turn(hidden, 1, view.tab.number)
    if turn is not None and progress.tried("turn") < _MOST_TURNS:
        return progress.trying("turn"), Do(_STEP, turn)
    return None


def look_through(progress: Progress, view: View, form: AccountForm) -> tuple[Progress, Command] | None:
    """Decide how to see the next part of the form; None once every scope was seen since the last one was set."""
    hidden = view.read(lambda document: _on_form(document, _hidden))
    if hidden is None:
        return None
    if hidden.unreadable and not progress.unread_kept:
        return progress, Stop(_unreadable(_CLOSED))
    nothing = not (hidden.folded or hidden.more or hidden.searches or hidden.pages or hidden.scrollers)
    if nothing and not progress.looked_through:
        return None
    if progress.looked_through and not _is_drawn(progress, view):
        return progress, Wait(_STEP)
    for look in (_unfold, _search, _turn_over):
        progress, action = look(progress, hidden, view.tab.number)
        if isinstance(action, ScopesUnread):
            return None if progress.unread_kept else (progress, Stop(action))
        if action is not None:
            return replace(progress, acted_at=progress.now, blocked=False), Do(_STEP, action)
    seen = len(form.scopes) + len(progress.kept)
    if hidden.counted > seen and not progress.unread_kept:
        return progress, Stop(
            _unreadable(f"It says that {hidden.counted} scopes are set; no more than {seen} can be seen.")
        )
    return None


def in_a_closed_part(view: View) -> ScopesUnread | None:
    """Return why scopes that are not found may be there all the same; None where all of the form can be read."""
    hidden = view.read(lambda document: _on_form(document, _hidden))
    return _unreadable(_CLOSED) if hidden is not None and hidden.unreadable else None


_CLOSED = "A part of it is drawn in a closed shadow tree, which no program can read."


def _is_drawn(progress: Progress, view: View) -> bool:
    if not progress.still_for(_DRAWN_SECONDS):
        return False
    return view.busy is Busy.NO or progress.stuck(busy=view.busy)


def _unfold(progress: Progress, hidden: _Hidden, tab: int) -> tuple[Progress, Action | None]:
    if hidden.more is not None and progress.looked_through.count("more") < _MOST_PARTS:
        return _through(progress, "more"), Press(hidden.more, tab)
    for part in hidden.folded:
        if f"unfold {part.key}" not in progress.looked_through:
            return _through(progress, f"unfold {part.key}"), Press(part.control, tab)
    return progress, None


def _search(progress: Progress, hidden: _Hidden, tab: int) -> tuple[Progress, Action | None]:
    for number, (field, holds) in enumerate(hidden.searches):
        texts = list(_LETTERS)
        if all(f"search {number} {text}" in progress.looked_through for text in texts):
            by_letters, by_names = f"letters {number}", f"names {number}"
            if by_letters not in progress.looked_through and by_names not in progress.looked_through:
                enough = len(progress.scopes_seen) >= _FEW  # else it does not find parts of words
                progress = _through(progress, by_letters if enough else by_names)
            if by_names in progress.looked_through:
                texts += names_beside(progress.scopes_seen)
            texts.append("")
        for text in texts:
            key = f"search {number} {text}"
            if key not in progress.looked_through:
                progress = _through(progress, key)
                if holds != text:
                    return progress, Type(field, text, tab)
    return progress, None


def _turn_over(progress: Progress, hidden: _Hidden, tab: int) -> tuple[Progress, Action | ScopesUnread | None]:
    lazy = len(progress.scopes_seen) < _FEW
    for number, box in enumerate(hidden.scrollers):
        if not box.sparse and not lazy:
            continue
        for place, there in (("end", box.at_end), ("start", box.at_start or not box.sparse)):
            key = f"{place} of {number}"
            if there and key not in progress.looked_through:
                progress = _through(progress, key)
            if key not in progress.looked_through:
                if progress.looked_through.count(f"scroll {number}") >= _MOST_TURNS:
                    return progress, _unreadable("It cannot be scrolled to its end.")
                to = "end" if not box.sparse else "down" if place == "end" else "up"
                return _through(progress, f"scroll {number}"), Scroll(box.control, to, tab)
    if hidden.pages is not None:
        for place, button in (("last page", hidden.pages.next), ("first page", hidden.pages.previous)):
            if button is None and place not in progress.looked_through:
                progress = _through(progress, place)
            if place not in progress.looked_through and button is not None:
                if progress.looked_through.count("page") >= _MOST_TURNS:
                    return progress, _unreadable("Its pages have no end.")
                return _through(progress, "page"), Press(button, tab)
    return progress, None


def _turn(hidden: _Hidden, back: int, tab: int) -> Action | None:
    """What shows the next part of a long form, downwards or back; None at its end."""
    if hidden.more is not None:
        return Press(hidden.more, tab)
    for box in hidden.scrollers:
        if not box.sparse and not back:
            return Scroll(box.control, "end", tab)
        if box.sparse and not (box.at_start if back else box.at_end):
            return Scroll(box.control, "up" if back else "down", tab)
    if hidden.pages is not None:
        button = hidden.pages.previous if back else hidden.pages.next
        return None if button is None else Press(button, tab)
    return None


def _through(progress: Progress, key: str) -> Progress:
    return replace(progress, looked_through=(*progress.looked_through, key))


def _hidden(document: Document, form: AccountForm) -> _Hidden:
    fields = scope_searches(document, form.name)
    holds = {element.ref: element.value for element in document.of_role("searchbox", "textbox")}
    return _Hidden(
        folded_scopes(document, form.name),
        more_scopes(document, form.name),
        tuple((field, holds.get(field.ref, "")) for field in fields),
        scope_pages(document, form.name),
        scrollers(document, form.name),
        unreadable_parts(document, form.name),
        scopes_counted(document),
    )


def _on_form(document: Document, extractor: Callable[[Document, AccountForm], _T]) -> _T | None:
    form = account_form(document, ())
    return extractor(document, form) if form is not None else None


def _unreadable(why: str) -> ScopesUnread:
    return ScopesUnread(
        "The form does not show all scopes that it would set.",
        why=f"{why} What cannot be read is not saved, so no API account was made.",
        next_step="Create the API account by hand, and add the connection with `companion add`.",
        step=_STEP,
    )
