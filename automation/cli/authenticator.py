"""Time-based one-time codes (RFC 6238) out of a base32 secret or an `otpauth://` address."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pyotp

_DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
_LETTERS_A_BYTE_GROUP = 8


class Authenticator(pyotp.TOTP):
    """Takes a secret of any length: the site chose it, and 80 bits are common. pyotp's own demands 112."""

    def byte_secret(self) -> bytes:
        """Decode the secret. Raises ValueError."""
        padding = "=" * (-len(self.secret) % _LETTERS_A_BYTE_GROUP)
        decoded = base64.b32decode(self.secret + padding, casefold=True)
        if not decoded:
            raise ValueError("empty")
        return decoded


def authenticator_from_base32(text: str, *, period: int) -> Authenticator:
    """Read a secret as sites show it: in groups or not, padded or not, in any case. Raises ValueError."""
    return Authenticator("".join(text.split()).replace("-", "").rstrip("=").upper(), interval=period)


def authenticator_from_address(address: str) -> Authenticator:
    """Read `otpauth://totp/LABEL?secret=…`, whose period, digits and algorithm count. Raises ValueError.

    The form is that of the Google Authenticator wiki, "Key Uri Format".
    """
    parts = urlsplit(address)
    if parts.scheme.lower() != "otpauth" or parts.netloc.lower() != "totp":
        raise ValueError("not a time-based one")
    given = {name.lower(): values[-1] for name, values in parse_qs(parts.query).items()}
    algorithm = given.get("algorithm", "SHA1").upper().replace("-", "")
    if algorithm not in _DIGESTS or "encoder" in given:
        raise ValueError("an algorithm that is not known")
    secret = "".join(given.get("secret", "").split()).rstrip("=").upper()
    return Authenticator(
        secret,
        digits=int(given.get("digits", "6")),
        digest=_DIGESTS[algorithm],
        interval=int(given.get("period", "30")),
    )
