"""Pages of a control panel as BigDesign draws them, with made-up values; each function gives a page's HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from written_pages import snapshot, tab

from automation.core.snapshot import PageSnapshot, Tab

STORE = "abc123"
HOST = f"https://store-{STORE}.mybigcommerce.com"
LOGIN = "https://login.bigcommerce.com"
STOREFRONT = "https://maple-lanterns7.mybigcommerce.com/?ctk=0c2d4b1e-0000-4000-8000-000000000000"
NAME = "Companion test k3v9q2x7"
TOKENS = "Storefront API tokens"
IMPERSONATION = "Storefront API customer impersonation tokens"
V2_V3 = "V2/V3 API token"

ACCESS_TOKEN = "made0up0access0token0000000000a"
CLIENT_ID = "made0up0client0id00000000000000"
CLIENT_SECRET = "00aa11bb22cc33dd44ee55ff66aa77bb88cc99dd00ee11ff22aa33bb44cc55dd"

_LIST = f"{HOST}/manage/settings/api-accounts"
_SCOPES = ("Content", "Checkout content", "Customers", "Customers login", "Storefront API tokens", IMPERSONATION)


def sign_in_page(error: str = "", *, password: str = "") -> str:
    alert = f'<div role="alert">{error}</div>' if error else ""
    return f"""
    <h1>Log in to your store</h1>{alert}
    <form>
      <input type="hidden" name="authenticity_token" value="made-up">
      <input id="user_email" name="user[email]" type="email" placeholder="Email Address">
      <input id="user_password" name="user[password]" type="password" placeholder="Password" value="{password}">
      <button type="button" aria-label="Show password"></button>
      <input type="submit" name="commit" value="Log in">
    </form>
    <a href="/sso">Log in with SSO</a> <a href="/password">Forgot password?</a> <a href="/sign-up">Sign up for free</a>
    """


def code_page(error: str = "", *, text: str = "We sent a code to o***@shop.example.") -> str:
    return f"""
    <h1>2-Step Verification</h1><p>{text}</p><p class="flash-error">{error}</p>
    <form>
      <label for="device_verification_otp_code">Verification Code</label>
      <input id="device_verification_otp_code" name="device_verification[otp_code]">
      <input type="submit" name="commit" value="Verify">
    </form>
    <a href="/help/code">Where is my code?</a>
    """


def picker_page(*stores: tuple[str, str]) -> str:
    options = "".join(f'<option value="{value}">{text}</option>' for text, value in stores)
    return f"""
    <h1>Choose an account</h1>
    <form><label for="account">Account</label><select id="account"><option value="">Select</option>{options}</select>
    <button>Continue</button></form><a href="/logout">Change user</a>
    """


def shell(extra: str = "", *, storefront: bool = True) -> str:
    """The top document: bar, navigation and the frame."""
    icon = '<svg aria-hidden="true"></svg>'
    link = f'<a href="/manage/view-storefront" target="_blank"><span>View storefront</span>{icon}</a>'
    return f"""
    <div><button><span>Maple Lanterns</span></button><input aria-label="Search">{link if storefront else ""}</div>
    <nav><ul role="menu">
      <li role="menuitem"><div>Home</div></li>
      <li role="menuitem"><div>Orders</div><ul hidden><li><a href="/manage/orders">View</a></li></ul></li>
      <li role="menuitem"><div>Settings</div></li>
    </ul></nav>
    <iframe id="content-iframe" src="/admin/app"></iframe>{extra}
    """


def home_page() -> str:
    return "<header><h1>Home</h1></header><main><p>Welcome back.</p></main>"


def settings_page() -> str:
    rows = "".join(
        f'<a href="{address}"><div><div>{title}</div><div>{text}</div></div></a>'
        for title, address, text in (
            ("Storefront API Playground", "https://example.test/playground", "Try queries."),
            ("Store-level API accounts", "/manage/settings/api-accounts", "Manage this store's API accounts."),
            ("Account-level API accounts", "https://accounts.example.test/tokens", "Manage your account's."),
        )
    )
    return f"<header><h1>Settings</h1></header><main><section><h2>API</h2><div>{rows}</div></section></main>"


def list_page(
    names: Sequence[str] = (), *, create: str = "yes", menu: bool = False, next_page: bool = False, extra: str = ""
) -> str:
    """The list; `create` is `yes`, `disabled` or `no`, `menu` opens the menu of the first row."""
    disabled = " disabled" if create == "disabled" else ""
    plus = '<svg aria-hidden="true"></svg>'
    button = (
        "" if create == "no" else f'<button class="bd-button"{disabled}><span>{plus}Create API account</span></button>'
    )
    rows = "".join(
        f"""<tr><td><a href="/manage/settings/api-accounts/{number}">{name}</a></td>
        <td>Orders (read-only)</td><td>0</td>
        <td><button role="button" aria-haspopup="menu" aria-expanded="false"></button></td></tr>"""
        for number, name in enumerate(names, 1)
    )
    empty = "" if names else "<div><p><strong>No accounts were found.</strong></p></div>"
    pages = (
        '<nav aria-label="pagination"><button><svg><title>Next page</title></svg></button></nav>' if next_page else ""
    )
    opened = '<ul role="menu"><li role="option">Delete</li></ul>' if menu else ""
    return f"""
    <header><a href="/manage/settings">Settings</a><h1>Store-level API accounts</h1>{button}</header>
    <main>{pages}<table><thead><tr><th>Account name</th><th>Scopes</th><th>Active webhooks</th><th></th></tr></thead>
    <tbody>{rows}</tbody></table>{empty}</main>{opened}{extra}
    """


def delete_question(name: str) -> str:
    return f"""<div role="dialog" aria-modal="true"><div><h2>Delete API account?</h2><p>Apps that use “{name}” stop.</p>
    <div><button>Cancel</button><button>Delete</button></div></div></div>"""


def toggle(label: str, options: Sequence[str], chosen: str) -> str:
    """BigDesign's Toggle without `labelId`: its group has no accessible name."""
    buttons = "".join(
        f'<button role="switch" aria-checked="{"true" if option == chosen else "false"}">{option}</button>'
        for option in options
    )
    return f'<div><label for="g-{label}">{label}</label><div role="group" id="g-{label}">{buttons}</div></div>'


