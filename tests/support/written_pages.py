"""Readable HTML into the snapshots that `automation/pages/snapshot.js` writes of a page in a browser.

`hidden`, `display:none` and `visibility:hidden` in a `style` hide, class `visually-hidden` makes a field tiny,
`position:fixed` in a `style` lays something over the page, `background:blue` makes a button a primary one, and
`width:100%` a frame one that holds a page's content; what is measured, `data-scroll` and `data-closed`, is given as it
would be written. A browser test holds this against `snapshot.js` itself.
"""

from __future__ import annotations

import re
from importlib.resources import files
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from automation.core.extract.document import Document
from automation.core.extract.element import Element
from automation.core.snapshot import PageSnapshot, Tab

SCRIPT = files("automation.pages").joinpath("snapshot.js").read_text("utf-8")
STYLE = ".visually-hidden { position: absolute; width: 1px; height: 1px; opacity: 0; }"
PANEL = "https://store-abc123.mybigcommerce.com/manage/dashboard"


def _listed(name: str) -> list[str]:
    found = re.search(rf"const {name} = (?:new Set\()?\[(.*?)\]", SCRIPT, re.DOTALL)
    assert found is not None, f"snapshot.js has no list {name}"
    return re.findall(r'"([^"]+)"', found[1])


_KEPT = _listed("KEPT")
_SKIPPED = frozenset(name.lower() for name in _listed("SKIPPED"))


def snapshot(
    html: str, url: str = PANEL, *, frame: int = 0, document: str = "", ready: str = "complete"
) -> PageSnapshot:
    """Return the snapshot of a page; `document` is made of the address where none is given."""
    return PageSnapshot(url, snapshot_html(html, url), frame, document or f"loaded {url}", ready)


def document(html: str, url: str = PANEL) -> Document:
    """Return a page as the extractors see it."""
    return Document(snapshot(html, url))


def tab(
    *pages: PageSnapshot, number: int = 0, failure: str | None = None, status: int | None = 200, pending: int = 0
) -> Tab:
    """Return a tab that shows these documents, the top one first."""
    numbered = tuple(
        PageSnapshot(page.url, page.html, place, page.document, page.ready) for place, page in enumerate(pages)
    )
    return Tab(number, numbered, failure, status, pending)


def only(document: Document, role: str) -> Element:
    """Return the one rendered element of a role."""
    found = list(document.of_role(role))
    assert len(found) == 1, f"{len(found)} elements of role {role}"
    return found[0]


def snapshot_html(html: str, url: str = PANEL) -> str:
    """Return what `snapshot.js` would write of the page's body."""
    body = BeautifulSoup(html, "lxml").body
    if body is None:
        return ""
    out: list[str] = []
    _write(body, url, out, [0], hidden=False)
    return "".join(out)


def refs_of(html: str) -> dict[int, Tag]:
    """Return the page's elements by the `data-ref` that a snapshot of it gives them."""
    body = BeautifulSoup(html, "lxml").body
    found: dict[int, Tag] = {}
    waiting = [body] if body is not None else []
    while waiting:
        tag = waiting.pop()
        if tag.name in _SKIPPED:
            continue
        found[len(found)] = tag
        if tag.name not in {"iframe", "frame", "svg", "textarea"}:
            waiting += [child for child in reversed(list(tag.children)) if isinstance(child, Tag)]
    return found


