// The panel in a page of BigCommerce's: where we are, what to press and why; a ring around it; a cover over secrets.
//
// Runs in an isolated world, so that the page's scripts neither see nor change it, and everything it draws is in a
// closed shadow root beside the body, so that neither a locator nor a snapshot meets it. It writes no HTML and no inline
// style, so that the page's own security policy has nothing against it. It tells a fixed word and the id of a step.
(config) => {
  if (globalThis.companionGuide) return;
  const tell = globalThis[config.binding];
  const isTop = window.top === window;
  const HELPER_MS = 3000;
  const RING_MS = 6000; // it is told anew with every look at the page, and on a busy machine one takes seconds
  const SCROLL_MS = 1200; // longer than a smooth scroll takes
  const MOST_BROUGHT = 3;
  const MOVING_KEYS = /^(Tab|Page(Up|Down)|Home|End|Arrow(Up|Down))$/;
  const VALUE = /(^|[\s:])[A-Za-z0-9_\-]{24,}/;
  const CORNERS = ["bottom-left", "bottom-right", "top-right", "top-left"];

  let state = { version: 0, step: "", what: "", why: "", alert: "", where: [], offers: [], cover: false };
  let target = null;
  let targetUntil = 0;
  let brought = 0; // how often it was brought into view
  let broughtAt = 0;
  let movedOn = false; // the person went elsewhere in the page since it is pointed at
  let save = null;
  let known = new WeakSet(); // the boxes that stood in the form before Save: none of them holds a secret
  let helperUntil = 0;
  let corner = 0;
  let folded = false;
  let narrow = false; // drawn on a line, since in no corner it would leave what is pointed at uncovered
  let stays = false; // the person wants to see all of it, whatever it lies over
  let before = null; // what had the focus before the panel

  const call = (verb) => tell(JSON.stringify({ verb, step: state.step, seen: state.version }));
  const helping = () => performance.now() < helperUntil;

  const host = document.createElement("companion-guide");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(config.css);
  root.adoptedStyleSheets = [sheet];

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // What lies over the page without being in its way: the ring, and the covers.

  const tag = make("span", { class: "tag", "aria-hidden": "true" }, config.words.here);
  const ring = make("div", { class: "ring", hidden: "" }, tag);
  const covers = make("div");
  root.append(ring, covers);

  const place = (box, at) => {
    box.style.left = `${at.left}px`;
    box.style.top = `${at.top}px`;
    box.style.width = `${at.width}px`;
    box.style.height = `${at.height}px`;
  };

  const drawRing = () => {
    const shown = target && target.isConnected && state.highlights && performance.now() < targetUntil;
    const at = shown ? target.getBoundingClientRect() : null;
    ring.hidden = !at || !at.width || !at.height;
    if (ring.hidden) return;
    place(ring, { left: at.left - 5, top: at.top - 5, width: at.width + 10, height: at.height + 10 });
    tag.className = at.top < 40 ? "tag below" : "tag";
  };

  const isSecret = (element) => {
    if (known.has(element)) return false;
    const value = "value" in element && element.matches("input, textarea") ? element.value : "";
    if (value) return VALUE.test(value) || labelled(element);
    return element.matches("input, textarea") ? labelled(element) : false;
  };
  const labelled = (element) => {
    const names = [element.getAttribute("aria-label"), ...[...(element.labels || [])].map((each) => each.textContent)];
    const spoken = names.map((name) => (name || "").replace(/[*:]/g, "").trim().toLowerCase());
    return spoken.some((name) => config.secrets.includes(name));
  };

  const secretPlaces = () => {
    const places = [];
    const walk = (start) => {
      const walker = document.createTreeWalker(start, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
      for (let node = walker.currentNode; node; node = walker.nextNode()) {
        if (node.nodeType === Node.TEXT_NODE) {
          if (node.data.length >= 24 && VALUE.test(node.data) && !known.has(node)) {
            if (/^(SCRIPT|STYLE|NOSCRIPT|TEXTAREA)$/.test(node.parentElement?.tagName)) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            places.push(range);
          }
        } else if (node.matches("input, textarea")) {
          if (!/^(hidden|checkbox|radio|submit|button|password)$/.test(node.type) && isSecret(node)) places.push(node);
        }
        if (node.shadowRoot) walk(node.shadowRoot);
      }
    };
    if (document.body) walk(document.body);
    return places;
  };

  const watching = () => state.cover || save !== null;
  const covering = () => config.cover && watching();
  const isDrawn = (each) => each.getBoundingClientRect().width && each.getBoundingClientRect().height;
  const drawCovers = () => {
    const places = (watching() ? secretPlaces() : []).filter(isDrawn);
    if (places.length && !state.highlights) giveWay(places);
    const boxes = (covering() ? places : []).map((each) => each.getBoundingClientRect());
    while (covers.children.length > boxes.length) covers.lastChild.remove();
    while (covers.children.length < boxes.length) {
      covers.append(make("div", { class: "cover", "aria-hidden": "true" }, config.words.covered));
    }
    boxes.forEach((at, number) => place(covers.children[number], at));
    return boxes.length;
  };

  // Before the next frame is painted, so that no value is ever seen; then with every frame while there is one.
  let drawing = false;
  const draw = () => {
    drawing = false;
    drawRing();
    if (drawCovers() || !ring.hidden) soon();
    else if (watching()) setTimeout(soon, 50);
  };
  const soon = () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(draw);
  };
  new MutationObserver(() => {
    if (watching()) drawCovers();
    soon();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  for (const kind of ["scroll", "resize"]) window.addEventListener(kind, soon, { capture: true, passive: true });

  // What is pointed at, told in the page by an event on the element itself; it crosses worlds, and says nothing else.

  // A letter that is typed while the page scrolls, or a part of the page that comes late, moves it away again. Who
  // scrolls, or presses or goes to something else, is left there.
  const bringIntoView = () => {
    const now = performance.now();
    if (brought >= MOST_BROUGHT || movedOn || (brought && now - broughtAt < SCROLL_MS) || !isOutOfView()) return;
    const calm = brought || matchMedia("(prefers-reduced-motion: reduce)").matches;
    target.scrollIntoView({ block: "center", inline: "nearest", behavior: calm ? "auto" : "smooth" });
    brought += 1;
    broughtAt = now;
  };
  const movesOn = (event) => {
    if (event.isTrusted && event.target !== host) movedOn = true;
  };
  for (const kind of ["wheel", "touchmove", "mousedown"]) {
    window.addEventListener(kind, movesOn, { capture: true, passive: true });
  }
  window.addEventListener("keydown", (event) => MOVING_KEYS.test(event.key) && movesOn(event), true);

  const pointedAt = (event) => event.composedPath()[0];
  window.addEventListener(
    "companion-guide-target",
    (event) => {
      const fresh = pointedAt(event);
      targetUntil = performance.now() + RING_MS;
      if (fresh !== target) {
        target = fresh;
        brought = 0;
        movedOn = false;
      }
      bringIntoView();
      giveWay();
      soon();
      if (isCovered()) call("covered");
    },
    true,
  );
  window.addEventListener(
    "companion-guide-save",
    (event) => {
      if (save === null) {
        for (const box of document.querySelectorAll("input, textarea")) known.add(box);
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) known.add(walker.currentNode);
      }
      save = pointedAt(event);
    },
    true,
  );
  window.addEventListener("companion-guide-helper", () => (helperUntil = performance.now() + HELPER_MS), true);

  const inDocument = (start) => {
    let { left, top, width, height } = start;
    try {
      for (let frame = window; frame !== window.top; frame = frame.parent) {
        const around = frame.frameElement.getBoundingClientRect();
        left += around.left;
        top += around.top;
      }
    } catch {
      return null;
    }
    return { left, top, right: left + width, bottom: top + height };
  };
  // In a frame that is longer than the window, what the frame shows may still be out of view.
  const isOutOfView = () => {
    const at = target.getBoundingClientRect();
    if (at.top < 0 || at.bottom > innerHeight || at.left < 0 || at.right > innerWidth) return true;
    const seen = inDocument(at);
    if (seen && !isTop) {
      const { innerHeight: height, innerWidth: width } = window.top;
      if (seen.top < 0 || seen.bottom > height || seen.left < 0 || seen.right > width) return true;
    }
    // A bar that keeps to the window's edge lies over it.
    const over = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2);
    if (!over || over.localName === "companion-guide" || over.contains(target) || target.contains(over)) return false;
    for (let each = over; each; each = each.parentElement) {
      if (/^(fixed|sticky)$/.test(getComputedStyle(each).position)) return true;
    }
    return false;
  };
  // A tour or a bar that lies over it takes the press, and does not scroll with the page.
  const liesOver = (over, element) => {
    for (let each = over; each; each = each.parentElement) {
      if (each.localName === "companion-guide" || each.contains(element)) return false;
      if (getComputedStyle(each).position === "fixed") return true;
    }
    return false;
  };
  const isCovered = () => {
    const at = target.getBoundingClientRect();
    if (!at.width || !at.height) return false;
    const over = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2);
    if (liesOver(over, target)) return true;
    const seen = isTop ? null : inDocument(at);
    if (!seen) return false;
    let frame = window;
    while (frame.parent !== window.top) frame = frame.parent;
    const above = window.top.document.elementFromPoint((seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2);
    return liesOver(above, frame.frameElement);
  };
  // The panel goes to another corner where it would lie over what is pointed at, or over the credentials.
  const giveWay = (places = target ? [target] : []) => {
    const boxes = places.map((each) => inDocument(each.getBoundingClientRect()));
    if (!boxes.length || boxes.includes(null)) return;
    const edges = [
      Math.min(...boxes.map((at) => at.left)),
      Math.min(...boxes.map((at) => at.top)),
      Math.max(...boxes.map((at) => at.right)),
      Math.max(...boxes.map((at) => at.bottom)),
    ];
    try {
      const panel = window.top.document.querySelector("companion-guide");
      const wanted = edges.map(Math.round).join(" ");
      if (panel && panel.getAttribute("data-keep-clear") !== wanted) panel.setAttribute("data-keep-clear", wanted);
    } catch {
      // The top document is another site's; then there is no panel, either.
    }
  };

  // What the person does. A press of Save is held until all is as it must be; then it is carried out for them.

  const words = (element) => (element.textContent || element.value || "").trim().toLowerCase();
  const isSave = (path) =>
    save !== null &&
    (path.includes(save) ||
      path.some(
        (each) =>
          each instanceof Element &&
          each.matches("button, input[type=submit], [role=button]") &&
          words(each) === words(save) &&
          words(each) !== "",
      ));
  const hold = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    call("save-held");
  };
  const belongs = (path) =>
    target !== null &&
    (path.includes(target) || [...(target.labels || [])].some((label) => path.includes(label)));

  window.addEventListener(
    "click",
    (event) => {
      if (!event.isTrusted || event.target === host) return;
      if (helping()) {
        helperUntil = 0;
        return;
      }
      const path = event.composedPath();
      if (config.hold && isSave(path)) hold(event);
      else if (performance.now() < targetUntil && belongs(path)) call("pressed");
    },
    true,
  );
  window.addEventListener(
    "submit",
    (event) => {
      if (config.hold && event.isTrusted && save !== null && !helping() && event.target.contains?.(save)) hold(event);
    },
    true,
  );
  window.addEventListener(
    "keydown",
    (event) => {
      if (!event.isTrusted) return;
      if (event.altKey && event.shiftKey && event.code === "KeyG") {
        event.preventDefault();
        event.stopImmediatePropagation();
        try {
          window.top.focus();
          window.top.document.querySelector("companion-guide").dispatchEvent(new CustomEvent("companion-guide-focus"));
        } catch {
          // As above.
        }
      } else if (event.target === host && event.key === "Escape") {
        // The page's own dialog must not hear of it.
        event.preventDefault();
        event.stopImmediatePropagation();
        fold(true);
      }
    },
    true,
  );
  // A dialog that keeps the focus to itself, or closes on a press beside it, does not hear of what is done in the panel.
  for (const kind of ["focusin", "focusout", "pointerdown", "mousedown", "pointerup", "mouseup", "touchstart"]) {
    window.addEventListener(
      kind,
      (event) => {
        if (event.target === host || event.relatedTarget === host) event.stopImmediatePropagation();
      },
      true,
    );
  }

  // The panel itself, in the top document alone.

  const step = make("p", { class: "step" });
  const what = make("p", { class: "what" });
  const why = make("p", { class: "why" });
  const where = make("ul", { class: "where" });
  const alert = make("p", { class: "alert", role: "alert" });
  const offers = make("div", { class: "offers" });
  const told = make("div", { "aria-live": "polite", "aria-atomic": "true" }, step, what, why, where);
  const foldButton = make("button", { type: "button", class: "fold", "aria-expanded": "true" }, config.words.hide);
  const body = make("div", { class: "body" }, told, alert, offers);
  const panel = make(
    "section",
    { class: "panel bottom-left", role: "region", "aria-label": config.words.title, "aria-keyshortcuts": "Alt+Shift+G" },
    make("header", {}, make("strong", {}, config.words.title), foldButton),
    body,
  );
  const dress = () => {
    panel.className = `panel ${CORNERS[corner]}${narrow ? " line" : ""}`;
    body.hidden = folded;
    const closed = folded || narrow;
    foldButton.textContent = closed ? config.words.show : config.words.hide;
    foldButton.setAttribute("aria-expanded", String(!closed));
  };
  const fold = (wanted) => {
    folded = wanted;
    narrow = false;
    stays = !wanted;
    dress();
  };

  const listen = (button, act) =>
    button.addEventListener("click", (event) => {
      if (event.isTrusted) act();
    });
  listen(foldButton, () => fold(!folded && !narrow));

  const drawPanel = () => {
    const text = (element, words) => {
      if (element.textContent !== words) element.textContent = words;
      element.hidden = !words;
    };
    text(step, state.number ? config.words.of.replace("{number}", state.number).replace("{total}", state.total) : "");
    text(what, state.what);
    text(why, state.why);
    text(alert, state.alert);
    where.replaceChildren(...state.where.map((line) => make("li", {}, line)));
    where.hidden = !state.where.length;
    const kept = root.activeElement?.dataset?.verb;
    const wanted = state.offers.map(([verb]) => verb).join(" ");
    if (offers.dataset.shown !== wanted) {
      offers.dataset.shown = wanted;
      offers.replaceChildren(
        ...state.offers.map(([verb, label]) => {
          const button = make("button", { type: "button", "data-verb": verb, class: verb }, label);
          listen(button, () => call(verb));
          return button;
        }),
      );
      if (kept) (offers.querySelector(`[data-verb="${kept}"]`) || offers.firstChild || foldButton).focus();
    }
  };

  const meets = (first, second) =>
    first.left < second.right && second.left < first.right && first.top < second.bottom && second.top < first.bottom;
  const moveClear = () => {
    const [left, top, right, bottom] = (host.getAttribute("data-keep-clear") || "").split(" ").map(Number);
    if (!(right > left)) {
      if (narrow) {
        narrow = false;
        dress();
      }
      return;
    }
    const around = { left: left - 8, top: top - 8, right: right + 8, bottom: bottom + 8 };
    const fits = () => {
      for (let tries = 0; tries < CORNERS.length; tries += 1) {
        dress();
        if (!meets(panel.getBoundingClientRect(), around)) return true;
        corner = (corner + 1) % CORNERS.length;
      }
      return false;
    };
    const wasNarrow = narrow;
    if (!meets(panel.getBoundingClientRect(), around) && !wasNarrow) return;
    narrow = false;
    if (fits() || folded || stays || root.activeElement) return;
    narrow = true;
    fits();
  };

  if (isTop) {
    root.append(panel);
    window.addEventListener("resize", moveClear, { passive: true });
    new MutationObserver(moveClear).observe(host, { attributes: true, attributeFilter: ["data-keep-clear"] });
    host.addEventListener("companion-guide-focus", () => {
      if (root.activeElement) {
        before?.focus();
        return;
      }
      before = document.activeElement;
      fold(false);
      (offers.querySelector("button") || foldButton).focus();
    });
  }

  const attach = () => {
    if (host.isConnected || !document.documentElement) return;
    document.documentElement.append(host);
    try {
      host.popover = "manual"; // above everything else that the page lays over itself
      host.showPopover();
    } catch {
      // An older browser; then it lies over all but the topmost of the page.
    }
  };

  globalThis.companionGuide = (news) => {
    if (news.what !== state.what) stays = false;
    state = news;
    if (isTop) {
      drawPanel();
      if (!state.highlights) host.removeAttribute("data-keep-clear");
      moveClear();
    }
    soon();
  };
  attach();
  if (isTop) panel.hidden = true;
  setInterval(() => {
    attach();
    if (isTop) panel.hidden = !state.version;
    if (!state.highlights) target = null;
    call("look");
  }, config.period);
  call("look");
}
