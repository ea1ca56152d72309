"""What `snapshot.js` writes of a page, in a real Chromium, and that what was found in it can be acted on."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from panel_pages import NAME, code_page, credentials_dialog, form_page, list_page, picker_page, shell, sign_in_page
from playwright.sync_api import Browser, ElementHandle, Locator, Page, sync_playwright
from written_pages import STYLE, snapshot_html

from automation.core.extract.document import Document
from automation.core.extract.element import Element
from automation.core.extract.sign_in import challenge_of
from automation.pages.locate import locate, scroll
from automation.pages.reader import PageReader, read_pages

pytestmark = pytest.mark.browser

ODDS = """
<div style="display: none"><button>Hidden</button></div> <p style="visibility: hidden">Unseen <b>too</b></p>
<div hidden><input value=x></div> <input type=hidden value=secret>
<fieldset disabled><input value=1><button>Off</button></fieldset>
<select><option>None<option selected>manage</select> <select><option disabled>Choose<option>One</select>
<textarea>Some &lt;text&gt; &amp; more</textarea> <input readonly value='"quoted"'> <input type=password value=hunter2>
<input type=password readonly value=shown> <input type=checkbox checked> <input type=radio name=r value=one>
<input type=radio name=r class=visually-hidden id=v><label for=v>Two</label>
<svg aria-labelledby=t><title id=t>Next page</title><path d="M0 0"></path></svg>
<a href="../x?y=1">Link</a> <a>None</a> <div style="position: fixed">Over</div>
<script>var hidden = 1;</script><style>p { color: red }</style><template><p>no</p></template>
<button aria-pressed=true title="A &quot;title&quot;" data-state=on>P</button>
"""


@pytest.fixture(scope="module")
def chromium() -> Browser:
    from chromium import chromium_path

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        yield browser
        browser.close()


@pytest.fixture
def shown(chromium: Browser) -> Callable[[str], Page]:
    # High enough that no page scrolls by itself.
    context = chromium.new_context(
        base_url="https://store-abc123.mybigcommerce.com/", viewport={"width": 1280, "height": 3000}
    )
    pages: dict[str, str] = {}
    context.route("**/*", lambda route: route.fulfill(body=pages.get("html", ""), content_type="text/html"))

    def show(html: str) -> Page:
        pages["html"] = f"<!doctype html><style>{STYLE}</style><body>{html}</body>"
        page = context.new_page()
        page.goto("/manage/dashboard")
        pages["html"] = ""
        return page

    yield show
    context.close()


def without_space_between(html: str) -> str:
    return re.sub(r">\s+<", "><", html.strip())


@pytest.mark.parametrize(
    "html",
    [ODDS, sign_in_page(password="x"), code_page(), picker_page(("A", "1")), shell(), list_page(["ERP"], menu=True),
     form_page(NAME, list_open=True), form_page() + credentials_dialog()],
    ids=["odds", "sign-in", "code", "picker", "shell", "list", "form", "window"],
)  # fmt: skip
def test_the_pages_of_the_other_tests_are_written_as_the_browser_writes_them(shown: Callable[[str], Page], html: str):
    page = shown(html)
    written = snapshot_html(html, page.url)
    assert without_space_between(read_pages(page)[0].html) == without_space_between(written)


def found(page: Page, name: str, frame: int = 0) -> Element:
    document = Document(read_pages(page)[frame])
    return next(element for element in document.elements if element.shown and element.name == name)


def located(page: Page, element: Element) -> Locator | ElementHandle:
    handle = locate(page, element.control)
    assert handle is not None
    return handle


def test_what_was_typed_is_read_and_a_password_is_not(shown: Callable[[str], Page]):
    page = shown("<input id=a aria-label=Name><input id=p type=password aria-label=Password>")
    page.fill("#a", "typed by hand")
    page.fill("#p", "hunter2")
    html = read_pages(page)[0].html
    assert 'value="typed by hand"' in html
    assert "hunter2" not in html
    assert 'data-filled="yes"' in html


def test_shadow_trees_are_read_and_their_controls_pressed(shown: Callable[[str], Page]):
    page = shown(
        """<x-box>Slotted</x-box><script>customElements.define('x-box', class extends HTMLElement {
        connectedCallback() { const root = this.attachShadow({mode: 'open'});
          root.innerHTML = '<button>Press me</button><p><slot></slot></p>';
          root.querySelector('button').onclick = () => { document.title = 'pressed'; }; } });</script>"""
    )
    assert "Slotted" in Document(read_pages(page)[0]).text
    located(page, found(page, "Press me")).click()
    assert page.title() == "pressed"


def test_a_control_is_pressed_in_the_frame_where_it_was_found(shown: Callable[[str], Page]):
    page = shown(
        """<button>Go</button>
        <iframe srcdoc="<button onclick=&quot;top.document.title = 'inner'&quot;>Go</button>"></iframe>"""
    )
    page.frame_locator("iframe").get_by_role("button").wait_for()
    located(page, found(page, "Go", frame=1)).click()
    assert page.title() == "inner"


def test_of_two_controls_of_one_name_the_one_that_was_found_is_pressed(shown: Callable[[str], Page]):
    page = shown(
        "<button onclick=\"document.title='first'\">Go</button><button onclick=\"document.title='second'\">Go</button>"
    )
    document = Document(read_pages(page)[0])
    second = [element for element in document.elements if element.name == "Go"][1]
    located(page, second).click()
    assert page.title() == "second"


def test_a_control_that_is_gone_is_not_another_one(shown: Callable[[str], Page]):
    page = shown("<p></p><button>Go</button>")
    control = found(page, "Go").control
    page.evaluate("document.body.innerHTML = '<button>Stop</button><button>Go</button><button>Go</button>'")
    handle = locate(page, control)
    assert handle is None or not handle.is_visible()


def test_nothing_in_the_page_is_changed_by_reading_it(shown: Callable[[str], Page]):
    page = shown(form_page(NAME) + ODDS)
    before = page.content()
    read_pages(page)
    assert page.content() == before


def test_what_changed_since_the_last_look_is_read_and_what_did_not_is_as_it_was(shown: Callable[[str], Page]):
    page = shown("<input aria-label=Name><iframe srcdoc='<p>Inner</p>'></iframe>")
    page.frame_locator("iframe").get_by_text("Inner").wait_for()
    reader = PageReader()
    first = reader.read(page)
    assert reader.read(page) == first
    page.get_by_label("Name").fill("typed")
    top, inner = reader.read(page)
    assert 'value="typed"' in top.html
    assert inner == first[1]
    page.get_by_label("Name").fill("")
    assert reader.read(page) == first
    assert PageReader().read(page) == first, "who has not looked before is told all"


def test_another_document_is_not_taken_for_the_one_before(shown: Callable[[str], Page]):
    page = shown("<p>Before</p>")
    reader = PageReader()
    before = reader.read(page)[0]
    page.reload()  # an empty page
    after = reader.read(page)[0]
    assert ("Before" in before.html, "Before" in after.html) == (True, False)
    assert before.document != after.document


def test_a_name_that_is_none_in_xml_does_not_hide_what_stands_in_the_element(shown: Callable[[str], Page]):
    page = shown("<p id=here></p>")
    page.evaluate(r"""() => {
        const odd = document.createElement('\u00e9-box');
        odd.innerHTML = '<button>Go \u{1F600}</button>';
        odd.title = 'x'.repeat(1999) + '\u{1F600}';  // cut short between the halves of a letter
        document.getElementById('here').append(odd);
    }""")
    assert [element.name for element in Document(read_pages(page)[0]).of_role("button")] == ["Go \U0001f600"]


def test_ids_that_recur_in_shadow_trees_name_only_what_is_in_their_own(shown: Callable[[str], Page]):
    page = shown("<div id=a></div><div id=b></div>")
    page.evaluate("""() => ['a', 'b'].forEach(name => {
        document.getElementById(name).attachShadow({ mode: 'open' }).innerHTML =
            `<span id=l>Scope ${name}</span><div role=group aria-labelledby=l><input type=radio id=o>
             <label for=o>option ${name}</label></div>`;
    })""")
    document = Document(read_pages(page)[0])
    assert [e.name for e in document.of_role("group")] == ["Scope a", "Scope b"]
    assert [e.name for e in document.of_role("radio")] == ["option a", "option b"]


def test_a_very_large_page_is_read_in_part(shown: Callable[[str], Page]):
    page = shown("<div>" + "<i>x</i>" * 30000 + "</div>")
    looks = (read_pages(page)[0] for _ in range(20))  # a machine that is busy may not answer the first in time
    answered = next(look for look in looks if look.ready != "loading")
    assert len(Document(answered).elements) == 20000


def test_the_script_is_part_of_what_is_installed():
    assert Path(read_pages.__code__.co_filename).with_name("snapshot.js").is_file()


ROWS = """<div id=box style="height: 200px; overflow-y: auto">
<div style="height: 2000px; position: relative"></div></div>
<script>
  const box = document.getElementById("box");
  const draw = () => {
    const first = Math.floor(box.scrollTop / 50), rows = [];
    for (let row = first; row < Math.min(40, first + 6); row++) {
      rows.push(`<p style="position: absolute; margin: 0; top: ${row * 50}px">Row ${row}</p>`);
    }
    box.firstElementChild.innerHTML = rows.join("");
  };
  box.onscroll = draw;
  draw();
