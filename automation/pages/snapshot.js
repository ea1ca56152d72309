// Writes the rendered elements of one document as HTML that is also XML, for the pure extractors.
// Form values stand in `value`; an element that is not rendered carries data-shown="no", one that is rendered but
// cannot be seen (as visually hidden radios) data-shown="tiny", a button filled with a colour data-strong. What scrolls and
// is not at its end has data-scroll="more"; where most of what it scrolls over is not drawn, as in a list that keeps only
// the rows in view, it says `start`, `middle` or `end`. What draws something that cannot be read has data-closed.
// Every element's data-ref is its place in a list that is kept in the page, so that what was found can be clicked.
// Nothing in the page itself is changed.
//
// The reader stays in the page, so that the next look need not bring it along. It is called with the mark of the reading
// that the asking side still has, and answers in lines: the document's state; what tells this document from others; the
// mark of what it reads now; and the markup, unless that is what the asking side has. Beside it stays what can be waited
// for: the first change since it read.
(known) => {
  const KEY = Symbol.for("companion.read");
  const CHANGED = Symbol.for("companion.changed");
  if (globalThis[KEY]) return globalThis[KEY](known);
  const MAX_ELEMENTS = 20000;
  const SKIPPED = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "LINK", "META", "HEAD", "OBJECT", "EMBED"]);
  const KEPT = [
    "id", "for", "name", "type", "role", "href", "target", "title", "alt", "placeholder", "class", "action",
    "aria-label", "aria-labelledby", "aria-checked", "aria-pressed", "aria-selected", "aria-expanded", "aria-haspopup",
    "aria-disabled", "aria-hidden", "aria-modal", "aria-busy", "aria-controls", "aria-owns", "aria-describedby",
    "aria-current", "aria-invalid", "aria-required", "aria-valuenow", "autocomplete", "data-state", "headers", "colspan", "multiple", "maxlength",
  ];
  const PLACES = new Map(KEPT.map((name, place) => [name, place]));
  // An id names an element of its own tree alone: those of shadow trees are told apart by the tree's number.
  const NAMING = new Set(["id", "for", "aria-labelledby", "aria-controls", "aria-owns", "aria-describedby", "headers"]);
  let trees, refs, out, roots;
  const treeOf = (node) => {
    const root = node.getRootNode();
    if (!trees.has(root)) trees.set(root, `~${trees.size}`);
    return trees.get(root);
  };
  const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g; // in XML, as which this is read
  const escaped = (text) =>
    text
      .replace(UNWRITABLE, "")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;");

  const shown = (element) => {
    if (element.tagName === "OPTION" || element.tagName === "OPTGROUP") return "yes";
    if (element.checkVisibility && !element.checkVisibility({ visibilityProperty: true, checkVisibilityCSS: true })) {
      // `display: contents` has no box of its own, yet shows its children.
      return getComputedStyle(element).display === "contents" ? "yes" : "no";
    }
    if (element.tagName === "INPUT" || element.tagName === "BUTTON") {
      const box = element.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1 || getComputedStyle(element).opacity === "0") return "tiny";
    }
    return "yes";
  };

  // The primary button of a page is filled with a colour, whatever it is called.
  const strong = (element) => {
    const button = element.tagName === "BUTTON" || (element.tagName === "INPUT" && element.type === "submit");
    if (!button && element.tagName !== "A" && element.getAttribute("role") !== "button") return false;
    const [red, green, blue, alpha = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) || []).map(Number);
    return alpha > 0.5 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60;
  };

  // What is drawn in the scrolling boxes around the element that is being written, by where it begins and ends.
  const scrollers = [];
  const scrolled = (element, style) => {
    const box = element === document.body ? document.scrollingElement : element;
    const may = element === document.body || /auto|scroll|overlay/.test(style.overflowY);
    return may && box && box.clientHeight > 40 && box.scrollHeight - box.clientHeight > 40 ? box : null;
  };
  const drawn = (element) => {
    const own = element.tagName === "INPUT" || [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    if (!own) return;
    const { top, bottom } = element.getBoundingClientRect();
    for (const each of scrollers) {
      each.top = Math.min(each.top, top);
      each.bottom = Math.max(each.bottom, bottom);
    }
  };
  const scrollState = ({ box, top, bottom }) => {
    const from = box === document.scrollingElement ? 0 : box.getBoundingClientRect().top + box.clientTop;
    const above = box.scrollTop;
    const below = box.scrollHeight - box.clientHeight - above;
    const undrawn = Math.max(top - from + above, box.scrollHeight - (bottom - from + above));
    if (undrawn > box.clientHeight / 2 && top <= bottom) return above <= 1 ? "start" : below <= 2 ? "end" : `middle ${Math.round(above)}`;
    return below > 2 ? "more" : "";
  };

  // A closed shadow tree shows nothing of itself but the room that it takes.
  const closed = (element, style) => {
    if (element.shadowRoot || element.childElementCount || element.textContent.trim()) return false;
    const { width, height } = element.getBoundingClientRect();
    if (width < 40 || height < 16) return false;
    if (customElements.get(element.localName)) return true;
    if (!/^(DIV|SECTION|SPAN|ARTICLE|MAIN)$/.test(element.tagName) || !element.computedStyleMap) return false;
    const around = element.parentElement && getComputedStyle(element.parentElement).display;
    const auto = (name) => ["auto", "0px", "none", "normal"].includes(String(element.computedStyleMap().get(name)));
    const made = ["::before", "::after"].some((each) => getComputedStyle(element, each).content !== "none");
    return style.display === "block" && around === "block" && element.clientHeight - parseFloat(style.paddingTop) -
      parseFloat(style.paddingBottom) >= 16 && ["height", "min-height", "aspect-ratio"].every(auto) && !made;
  };

  const write = (element, hidden) => {
    if (SKIPPED.has(element.tagName) || refs.length >= MAX_ELEMENTS) return;
    const tag = element.localName.replace(/[^A-Za-z0-9_-]/g, "-").replace(/^[^A-Za-z_]/, "_$&");
    const state = hidden ? "no" : shown(element);
    const attributes = [`data-ref="${refs.length}"`];
    refs.push(element);
    if (state !== "yes") attributes.push(`data-shown="${state}"`);
    // What lies over the page does not scroll with it: the only mark that tours, bars and boxes have in common.
    const style = state === "yes" && !hidden ? getComputedStyle(element) : null;
    if (style && style.position === "fixed") attributes.push('data-fixed=""');
    if (style && closed(element, style)) attributes.push('data-closed=""');
    if (state === "yes" && strong(element)) attributes.push('data-strong=""');
    if (state === "yes" && tag === "iframe" && element.clientWidth > 400 && element.clientHeight > 200) {
      attributes.push('data-large=""');
    }
    const kept = [];
    for (const attribute of element.attributes) if (PLACES.has(attribute.name)) kept.push(attribute);
    if (kept.length > 1) kept.sort((one, other) => PLACES.get(one.name) - PLACES.get(other.name));
    for (const { name, value: whole } of kept) {
      let value = whole;
      if (value && NAMING.has(name)) {
        const tree = treeOf(element);
        if (tree) value = value.trim().split(/\s+/).map((id) => id + tree).join(" ");
      }
      attributes.push(`${name}="${escaped(value.slice(0, 2000))}"`);
    }
    // A challenge's widget, unless it asks nothing of anybody and so takes no room.
    if (element.hasAttribute("data-sitekey") && element.clientWidth > 40 && element.clientHeight > 16) attributes.push('data-sitekey=""');
    if (tag === "iframe") {
      const [src] = element.src.split(/[?#]/); // what follows may be a preview or a sign-in
      if (src.startsWith("https://")) attributes.push(`src="${escaped(src.slice(0, 500))}"`);
    }
    if (tag === "a" && element.href) attributes.push(`data-href="${escaped(String(element.href).slice(0, 2000))}"`);
    if (element.matches(":disabled")) attributes.push('disabled=""');
    if (element.readOnly) attributes.push('readonly=""');
    if (tag === "input") {
      if (element.type === "checkbox" || element.type === "radio") {
        if (element.checked) attributes.push('checked=""');
        attributes.push(`value="${escaped(element.value)}"`);
      } else if (element.type === "password" && !element.readOnly && !element.disabled) {
        attributes.push(`data-filled="${element.value ? "yes" : "no"}"`); // what a person typed is not read
      } else {
        attributes.push(`value="${escaped(String(element.value).slice(0, 20000))}"`);
      }
    }
    if (tag === "progress" && element.hasAttribute("value")) attributes.push(`value="${element.value}"`);
    if (tag === "option") {
      attributes.push(`value="${escaped(element.value)}"`);
      if (element.selected) attributes.push('selected=""');
    }
    if (element.hasAttribute("contenteditable") && element.isContentEditable) attributes.push('contenteditable=""');
    const box = style && scrolled(element, style);
    const scroller = box ? { box, top: Infinity, bottom: -Infinity } : null;
    if (style && scrollers.length) drawn(element);
    if (scroller) scrollers.push(scroller);
    const opened = out.push(`<${tag} ${attributes.join(" ")}>`) - 1;
    if (tag === "textarea") out.push(escaped(String(element.value).slice(0, 20000)));
    else if (tag === "svg") {
      const title = element.querySelector("title");
      if (title) out.push(`<title id="${escaped(title.id)}">${escaped(title.textContent)}</title>`);
    } else if (tag !== "iframe" && tag !== "frame") {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      const children = element.shadowRoot
        ? element.shadowRoot.childNodes
        : tag === "slot" && element.assignedNodes().length
          ? element.assignedNodes()
          : element.childNodes;
      for (const child of children) {
        if (child.nodeType === Node.TEXT_NODE) out.push(escaped(child.data.slice(0, 20000)));
        else if (child.nodeType === Node.ELEMENT_NODE) write(child, state === "no");
      }
    }
    out.push(`</${tag}>`);
    if (scroller) {
      scrollers.pop();
      const told = scrollState(scroller);
      if (told) out[opened] = out[opened].replace(/>$/, ` data-scroll="${told}">`);
    }
  };

  // One string: it comes with the answer itself, and is not asked for again.
  const reader = Math.random(); // another document's would begin to count anew
  let number = 0;
  let last = null;
  let changed = true;
  let waiting = [];
  const observer = new MutationObserver(() => {
    observer.disconnect(); // one change is enough to look again; until then, a page that goes on moving is left alone
    tell();
  });
  const tell = () => {
    changed = true;
    for (const go of waiting) go("");
    waiting = [];
  };
  const MOVES = { subtree: true, childList: true, attributes: true, characterData: true };
  const watch = () => {
    tell(); // who still waits has given up
    changed = false;
    observer.disconnect();
    for (const root of roots) observer.observe(root, MOVES);
    roots = null;
  };
  const read = (known) => {
    roots = [document];
    trees = new Map([[document, ""]]);
    globalThis[Symbol.for("companion.refs")] = refs = [];
    out = [];
    scrollers.length = 0;
    if (document.body) write(document.body, false);
    const markup = out.join("");
    out = null;
    watch();
    if (markup !== last) {
      last = markup;
      number += 1;
    }
    const mark = `${reader} ${number}`;
    const head = [document.readyState, performance.timeOrigin, mark].join("\n");
    return known === mark ? head : `${head}\n${markup}`;
  };
  Object.defineProperty(globalThis, KEY, { value: read, configurable: true });
  const next = () => (changed ? "" : new Promise((go) => waiting.push(go)));
  Object.defineProperty(globalThis, CHANGED, { value: next, configurable: true });
  return read(known);
}
