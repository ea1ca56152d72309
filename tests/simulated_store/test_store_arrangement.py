"""Variants and faults by name: what a text means, and what is said about one that means nothing."""

import math

import pytest

from simulated_store.api_switches import ApiSwitches
from simulated_store.checked_settings import WrongValue
from simulated_store.faults import WrongFault
from simulated_store.options.arrangement import arrange, arrangement_from_texts
from simulated_store.options.bundles import BUNDLES
from simulated_store.options.circumstances import CIRCUMSTANCES
from simulated_store.options.fault_places import PLACES, SITES, patterns_of
from simulated_store.options.fault_texts import FaultTextError, fault_from_text, text_of_fault
from simulated_store.options.near_names import UnknownName, near_names
from simulated_store.options.switches import plain_names, switch_named, switches, text_of
from simulated_store.state import SimulatedBigCommerce
from simulated_store.variants import Variants


def test_a_bundle_and_switches_and_faults_come_together_and_the_later_wins():
    bigcommerce = SimulatedBigCommerce(seed=7)
    arrange(
        bigcommerce,
        arrangement_from_texts(["a2019", "scope-control=radio", "tour", "quota=150", "slow"], ["save:500:once"]),
    )
    assert bigcommerce.variants.api_pages == "2019"
    assert bigcommerce.variants.scope_control == "radio"
    assert bigcommerce.variants.tour is True
    assert bigcommerce.api.quota == 150
    assert [text_of_fault(fault) for fault in bigcommerce.faults.to_come()] == [
        "enter-panel:slow=3:always",
        "frame:slow=2:always",
        "save:500:1",
    ]


def test_what_is_not_named_stays_as_it_is():
    bigcommerce = SimulatedBigCommerce(seed=7)
    arrange(bigcommerce, arrangement_from_texts(["frame=none"]))
    arrange(bigcommerce, arrangement_from_texts(["cookie_bar=yes", "token-lists=no"]))
    assert (bigcommerce.variants.frame, bigcommerce.variants.cookie_bar) == ("none", True)
    assert bigcommerce.api.token_lists is False


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.name)
def test_every_bundle_can_be_carried_out(bundle):
    arrange(SimulatedBigCommerce(seed=7), arrangement_from_texts([bundle.name]))


@pytest.mark.parametrize("circumstance", CIRCUMSTANCES, ids=lambda circumstance: circumstance.name)
def test_every_circumstance_changes_something(circumstance):
    bigcommerce = SimulatedBigCommerce(seed=7)
    before = repr((list(bigcommerce.users.values()), bigcommerce.owner.totp_secret, bigcommerce.stores))
    arrange(bigcommerce, arrangement_from_texts([circumstance.name]))
    assert repr((list(bigcommerce.users.values()), bigcommerce.owner.totp_secret, bigcommerce.stores)) != before