def _write(tag: Tag, url: str, out: list[str], counter: list[int], *, hidden: bool) -> None:
    if tag.name in _SKIPPED:
        return
    state = "no" if hidden else _state(tag)
    attributes = [f'data-ref="{counter[0]}"']
    counter[0] += 1
    if state != "yes":
        attributes.append(f'data-shown="{state}"')
    elif "position:fixed" in _style(tag):
        attributes.append('data-fixed=""')
    if state == "yes" and tag.name in {"a", "button", "input"} and "background:blue" in _style(tag):
        attributes.append('data-strong=""')
    if state == "yes" and tag.name == "iframe" and "width:100%" in _style(tag):
        attributes.append('data-large=""')
    measured = ("data-scroll", "data-closed")
    attributes += [f'{name}="{_escaped(_text_of(tag, name))}"' for name in (*_KEPT, *measured) if tag.has_attr(name)]
    if tag.name == "iframe" and tag.get("src"):
        source = re.split("[?#]", urljoin(url, _text_of(tag, "src")))[0]
        attributes += [f'src="{_escaped(source)}"'] if source.startswith("https://") else []
    if tag.name == "a" and tag.get("href"):
        href = _text_of(tag, "href")
        joined = urljoin(url, href) + ("#" if href.endswith("#") else "")  # browsers keep an empty fragment
        attributes.append(f'data-href="{_escaped(joined)}"')
    if _disabled(tag):
        attributes.append('disabled=""')
    if tag.has_attr("readonly"):
        attributes.append('readonly=""')
    attributes += _field_state(tag)
    if tag.has_attr("contenteditable"):
        attributes.append('contenteditable=""')
    out.append(f"<{tag.name} {' '.join(attributes)}>")
    if tag.name == "textarea":
        out.append(_escaped(tag.get_text()))
    elif tag.name == "svg":
        title = tag.find("title")
        if isinstance(title, Tag):
            out.append(f'<title id="{_escaped(_text_of(title, "id"))}">{_escaped(title.get_text())}</title>')
    elif tag.name not in {"iframe", "frame"}:
        for child in tag.children:
            if isinstance(child, Tag):
                _write(child, url, out, counter, hidden=state == "no")
            elif type(child) is NavigableString:
                out.append(_escaped(str(child)))
    out.append(f"</{tag.name}>")


def _state(tag: Tag) -> str:
    if tag.name in {"option", "optgroup"}:
        return "yes"
    style = _style(tag)
    hides = tag.has_attr("hidden") or "display:none" in style or "visibility:hidden" in style
    if hides or (tag.name == "input" and _text_of(tag, "type").lower() == "hidden"):
        return "no"
    if tag.name in {"input", "button"} and "visually-hidden" in _text_of(tag, "class"):
        return "tiny"
    return "yes"


def _field_state(tag: Tag) -> list[str]:
    kind = _text_of(tag, "type").lower()
    value = _escaped(_text_of(tag, "value"))
    if tag.name == "input" and kind in {"checkbox", "radio"}:
        return [
            *(['checked=""'] if tag.has_attr("checked") else []),
            f'value="{value if tag.has_attr("value") else "on"}"',
        ]
    if tag.name == "input" and kind == "password" and not tag.has_attr("readonly") and not _disabled(tag):
        return [f'data-filled="{"yes" if value else "no"}"']
    if tag.name == "input":
        return [f'value="{value}"']
    if tag.name == "progress" and tag.has_attr("value"):
        return [f'value="{value}"']
    if tag.name == "option":
        own = value if tag.has_attr("value") else _escaped(" ".join(tag.get_text().split()))
        return [f'value="{own}"', *(['selected=""'] if _selected(tag) else [])]
    return []


def _selected(option: Tag) -> bool:
    select = option.find_parent("select")
    if select is None or select.has_attr("multiple"):
        return option.has_attr("selected")
    options = select.find_all("option")
    marked = [each for each in options if each.has_attr("selected")]
    usable = [each for each in options if not each.has_attr("disabled")]
    chosen = marked[-1] if marked else usable[0] if usable else None
    return chosen is option


def _disabled(tag: Tag) -> bool:
    if tag.name not in {"button", "fieldset", "input", "optgroup", "option", "select", "textarea"}:
        return False
    if tag.name in {"option", "optgroup"}:
        return tag.has_attr("disabled")
    return tag.has_attr("disabled") or any(parent.has_attr("disabled") for parent in tag.find_parents("fieldset"))


def _style(tag: Tag) -> str:
    return _text_of(tag, "style").replace(" ", "")


def _text_of(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return "" if value is None else value if isinstance(value, str) else " ".join(value)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
