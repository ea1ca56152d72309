"""The form that creates an API account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from automation.core.extract.addresses import is_account_level_path, store_hash_from_api_path
from automation.core.extract.document import Document, is_named, once_a_document
from automation.core.extract.element import Control, Element, Found, Way, first
from automation.core.extract.scope_blocks import holds_no_scope, offered_scopes
from automation.core.extract.scope_options import ScopeControl, list_owner, without_options
from automation.core.extract.scopes import scope_control
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.request import WantedScope
from automation.core.targets import CANCEL, NAME, SAVE, TOKEN_TYPE, V2_V3_TOKEN


@dataclass(frozen=True)
class TokenTypeOption:
    """One entry of the token type's list."""

    name: str
    control: Control


@dataclass(frozen=True)
class TokenType:
    """The choice of the token type.

    Attributes:
        value: what is chosen; empty where nothing is.
        is_v2_v3: whether what is chosen makes a V2/V3 API token.
        open_options: the options, where the list is open.
        arrow: the button beside the box that opens the list, where there is one.
    """

    value: str
    is_v2_v3: bool
    control: Control
    native: bool
    expanded: bool
    open_options: tuple[TokenTypeOption, ...]
    arrow: Control | None = None

    def v2_v3_option(self) -> TokenTypeOption | None:
        """Return the option that makes a V2/V3 API token."""
        return next((option for option in self.open_options if is_v2_v3(option.name)), None)


@dataclass(frozen=True)
class AccountForm:
    """What the form shows.

    Attributes:
        name: the name box, and what stands in it.
        token_type: None where the form has no such field, as before 2019.
        api_path_hash: the store hash in the read-only API path; None where the form shows no path.
        account_level: True where the path is an account-level one, on which nothing here may be done.
        scopes: for each wanted scope, its control; None where the form has none.
        offered: the known scopes whose names stand on the page.
        save_disabled: True also while the button says that it is working.
    """

    name: Control
    name_value: str
    token_type: TokenType | None
    api_path_hash: str | None
    account_level: bool
    scopes: tuple[tuple[WantedScope, ScopeControl | None], ...]
    offered: tuple[str, ...]
    save: Control | None
    save_disabled: bool


@once_a_document
def account_form(document: Document, wanted: Iterable[WantedScope]) -> AccountForm | None:
    """Read the form; None where the page is another."""
    wanted = tuple(wanted)
    offered = offered_scopes(document)
    path_hash, account_level = _api_path(document)
    # A name box alone is found on many pages: the form also shows its scopes, its API path, or its token type.
    token_type = _token_type(document)
    if not (len(offered) >= 2 or path_hash or account_level or token_type or _speaks_of_scopes(document)):
        return None
    name = _name_box(document)
    if name is None:
        return None
    save = _save(document, name.element)
    return AccountForm(
        name=name.control,
        name_value=name.element.value,
        token_type=token_type,
        api_path_hash=path_hash,
        account_level=account_level,
        scopes=tuple((scope, scope_control(document, scope)) for scope in wanted),
        offered=offered,
        save=save.control if save else None,
        save_disabled=save is None or save.element.disabled,
    )


def _speaks_of_scopes(document: Document) -> bool:
    """Whether a heading does, as over scopes that are folded up, beside a Save."""
    heading = first(e for e in document.of_role("heading") if is_one_of(e.text, ("OAuth scopes", "Scopes")))
    return heading is not None and any(document.named(("button",), SAVE.names[:1]))


def is_v2_v3(text: str) -> bool:
    """Whether a token type's name means a V2/V3 API token."""
    read = normal(text)
    if "stencil" in read:
        return False
    return is_one_of(text, V2_V3_TOKEN.names) or "v2/v3" in read.replace(" ", "") or "v3/v2" in read.replace(" ", "")


def _name_box(document: Document) -> Found | None:
    boxes = [e for e in document.of_role(*NAME.roles) if not e.readonly and not e.disabled and not e.tiny]
    boxes = [e for e in boxes if e.attribute("type", "text").lower() in {"", "text", "search"}]
    for names, way in ((NAME.names, Way.NAME), (NAME.translated, Way.TRANSLATION)):
        for name in names:
            found = first(e for e in boxes if is_one_of(e.name, (name,)))
            if found is not None:
                return Found(found, way)
    named = first(e for e in boxes if e.attribute("name").lower() in _FIELD_NAMES)
    if named is not None:
        return Found(named, Way.STRUCTURE)
    for names, way in ((NAME.names, Way.TEXT), (NAME.translated, Way.TRANSLATION)):
        for label in document.with_text(names):  # a label that is not tied to its box
            for ancestor in label.ancestors():
                inside = [box for box in boxes if ancestor.contains(box) and box.ref > label.ref]
                if inside:
                    return Found(inside[0], way)
                if ancestor.tag in {"form", "section", "main", "body"}:
                    break
    # In an unknown language: the one box of the form that can be typed into, which stands above the API path.
    only = [e for e in boxes if e.role == "textbox" and not any(a.role in _NO_FORM for a in e.ancestors())]
    return Found(only[0], Way.STRUCTURE) if len(only) == 1 and _api_path(document)[0] else None


_FIELD_NAMES = frozenset({"name", "account_name", "accountname", "client_name", "clientname"})
_NO_FORM = frozenset({"banner", "dialog", "navigation", "row", "search", "toolbar"})


