"""Control panels that nobody built: drawn at random within what is on record, walked without a browser.

Names, order, nesting and the make of every control differ from one seed to the next; what they mean does not. `act`
does to the panel what a browser would do when something is pressed, typed or chosen.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from html import escape

from panel_pages import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, HOST, STORE, STOREFRONT, blank_tab, credentials_text
from written_pages import refs_of, snapshot, tab

from automation.core.actions import Action, Choose, CloseTab, Open, Press, Type
from automation.core.snapshot import PageSnapshot, Tab

TOKENS = "Storefront API tokens"
IMPERSONATION = "Storefront API customer impersonation tokens"
BLOCKS: dict[str, tuple[str, ...]] = {
    "Content": ("None", "read-only", "modify"),
    "Checkout content": ("None", "read-only", "modify"),
    "Customers": ("None", "read-only", "modify"),
    "Customers login": ("None", "login"),
    "Orders": ("None", "read-only", "modify"),
    "Get payment methods": ("None", "read-only"),
    TOKENS: ("None", "manage"),
    IMPERSONATION: ("None", "manage"),
    "Store logs": ("None", "read-only"),
    "Metafields access": ("Standard", "full"),
}
MAKES = (
    "switches", "named-switches", "radios", "hidden-radios", "unrendered-radios", "select", "pressed", "class-buttons",
    "aria-radios", "table-radios", "table-selects", "list-box",
)  # fmt: skip


@dataclass
class RandomPanel:
    """One panel; `seed` draws the same one again."""

    seed: int
    at: str = "home"
    name: str = ""
    type_value: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    opened: str = ""
    storefront_open: bool = False
    aside: set[str] = field(default_factory=set)
    made: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        draw = random.Random(self.seed)  # noqa: S311  a page, not a secret
        pick = draw.choice
        self.frame = pick(("content-iframe", "other", "top", "top"))
        self.row = pick(
            ("Store-level API accounts", "Store-level API Accounts", "API Accounts", "Store-level API Tokens",
             "Store API accounts")
        )  # fmt: skip
        self.row_form = pick(("link", "title", "button", "clickable", "heading-card", "address"))
        self.create = pick(("Create API account", "Create API Account", "+ Create API Account"))
        self.create_form = pick(("button", "link", "menu", "icon"))
        self.make = pick(MAKES)
        self.option = pick(("manage", "Manage", "modify", "generate tokens", "Generate Tokens"))
        self.case = pick((str, str, str.upper, str.title, str.lower))
        self.type_form = pick(("none", "combobox", "select", "radio", "button"))
        self.type_label = pick(("Token type", "Account type", "Token Type"))
        self.type_value = pick(("V2/V3 API token", "V2/V3 API token", "Stencil-CLI token", ""))
        if self.type_form == "none":
            self.type_value = "V2/V3 API token"
        if self.type_form == "select" and not self.type_value:
            self.type_value = "Stencil-CLI token"
        self.name_form = pick(("label", "wrapped", "loose", "placeholder-only-label", "star"))
        self.save = pick(("Save", "Save", "SAVE", "Create"))
        self.window_form = pick(("dialog", "named", "text", "dl", "table", "page", "inline", "split"))
        self.window_place = pick(("content", "top"))
        self.file = pick((True, True, False))
        self.nest = draw.randrange(4)
        self.bar_first = pick((True, False))
        self.nav_extra = pick((True, False))
        self.overlay = pick(("", "", "cookie", "tour", "toast"))
        self.label_extra = pick(("", "", "help", "icon", "badge"))
        self.order = list(BLOCKS)
        if pick((True, False, False)):
            draw.shuffle(self.order)
        for left_out in draw.sample(["Content", "Orders", "Store logs", "Customers login"], draw.randrange(3)):
            self.order.remove(left_out)
        self.chosen = {label: BLOCKS[label][0] for label in self.order}
        self.words = {TOKENS: ("None", self.option), IMPERSONATION: ("None", self.option)}

    # What the browser shows

    def tabs(self) -> tuple[Tab, ...]:
        """The tabs as the browser would show them."""
        if self.at == "blank":
            return (blank_tab(),)
        content, path = self._content()
        url = f"{HOST}/manage{path}"
        top_extra = self._window_at_top()
        pages: tuple[PageSnapshot, ...]
        if self.frame == "top":
            pages = (snapshot(self._shell(content) + top_extra, url, document=f"{self.at} top"),)
        else:
            frame = f'<iframe id="{self.frame}" style="width:100%"></iframe>'
            inner = snapshot(content, f"{HOST}/admin/app{path}", document=f"{self.at} frame")
            pages = (snapshot(self._shell(frame) + top_extra, url, document="top"), inner)
        main = tab(*pages)
        if not self.storefront_open:
            return (main,)
        return (main, tab(snapshot("<h1>Shop</h1>", STOREFRONT), number=1))

    def act(self, action: Action) -> str | None:
        """Do what an action does; returns the downloaded text where it leads to one."""
        match action:
            case Open(url, None):
                self.storefront_open = True
            case Open(url):
                self._go(url.partition("/manage")[2])
            case CloseTab():
                self.storefront_open = False
            case Press(control):
                return self._press(self._mark(control.frame, control.ref))
            case Type(control, text):
                assert self._mark(control.frame, control.ref) == "name", "typed into another field"
                self.name = text
            case Choose(control, option):
                mark = self._mark(control.frame, control.ref)
                if mark == "type":
                    self.type_value = option
                else:
                    self._choose(mark.removeprefix("scope:"), option)
        return None

    def _mark(self, frame: int, ref: str | int) -> str:
        """What an element of the page is marked to do, itself or through what is around it."""
        content, _ = self._content()
        top_extra = self._window_at_top()
        shell = self._shell(content if self.frame == "top" else f'<iframe id="{self.frame}"></iframe>') + top_extra
        html = shell if frame == 0 else content
        element = refs_of(html)[int(ref)]
        for each in (element, *element.parents):
            mark = each.get("data-do") if each is not None and hasattr(each, "get") else None
            if mark:
                return str(mark)
        return ""

    def _press(self, mark: str) -> str | None:
        kind, _, rest = mark.partition(":")
        match kind:
            case "go":
                self._go(rest)
            case "storefront":
                self.storefront_open = True
            case "aside":
                self.aside.add(rest)
            case "open":
                self.opened = "" if self.opened == rest else rest
            case "type":
                self.type_value, self.opened = rest, ""
            case "option":
                label, _, option = rest.partition("|")
                self._choose(label, option)
            case "save":
                assert self.name
                self.made.append((self.name, dict(self.chosen)))
                if "stencil" in self.type_value.lower() or not self.type_value:
                    self.wrong.append("the token type")
                self.at = "saved"
                return credentials_text(name=self.name) if self.file else None
            case "done":
                self.at = "list"
            case _:
                self.wrong.append(f"pressed {mark or 'nothing'}")
        return None

    def _choose(self, label: str, option: str) -> None:
        self.opened = ""
        known = [each for each in self._options(label) if self.case(each) == option or each == option]
        self.chosen[label] = known[0]

    def _go(self, path: str) -> None:
        places = {"/settings": "settings", "/settings/api-accounts": "list", "/settings/api-accounts/create": "form"}
        self.at, self.opened = places.get(path.rstrip("/"), "home"), ""

    # The pages

    def _shell(self, content: str) -> str:
        extra = '<li role="menuitem"><div>Channels</div></li>' if self.nav_extra else ""
        overlay = {
            "cookie": '<div style="position:fixed" class="q1"><p>We use cookies.</p><button data-do="aside:cookie">'
            "Reject all</button></div>",
            "tour": '<div role="dialog" style="position:fixed"><p>See what is new.</p><button data-do="aside:tour">'
            "Skip</button><button data-do=bad>Next</button></div>",
            "toast": '<div role="alert"><h4>News</h4><p>New reports are here.</p><button data-do="aside:toast">'
            "</button></div>",
        }.get(self.overlay, "")
        if self.overlay in self.aside:
            overlay = ""
        return f"""<header><a data-do="storefront" href="/view" target="_blank">View storefront</a></header>
        <nav><ul role="menu"><li role="menuitem"><div>Home</div></li>{extra}
        <li role="menuitem" data-do="go:/settings"><div>Settings</div></li></ul></nav>{content}{overlay}"""

    def _content(self) -> tuple[str, str]:
        html, path = {
            "home": (lambda: "<h1>Home</h1><p>Welcome back.</p>", "/dashboard"),
            "settings": (self._settings, "/settings"),
            "list": (self._list, "/settings/api-accounts"),
            "form": (self._form, "/settings/api-accounts/create"),
            "saved": (self._saved, "/settings/api-accounts/create"),
        }[self.at]
        return "<div>" * self.nest + html() + "</div>" * self.nest, path

    def _settings(self) -> str:
        other = (
            '<a href="https://accounts.bigcommerce.com/tokens" data-do="bad"><div>Account-level API accounts</div></a>'
        )
        go = 'data-do="go:/settings/api-accounts"'
        row = {
            "link": f'<a href="/manage/x" {go}><div>{self.row}</div><div>Create and manage them.</div></a>',
            "title": f'<div><a href="/manage/x" {go}>{self.row}</a><p>Create and manage them.</p></div>',
            "button": f"<button {go}><span>{self.row}</span></button>",
            "clickable": f"<div {go}><span>{self.row}</span><p>Create and manage them.</p></div>",
            "heading-card": f'<a href="/manage/x" {go}><h4>{self.row}</h4><p>Create and manage them.</p></a>',
            "address": f'<a href="/manage/settings/api-accounts" {go}>Zugänge</a>',
        }[self.row_form]
        rows = [other, row] if self.bar_first else [row, other]
        return f"<h1>Settings</h1><section><h2>API</h2>{''.join(rows)}</section>"

    def _list(self) -> str:
        go = 'data-do="go:/settings/api-accounts/create"'
        menu = (
            '<ul role="menu"><li role="option" data-do="go:/settings/api-accounts/create">Create V2/V3 API Token</li>'
        )
        menu += '<li role="option" data-do="bad">Create Stencil-CLI Token</li></ul>'
        button = {
            "button": f"<button {go}>{self.create}</button>",
            "link": f'<a href="/manage/y" {go}>{self.create}</a>',
            "icon": f'<button {go}><svg><title id="t">add</title></svg><span>{self.create}</span></button>',
            "menu": f'<button aria-haspopup="menu" data-do="open:create">{self.create}</button>'
            + (menu if self.opened == "create" else ""),
        }[self.create_form]
        rows = "".join(f"<tr><td><a href='/a'>{escape(n)}</a></td><td>Orders</td></tr>" for n, _ in self.made)
        table = f"<table><tr><th>Account name</th><th>Scopes</th></tr>{rows}</table>"
        empty = "" if rows else "<p>No accounts were found.</p>"
        return f"<a href='/s' data-do='go:/settings'>Settings</a><h1>{self.row}</h1>{button}{table}{empty}"

    def _form(self) -> str:
        state = 'data-do="save"' if self.name else 'data-do="bad" disabled'
        bar = f"""<div role="group"><button {state}>
        {self.save}</button><button data-do="bad">Cancel</button></div>"""
        blocks = "".join(
            self._block(number, label) for number, label in enumerate(self.order) if label in self._in_view()
        )
        if self.make.startswith("table"):
            head = "<tr><th>Scope</th><th>Access</th></tr>" if self.make == "table-selects" else ""
            if self.make == "table-radios":
                head = "<tr><th>Scope</th></tr>"
            blocks = f"<table>{head}{blocks}</table>"
        blocks = self._around(blocks)
        address = f"https://api.bigcommerce.com/stores/{STORE}/v3/"
        path = f'<div><label for=p>API path</label><input id=p readonly value="{address}"></div>'
        fields = [self._type(), self._name()]
        if self.bar_first and self.frame != "top":
            return f"<h1>Create account</h1>{bar}{fields[0]}{fields[1]}{path}<p>OAuth scopes</p>{blocks}"
        return f"<h1>Create account</h1>{fields[0]}{fields[1]}{path}<p>OAuth scopes</p>{blocks}{bar}"

    def _in_view(self) -> list[str]:
        """The scopes that are drawn."""
        return self.order

    def _around(self, blocks: str) -> str:
        """The scopes that are drawn with what shows others."""
        return blocks

    def _name(self) -> str:
        box = f'<input data-do="name" value="{escape(self.name)}" placeholder="Like an ERP" '
        return {
            "label": f"<div><label for=nm>Name</label>{box} id=nm></div>",
            "wrapped": f"<label>Name {box}></label>",
            "loose": f"<div><div>Name</div><div>{box}></div></div>",
            "placeholder-only-label": f"<div>{box} aria-label='Name'></div>",
            "star": f"<div><label for=nm>Name<span aria-hidden=true> *</span></label>{box} id=nm></div>",
        }[self.name_form]

    def _type(self) -> str:
        label, value = self.type_label, self.type_value
        both = ("V2/V3 API token", "Stencil-CLI token")
        opened = "".join(f'<li role=option data-do="type:{each}">{each}</li>' for each in both)
        shown = opened if self.opened == "type" else ""
        expanded = str(bool(shown)).lower()
        options = "".join(f"<option {'selected' if each == value else ''}>{each}</option>" for each in both)
        checked = {each: "checked" if each == value else "" for each in both}
        radios = "".join(
            f'<label data-do="type:{each}"><input type=radio name=ty {checked[each]}> {each}</label>' for each in both
        )
        opener = f'<button aria-haspopup=listbox aria-expanded={expanded} data-do="open:type">{value}</button>'
        return {
            "none": "",
            "combobox": f'<div><label for=ty>{label}</label><div data-do="open:type"><input id=ty role=combobox '
            f'aria-expanded={expanded} value="{value}"></div><ul role=listbox>{shown}</ul></div>',
            "select": f"<div><label for=ty>{label}</label><select id=ty data-do=type>{options}</select></div>",
            "radio": f"<fieldset><legend>{label}</legend>{radios}</fieldset>",
            "button": f"<div><div>{label}</div>{opener}<ul role=listbox>{shown}</ul></div>",
        }[self.type_form]

    def _options(self, label: str) -> tuple[str, ...]:
        return self.words.get(label, BLOCKS[label])

    def _block(self, number: int, label: str) -> str:
        shown, chosen, case = self.case(label), self.chosen[label], self.case
        options = self._options(label)
        extra = {"help": "<p>Learn what it grants.</p>", "icon": "<svg><title id=i>Info</title></svg>"}.get(
            self.label_extra, ""
        )
        badge = "<span>New</span>" if self.label_extra == "badge" else ""

        def on(option: str) -> bool:
            return option == chosen

        def do(option: str) -> str:
            return f'data-do="option:{label}|{option}"'

        def buttons(state: str) -> str:
            return "".join(f"<button {do(o)} {state.format(str(on(o)).lower())}>{case(o)}</button>" for o in options)

        def radios(style: str) -> str:
            return "".join(
                f"<input {style} {do(o)} type=radio name=s{number} id=s{number}-{n} {'checked' if on(o) else ''}>"
                f"<label {do(o)} for=s{number}-{n}>{case(o)}</label>"
                for n, o in enumerate(options)
            )

        title = f"<label for=g{number}>{shown}{badge}</label>{extra}"
        select = f"<select data-do='scope:{label}'>" + "".join(
            f"<option {'selected' if on(o) else ''}>{case(o)}</option>" for o in options
        )
        cells = "".join(
            f"<td><label {do(o)}><input type=radio name=s{number} {'checked' if on(o) else ''}> {case(o)}</label></td>"
            for o in options
        )
        listed = "".join(f"<li role=option {do(o)}>{case(o)}</li>" for o in options)
        is_open = self.opened == f"scope {number}"
        listed = listed if is_open else ""
        switches, aria_radios = buttons("role=switch aria-checked={}"), buttons("role=radio aria-checked={}")
        return {
            "switches": f"<div>{title}<div role=group id=g{number}>{switches}</div></div>",
            "named-switches": f"<div>{title}<div role=group aria-label='{shown}'>{switches}</div></div>",
            "radios": f"<fieldset><legend>{shown}</legend>{radios('')}</fieldset>",
            "hidden-radios": f"<div><div>{shown}{badge}</div>{extra}<div>{radios('class=visually-hidden')}</div></div>",
            "unrendered-radios": f"<p><b>{shown}</b></p>{extra}<div>{radios('style=display:none')}</div>",
            "select": f"<div>{title}{select}</select></div>",
            "pressed": f"<div><strong>{shown}</strong>{extra}<div>{buttons('aria-pressed={}')}</div></div>",
            "class-buttons": f"<div><b>{shown}</b><div>"
            + "".join(f"<button class='b{' active' if on(o) else ''}' {do(o)}>{case(o)}</button>" for o in options)
            + "</div></div>",
            "aria-radios": f"<div><span>{shown}</span><div role=radiogroup>{aria_radios}</div></div>",
            "table-radios": f"<tr><td>{shown}</td>{cells}</tr>",
            "table-selects": f"<tr><td>{shown}</td><td>{select}</select></td></tr>",
            "list-box": f"<div><div>{shown}</div><button aria-haspopup=listbox aria-expanded={str(is_open).lower()} "
            f'data-do="open:scope {number}">{case(chosen)}</button><ul role=listbox>{listed}</ul></div>',
        }[self.make]

    def _saved(self) -> str:
        window = self._window() if self.window_place == "content" or self.frame == "top" else ""
        if self.window_form == "page" and window:
            return window
        return self._form() + window

    def _window_at_top(self) -> str:
        return self._window() if (self.at, self.window_place) == ("saved", "top") and self.frame != "top" else ""

    def _window(self) -> str:
        values = {"Client ID": CLIENT_ID, "Client secret": CLIENT_SECRET, "Access token": ACCESS_TOKEN}
        boxes = "".join(
            f"<div><label for='c{n}'>{k}</label><input id='c{n}' readonly value='{v}'><button></button></div>"
            for n, (k, v) in enumerate(values.items())
        )
        done = "<button data-do=done>Done</button>"
        title = "BigCommerce API credentials"
        texts = "".join(f"<p><b>{k}</b></p><p>{v}</p>" for k, v in values.items())
        pairs = "".join(f"<dt>{k}:</dt><dd>{v}</dd>" for k, v in values.items())
        half = {k: f"<span>{v[:9]}</span><span>{v[9:]}</span>" for k, v in values.items()}
        halves = "".join(f"<div><div>{k}</div><div>{h}</div></div>" for k, h in half.items())
        return {
            "dialog": f"<div role=dialog aria-modal=true><div><h2>{title}</h2>{boxes}{done}</div></div>",
            "named": f"<div role=dialog aria-label='{title}'>{boxes}{done}</div>",
            "text": f"<div role=dialog>{texts}{done}</div>",
            "dl": f"<div class=modal><dl>{pairs}</dl>{done}</div>",
            "table": "<div role=dialog><table>"
            + "".join(f"<tr><th>{k}</th><td><code>{v}</code></td></tr>" for k, v in values.items())
            + f"</table>{done}</div>",
            "page": f"<main><h1>{title}</h1>{boxes}{done}</main>",
            "inline": f"<div role=dialog>{''.join(f'<p>{k}: {v}</p>' for k, v in values.items())}{done}</div>",
            "split": f"<div role=dialog>{halves}{done}</div>",
        }[self.window_form]
