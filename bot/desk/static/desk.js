// Looks for news every 20 seconds and replaces only what changed; forms are never touched. Without it, reloading does the same.
const SECONDS = 20;
const main = document.querySelector("main[data-watch]");
const title = document.title;
let timer = null;
let latest = main.dataset.latest;

const status = document.createElement("p");
status.className = "live";
status.setAttribute("role", "status");

// Content that changes by itself must be possible to stop (WCAG 2.2.2).
const toggle = document.createElement("button");
toggle.type = "button";
toggle.className = "quiet";
toggle.addEventListener("click", () => (timer ? stop() : start()));
document.querySelector("[data-watch-controls]").append(status, toggle);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = title;
});

function start() {
  timer = setInterval(look, SECONDS * 1000);
  toggle.textContent = "Automatisch aktualisieren: an";
  toggle.setAttribute("aria-pressed", "true");
}

function stop() {
  clearInterval(timer);
  timer = null;
  toggle.textContent = "Automatisch aktualisieren: aus";
  toggle.setAttribute("aria-pressed", "false");
}

function say(words) {
  status.textContent = words;
  if (document.hidden) document.title = `(!) ${words} – ${title}`;
}

async function look() {
  try {
    if (main.dataset.watch === "case") await lookAtCase();
    else await lookAtQueue();
  } catch {
    say("Keine Verbindung. Es wird weiter versucht.");
  }
}

async function lookAtCase() {
  // Only a number: reading the case again is logged, so it happens only when there is something new.
  const answer = await ask(`${main.dataset.case}/latest`);
  if (!answer) return;
  const news = await answer.json();
  if (String(news.latest) === latest) return clearTrouble();
  const page = await readPage(main.dataset.case);
  if (!page) return;
  latest = page.querySelector("main").dataset.latest;
  replaceParts(page);
  say("Neue Nachricht");
}

async function lookAtQueue() {
  const before = new Set(cases(document));
  const page = await readPage(location.href);
  if (!page) return;
  const fresh = cases(page).filter((id) => !before.has(id));
  replaceParts(page);
  if (fresh.length) say(fresh.length === 1 ? "Neuer Fall" : `${fresh.length} neue Fälle`);
  else clearTrouble();
}

async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html, application/json" } });
  if (answer.ok && !answer.redirected) return answer;
  if (answer.redirected) say("Ihre Sitzung ist abgelaufen. Bitte laden Sie die Seite neu.");
  else if (answer.status === 404 || answer.status === 410) say("Dieser Fall ist nicht mehr da. Bitte laden Sie die Seite neu.");
  else throw new Error(String(answer.status));
  stop();
  return null;
}

async function readPage(address) {
  const answer = await ask(address);
  return answer && new DOMParser().parseFromString(await answer.text(), "text/html");
}

function replaceParts(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
    if (!fresh || fresh.innerHTML === old.innerHTML) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const twin = focused?.getAttribute("href") && fresh.querySelector(`[href="${CSS.escape(focused.getAttribute("href"))}"]`);
    // Nothing is taken away from under somebody's fingers.
    if (focused && !twin) continue;
    old.replaceWith(document.adoptNode(fresh));
    twin?.focus();
  }
}

function cases(page) {
  return [...page.querySelectorAll("[data-case]:not(main)")].map((row) => row.dataset.case);
}

function clearTrouble() {
  if (status.textContent.startsWith("Keine Verbindung")) status.textContent = "";
}

start();
