"""Puts a screen together: its template, and what every screen shows around it."""

from __future__ import annotations

import re
import shlex
from datetime import datetime

from flask import Flask, Response, g, render_template, request
from markupsafe import Markup, escape

from companion import __version__
from companion.core.advice import advice_for
from companion.core.connection import World
from companion.core.people import Person
from companion.core.web_sessions import CONFIRMED_FOR, IDLE_LIFE
from companion.service.parts import Parts
from companion.web.callers import PersonCaller, SessionCaller, forms_secret
from companion.web.pages.action_words import action_word
from companion.web.pages.anti_forgery import FIELD, anti_forgery_token
from companion.web.pages.deed_words import deed_word, who_word
from companion.web.public_access import PublicAccess
from companion.web.roles import NEEDED_ROLES

_BACKTICKS = re.compile("`([^`]*)`")
_LAST_NUMBER = 2**63 - 1  # what a database takes for a number

_SPELLINGS = {"api": "API", "bigcommerce": "BigCommerce", "graphql": "GraphQL"}

SCREENS = (("tools", "/tools", "Tools"), ("keys", "/keys", "Keys"), ("record", "/record", "Record"))
"""What the navigation leads to besides the list: name, address, label."""


def install_rendering(app: Flask, parts: Parts, access: PublicAccess) -> None:
    """Give the templates of `app` what they all use."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        version=__version__,
        is_simulated=parts.world is World.SIMULATED,
        idle_minutes=int(IDLE_LIFE.total_seconds() // 60),
        confirmed_minutes=int(CONFIRMED_FOR.total_seconds() // 60),
        anti_forgery=_anti_forgery,
        keys_provider=lambda: parts.vault.keys.name,
        screens=lambda: [each for each in SCREENS if _may(f"pages.{each[0]}.show")],
        may=_may,
        signs_in_elsewhere=lambda: access.signs_in_elsewhere(request),
        sign_out_path=access.sign_out,
        person=_person,
    )
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["words"] = words
    app.jinja_env.filters["first_capital"] = first_capital
    app.jinja_env.filters["quoted"] = shlex.quote
    app.jinja_env.filters["marked"] = marked
    app.jinja_env.filters["advised"] = advice_for
    app.jinja_env.filters["action_word"] = action_word
    app.jinja_env.filters["deed_word"] = deed_word
    app.jinja_env.filters["who_word"] = who_word


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """Return a screen.

    Args:
        template: its name; a part of a screen where htmx asks for one.
    """
    text = render_template(template, signed_in=isinstance(g.get("caller"), SessionCaller | PersonCaller), **values)
    g.shows_page = True  # the headers of a page belong to it, also where no view was found
    return Response(text, status=status, content_type="text/html; charset=utf-8")


def asked(name: str) -> str:
    """Return what the address says of `name`, without what no database takes for text; empty where it says nothing."""
    return "".join(each for each in request.args.get(name, "") if each.isprintable()).strip()


def asked_number(name: str) -> int | None:
    """Return what number of an entry the address says; None where it says none that an entry can have."""
    number = request.args.get(name, type=int)
    return number if number is not None and 1 <= number <= _LAST_NUMBER else None


def is_part_asked_for() -> bool:
    """Say whether htmx asks, to put a part of a screen into the one that is shown."""
    return "HX-Request" in request.headers


def moment(at: datetime | None, otherwise: str = "never") -> str | Markup:
    """Show a time as this computer's clocks do, to the minute; in full to programs that read it."""
    if at is None:
        return otherwise
    here = at.astimezone()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(timespec="seconds"), f"{here:%Y-%m-%d %H:%M:%S %Z}", f"{here:%Y-%m-%d %H:%M}"
    )


def day(at: datetime) -> Markup:
    """Show the day of a time, as this computer's calendar has it."""
    here = at.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(f"{here:%Y-%m-%d}", f"{here:%Y-%m-%d}")


def words(code: str) -> str:
    """Show a word of the audit record as a person writes it: `create-api-token` is `create API token`."""
    return " ".join(_SPELLINGS.get(each, each) for each in code.split("-"))


def first_capital(text: str) -> str:
    """Begin a text with a capital letter, and leave the others as they are."""
    return text[:1].upper() + text[1:]


def marked(text: str) -> Markup:
    """Show what stands between backticks, as our messages write it for terminals, as code."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped just now


def _may(endpoint: str) -> bool:
    """Say whether who is at the page may ask for this: who has a session for all, a person for what their role says."""
    person = _person()
    return person is None or (endpoint in NEEDED_ROLES and person.role >= NEEDED_ROLES[endpoint])


def _person() -> Person | None:
    caller = g.get("caller")
    return caller.person if isinstance(caller, PersonCaller) else None


def _anti_forgery() -> Markup:
    """Return the hidden field that every form of a session carries."""
    text = forms_secret(request)
    token = "" if text is None else anti_forgery_token(text)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)