def _save(document: Document, name: Element) -> Found | None:
    buttons = [e for e in document.of_role("button") if not e.tiny and not e.has("aria-haspopup")]
    named = _named_save(without_options(buttons)) or _named_save(buttons)
    if named is not None:
        return named
    cancel = first(e for e in (*buttons, *document.of_role("link")) if is_named(e, CANCEL.all_names))
    for bar, _ in zip(cancel.ancestors() if cancel else (), range(3), strict=False):
        working = [e for e in buttons if bar.contains(e) and e is not cancel]
        if working:  # while it works, the button may show a circle and no text
            return Found(working[0], Way.STRUCTURE) if len(working) == 1 else None
    # In an unknown language: the button that sends the form, else the one primary button behind the name.
    form = first(e for e in name.ancestors() if e.tag == "form")
    sending = [e for e in buttons if form is not None and form.contains(e) and e.attribute("type").lower() == "submit"]
    strong = [e for e in buttons if e.strong and e.ref > name.ref]
    for found_ in (sending, strong):
        if len(found_) == 1:
            return Found(found_[0], Way.STRUCTURE)
    return None


def _named_save(buttons: list[Element]) -> Found | None:
    for names, way in ((SAVE.names, Way.NAME), (SAVE.translated, Way.TRANSLATION)):
        for wording in names:
            found = first(e for e in buttons if is_one_of(e.name, (wording,)) or is_one_of(e.plain_text, (wording,)))
            if found is not None:
                return Found(found, way)
    return None


def _api_path(document: Document) -> tuple[str | None, bool]:
    account_level = False
    for element in document.shown:
        text = element.value if element.tag in {"input", "textarea"} else element.own_text
        if "api.bigcommerce.com" in text:
            account_level = account_level or is_account_level_path(text)
            store_hash = store_hash_from_api_path(text)
            if store_hash is not None:
                return store_hash, False
    return None, account_level


def _token_type(document: Document) -> TokenType | None:
    radios = _token_type_radios(document)
    element = _token_type_control(document) if radios is None else None
    if element is None:
        return radios
    if element.tag == "select":
        options = tuple(TokenTypeOption(option.text, option.control) for option in element.options)
        return TokenType(element.value, is_v2_v3(element.value), element.control, True, True, options)
    value = element.value or next((inner.value for inner in element.descendants() if inner.tag == "input"), "")
    open_options = tuple(
        TokenTypeOption(option.name, option.control)
        for option in document.of_role("option", "menuitem", "menuitemradio")
        if option.tag != "option" and mentions(option.name, ("token", "api", "stencil", "v2/v3"))
    )
    expanded = element.attribute("aria-expanded").lower() == "true" or bool(open_options)
    return TokenType(value, is_v2_v3(value), element.field.control, False, expanded, open_options, _arrow(element))


def _arrow(box: Element) -> Control | None:
    for number, ancestor in enumerate(box.ancestors()):
        button = first(e for e in ancestor.descendants() if e is not box and e.shown and e.role == "button")
        if button is not None or number >= 4:
            return button.control if button is not None else None
    return None


def _token_type_control(document: Document) -> Element | None:
    fields = [e for e in document.of_role("combobox", "listbox", "button", "textbox") if not e.tiny]
    choosing = [e for e in fields if e.role in {"combobox", "listbox"} or e.attribute("aria-haspopup")]
    found = first(e for e in choosing if is_one_of(e.name, TOKEN_TYPE.all_names))
    if found is not None:
        return list_owner(document, found) or found
    for element in choosing:
        shows = element.value
        listed = " ".join(option.text for option in element.options) if element.tag == "select" else ""
        if (
            is_v2_v3(shows)
            or mentions(shows, ("stencil-cli token", "stencil cli token", "stencil"))
            or is_v2_v3(listed)
        ):
            return element
    for label in document.with_text(TOKEN_TYPE.all_names):
        for ancestor in label.ancestors():
            inside = [e for e in choosing if ancestor.contains(e) and e.ref > label.ref]
            if inside:
                return inside[0] if holds_no_scope(ancestor) and _may_be_token_type(inside[0]) else None
            if ancestor.tag in {"form", "section", "main", "body"}:
                break
    return None


def _may_be_token_type(element: Element) -> bool:
    """Whether a control with nothing to tell it by could be the token type: not where it shows a scope's option."""
    shows = element.value or element.text
    return not is_one_of(shows, ("None", "read-only", "modify", "manage")) and not (
        element.tag == "select" and not any("stencil" in normal(o.text) or is_v2_v3(o.text) for o in element.options)
    )


def _radios(document: Document) -> list[Element]:
    return [
        e
        for e in document.elements
        if (e.role in {"radio", "switch", "tab", "menuitemradio"} or e.has("aria-pressed"))
        and (e.shown or document.label_of(e) is not None)
    ]


def _token_type_radios(document: Document) -> TokenType | None:
    radios = [
        e for e in _radios(document) if is_v2_v3(e.name) or mentions(e.name, ("stencil-cli token", "stencil-cli"))
    ]
    if not radios:
        return None
    chosen = first(e for e in radios if e.chosen)
    if chosen is None and all(e.chosen is None for e in radios):
        chosen = first(e for e in radios if e.looks_chosen)
    options = tuple(
        TokenTypeOption(e.name, ((document.label_of(e) or e) if e.tiny or not e.shown else e).control) for e in radios
    )
    value = chosen.name if chosen else ""
    return TokenType(value, is_v2_v3(value), radios[0].control, False, True, options)
