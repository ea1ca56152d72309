"""Where "View storefront" leads, and what stands there, in each variant."""

from typing import Any

import pytest
from panel_visits import PanelVisit, fresh_world, texts

from simulated_store.serving.hosts import host_map, own_domain, serves, site_of

VIEW = "/manage/view-storefront"


def visit(*, launched: bool = True, storefronts: int = 1, **variants: Any) -> PanelVisit:
    store = fresh_world(**variants).store
    store.launched = launched
    for number in range(1, storefronts):
        store.add_channel(f"Storefront {number}")
    return PanelVisit()


def test_the_storefront_is_on_each_kind_of_host():
    def host(form: str, domain: str | None = None) -> str:
        here = visit(storefront=form)
        here.store.custom_domain = domain
        return here.get(VIEW).headers["Location"]

    store = visit().store
    assert host("subdomain") == f"https://{store.subdomain}.mybigcommerce.com/"
    assert host("canonical") == f"https://store-{store.store_hash}.mybigcommerce.com/"
    assert host("channel") == f"https://store-{store.store_hash}-1.mybigcommerce.com/"
    assert host("custom-domain", "shop.example") == "https://shop.example/"
    assert host("custom-domain") == f"https://www.{store.subdomain}.example/"
    assert host("headless") == f"https://shop.{store.subdomain}.example/"


def test_a_made_up_domain_answers_for_its_store_while_a_variant_needs_it():
    here = visit(storefront="custom-domain")
    domain = own_domain(here.store)
    assert f"{domain}=127.0.0.1:8443" in host_map(here.state, 8443)
    assert serves(here.state, domain)
    assert here.get("/admin/oauth/info", host=domain).json == {"store_hash": here.store.store_hash}
    fresh_world()
    assert not serves(here.state, domain)


def test_a_headless_storefront_is_no_page_of_bigcommerce():
    here = visit(storefront="headless")
    host = f"shop.{here.store.subdomain}.example"
    assert serves(here.state, host)
    assert site_of(here.state, host, "/") == "headless"
    assert here.store.name in here.get("/", host=host).text
    assert here.get("/graphql", host=host).status_code == 404
    assert here.get("/admin/oauth/info", host=host).status_code == 404


@pytest.mark.parametrize(
    ("form", "unlaunched", "launched"), [("unlaunched", True, False), ("always", True, True), ("never", False, False)]
)
def test_the_address_carries_a_preview_token(form, unlaunched, launched):
    for is_launched, expected in ((False, unlaunched), (True, launched)):
        here = visit(launched=is_launched, preview_token=form)
        assert (f"?ctk={here.store.preview_token}" in here.get(VIEW).headers["Location"]) == expected


@pytest.mark.parametrize(
    ("page", "status", "says"),
    [
        ("shop", 200, "Shop all"),
        ("coming-soon", 200, "Preview code"),
        ("maintenance", 503, "Down for Maintenance"),
        ("hibernation", 503, "We'll be back"),
    ],
)
def test_the_storefront_shows_each_of_its_pages(page, status, says):
    here = visit(storefront_page=page)
    answer = here.get("/", host=here.store.vanity_host)
    assert (answer.status_code, says in answer.text) == (status, True)
    here = visit(storefront_page=page, storefront_status=200)
    assert here.get("/", host=here.store.vanity_host).status_code == 200


@pytest.mark.parametrize(
    ("form", "notices"), [("unlaunched", (True, False)), ("always", (True, True)), ("never", (False, False))]
)
def test_staff_see_a_notice_over_the_shop(form, notices):
    for launched, expected in zip((False, True), notices, strict=True):
        here = visit(launched=launched, staff_notice=form)
        address = here.get(VIEW).headers["Location"].removeprefix(f"https://{here.store.vanity_host}")
        assert ("adminBar" in here.get(address, host=here.store.vanity_host).text.split("</style>")[1]) == expected


@pytest.mark.parametrize(
    ("opens", "control"),
    [
        ("link", "a[target=_blank][href='/manage/view-storefront']"),
        ("direct", "a[target=_blank][href*='.mybigcommerce.com/?ctk=']"),
        ("script", "button"),
        ("same-tab", "a:not([target])[href$='/manage/view-storefront']"),
    ],
)
@pytest.mark.parametrize(("generation", "label"), [("C", "View storefront"), ("B", "View Store"), ("A", "View Store")])
def test_the_storefront_opens_in_each_way(generation, label, opens, control):
    page = visit(launched=False, generation=generation, storefront_opens=opens).shell()
    found = [each for each in page.select("a, button") if each.get_text(strip=True) == label]
    assert len(found) == 1
    assert found == [each for each in page.select(control) if each in found]


@pytest.mark.parametrize("generation", ["A", "B", "C"])
def test_the_link_may_bear_the_stores_name(generation):
    here = visit(generation=generation, storefront_link="store-name")
    assert texts(here.shell().select(f"a[href='{VIEW}']")) == [here.store.name]
    assert "View" not in "".join(texts(here.shell().select("body > :not(script)")))


@pytest.mark.parametrize(
    ("form", "control"),
    [
        ("menu", "ul[role=menu][hidden] li[role=option] > a"),
        ("dialog", "[role=dialog][hidden] li > a"),
    ],
)
def test_several_storefronts_are_chosen_in_the_shell(form, control):
    here = visit(storefronts=3, storefront_chooser=form)
    choices = here.shell().select(control)
    assert texts(choices) == [here.store.name, "Storefront 1", "Storefront 2"]
    other = list(here.store.channels)[1]
    assert choices[1]["href"] == f"{VIEW}?channel={other}"
    assert f"-{other}.mybigcommerce.com" in here.get(choices[1]["href"]).headers["Location"]
    assert not visit(storefronts=1, storefront_chooser=form).shell().select(control)


def test_several_storefronts_are_chosen_on_a_page():
    here = visit(storefronts=2, storefront_chooser="page", generation="B")
    assert texts(here.shell().select("a[href='/manage/storefronts']")) == ["View Storefronts"]
    assert len(here.content("/manage/storefronts").select("a[target=_blank]")) == 2


def test_the_new_tab_is_redirected_by_a_script_or_has_to_sign_in():
    here = visit(storefront_lands="hops")
    first = here.get(VIEW)
    assert (first.status_code, "Taking you to your storefront" in first.text) == (200, True)
    assert here.get(f"{VIEW}?channel=1&hop=2").headers["Location"] == f"https://{here.store.vanity_host}/"
    here = visit(storefront_lands="sign-in")
    assert here.get(VIEW).headers["Location"] == "https://login.bigcommerce.com/login"
    assert here.get("/manage/dashboard").status_code == 200
    assert here.state.sessions == {}
