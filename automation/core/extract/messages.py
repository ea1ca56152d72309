"""What a page says when it refuses, waits, or has something in the way."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from automation.core.extract.document import Document, once_a_document
from automation.core.extract.element import Control, Element, first
from automation.core.extract.roles import FIELD_ROLES
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.targets import ACCESS_TOKEN, AGREE, CANCEL, CLIENT_ID, CONFIRM_SAVE, DISMISS, SAVE, Target
from companion.core.redaction import redacted

_LONGEST = 300
_REFUSALS = (
    "access denied",
    "permission denied",
    "you do not have permission",
    "you don't have permission",
    "do not have access",
    "don't have access",
    "not authorized",
    "not authorised",
    "insufficient permissions",
    "unauthorized",
    "forbidden",
    "no permission",
    "contact the store owner",
    "ask the store owner",
    "store owner can",
)
_FAULTS = (
    "something went wrong",
    "internal server error",
    "service unavailable",
    "bad gateway",
    "gateway timeout",
    "we'll be back",
    "down for maintenance",
    "an error occurred",
    "an error has occurred",
    "unexpected error",
    "please try again later",
)
_REFUSED_ENTRIES = (
    "invalid",
    "incorrect",
    "not correct",
    "wrong email",
    "wrong password",
    "does not match",
    "doesn't match",
    "don't match",
    "do not match",
    "not recognized",
    "not recognised",
    "too many",
    "attempts",
)
_LIMITS = (
    "maximum number of",
    "limit of",
    "reached the limit",
    "reached the maximum",
    "limit reached",
    "maximum of",
    "too many api accounts",
)
_ERRORS = (
    "invalid",
    "incorrect",
    "not correct",
    "wrong",
    "does not match",
    "doesn't match",
    "don't match",
    "do not match",
    "not recognized",
    "not recognised",
    "failed",
    "could not",
    "couldn't",
    "cannot",
    "can't",
    "unable to",
    "error",
    "try again",
    "expired",
    "denied",
    "not found",
    "already exists",
    "already in use",
    "already taken",
    "must be",
    "required",
    "limit",
    "maximum",
    "went wrong",
    "rejected",
    "already",
    "taken",
    "duplicate",
    "at least",
    "too long",
    "too short",
    "too many",
    "not allowed",
    "not permitted",
    "contact support",
    "problem",
    "different name",
    "another name",
)
_BINDING = (
    "terms",
    "terms of service",
    "agreement",
    "leave",
    "discard",
    "unsaved",
    "delete",
    "remove",
    "purchase",
    "upgrade",
    "subscribe",
    "charge",
    "billing",
)
_ENGLISH = ("the", "and", "of", "your", "you", "settings", "orders", "products", "customers", "search", "help")
_SUCCESSES = ("successfully", "success", "created", "copied", "saved", "downloaded")


@once_a_document
def alerts(document: Document) -> tuple[str, ...]:
    """Return the texts of toasts and inline messages."""
    texts = []
    for element in document.shown:
        live = element.role in {"alert", "status", "alertdialog"}
        classes = element.attribute("class").lower()
        marked = any(mark in classes for mark in ("error", "alert", "flash", "notice", "danger", "toast"))
        if (live or (marked and element.tag in {"div", "p", "span", "li", "ul"})) and element.text:
            texts.append(element.text)
    # A window that shows credentials is no message, and what is quoted in an error must not hold one.
    quotable = (text for text in texts if not (mentions(text, ACCESS_TOKEN) and mentions(text, CLIENT_ID)))
    return tuple(dict.fromkeys(redacted(text, longest=_LONGEST) for text in quotable))


def error_text(document: Document) -> str | None:
    """Return the message by which a page refuses what was entered; None where it shows none."""
    for text in alerts(document):
        if is_error(text):
            return text
    has_fields = any(element.tag == "input" for element in document.elements)
    for element in document.shown:
        if element.tag in {"p", "span", "div", "li", "small"} and 0 < len(element.own_text) <= 200:
            if has_fields and mentions(
                element.own_text,
                (
                    "invalid",
                    "incorrect",
                    "does not match",
                    "doesn't match",
                    "don't match",
                    "not recognized",
                    "wrong password",
                    "wrong code",
                    "try again",
                ),
            ):
                return redacted(element.text, longest=_LONGEST)
    return None


def is_error(text: str) -> bool:
    """Whether a message tells of something that failed, or is refused."""
    return mentions(text, _ERRORS + _REFUSALS) and not (
        mentions(text, _SUCCESSES)
        and not mentions(
            text, ("could not", "couldn't", "failed", "unable to", "cannot", "not be", "error", "wasn't", "was not")
        )
    )


def is_fault(text: str) -> bool:
    """Whether a message tells of a server that failed, and not of something that was refused."""
    return mentions(text, _FAULTS) and not mentions(text, _REFUSED_ENTRIES)


@once_a_document
def field_errors(document: Document) -> tuple[str, ...]:
    """Return what stands beside a form's fields and reads as an error; no role tells it from a hint."""
    fields = [e for e in document.of_role("textbox", "combobox") if not e.readonly]
    near = {around for field in fields for around, _ in zip(field.ancestors(), range(4), strict=False)}
    return tuple(
        redacted(element.text, longest=_LONGEST)
        for element in document.shown
        if 0 < len(element.own_text) <= 200
        and element.tag in {"div", "label", "li", "p", "small", "span"}
        and is_error(element.own_text)
        and any(around in near for around, _ in zip(element.ancestors(), range(3), strict=False))
    )


