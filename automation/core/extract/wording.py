"""Texts compared the way a person reads them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_DECORATION = re.compile(r"\s*(?:\*|:|\(optional\)|\(required\))+\s*$")
_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2019": "'", "\u2026": "..."})
# Chinese is written with or without a space beside Latin letters, and "account" in several ways.
_BESIDE_HAN = re.compile(r"(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")
_HAN = str.maketrans({"\u5e10": "\u8d26", "\u5e33": "\u8d26", "\u8cec": "\u8d26", "\u6236": "\u6237"})

_LONGEST_KEPT = 300


def normal(text: str) -> str:
    """Return the text without case, repeated white space, required marks, and differences between dashes.

    The same short texts are asked for again and again; they are kept until `forget_texts`, since one may be a secret.
    """
    return _kept_normal(text) if len(text) <= _LONGEST_KEPT else _normal(text)


def forget_texts() -> None:
    """Let go of what pages said."""
    _kept_normal.cache_clear()


def _normal(text: str) -> str:
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", text).translate(_DASHES).casefold()
        folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
        folded = _BESIDE_HAN.sub("", folded.translate(_HAN))
    words = " ".join(folded.split())
    previous = None
    while previous != words:
        previous, words = words, _DECORATION.sub("", words)
    return _without_signs(words)


_kept_normal = lru_cache(maxsize=8192)(_normal)


def _without_signs(words: str) -> str:
    """Return the words without the plus, caret, arrow or icon that stands before or after them."""
    start, end = 0, len(words)
    while start < end and _is_sign(words[start]):
        start += 1
    while end > start and _is_sign(words[end - 1]):
        end -= 1
    return words[start:end] if start < end else words


def _is_sign(character: str) -> bool:
    if character.isascii():
        return character in "+<>| "
    # Symbols, arrows, and the private letters by which icon fonts draw.
    return unicodedata.category(character) in {"So", "Sm", "Co"} or character in "\u2039\u203a\u00ab\u00bb"


def is_one_of(text: str, wordings: Iterable[str]) -> bool:
    """Whether the whole text reads as one of the wordings."""
    return normal(text) in _wordings(tuple(wordings))


def mentions(text: str, wordings: Iterable[str]) -> bool:
    """Whether one of the wordings stands in the text, as whole words."""
    return _pattern(tuple(wordings)).search(normal(text)) is not None


# Of our own wordings alone, which are no secrets and stay.
@lru_cache(maxsize=1024)
def _wordings(wordings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normal, wordings))


@lru_cache(maxsize=256)
def _pattern(wordings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(normal(wording)) for wording in wordings) or '(?!)'})(?!\w)")
