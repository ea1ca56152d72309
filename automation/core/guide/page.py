"""The guide as one HTML file that needs no other: pictures, styles and words are all in it; pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from html import escape

from automation.core.flows.retrieval import STEPS, Step, StepId
from automation.core.guidance import names_of
from automation.core.guide.pictures import Picture
from automation.core.guide.words import Language

_CSS = """
:root { color-scheme: light dark; --back: #ffffff; --text: #1c1f26; --soft: #4a5160; --line: #c9ced8; --main: #1f4fd1; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171d; --text: #f3f4f6; --soft: #c3c8d2; --line: #4a5160; --main: #8fb0ff; }
}
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--back); color: var(--text);
  font: 17px/1.55 system-ui, sans-serif; }
a { color: var(--main); }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
h2 { font-size: 1.2rem; margin: 0.5rem 0; }
figure { margin: 1rem 0; break-inside: avoid; }
img { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
figcaption { margin: 0 0 0.5rem; }
.address { display: block; margin: 0 0 0.5rem; padding: 0.3rem 0.8rem; border: 1px solid var(--line);
  border-radius: 1rem; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
mark { background: #ffe08a; color: #1c1f26; padding: 0 0.15rem; }
.soft { color: var(--soft); }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
@media print {
  :root { --back: #ffffff; --text: #000000; --soft: #333333; --line: #999999; --main: #000000; }
  body { max-width: none; font-size: 11pt; }
  nav { display: none; }
  section { break-inside: avoid-page; }
}
"""
_NUMBERS = {step.id: number for number, step in enumerate(STEPS, 1)}
_CODE = re.compile(r"`([^`]+)`")


def guide_page(language: Language, pictures: Sequence[Picture], others: Mapping[str, str], *, own: bool = False) -> str:
    """Return the page.

    Args:
        pictures: in the order in which they were taken.
        others: addresses of the guide in other languages, by their own names.
        own: whether pictures of somebody's own store are among them.
    """
    links = " · ".join(f'<a href="{escape(address)}">{escape(name)}</a>' for name, address in others.items())
    sections = "\n".join(
        _section(step, language, [each for each in pictures if each.step is step.id]) for step in STEPS
    )
    masked = language.masked_own if own else language.masked
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{language.code}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(language.title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(language.title)}</h1>\n<p>{escape(language.intro)} {escape(masked)}</p>\n"
        + (f"<nav>{links}</nav>\n" if links else "")
        + f"</header>\n<main>\n{sections}\n</main>\n</body>\n</html>\n"
    )


def _section(step: Step, language: Language, pictures: Sequence[Picture]) -> str:
    told, number = language.steps[step.id], _NUMBERS[step.id]
    lines = [_text(line) for line in (told.where, _other_names(step.id, language)) if line]
    different = (
        f"<h3>{escape(language.different)}</h3>\n<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>\n"
        if lines
        else ""
    )
    figures = "".join(_figure(picture, language, label(number, place)) for place, picture in enumerate(pictures))
    return (
        f'<section id="{step.id}">\n<h2>{number}. {_text(told.say)}</h2>\n{figures}'
        f'<p class="soft"><strong>{escape(language.why)}:</strong> {_text(told.why)}</p>\n{different}</section>'
    )


def label(number: int, place: int) -> str:
    """Return what stands beside a marked control: the step's number, and a letter from its second picture on."""
    return str(number) if place == 0 else f"{number}{chr(ord('a') + place)}"


def _other_names(step: StepId, language: Language) -> str:
    names = names_of(step)[:8]
    quoted = ", ".join(f"“{name}”" for name in names)
    return f"{language.other_names} {quoted}." if names else ""


def _figure(picture: Picture, language: Language, mark: str) -> str:
    caption = f"{language.picture.format(number=mark)}. {picture.instruction}".strip()
    address = ""
    if picture.host is not None:
        before, noted, after = map(escape, picture.host)
        address = f'<span class="address">{before}<mark>{noted}</mark>{after}</span>'
    data = base64.b64encode(picture.png).decode()
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>{address}"
        f'<img alt="{escape(caption)}" src="data:image/png;base64,{data}"></figure>\n'
    )


def _text(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))
