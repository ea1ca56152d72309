// Follows a retrieval: what the server would show after a reload, as it changes. Without a script the page reloads itself.
(() => {
  const root = document.getElementById("retrieval");
  const within = (selector) => root.querySelector(selector);
  const words = { waiting: "waiting", running: "under way", done: "done", "by-user": "done by you", skipped: "skipped", failed: "failed" };
  const since = new Map();
  let state = root.dataset.state;
  let handedOver = false;

  const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const shown = (seconds) => `${seconds.toFixed(1)} s`;

  const step = (told) => {
    const row = within(`[data-step="${told.id}"]`);
    row.dataset.status = told.status;
    row.toggleAttribute("aria-current", told.status === "running");
    if (told.status === "running") row.setAttribute("aria-current", "step");
    put(row.querySelector(".word"), words[told.status]);
    put(row.querySelector(".seconds"), told.seconds === null ? "" : shown(told.seconds));
    if (told.status === "running" && told.since) since.set(told.id, Date.parse(told.since));
    else since.delete(told.id);
    if (told.id === "hand-over" && told.status === "done") handedOver = true;
  };

  const now = (told) => {
    put(within("#to-do"), told.to_do.replaceAll("`", ""));
    put(within("#sees"), told.sees || "Nothing yet.");
    const lines = within("#lines");
    if (lines.children.length !== told.lines.length) {
      lines.replaceChildren(...told.lines.map((line) => Object.assign(document.createElement("li"), { textContent: line.replaceAll("`", "") })));
    }
    const takes = (state === "starting" || state === "running") && !handedOver;
    const show = { pause: !told.paused, resume: told.paused || told.mine !== null, mine: told.mine === null, cancel: true };
    for (const form of root.querySelectorAll("[data-order]")) form.hidden = !(takes && show[form.dataset.order]);
    const mine = within('[data-order="mine"] [name="step"]');
    if (mine) mine.value = told.step || "";
  };

  // Put in place of what is shown, not loaded anew: a service that is being stopped may be gone by then.
  const showEnd = () => {
    since.clear();
    htmx.ajax("GET", location.href, { target: "#retrieval", select: "#retrieval", swap: "outerHTML" });
  };

  // A stream that is refused, as where other pages have all of them, is not asked for again by the browser itself.
  const AGAIN_MS = 2000;
  // Each stream ends after a while and is opened again: only where that fails is the service away.
  let failed = 0;
  const sayFailed = (times) => document.dispatchEvent(new CustomEvent("companion:away", { detail: times > 1 }));
  const follow = () => {
    const stream = new EventSource(root.dataset.events);
    stream.addEventListener("step", (event) => step(JSON.parse(event.data)));
    stream.addEventListener("now", (event) => now(JSON.parse(event.data)));
    stream.addEventListener("state", (event) => {
      const told = JSON.parse(event.data);
      state = told.state;
      if (told.ended_at) {
        stream.close();
        showEnd();
      } else if (state === "stopping") {
        for (const form of root.querySelectorAll("[data-order]")) form.hidden = true;
        put(within("h1"), "Stopping");
      }
    });
    stream.addEventListener("open", () => sayFailed(failed = 0));
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CONNECTING) sayFailed(failed += 1);
      if (stream.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
    });
    addEventListener("pagehide", () => stream.close());
  };
  follow();

  setInterval(() => {
    for (const [id, began] of since) put(within(`[data-step="${id}"] .seconds`), shown(Math.max(0, Date.now() - began) / 1000));
  }, 500);
})();
