"""Keys out of passphrases: Argon2id, with its parameters kept beside what the key seals.

The second recommended choice of RFC 9106 (section 4), which is well above OWASP's minimum: 64 MiB, three passes, four
lanes. A passphrase that is used alone has 15 characters or more (NIST SP 800-63B-4). AES-GCM does not commit to its
key, so half of what Argon2id gives is kept in the open: a wrong passphrase is told by that, before anything is opened.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from companion.core.entropy import Entropy
from companion.core.envelope import KEY_BYTES
from companion.core.errors import FieldError, InvalidInput, WrongPassphrase
from companion.core.secret import Secret

MIN_CHARACTERS = 15
MAX_CHARACTERS = 1024
SALT_BYTES = 16

_ALGORITHM = "argon2id"
_COMMITMENT_BYTES = 32
# No file may make its reader take all memory or work for ever.
_MOST = {"memory_kib": 1024 * 1024, "iterations": 16, "lanes": 16}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


@dataclass(frozen=True)
class Cost:
    """What trying one passphrase costs.

    Attributes:
        memory_kib: KiB of memory.
        iterations: passes over it.
    """

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4

    def covers(self, other: Cost) -> bool:
        """Say whether it is at least as much as another."""
        return self.memory_kib >= other.memory_kib and self.iterations >= other.iterations


COST = Cost()
"""What new keys cost, and those of older ones that are upgraded when they are used."""


@dataclass(frozen=True)
class Derivation:
    """How a key comes out of a passphrase; nothing secret.

    Attributes:
        commitment: told by it is whether a passphrase is the right one. It says nothing of the key.
    """

    cost: Cost
    salt: bytes
    commitment: bytes

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "algorithm": _ALGORITHM,
            "memory_kib": self.cost.memory_kib,
            "iterations": self.cost.iterations,
            "lanes": self.cost.lanes,
            "salt": base64.b64encode(self.salt).decode(),
            "commitment": base64.b64encode(self.commitment).decode(),
        }

    def canonical(self) -> bytes:
        """Return one spelling of it, to bind to what the key seals."""
        return json.dumps(self.document(), sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class DerivedKey:
    """A key of 32 bytes, and how it was derived."""

    derivation: Derivation
    key: bytes = field(repr=False)


def derivation_from_document(document: Any) -> Derivation:
    """Read what `Derivation.document` gave.

    Raises:
        ValueError: it is something else, or would cost more than any.
    """
    try:
        cost = Cost(document["memory_kib"], document["iterations"], document["lanes"])
        salt = base64.b64decode(document["salt"], validate=True)
        commitment = base64.b64decode(document["commitment"], validate=True)
        numbers = {"memory_kib": cost.memory_kib, "iterations": cost.iterations, "lanes": cost.lanes}
        sound = document["algorithm"] == _ALGORITHM and len(salt) == SALT_BYTES
        sound = sound and len(commitment) == _COMMITMENT_BYTES and cost.memory_kib >= 8 * cost.lanes
        sound = sound and all(type(number) is int and 1 <= number <= _MOST[name] for name, number in numbers.items())
    except (KeyError, TypeError, AttributeError, binascii.Error):
        raise ValueError("no derivation of a key") from None
    if not sound:
        raise ValueError("no derivation of a key that is made here")
    return Derivation(cost, salt, commitment)


def new_key_from(passphrase: Secret, *, entropy: Entropy, cost: Cost = COST) -> DerivedKey:
    """Derive a key with a fresh salt."""
    salt = entropy(SALT_BYTES)
    key, commitment = _derive(passphrase, salt, cost)
    return DerivedKey(Derivation(cost, salt, commitment), key)


def key_from(passphrase: Secret, derivation: Derivation) -> DerivedKey:
    """Derive the same key again.

    Raises:
        WrongPassphrase: it is another passphrase. The answer, and the time it takes, are the same for every wrong one.
    """
    key, commitment = _derive(passphrase, derivation.salt, derivation.cost)
    if not hmac.compare_digest(commitment, derivation.commitment):
        raise WrongPassphrase
    return DerivedKey(derivation, key)


def checked_new_passphrase(passphrase: Secret, pointer: str = "/passphrase") -> Secret:
    """Return a passphrase that may be chosen.

    Raises:
        InvalidInput: it is too short or too long.
    """
    characters = len(_normalized(passphrase))
    if MIN_CHARACTERS <= characters <= MAX_CHARACTERS:
        return passphrase
    detail = (
        f"A passphrase has at least {MIN_CHARACTERS} characters: some words that you can remember."
        if characters < MIN_CHARACTERS
        else f"A passphrase has at most {MAX_CHARACTERS} characters."
    )
    raise InvalidInput(detail, fields=(FieldError(pointer, detail),))


def generated_passphrase(entropy: Entropy) -> Secret:
    """Return 30 random characters in groups of five: more than 128 bits, and no letter that looks like another."""
    letters: list[str] = []
    while len(letters) < 30:
        # Those beyond the last whole multiple are drawn again, so that each letter is as likely as any other.
        letters += [_LETTERS[byte % len(_LETTERS)] for byte in entropy(32) if byte < 256 - 256 % len(_LETTERS)]
    return Secret("-".join("".join(letters[start : start + 5]) for start in range(0, 30, 5)))


def _derive(passphrase: Secret, salt: bytes, cost: Cost) -> tuple[bytes, bytes]:
    derived = Argon2id(
        salt=salt,
        length=KEY_BYTES + _COMMITMENT_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive(_normalized(passphrase).encode("utf-8", "surrogatepass"))
    return derived[:KEY_BYTES], derived[KEY_BYTES:]


def _normalized(passphrase: Secret) -> str:
    """One spelling, whichever keyboard it was typed on (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", passphrase.reveal())
