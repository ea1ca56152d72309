"""Writes an NSS certificate database, in its own process: `python -m automation.browser.nss_database FOLDER PEM_FILE`.

NSS, the library that Chrome and Chromium on Linux read trusted certificates with, is always there where they are. Its
own tool for this, certutil, is not. So the library is called directly, in its own process, since it keeps global state.
"""

from __future__ import annotations

import ctypes
import ssl
import sys
from pathlib import Path

REFUSED = 3
"""The exit code where standard error says in one line why it could not be done."""

_LIBRARY = "libnss3.so"
# certdb.h: what a certificate is trusted for.
_VALID_CA = 1 << 3
_TRUSTED_CA = 1 << 4
_END = "-----END CERTIFICATE-----"


class _Item(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int), ("data", ctypes.c_char_p), ("len", ctypes.c_uint))


class _Trust(ctypes.Structure):
    _fields_ = (("ssl", ctypes.c_uint), ("email", ctypes.c_uint), ("objects", ctypes.c_uint))


def add_authorities(folder: Path, certificates: list[bytes]) -> None:
    """Add certificates (DER) to the database in `folder` as authorities for TLS servers; makes it where there is none.

    Raises:
        OSError: NSS is not there, or refuses.
    """
    nss = ctypes.CDLL(_LIBRARY)
    for name in ("PK11_GetInternalKeySlot", "CERT_NewTempCertificate", "CERT_GetDefaultCertDB"):
        getattr(nss, name).restype = ctypes.c_void_p
    _check(nss.NSS_Initialize(f"sql:{folder}".encode(), b"", b"", b"secmod.db", ctypes.c_uint32(0)), "NSS_Initialize")
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    if nss.PK11_NeedUserInit(slot):
        _check(nss.PK11_InitPin(slot, None, b""), "PK11_InitPin")
    database = ctypes.c_void_p(nss.CERT_GetDefaultCertDB())
    for number, der in enumerate(certificates):
        item = _Item(0, der, len(der))
        certificate = ctypes.c_void_p(nss.CERT_NewTempCertificate(database, ctypes.byref(item), None, 0, 1))
        if not certificate:
            raise OSError("CERT_NewTempCertificate refused a certificate")
        nickname = f"extra authority {number}".encode()
        _check(nss.PK11_ImportCert(slot, certificate, ctypes.c_ulong(0), nickname, 0), "PK11_ImportCert")
        trust = _Trust(_VALID_CA | _TRUSTED_CA, 0, 0)
        _check(nss.CERT_ChangeCertTrust(database, certificate, ctypes.byref(trust)), "CERT_ChangeCertTrust")
        nss.CERT_DestroyCertificate(certificate)
    nss.PK11_FreeSlot(slot)
    nss.NSS_Shutdown()


def certificates_from_pem(text: str) -> list[bytes]:
    """Return every certificate in a PEM file, as DER."""
    blocks = (
        block[block.index("-----BEGIN CERTIFICATE-----") :] for block in text.split(_END) if "BEGIN CERT" in block
    )
    return [ssl.PEM_cert_to_DER_cert(block + _END) for block in blocks]


def _check(status: int, call: str) -> None:
    if status != 0:
        raise OSError(f"{call} failed")


def main(folder: str, pem_file: str) -> int:
    """Add the certificates of a PEM file to the database in a folder; returns the exit code."""
    try:
        add_authorities(
            Path(folder), certificates_from_pem(Path(pem_file).read_text(encoding="ascii", errors="replace"))
        )
    except (OSError, ValueError, AttributeError) as failure:  # the last where a library is not quite NSS
        sys.stderr.write(f"{failure}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2]))