def form_page(
    name: str = "",
    scopes: Mapping[str, str] | None = None,
    *,
    token_type: str | None = V2_V3,
    list_open: bool = False,
    path: str = f"https://api.bigcommerce.com/stores/{STORE}/v3/",
    without: Sequence[str] = (),
    save: bool | None = None,
    extra: str = "",
) -> str:
    """The create form; Save is enabled once a name is in, unless `save` says otherwise."""
    chosen = scopes or {}
    blocks = "".join(
        toggle(
            label, ("None", "manage") if "API" in label else ("None", "read-only", "modify"), chosen.get(label, "None")
        )
        for label in _SCOPES
        if label not in without
    )
    options = f'<li role="option">{V2_V3}</li><li role="option">Stencil-CLI token</li>' if list_open else ""
    kind = "" if token_type is None else _combobox(token_type, options, "true" if list_open else "false")
    enabled = bool(name) if save is None else save
    return f"""
    <header><a href="/manage/settings/api-accounts">Store-level API accounts</a><h1>Create account</h1></header>
    <main><form>{kind}
      <div><label for="n">Name<span aria-hidden="true"> *</span></label><input id="n" value="{name}"></div>
      <div><label for="p">API path</label><input id="p" readonly value="{path}"></div>
      <p><strong>OAuth scopes</strong></p>{blocks}
    </form></main>
    <div role="group"><button class="bd-button"{"" if enabled else " disabled"}><span>Save</span></button>
    <button class="bd-button"><span>Cancel</span></button></div>{extra}
    """


def _combobox(value: str, options: str, expanded: str) -> str:
    """BigDesign's Select: the options exist only while it is open."""
    return f"""<div><label for="t" id="tl">Token type</label>
    <div><div><input id="t" role="combobox" aria-expanded="{expanded}" aria-labelledby="tl" value="{value}"></div>
    <button type="button" aria-label="toggle menu"></button></div>
    <div><ul role="listbox">{options}</ul></div></div>"""


def credentials_dialog(
    access_token: str = ACCESS_TOKEN, client_id: str = CLIENT_ID, client_secret: str = CLIENT_SECRET, extra: str = ""
) -> str:
    """BigDesign's Modal: a dialog without a name; its cross is hidden, its copy buttons have no names."""
    boxes = "".join(
        f'''<div><div><label for="c{n}">{label}</label><input id="c{n}" readonly value="{value}"></div>
        <button></button></div>'''
        for n, (label, value) in enumerate(
            (("Client ID", client_id), ("Client secret", client_secret), ("Access token", access_token))
        )
    )
    return f"""<div role="dialog" aria-modal="true" tabindex="-1" style="position: fixed"><div aria-labelledby="h">
    <button type="button" hidden><svg aria-labelledby="x"><title id="x">Close</title></svg></button>
    <div><h2 id="h">BigCommerce API credentials</h2></div><div><p>A file should have been downloaded.</p>{boxes}{extra}
    <p>This is the only copy.</p></div><div><button class="bd-button"><span>Done</span></button></div></div></div>"""


def credentials_text(
    access_token: str = ACCESS_TOKEN,
    client_id: str = CLIENT_ID,
    client_secret: str = CLIENT_SECRET,
    name: str = NAME,
    store_hash: str = STORE,
) -> str:
    """The downloaded file, as laid out in 2024/25."""
    return (
        f"ACCESS TOKEN: {access_token}\nCLIENT NAME: {name}\nCLIENT ID: {client_id}\nCLIENT SECRET: {client_secret}\n"
        f"NAME: {name}\nAPI PATH: https://api.bigcommerce.com/stores/{store_hash}/v3/\n"
    )


# Tabs that show them


def login_tab(html: str, path: str = "/login", *, load: int = 1) -> Tab:
    """A page of the sign-in host; another `load` is another document at the same address, after something was sent."""
    url = LOGIN + path
    return replace(tab(snapshot(html, url, document=f"{url} {load}")), sent=load)


def panel_tab(
    content: str,
    path: str = "/manage/dashboard",
    *,
    top: str | None = None,
    store_hash: str = STORE,
    pending: int = 0,
    status: int | None = 200,
) -> Tab:
    """The control panel with `content` in its frame."""
    host = f"https://store-{store_hash}.mybigcommerce.com"
    pages: tuple[PageSnapshot, ...] = (
        snapshot(shell() if top is None else top, host + path),
        snapshot(content, f"{host}/admin/app{path}"),
    )
    return tab(*pages, pending=pending, status=status)


def storefront_tab(
    url: str = STOREFRONT, *, number: int = 1, ready: str = "complete", failure: str | None = None
) -> Tab:
    return tab(snapshot("<h1>Maple Lanterns</h1>", url, ready=ready), number=number, failure=failure)


def blank_tab() -> Tab:
    return tab(snapshot("", "about:blank"), status=None)
