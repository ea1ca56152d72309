"""Secrets painted in a colour of their own, and a picture asked how much of it shows."""

from __future__ import annotations

import base64

from playwright.sync_api import Page

# Text is painted without changing the page; a box as a whole. Returns how much was painted.
PAINT = """(secrets) => {
  const colour = "rgb(255, 0, 254)";
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`::highlight(secret) { background-color: ${colour}; color: ${colour}; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const ranges = [];
  let painted = 0;
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const secret of secrets) {
      if (node.nodeType === Node.TEXT_NODE) {
        const at = node.data.indexOf(secret);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + secret.length);
        ranges.push(range);
      } else if (node.value && String(node.value).includes(secret)) {
        node.style.setProperty("background", colour, "important");
        node.style.setProperty("color", colour, "important");
        painted += 1;
      }
    }
  }
  CSS.highlights.set("secret", new Highlight(...ranges));
  return painted + ranges.filter((range) => range.getBoundingClientRect().width).length;
}"""
COUNT = """async ([png, colour]) => {
  const bytes = Uint8Array.from(atob(png), (each) => each.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const drawing = canvas.getContext("2d");
  drawing.drawImage(bitmap, 0, 0);
  const { data } = drawing.getImageData(0, 0, bitmap.width, bitmap.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4)
    if (colour.every((part, index) => Math.abs(data[at + index] - part) < 3)) count += 1;
  return count;
}"""
SECRET, MARK = [255, 0, 254], [0xD1, 0x26, 0x1F]


def counted(page: Page, png: bytes, colour: list[int]) -> int:
    number: int = page.evaluate(COUNT, [base64.b64encode(png).decode(), colour])
    return number
