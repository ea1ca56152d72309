"""What a connection is, and the rules of the form it comes from."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from companion.core.errors import FieldError, InvalidInput
from companion.core.ids import is_id
from companion.core.secret import Secret
from companion.core.shown_text import shows_as_written
from companion.core.store_urls import checked_channel_id, store_hash_from_text, subdomain_from_text
from companion.core.storefront_token import is_storefront_token

DEFAULT_CHANNEL_ID = 1
MAX_NAME_LENGTH = 100
MAX_TAGS = 50
MAX_TAG_LENGTH = 50
MAX_SECRET_LENGTH = 8192

# The private-token scopes, exact capitals (GraphQL Storefront authentication, read 2026-04).
STOREFRONT_SCOPES = ("Unauthenticated", "Customer", "B2B")

_T = TypeVar("_T")


class AuthType(StrEnum):
    """`custom`: private tokens, made for servers. `token`: the older storefront tokens."""

    CUSTOM = "custom"
    TOKEN = "token"  # noqa: S105  an auth type, not a token


class Status(StrEnum):
    """What verification says of a connection."""

    UNVERIFIED = "unverified"
    READY = "ready"
    ATTENTION = "attention"
    BROKEN = "broken"


class World(StrEnum):
    """Where a connection was made: at BigCommerce, or in a simulated store behind a host map."""

    REAL = "real"
    SIMULATED = "simulated"


class Severity(StrEnum):
    """How much a finding weighs on the connection's status."""

    NOTE = "note"
    ATTENTION = "attention"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One thing found about a connection.

    Attributes:
        code: stable name, in kebab case.
        message: what was found.
        action: what to do about it.
        severity: what it does to the status; not part of the JSON surface.
    """

    code: str
    message: str
    action: str
    severity: Severity = Severity.ATTENTION


@dataclass(frozen=True)
class ApiAccount:
    """The API account at BigCommerce to which the access token belongs."""

    name: str
    client_id: str | None = None


@dataclass(frozen=True)
class Draft:
    """The checked fields of the form, ready to be stored; made by `checked_draft`."""

    name: str
    subdomain: str
    auth_type: AuthType
    store_hash: str
    channel_id: int
    access_token: Secret
    scopes: tuple[str, ...]
    storefront_token: Secret | None = None
    tags: tuple[str, ...] = ()
    api_account: ApiAccount | None = None
    oauth_scopes: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Connection:
    """A stored connection without its secrets, which are sealed beside it.

    Attributes:
        access_token_since: when it got the access token that it has; None where that is not known.
    """

    id: str
    name: str
    subdomain: str
    auth_type: AuthType
    store_hash: str
    channel_id: int
    scopes: tuple[str, ...]
    tags: tuple[str, ...]
    api_account: ApiAccount | None
    oauth_scopes: tuple[str, ...] | None
    world: World
    status: Status
    findings: tuple[Finding, ...]
    verified_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int
    storefront_token_set: bool = False
    access_token_since: datetime | None = None


def status_from_findings(findings: Iterable[Finding]) -> Status:
    """Return what a verification with these findings makes of a connection."""
    severities = {finding.severity for finding in findings}
    if Severity.BROKEN in severities:
        return Status.BROKEN
    return Status.ATTENTION if Severity.ATTENTION in severities else Status.READY


def checked_draft(
    *,
    name: str,
    subdomain: str,
    store_hash: str,
    access_token: Secret,
    auth_type: str = AuthType.CUSTOM,
    channel_id: int = DEFAULT_CHANNEL_ID,
    scopes: Iterable[str] | None = None,
    storefront_token: Secret | None = None,
    tags: Iterable[str] = (),
    api_account: ApiAccount | None = None,
    oauth_scopes: Iterable[str] | None = None,
    findings: Iterable[Finding] = (),
) -> Draft:
    """Check all fields of the form by its rules, and say everything that is wrong at once.

    Args:
        subdomain: a storefront address or the bare label.
        store_hash: any spelling that `store_hash_from_text` takes.
        scopes: private-token scopes; only with `custom`. None means `Unauthenticated` there.

    Raises:
        InvalidInput: with one entry in `fields` for each field that is refused.
    """
    problems: list[FieldError] = []

    def check(rule: Callable[[], _T], otherwise: _T) -> _T:
        try:
            return rule()
        except InvalidInput as refusal:
            problems.extend(refusal.fields)
            return otherwise

    kind = check(lambda: checked_auth_type(auth_type), AuthType.CUSTOM)
    fields_before_scopes = len(problems)
    draft = Draft(
        name=check(lambda: checked_name(name), ""),
        subdomain=check(lambda: subdomain_from_text(subdomain), ""),
        auth_type=kind,
        store_hash=check(lambda: store_hash_from_text(store_hash), ""),
        channel_id=check(lambda: checked_channel_id(channel_id), DEFAULT_CHANNEL_ID),
        access_token=check(lambda: checked_access_token(access_token), access_token),
        # With an auth type that is refused itself, nothing sensible can be said about the scopes.
        scopes=() if fields_before_scopes else check(lambda: checked_storefront_scopes(kind, scopes), ()),
        storefront_token=check(lambda: _checked_storefront_token(kind, storefront_token), None),
        tags=check(lambda: checked_tags(tags), ()),
        api_account=api_account,
        oauth_scopes=None if oauth_scopes is None else tuple(oauth_scopes),
        findings=tuple(findings),
    )
    problems.extend(_secrets_in_clear(draft))
    if problems:
        names = ", ".join(problem.pointer.removeprefix("/").split("/")[0].replace("_", " ") for problem in problems)
        raise InvalidInput(
            f"The connection was not accepted: {names}.",
            why=" ".join(problem.detail for problem in problems),
            fields=tuple(problems),
        )
    return draft


def checked_name(name: str) -> str:
    """Return the name without surrounding white space.

    Raises:
        InvalidInput: pointing at `/name`; empty, too long, of the form of an id, or with characters that do not show.
    """
    given = unicodedata.normalize("NFC", name.strip()) if _is_text(name) else ""
    if not _is_text(name) or not shows_as_written(given):
        raise _refused("/name", "The name has characters that cannot be shown. Use letters, digits and punctuation.")
    if not any(_shows(character) for character in given):
        raise _refused("/name", "The name is missing. It is what the connection is later picked by.")
    if is_id(name_key(given)):
        raise _refused(
            "/name", "The name has the form of an id. Wherever a name stands an id serves, so it is no name."
        )
    if len(given) > MAX_NAME_LENGTH:
        raise _refused("/name", f"The name is longer than {MAX_NAME_LENGTH} characters.")
    return given


def name_key(name: str) -> str:
    """Return the form in which two names are the same name: what tells them apart must show.

    Case, compatibility forms, invisible characters and the amount of white space do not count.
    """
    if name.isascii():
        return " ".join(name.lower().split())  # what the rest comes to, sooner
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    # Folding once more catches what the normalization brought out; then nothing changes any further.
    folded = unicodedata.normalize("NFKC", folded.casefold())
    return " ".join("".join(character for character in folded if unicodedata.category(character) != "Cf").split())


def search_key(text: str) -> str:
    """Return the form in which a name is looked for: as `name_key`, and accents do not count either.

    Wider than `name_key`: “Artículos” and “Articulos” are two names, and either finds both.
    """
    if text.isascii():
        return name_key(text)
    apart = unicodedata.normalize("NFKD", name_key(text))
    kept = "".join(character for character in apart if unicodedata.category(character) != "Mn")
    # Composed again, as a syllable of Hangul is; and never empty, which would find everything.
    return name_key(kept) or name_key(text)


def serves_alike(one: Connection, other: Connection) -> bool:
    """Say whether a storefront token that was minted for the one serves the other: same store, channel and scopes."""
    return all(
        getattr(one, name) == getattr(other, name) for name in ("store_hash", "channel_id", "scopes", "auth_type")
    )


def checked_auth_type(auth_type: str) -> AuthType:
    """Return the auth type, ignoring case.

    Raises:
        InvalidInput: pointing at `/auth_type`.
    """
    try:
        return AuthType(auth_type.strip().lower())
    except ValueError:
        raise _refused("/auth_type", "The auth type is `custom` (recommended) or `token`.") from None


def checked_storefront_scopes(auth_type: AuthType, scopes: Iterable[str] | None) -> tuple[str, ...]:
    """Return the private-token scopes in BigCommerce's spelling, each once.

    Raises:
        InvalidInput: pointing at `/scopes`.
    """
    given = None if scopes is None else tuple(scopes)
    if auth_type is AuthType.TOKEN:
        if given:
            raise _refused("/scopes", "Scopes belong to the auth type `custom` only; leave them out with `token`.")
        return ()
    if given is None:
        return (STOREFRONT_SCOPES[0],)
    if not given:
        raise _refused("/scopes", f"Choose at least one scope: {', '.join(STOREFRONT_SCOPES)}.")
    spelling = {scope.lower(): scope for scope in STOREFRONT_SCOPES}
    if any(scope.strip().lower() not in spelling for scope in given):
        raise _refused("/scopes", f"The scopes of private tokens are {', '.join(STOREFRONT_SCOPES)}.")
    chosen = {spelling[scope.strip().lower()] for scope in given}
    return tuple(scope for scope in STOREFRONT_SCOPES if scope in chosen)


def checked_secret(secret: Secret, pointer: str, what: str) -> Secret:
    """Return the secret without surrounding white space. No length or alphabet is documented, so none is demanded.

    Raises:
        InvalidInput: pointing at `pointer`; empty, or with white space, control or non-ASCII characters inside.
    """
    value = secret.reveal().strip()
    if not value:
        raise _refused(pointer, f"{what} is missing.")
    if len(value) > MAX_SECRET_LENGTH:
        raise _refused(pointer, f"{what} is longer than {MAX_SECRET_LENGTH} characters.")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise _refused(pointer, f"{what} has a space or another character that does not occur in one. Copy it again.")
    return Secret(value)


def checked_access_token(token: Secret) -> Secret:
    """Return the access token without surrounding white space.

    An OAuth access token is no JWT: BigCommerce answers "String is not a JWT" to one (API status codes, read 2026-04).
    Only what has a storefront token's claims is refused, since the shape of an access token is not promised.

    Raises:
        InvalidInput: pointing at `/access_token`; not as `checked_secret` has it, or a storefront token of either kind.
    """
    checked = checked_secret(token, "/access_token", "The access token")
    if is_storefront_token(checked):
        raise _refused(
            "/access_token",
            "This is a storefront token, a JWT for GraphQL. The access token is the value after ACCESS TOKEN in the "
            "window, or the file, that BigCommerce shows when an API account is created.",
        )
    return checked


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags without surrounding white space, each once, in the order given.

    Raises:
        InvalidInput: pointing at `/tags/N`.
    """
    kept: dict[str, None] = {}
    for position, tag in enumerate(tags):
        given = tag.strip() if _is_text(tag) else ""
        if not given or len(given) > MAX_TAG_LENGTH or not given.isprintable():
            raise _refused(f"/tags/{position}", f"A tag has 1 to {MAX_TAG_LENGTH} characters that can be shown.")
        kept[given] = None
    if len(kept) > MAX_TAGS:
        raise _refused("/tags", f"A connection has at most {MAX_TAGS} tags.")
    return tuple(kept)


def _secrets_in_clear(draft: Draft) -> Iterator[FieldError]:
    """Name each field with a secret in it: these are stored in clear, sent in addresses and looked up as names."""
    secrets = {each.reveal().strip().lower() for each in (draft.access_token, draft.storefront_token) if each} - {""}
    for name, value in (("name", draft.name), ("subdomain", draft.subdomain), ("store_hash", draft.store_hash)):
        if value.lower() in secrets:
            what = name.replace("_", " ")
            yield FieldError(f"/{name}", f"This is the access token or storefront token, not the {what}.")


def _checked_storefront_token(auth_type: AuthType, token: Secret | None) -> Secret | None:
    if token is None:
        return None
    if auth_type is not AuthType.TOKEN:
        raise _refused("/storefront_token", "A storefront token is carried by connections of auth type `token` only.")
    return checked_secret(token, "/storefront_token", "The storefront token")


def _shows(character: str) -> bool:
    return (
        unicodedata.category(character) not in {"Cf", "Mn", "Me", "Zs"} and character not in "\u115f\u1160\u3164\uffa0"
    )


def _is_text(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def _refused(pointer: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, fields=(FieldError(pointer, detail),))
