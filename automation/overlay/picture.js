// Marks what a picture is about and covers what nobody may see in it, until `clear` is called.
//
// Everything is drawn in a closed shadow root beside the body, and written without HTML or inline styles, so that a
// page's own security policy has nothing against it. Returns where all of it is: a picture counts if that did not change
// while it was taken.
({ controls, mark, hidden, kept, covered, known, css }) => {
  const key = Symbol.for("companion.picture");
  globalThis[key]?.remove();
  const host = document.createElement("companion-picture");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  globalThis[key] = host;
  document.documentElement.append(host);

  const places = [];
  const draw = (kind, at, text = "") => {
    if (!at.width || !at.height) return;
    const box = document.createElement("div");
    box.className = kind;
    for (const side of ["left", "top", "width", "height"]) box.style[side] = `${at[side]}px`;
    box.append(text);
    root.append(box);
    places.push([kind, at.left, at.top, at.width, at.height].map((each) => (each.toFixed ? each.toFixed(1) : each)));
  };

  // Something like an e-mail address, or a long run of letters and digits that is no word.
  const EMAIL = /[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+/g;
  const TOKEN = /[A-Za-z0-9_\-.=+/]{16,}/g;
  const escaped = hidden.filter(Boolean).map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const KNOWN = escaped.length ? new RegExp(escaped.join("|"), "gi") : null;
  const spots = (text) => {
    const found = [];
    for (const [pattern, counts] of [
      [EMAIL, () => true],
      [TOKEN, (each) => /\d/.test(each) && /[A-Za-z]/.test(each)],
      [KNOWN, () => true],
    ]) {
      if (!pattern) continue;
      for (const match of text.matchAll(pattern)) {
        if (counts(match[0]) && !kept.some((each) => each && match[0].includes(each))) found.push([match.index, match[0].length]);
      }
    }
    return found;
  };

  // In somebody's own control panel nothing shows but what it is known to say in all of them: `known`, in `plain` form.
  const plain = (text) => text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "").replace(/\s+/g, " ").toLowerCase();
  const words = known && new Set(known.map(plain));
  const foreign = (text) => words && plain(text) && !words.has(plain(text)) && !kept.includes(text.trim());
  const DRAWN = "img, canvas, video, picture, object, embed, svg";
  const SMALL = 40; // pixels; icons are no bigger, and are those of every panel
  const shown = (node) => {
    // What an element shows besides its text: a choice, a hint, a picture, what styles or a closed root put there.
    if (node.matches("select")) return [...node.selectedOptions].some((each) => foreign(each.text));
    if (node.matches("input, textarea")) return foreign(node.value) || foreign(node.placeholder);
    const at = node.getBoundingClientRect();
    if (node.matches(DRAWN)) return !node.matches("svg") || at.width > SMALL || at.height > SMALL;
    if (node.localName.includes("-") && customElements.get(node.localName) && !node.shadowRoot && !node.childElementCount)
      return true;
    if (node.matches("html, body")) return false;
    if (getComputedStyle(node).backgroundImage.includes("url(")) return true;
    return ["::before", "::after"].some((part) => {
      const { content } = getComputedStyle(node, part);
      return content.startsWith('"') && foreign(content.slice(1, -1));
    });
  };

  const around = (at, by) => ({ left: at.left - by, top: at.top - by, width: at.width + 2 * by, height: at.height + 2 * by });
  const walk = (start) => {
    const walker = document.createTreeWalker(start, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const whole = (covered && node.data.trim() && node.parentElement?.matches(covered)) || foreign(node.data);
        for (const [from, length] of whole ? [[0, node.data.length]] : spots(node.data)) {
          const range = document.createRange();
          range.setStart(node, from);
          range.setEnd(node, from + length);
          for (const at of range.getClientRects()) draw("cover", around(at, 2));
        }
      } else {
        const typed = node.matches("textarea, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [role=combobox])");
        const values = typed && node.value && !kept.includes(node.value);
        if (values || (words && shown(node))) draw("cover", node.getBoundingClientRect());
        if (node.shadowRoot) walk(node.shadowRoot);
      }
    }
  };
  walk(document);

  controls.forEach((control, index) => {
    if (!control) return;
    const at = control.getBoundingClientRect();
    draw("ring", around(at, 6));
    if (index === 0) {
      const top = at.top > 40 ? at.top - 38 : at.bottom + 10;
      draw("mark", { left: Math.max(at.left - 6, 4), top, width: 38, height: 28 }, mark);
    }
  });
  return JSON.stringify(places);
}
