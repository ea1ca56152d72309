// What the pages do with a script on, and a person does just as well without: copying what is shown, waiting once.
const told = document.getElementById("told");
const say = (text) => { told.textContent = text; };
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const shown = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(shown.textContent.trim());
    say("Copied");
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(shown); // where the browser keeps the clipboard to itself, Ctrl+C does it
    say("Selected. Press Ctrl+C to copy it.");
  }
});
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;

// A form that is on its way is not sent twice. One that is answered with a file leaves its screen as it is.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || "stays" in event.target.dataset) return;
  if (button.ariaBusy === "true") event.preventDefault();
  button.ariaBusy = "true";
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) button.ariaBusy = null;
});

// A service that was stopped: said where one is, with what to do, and taken back as soon as it answers.
const away = document.getElementById("away");
const sayAway = (isAway) => {
  if (away.hidden === !isAway) return;
  away.hidden = !isAway;
  if (isAway) document.activeElement?.scrollIntoView({ block: "nearest" }); // out from under what says it
};
document.addEventListener("htmx:sendError", () => sayAway(true));
document.addEventListener("htmx:afterOnLoad", () => sayAway(false));
document.addEventListener("companion:away", (event) => sayAway(event.detail));