def complaints(document: Document) -> frozenset[str]:
    """Return all that a page says of refusals, faults, limits and errors; what stood there before answers nothing."""
    return frozenset((*_sentences(document, _REFUSALS + _FAULTS), *alerts(document), *field_errors(document)))


def denied(document: Document, standing: Set[str] = frozenset()) -> str | None:
    """Return what the page says, beyond `standing`, where the user may not see or do this; None elsewhere."""
    return next((text for text in _sentences(document, _REFUSALS) if text not in standing), None)


def fault(document: Document, standing: Set[str] = frozenset()) -> str | None:
    """Return what the page says, beyond `standing`, where the server failed; None elsewhere."""
    return next((text for text in _sentences(document, _FAULTS) if text not in standing), None)


def limit_reached(document: Document, standing: Set[str] = frozenset()) -> str | None:
    """Return what the page says, beyond `standing`, of the limit of API accounts; None where it says nothing of it."""
    return next((text for text in alerts(document) if text not in standing and mentions(text, _LIMITS)), None)


def in_english(document: Document) -> bool:
    """Whether a page has any of the words that hardly an English page is without."""
    return mentions(document.text, _ENGLISH)


@once_a_document
def busy(document: Document) -> bool:
    """Whether the page shows that it is still loading."""
    if document.snapshot.ready == "loading":
        return True
    for element in document.shown:
        if element.attribute("aria-busy") == "true" or _turns(element):
            return True
        if (
            element.own_text
            and len(element.own_text) < 40
            and normal(element.own_text).rstrip(". ") in {"loading", "please wait", "saving", "loading data"}
        ):
            return True
    return False


@once_a_document
def undrawn(document: Document) -> bool:
    """Whether the place for the content is there, and empty: scripts draw it once they have come and run."""
    if any(not any(around.role in _SHELL for around in e.ancestors()) for e in document.of_role("heading")):
        return False
    return any(
        not e.text and not any(inner.role or inner.tag in _DRAWN for inner in e.descendants())
        for e in document.shown
        if e.role == "main" or (e.tag == "div" and e.attribute("id").lower() in _MOUNTS)
    )


_SHELL = frozenset({"alertdialog", "banner", "complementary", "dialog", "navigation"})
_DRAWN = frozenset({"canvas", "frame", "iframe", "img", "object", "svg", "video"})
_MOUNTS = frozenset({"app", "app-root", "content", "main", "mount", "page", "react-root", "root"})


def _turns(element: Element) -> bool:
    """Whether it shows work without an end; a bar that tells how far something is may stand there for good."""
    tells = element.has("aria-valuenow") or (element.tag == "progress" and element.has("value"))
    return element.role == "progressbar" and not tells


@once_a_document
def dialogs(document: Document) -> tuple[Element, ...]:
    """Return the rendered dialogs, outermost and last opened first."""
    found = [e for e in document.of_role("dialog", "alertdialog") if e.text]
    outermost = [e for e in found if not any(other is not e and other.contains(e) for other in found)]
    return tuple(reversed(outermost))


def binds(question: str) -> bool:
    """Whether saying yes to a question may bind somebody, or take something away."""
    return mentions(question, _BINDING)


