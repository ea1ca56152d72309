from __future__ import annotations

import pytest

from companion.core.errors import InvalidSetting
from companion.core.host_map import HostMap, LoopbackAddress, host_map_from_text

DOCUMENTED = "*.mybigcommerce.com=127.0.0.1:8443,login.bigcommerce.com=127.0.0.1:8444, api.bigcommerce.com=[::1]:8445 ,"


def test_the_documented_form_is_read() -> None:
    assert host_map_from_text(DOCUMENTED) == HostMap(
        (
            ("*.mybigcommerce.com", LoopbackAddress("127.0.0.1", 8443)),
            ("login.bigcommerce.com", LoopbackAddress("127.0.0.1", 8444)),
            ("api.bigcommerce.com", LoopbackAddress("::1", 8445)),
        )
    )


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("store-abc.mybigcommerce.com", 8443),
        ("STORE-ABC.MyBigCommerce.com.", 8443),
        ("a.b.mybigcommerce.com", 8443),
        ("login.bigcommerce.com", 8444),
        ("mybigcommerce.com", None),
        ("evilmybigcommerce.com", None),
        ("store.mybigcommerce.com.evil.example", None),
        ("accounts.bigcommerce.com", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_names_lead_where_the_map_says_and_others_nowhere(host: str, port: int | None) -> None:
    target = host_map_from_text(DOCUMENTED).target_of(host)
    assert (target.port if target else None) == port


def test_the_first_pattern_that_fits_counts() -> None:
    host_map = host_map_from_text("a.x.example=127.0.0.1:1,*.x.example=127.0.0.1:2")
    assert [str(host_map.target_of(name)) for name in ("a.x.example", "b.x.example")] == ["127.0.0.1:1", "127.0.0.1:2"]


def test_an_empty_map_maps_nothing() -> None:
    assert not host_map_from_text(" , ")
    assert not HostMap()
    assert HostMap().target_of("api.bigcommerce.com") is None


@pytest.mark.parametrize(
    "entry",
    [
        "api.bigcommerce.com",
        "api.bigcommerce.com=",
        "=127.0.0.1:1",
        "*=127.0.0.1:1",
        "*.com.=127.0.0.1:1",
        "a..b=127.0.0.1:1",
        "https://api.bigcommerce.com=127.0.0.1:1",
        "api.bigcommerce.com=localhost:8443",
        "api.bigcommerce.com=192.168.1.2:8443",
        "api.bigcommerce.com=0.0.0.0:8443",
        "api.bigcommerce.com=[::]:8443",
        "api.bigcommerce.com=[::ffff:127.0.0.1]:8443",
        "api.bigcommerce.com=[::ffff:10.0.0.1]:8443",
        "api.bigcommerce.com=2130706433:8443",
        "api.bigcommerce.com=127.1:8443",
        "api.bigcommerce.com=127.0.0.1.nip.io:8443",
        "api.bigcommerce.com=127.0.0.1",
        "api.bigcommerce.com=127.0.0.1:0",
        "api.bigcommerce.com=127.0.0.1:65536",
        "api.bigcommerce.com=127.0.0.1:\uff18\uff14\uff14\uff13",
        "api.bigcommerce.com=127.0.0.1:8443/x",
    ],
)
def test_an_entry_that_leads_off_this_machine_or_nowhere_is_refused(entry: str) -> None:
    with pytest.raises(InvalidSetting):
        host_map_from_text(entry)


def test_targets_print_as_they_are_written_in_addresses() -> None:
    assert (str(LoopbackAddress("127.0.0.1", 1)), str(LoopbackAddress("::1", 2))) == ("127.0.0.1:1", "[::1]:2")