def test_no_two_variants_share_a_name():
    names = [*plain_names(), *(each.name.replace("-", "_") for each in (*BUNDLES, *CIRCUMSTANCES))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("switch", switches().values(), ids=lambda switch: switch.full_name)
def test_every_switch_says_what_it_does_and_takes_each_value_it_names(switch):
    assert switch.what
    assert switch_named(switch.full_name) == switch
    for value in switch.values:
        if value not in ("NUMBER", "TEXT"):
            assert text_of(switch.value_from_text(value)) == value
    assert switch.value_from_text(text_of(switch.default)) == switch.default


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("colour=red", UnknownName, "no variant 'colour'"),
        ("a2018", UnknownName, "a2019"),
        ("cookie", UnknownName, "cookie-bar"),
        ("frame=round", WrongValue, "content-iframe, other, foreign, nested, none"),
        ("frame", WrongValue, "takes a value"),
        ("slow=yes", WrongValue, "takes no value"),
        ("tour=perhaps", WrongValue, "no, yes"),
        ("quota=many", WrongValue, "a number from 0 up"),
        ("quota=-1", WrongValue, "a number from 0 up"),
        ("window-ms=0", WrongValue, "a number from 1 up"),
        ("revocation-delay=nan", WrongValue, "a number from 0 to 86400"),
        ("window-delay=-5", WrongValue, "a number from 0 to 3600"),
        ("window-delay=99999999", WrongValue, "a number from 0 to 3600"),
        ("most-revoked=-1", WrongValue, "none, a number from 0 up"),
        ("scope-error-status=99999999", WrongValue, "a number from 200 to 599"),
        ("", UnknownName, "no variant ''"),
    ],
)
def test_a_variant_that_is_none_says_what_there_is(text, error, said):
    with pytest.raises(error, match=said):
        arrangement_from_texts([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("save:500:once", {"place": "save", "status": 500, "times": 1}),
        ("save:500", {"place": "save", "status": 500, "times": None}),
        ("list:drop:twice", {"drop": True, "after": False, "times": 2}),
        ("save:drop-after:once", {"drop": True, "after": True}),
        ("rest:/v3/channels:503:7", {"place": "rest:/v3/channels", "status": 503, "times": 7}),
        ("rest:POST /v3/storefront/*:slow=0.25", {"delay": 0.25, "status": None}),
        ("mint:429:once", {"status": 429, "body": None}),
        ("graphql:hang", {"delay": math.inf}),
        ("store_hash_lookup:cut", {"cut": True, "after": True}),
        ("pages:end-session-after:once", {"end_session": True, "after": True}),
        ("home:empty", {"status": 200, "body": ""}),
    ],
)
def test_a_fault_as_text(text, expected):
    fault = fault_from_text(text)
    assert {name: getattr(fault, name) for name in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "save:500:1",
        "save:drop-after:always",
        "rest:hang:2",
        "home:empty:1",
        "list:cut:1",
        "list:slow=0.5:1",
        "home:maintenance:1",
    ],
)
def test_a_fault_is_told_as_it_was_asked_for(text):
    assert text_of_fault(fault_from_text(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("save", "save:", "save:boom", "save:99", "save:99999999", "save:slow=-1", "save:slow=", "save:slow=0"),
        *("save:500:0", "save:500:-1", ":500", "", "rest:end-session"),
    ],
)
def test_a_text_that_is_no_fault_is_refused(text):
    with pytest.raises((FaultTextError, UnknownName, WrongFault)):
        fault_from_text(text)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 99999999}, "from 200 to 599"),
        ({"status": 100}, "from 200 to 599"),
        ({"status": True}, "is a number"),
        ({"status": "500"}, "is a number"),
        ({"delay": -5}, "from 0 to 10000 seconds"),
        ({"delay": math.nan}, "from 0 to 10000 seconds"),
        ({"delay": 1e300}, "from 0 to 10000 seconds"),
        ({"status": 500, "times": 0}, "once or more often"),
        ({"status": 500, "times": 1.5}, "once or more often"),
        ({"body": "<p>"}, "needs a status"),
        ({}, "something that happens"),
        ({"after": True}, "something that happens"),
    ],
)
def test_a_fault_that_cannot_happen_is_refused(fault, said):
    faults = SimulatedBigCommerce(seed=7).faults
    with pytest.raises(WrongFault, match=said):
        faults.add("save", **fault)
    assert faults.to_come() == []


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        ({"window": "round"}, "'dialog', 'named'"),
        ({"window_delay": -5}, "from 0 to 3600"),
        ({"window_delay": math.inf}, "from 0 to 3600"),
        ({"window_delay": True}, "from 0 to 3600"),
        ({"tour": "yes"}, "True, False"),
    ],
)
def test_a_variant_of_the_panel_that_is_none_is_refused_in_python_too(switches, said):
    with pytest.raises(WrongValue, match=said):
        Variants(**switches)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("quota", -1, "a number from 0 up"),
        ("quota", 2.5, "a number from 0 up"),
        ("other_store_status", 500, "403, 401"),
        ("most_revoked", "none", "None"),
        ("token_list", False, "token_lists"),
    ],
)
def test_a_switch_of_the_apis_that_is_none_is_refused_in_python_too(name, value, said):
    api, before = ApiSwitches(), ApiSwitches()
    with pytest.raises(ValueError, match=said):
        setattr(api, name, value)
    assert api == before


def test_an_unknown_place_says_which_come_near():
    with pytest.raises(UnknownName, match="'save'"):
        fault_from_text("saev:500")
    with pytest.raises(UnknownName):
        SimulatedBigCommerce(seed=7).faults.add("lgoin:/login", status=500)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_every_place_has_a_line_and_patterns_on_known_sites(place):
    assert place.what
    assert patterns_of(place.name) == place.patterns
    assert all(pattern.partition(":")[0] in SITES for pattern in place.patterns)


def test_near_names_forgive_dashes_and_letters_in_the_wrong_order():
    assert near_names("Token_Tpye", ["token_type", "txt", "window"]) == ["token-type"]
    assert near_names("zzz", ["token_type", "txt"]) == []