def confirmation(document: Document) -> Control | None:
    """Return what answers yes in a dialog that asks whether to go on with what was begun; None where none asks.

    It offers to cancel and one thing more, and speaks of nothing that binds anybody or takes anything away.
    """
    for dialog in dialogs(document):
        buttons = [e for e in dialog.descendants() if e.role == "button" and e.shown and not e.disabled and e.name]
        others = [e for e in buttons if not is_one_of(e.name, (*CANCEL.all_names, "Close", "No", "Go back", "Back"))]
        fields = any(e.role in FIELD_ROLES and e.shown and not e.readonly for e in dialog.descendants())
        if fields or len(others) != 1 or len(others) == len(buttons) or binds(dialog.text):
            continue
        if is_one_of(others[0].name, CONFIRM_SAVE.all_names):
            return others[0].control
    return None


def asks_for_password(document: Document) -> bool:
    """Whether the page wants the password, or a one-time code, first; masked credentials are no question."""
    if mentions(document.text, ACCESS_TOKEN):
        return False
    return any(
        e.shown
        and not e.tiny
        and not e.readonly
        and not e.disabled
        and (e.attribute("type").lower() == "password" or e.attribute("autocomplete").lower() == "one-time-code")
        for e in document.elements
        if e.tag == "input"
    )


def dismissal(document: Document, *, within: Element | None = None) -> Control | None:
    """Return what puts a dialog, tour or banner aside, kindest first; None where nothing does.

    Without `within`, only overlays count: an element that is a dialog, that does not scroll with the page, or whose
    class or id calls it an overlay.
    """
    scopes = [within] if within is not None else [e for e in document.shown if _is_overlay(e) and not _works(e)]
    asking = [scope for scope in scopes if scope is within or scope.role in _DIALOGS]
    kind = (
        _named_in(asking, DISMISS)
        or _named_in(scopes, _ASIDE)
        or _named_in([scope for scope in scopes if _may_be_agreed_to(scope)], AGREE)
    )
    if kind is not None:
        return kind.control
    for scope in scopes:
        if scope is not within and not _calls_itself_overlay(scope):
            continue  # a bar that stays in place may have buttons without a name that do other things
        buttons = [e for e in scope.descendants() if e.role == "button" and e.shown and not e.disabled]
        unnamed = first(e for e in buttons if not e.name)
        if unnamed is not None and len(buttons) <= 3:
            return unnamed.control
    return None


_DIALOGS = frozenset({"alertdialog", "dialog"})
# Outside a dialog, a bar that stays in place may have the "Cancel" of the form that is filled in.
_ASIDE = replace(
    DISMISS,
    names=tuple(name for name in DISMISS.names if name not in CANCEL.names),
    translated=tuple(name for name in DISMISS.translated if name not in CANCEL.translated),
)


def _works(overlay: Element) -> bool:
    """Whether what lies over the page is part of the work: the form itself, or the bar with its Save."""
    inside = [e for e in overlay.descendants() if e.shown]
    typed = any(e.role in FIELD_ROLES and not e.readonly for e in inside)
    saves = any(e.role == "button" and is_one_of(e.plain_text, SAVE.all_names) for e in inside)
    return (typed and saves) if overlay.role in _DIALOGS else (typed or saves)


def _named_in(scopes: list[Element], target: Target) -> Element | None:
    for name in target.all_names:
        for scope in scopes:
            for element in scope.descendants():
                if (
                    element.role in target.roles
                    and element.shown
                    and not element.disabled
                    and is_one_of(element.name, (name,))
                ):
                    return element
    return None


def _may_be_agreed_to(scope: Element) -> bool:
    """Whether agreeing binds nobody to anything: cookies, a session that goes on, or a mere notice with one button."""
    if binds(scope.text):
        return False
    if mentions(scope.text, ("cookie", "cookies", "session", "still there", "signed out", "logged out", "inactivity")):
        return True
    return sum(1 for e in scope.descendants() if e.role == "button" and e.shown and e.text) == 1


def _is_overlay(element: Element) -> bool:
    return element.has("data-fixed") or _calls_itself_overlay(element)


def _calls_itself_overlay(element: Element) -> bool:
    if element.role in {"dialog", "alertdialog"}:
        return True
    marks = normal(f"{element.attribute('class')} {element.attribute('id')}")
    return any(
        mark in marks
        for mark in (
            "overlay",
            "modal",
            "tour",
            "popover",
            "cookie",
            "consent",
            "banner",
            "onboard",
            "walkthrough",
            "promo",
            "session",
            "toast",
            "backdrop",
            "guide",
            "survey",
            "nps",
        )
    )


def _sentences(document: Document, wordings: tuple[str, ...]) -> Iterator[str]:
    for element in document.shown:
        text = element.own_text
        if text and len(text) <= _LONGEST and mentions(text, wordings):
            yield redacted(text, longest=_LONGEST)
