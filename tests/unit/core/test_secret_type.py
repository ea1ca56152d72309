from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from dataclasses import asdict, dataclass

import pytest

from companion.core.secret import Secret

VALUE = "made-up-secret-value"


def test_reveal_is_the_one_way_out() -> None:
    secret = Secret(VALUE)
    assert secret.reveal() == VALUE
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>40}", f"{secret!r}", "%s %r" % (secret, secret)]  # noqa: UP031
    shown += [str([secret]), str({"a": secret}), logging.LogRecord("n", 10, "p", 1, "%s", (secret,), None).getMessage()]
    assert not any(VALUE in text for text in shown)
    assert not hasattr(secret, "__dict__")


def test_a_traceback_does_not_show_it() -> None:
    with pytest.raises(ValueError, match="Secret") as raised:
        raise ValueError(Secret(VALUE))
    assert VALUE not in "".join(traceback.format_exception(raised.value))


@dataclass
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "copying",
    [
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
        json.dumps,
        lambda secret: asdict(Holder(secret)),
        lambda secret: pickle.dumps(secret, 0),
    ],
    ids=["copy", "deepcopy", "pickle", "json", "asdict", "pickle protocol 0"],
)
def test_it_is_not_copied(copying: object) -> None:
    with pytest.raises(TypeError):
        copying(Secret(VALUE))  # type: ignore[operator]


def test_secrets_are_compared_by_value_and_equal_no_string() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret(VALUE + "x")
    assert Secret(VALUE) != VALUE
    assert len({Secret(VALUE), Secret(VALUE), Secret("")}) == 2
    assert Secret("é\ud800") == Secret("é\ud800")


def test_only_an_empty_secret_is_false() -> None:
    assert Secret(" ")
    assert not Secret("")
