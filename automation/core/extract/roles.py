"""The role of an element: the one it claims, else the one that HTML-AAM gives it."""

from __future__ import annotations

from automation.core.extract.markup import Node

CHOICE_ROLES = frozenset({"switch", "radio", "checkbox", "menuitemradio", "menuitemcheckbox", "tab"})
FIELD_ROLES = frozenset({"textbox", "searchbox", "combobox", "listbox", "spinbutton"})
CLICKABLE_ROLES = frozenset({"button", "link", "menuitem", "option", "tab", "switch", "radio", "checkbox"})
NAMED_BY_CONTENT = frozenset(
    {
        "button",
        "cell",
        "checkbox",
        "columnheader",
        "heading",
        "link",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "option",
        "radio",
        "row",
        "switch",
        "tab",
        "treeitem",
    }
)

_ROLE_OF_TAG = {
    "article": "article",
    "button": "button",
    "dialog": "dialog",
    "fieldset": "group",
    "form": "form",
    "h1": "heading",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "h5": "heading",
    "h6": "heading",
    "header": "banner",
    "li": "listitem",
    "main": "main",
    "nav": "navigation",
    "ol": "list",
    "option": "option",
    "progress": "progressbar",
    "summary": "button",
    "table": "table",
    "td": "cell",
    "textarea": "textbox",
    "th": "columnheader",
    "tr": "row",
    "ul": "list",
}
_ROLE_OF_INPUT = {
    "button": "button",
    "checkbox": "checkbox",
    "image": "button",
    "number": "spinbutton",
    "radio": "radio",
    "range": "slider",
    "reset": "button",
    "search": "searchbox",
    "submit": "button",
}


def role_of(node: Node) -> str:
    """Return its explicit role, else the one that HTML gives it, else the empty string."""
    explicit = node.attribute("role").split()
    if explicit:
        return explicit[0].lower()
    match node.tag:
        case "a":
            return "link" if node.has("href") else ""
        case "input":
            return _ROLE_OF_INPUT.get(node.attribute("type").lower(), "textbox")
        case "select":
            return "listbox" if node.has("multiple") else "combobox"
        case tag:
            return _ROLE_OF_TAG.get(tag, "")
