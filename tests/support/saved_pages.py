"""Saved pages: folders of `fixtures/pages` with a snapshot, its address, what is to be read in it, and its origin.

To add one: `save(name, snapshot, about)`, then check every line of its `expected.json` by eye.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from automation.core.extract import messages
from automation.core.extract.account_form import account_form
from automation.core.extract.api_accounts import api_accounts_list, delete_entry, delete_question
from automation.core.extract.credentials_window import credentials_window
from automation.core.extract.document import Document
from automation.core.extract.element import Control
from automation.core.extract.sign_in import code_form, is_picker_page, lock_of, picker, sign_in_form
from automation.core.request import IMPERSONATION_TOKENS, STOREFRONT_TOKENS
from automation.core.snapshot import PageSnapshot

FOLDER = Path(__file__).parents[2] / "fixtures" / "pages"

_BREAK = re.compile(r"(?<=>)<(?=(?:body|div|fieldset|form|h[1-6]|header|li|main|p|section|table|tr|ul) )")


def reading(snapshot: PageSnapshot) -> dict[str, Any]:
    """Return all that the extractors read in a page, as JSON values; only what there is."""
    document = Document(snapshot)
    read = {
        "sign-in": _sign_in(document),
        "code": _code(document),
        "picker": _picker(document),
        "locked": lock_of(document),
        "list": _list(document),
        "form": _form(document),
        "window": _window(document),
        "delete-entry": _delete_entry(document),
        "delete-question": _delete_question(document),
        "denied": messages.denied(document),
        "fault": messages.fault(document),
        "alerts": list(messages.alerts(document)) or None,
        "dismissal": _name(messages.dismissal(document)),
        "busy": messages.busy(document) or None,
    }
    return {what: value for what, value in read.items() if value is not None}


def saved(name: str) -> PageSnapshot:
    """Return a saved page."""
    folder = FOLDER / name
    return PageSnapshot((folder / "url.txt").read_text().strip(), (folder / "page.html").read_text())


def expected(name: str) -> dict[str, Any]:
    """Return what is to be read in a saved page."""
    found: dict[str, Any] = json.loads((FOLDER / name / "expected.json").read_text())
    return found


def save(name: str, snapshot: PageSnapshot, about: str) -> None:
    """Write a page's folder, with what is read in it now, to be checked by eye."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    page = PageSnapshot(snapshot.url, _BREAK.sub("\n<", snapshot.html) + "\n")
    (folder / "page.html").write_text(page.html)
    (folder / "url.txt").write_text(snapshot.url + "\n")
    (folder / "expected.json").write_text(json.dumps(reading(page), indent=2, ensure_ascii=False) + "\n")
    (folder / "about.md").write_text(about.strip() + "\n")


def fields(values: dict[str, Any]) -> dict[str, Any]:
    """Return nested values by their dotted names, so that each can be a test."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": each for inner, each in fields(value).items()}
        else:
            flat[name] = value
    return flat


def _name(control: Control | None) -> str | None:
    return None if control is None else f"{control.role} “{control.name}”"


def _sign_in(document: Document) -> dict[str, Any] | None:
    form = sign_in_form(document)
    return form and {
        "email": _name(form.email),
        "password": _name(form.password),
        "submit": _name(form.submit),
        "error": form.error,
    }


def _code(document: Document) -> dict[str, Any] | None:
    form = code_form(document)
    return form and {
        "field": _name(form.field),
        "submit": _name(form.submit),
        "from-authenticator": form.from_authenticator,
        "error": form.error,
    }


def _picker(document: Document) -> dict[str, Any] | None:
    shown = picker(document) if is_picker_page(document) else None
    return shown and {"choices": [choice.text for choice in shown.choices], "proceed": _name(shown.proceed)}


def _list(document: Document) -> dict[str, Any] | None:
    shown = api_accounts_list(document)
    return shown and {
        "create": _name(shown.create),
        "create-disabled": shown.create_disabled,
        "create-menu": _name(shown.create_menu),
        "rows": [row.name for row in shown.rows],
        "next-page": _name(shown.next_page),
    }


def _form(document: Document) -> dict[str, Any] | None:
    form = account_form(document, (STOREFRONT_TOKENS, IMPERSONATION_TOKENS))
    return form and {
        "name": form.name_value,
        "token-type": form.token_type.value if form.token_type else None,
        "is-v2-v3": form.token_type.is_v2_v3 if form.token_type else None,
        "api-path-hash": form.api_path_hash,
        "account-level": form.account_level,
        "scopes": {
            wanted.labels[0]: None if control is None else [option.name for option in control.options]
            for wanted, control in form.scopes
        },
        "chosen": {wanted.labels[0]: control.chosen() if control else None for wanted, control in form.scopes},
        "save": _name(form.save),
        "save-disabled": form.save_disabled,
    }


def _window(document: Document) -> dict[str, Any] | None:
    window = credentials_window(document)
    return window and {
        "access-token": window.access_token.reveal(),
        "client-id": window.client_id,
        "client-secret": window.client_secret.reveal() if window.client_secret else None,
        "store-hash": window.store_hash,
        "done": _name(window.done),
    }


def _delete_entry(document: Document) -> dict[str, Any] | None:
    entry = delete_entry(document)
    return entry and {"entry": _name(entry.control), "row": entry.row}


def _delete_question(document: Document) -> dict[str, Any] | None:
    question = delete_question(document)
    return question and {"confirm": _name(question.confirm), "text": question.text}
