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

// A form is sent once the service has said that it is there and who is signed in: else an error of the browser's, or of
// ours, would stand where something was typed. One whose session has ended meanwhile goes with the one that followed.
const awaited = new WeakSet();
const ready = new WeakSet();
const stillHere = async () => {
  let answer;
  try {
    answer = await fetch("/session");
  } catch {
    sayAway(true);
    return false;
  }
  sayAway(false);
  document.getElementById("ended").hidden = answer.ok;
  if (!answer.ok) return false;
  const told = await answer.json();
  for (const each of document.querySelectorAll('[name="anti_forgery"]')) each.value = told.anti_forgery;
  return true;
};

// A form that is on its way is not sent twice. One that is answered with a file leaves its screen as it is.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.method !== "post" || "always" in form.dataset || ready.delete(form)) {
    if (button && !("stays" in form.dataset)) button.ariaBusy = "true";
    return;
  }
  event.preventDefault();
  if (awaited.has(form) || button?.ariaBusy === "true") return;
  awaited.add(form);
  const isReady = await stillHere();
  awaited.delete(form);
  if (!isReady) return;
  ready.add(form);
  form.requestSubmit(button);
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
