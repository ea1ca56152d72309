"""NIST's AES-GCM vectors (CAVS 14.0) with 256-bit key, 96-bit nonce and 128-bit tag, through `seal` and `unseal`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest

from companion.core.envelope import FORMAT_VERSION, seal, unseal
from companion.core.errors import Tampered

_FOLDER = Path(cryptography_vectors.__file__).parent / "ciphers" / "AES" / "GCM"
_SIZES = {"Keylen": "256", "IVlen": "96", "Taglen": "128"}


def _vectors(file_name: str) -> Iterator[dict[str, str]]:
    sizes: dict[str, str] = {}
    vector: dict[str, str] = {}
    for line in [*(_FOLDER / file_name).read_text().splitlines(), ""]:
        name, _, value = (part.strip() for part in line.strip().strip("[]").partition("="))
        if line.startswith("["):
            sizes[name] = value
        elif not line.strip():
            if vector and _SIZES.items() <= sizes.items():
                yield vector
            vector = {}
        elif not line.startswith("#"):
            vector[name] = value


def _bytes(vector: dict[str, str], *names: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


def _payload(vector: dict[str, str]) -> bytes:
    nonce, ciphertext, tag = _bytes(vector, "IV", "CT", "Tag")
    return bytes([FORMAT_VERSION]) + nonce + ciphertext + tag


_ENCRYPT = list(_vectors("gcmEncryptExtIV256.rsp"))
_DECRYPT = list(_vectors("gcmDecrypt256.rsp"))
_BY_LENGTHS = [pytest.param(length, id=f"{length // 2} bytes") for length in sorted({len(v["PT"]) for v in _ENCRYPT})]


def test_the_vectors_of_our_sizes_are_there() -> None:
    assert len(_ENCRYPT) == 375
    assert len(_DECRYPT) == 375
    assert sum("FAIL" in vector for vector in _DECRYPT) > 100


@pytest.mark.parametrize("length", _BY_LENGTHS)
def test_sealing_gives_the_published_ciphertext_and_tag(length: int) -> None:
    for vector in (vector for vector in _ENCRYPT if len(vector["PT"]) == length):
        key, nonce, plaintext, bound = _bytes(vector, "Key", "IV", "PT", "AAD")
        sealed = seal(plaintext, data_key=key, associated_data=bound, entropy=lambda _count, nonce=nonce: nonce)
        assert sealed == _payload(vector)


@pytest.mark.parametrize("length", _BY_LENGTHS)
def test_unsealing_opens_the_published_vectors_and_refuses_the_broken_ones(length: int) -> None:
    for vector in (vector for vector in _DECRYPT if len(vector["CT"]) == length):
        key, bound = _bytes(vector, "Key", "AAD")
        if "FAIL" in vector:
            with pytest.raises(Tampered):
                unseal(_payload(vector), data_key=key, associated_data=bound)
        else:
            opened = unseal(_payload(vector), data_key=key, associated_data=bound)
            assert opened == bytes.fromhex(vector["PT"])
