// Corrections of a wish, without leaving the page. The same form works without this.

/** How long to wait for an answer, in milliseconds. */
const PATIENCE = 10_000;
/** The fields that hold what was corrected: codes and numbers, none of the person's words. */
const CORRECTIONS = ["taken", "added", "need", "unneed", "allow", "hide", "within_km", "limit"];

let saying;
let waiting = false;
let next;
const form = () => document.querySelector("[data-wish]");

/** Sends the form in the background and shows what comes back. */
export function correctInPlace(renew) {
  if (!form()) return;
  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    // A button that leads elsewhere takes the words along with it.
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    // What is pressed meanwhile comes on top of what is on its way.
    if (waiting) next = event.submitter;
    else send(event.submitter, renew);
  });
  window.addEventListener("pageshow", (event) => event.persisted || takeUp(renew));
}

/** Who comes back to this page gets the first answer from the browser: what was corrected since then is asked for again. */
function takeUp(renew) {
  const kept = window.navigation?.currentEntry?.getState()?.corrections;
  if (kept && form()) send(undefined, renew, kept);
}

/**
 * Keeps what was corrected with the page, in the tab's history. The older way to do so, history.replaceState, would make the
 * browser forget that the page was posted, so that nothing would come back at all.
 */
function keep() {
  const corrections = [...new FormData(form())].filter(([name]) => CORRECTIONS.includes(name));
  window.navigation?.updateCurrentEntry({ state: { corrections } });
}

async function send(button, renew, kept) {
  const main = document.getElementById("main");
  const from = form();
  const at = [...document.querySelectorAll(".cards > li")].findIndex((card) => card.contains(button));
  const fields = new FormData(from);
  if (kept) for (const name of [...CORRECTIONS, "ticked"]) fields.delete(name);
  for (const [name, value] of kept ?? []) fields.append(name, value);
  // A button's value counts after that of the field of the same name. The button may be from the page before.
  if (button?.name) fields.append(button.name, button.value);
  const body = new URLSearchParams(fields);
  waiting = true;
  main.setAttribute("data-wish-waiting", "");
  main.setAttribute("aria-busy", "true");
  try {
    const options = { method: "POST", body, headers: { accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) };
    const answer = await fetch(from.action, options);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (!fresh?.querySelector("[data-wish]")) throw new Error("not a page of this form");
    main.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    renew();
    keep();
    if (!kept) tell(button, at);
  } catch {
    next = undefined;
    if (kept) return;
    // The browser's own way says what is wrong.
    if (button?.name) from.append(hidden(button));
    from.submit();
  } finally {
    waiting = false;
    main.removeAttribute("data-wish-waiting");
    main.removeAttribute("aria-busy");
  }
  const pressed = next;
  next = undefined;
  if (pressed) send(pressed, renew);
}

/** Says what was found, and puts the focus where the reader was at work. */
function tell(button, at) {
  const wrong = document.querySelector("#main .govuk-error-summary");
  const total = document.querySelector(".found__total");
  const say = document.querySelector("[data-say]");
  // The same words again would not be read out, so the line is emptied first.
  if (say && total) {
    say.textContent = "";
    clearTimeout(saying);
    saying = setTimeout(() => {
      say.textContent = total.textContent;
    }, 100);
  }
  if (wrong) return wrong.querySelector("a")?.focus();
  if (button?.name === "limit") return document.querySelectorAll(".cards > li")[Number(button.value) - 10]?.querySelector("a")?.focus();
  const cards = document.querySelectorAll(".cards > li");
  if (button?.name === "hide" && cards.length) return cards[Math.min(Math.max(at, 0), cards.length - 1)].querySelector("a")?.focus();
  const target = document.querySelector("[data-help], #understood") ?? document.querySelector(".found__title");
  target?.focus();
}

function hidden(button) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = button.name;
  field.value = button.value;
  return field;
}