</script>"""


def scrolled_to(page: Page) -> tuple[Element, str]:
    document = Document(read_pages(page)[0])
    (box,) = [e for e in document.elements if e.has("data-scroll")]
    return box, box.attribute("data-scroll")


def test_a_list_that_draws_only_the_rows_in_view_says_so_and_is_scrolled_through(shown: Callable[[str], Page]):
    page = shown(ROWS)
    seen = ""
    box, told = scrolled_to(page)
    assert told == "start"
    while told != "end":
        seen += Document(read_pages(page)[0]).text
        before = told
        assert scroll(page, box.control, "down")
        page.wait_for_function("box.scrollTop > 0")
        page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        box, told = scrolled_to(page)
        assert told != before
    seen += Document(read_pages(page)[0]).text
    assert all(f"Row {row}" in seen for row in range(40))


def test_what_scrolls_and_is_drawn_to_its_end_is_no_such_list(shown: Callable[[str], Page]):
    page = shown("<div id=box style='height: 200px; overflow-y: auto'>" + "<p>Row</p>" * 40 + "</div>")
    box, told = scrolled_to(page)
    assert told == "more"
    assert scroll(page, box.control, "end")
    assert not any(e.has("data-scroll") for e in Document(read_pages(page)[0]).elements)


@pytest.mark.parametrize("host", ["<x-scope id=host style='display: block'></x-scope>", "<div id=host></div>"])
def test_a_closed_shadow_tree_is_told_from_what_is_empty(shown: Callable[[str], Page], host: str):
    page = shown(
        f"""<div style="height: 60px"></div><div style="padding: 20px"></div>{host}<script>
        customElements.define('x-scope', class extends HTMLElement {{}});
        const tree = document.getElementById('host').attachShadow({{mode: 'closed'}});
        tree.innerHTML = '<p>Scope</p><button>manage</button>';
        </script>"""
    )
    closed = [e for e in Document(read_pages(page)[0]).elements if e.has("data-closed")]
    assert [e.attribute("id") for e in closed] == ["host"]


@pytest.mark.parametrize(
    "widget",
    [
        "<div data-sitekey=made-up><div style='width: 300px; height: 65px'></div></div>",
        "<iframe src=https://www.google.com/recaptcha/api2/anchor?k=made-up></iframe>",
        "<iframe src=https://challenges.cloudflare.com/cdn-cgi/challenge-platform/h/g/turnstile></iframe>",
    ],
    ids=["site key", "recaptcha", "turnstile"],
)
def test_a_challenge_is_known_by_its_widget_in_any_language(shown: Callable[[str], Page], widget: str) -> None:
    said = challenge_of(Document(read_pages(shown(f"<h1>Un momento</h1><form>{widget}</form>"))[0]))
    assert said == "Un momento"


@pytest.mark.parametrize(
    "beside",
    [
        "<div data-sitekey=made-up data-size=invisible></div>",
        "<div class=grecaptcha-badge><iframe src=https://www.google.com/recaptcha/api2/anchor?k=made-up></iframe></div>",
        "<iframe src=https://login.example.com/shown?next=captcha></iframe>",
    ],
    ids=["invisible", "badge", "query"],
)
def test_what_asks_nothing_of_anybody_is_no_challenge(shown: Callable[[str], Page], beside: str) -> None:
    [page, *_] = read_pages(shown(f"<h1>Settings</h1><p>All is well.</p>{beside}"))
    assert challenge_of(Document(page)) is None
    assert "made-up" not in page.html
    assert "next=" not in page.html


LONGEST = 30.0  # seconds


def waited(reader: PageReader, page: Page, told: asyncio.Event) -> bool:
    """Whether a wait ended by something else than the longest time."""
    began = time.monotonic()
    reader.wait_for_change(page, told, at_least=0.0, at_most=LONGEST)
    return time.monotonic() - began < LONGEST


@pytest.mark.parametrize(
    "change",
    [
        "document.querySelector('p').textContent = 'After'",
        "document.querySelector('p').firstChild.data = 'After'",
        "document.querySelector('p').setAttribute('aria-busy', 'true')",
        "document.querySelector('div').shadowRoot.querySelector('b').remove()",
        "document.querySelector('iframe').contentDocument.body.append('After')",
        "location.reload()",
    ],
)
def test_the_next_look_is_due_as_soon_as_a_document_changes(shown: Callable[[str], Page], change: str):
    page = shown("<p>Before</p><div></div><iframe srcdoc='<p>Inner</p>'></iframe>")
    page.frame_locator("iframe").get_by_text("Inner").wait_for()
    page.evaluate("document.querySelector('div').attachShadow({ mode: 'open' }).innerHTML = '<b>Deep</b>'")
    reader = PageReader()
    before = reader.read(page)
    page.evaluate(f"setTimeout(() => {{ {change} }}, 100)")
    assert waited(reader, page, asyncio.Event())
    assert reader.read(page) != before


def test_a_change_between_a_look_and_the_wait_for_it_is_not_missed(shown: Callable[[str], Page]):
    page = shown("<p>Before</p>")
    reader = PageReader()
    reader.read(page)
    page.evaluate("document.querySelector('p').textContent = 'After'")
    assert waited(reader, page, asyncio.Event())


def test_a_page_that_stays_as_it_is_is_waited_for_until_something_else_happens(shown: Callable[[str], Page]):
    page = shown("<p>Still</p>")
    reader = PageReader()
    reader.read(page)
    reader.wait_for_change(page, asyncio.Event(), at_least=0.0, at_most=0.2)  # comes to its end
    told = asyncio.Event()
    told.set()
    assert waited(reader, page, told)


def test_of_a_tab_beside_only_where_it_is_and_whether_it_rests_is_told(shown: Callable[[str], Page]):
    page, beside = shown("<p>Panel</p>"), shown("<p>Store</p><iframe></iframe>")
    top, other = PageReader().read_all(page, [beside])
    assert "Panel" in top[0].html
    (outline,) = other
    assert (outline.url, outline.html, outline.ready) == (beside.url, "", "complete")
    beside.evaluate("document.body.append(document.createElement('p'))")
    _, (grown,) = PageReader().read_all(page, [beside])
    assert grown.size == outline.size + 1
