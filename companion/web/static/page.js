// What the pages do with a script on, and a person does just as well without: copying what is shown, waiting once.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
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
const sayAway = (isAway) => { away.hidden = !isAway; };
document.addEventListener("htmx:sendError", () => sayAway(true));
document.addEventListener("htmx:afterOnLoad", () => sayAway(false));
document.addEventListener("companion:away", (event) => sayAway(event.detail));
