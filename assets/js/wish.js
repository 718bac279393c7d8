// Corrections of a wish, without leaving the page. The same form works without this.

let saying;
const form = () => document.querySelector("[data-wish]");

/** Sends the form in the background and shows what comes back. */
export function correctInPlace(renew) {
  if (!form()) return;
  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    event.preventDefault();
    send(event.target, event.submitter, renew);
  });
}

async function send(from, button, renew) {
  const main = document.getElementById("main");
  const at = [...document.querySelectorAll(".cards > li")].findIndex((card) => card.contains(button));
  const body = new URLSearchParams(new FormData(from, button));
  main.setAttribute("data-wish-waiting", "");
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(from.action, { method: "POST", body, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (!fresh?.querySelector("[data-wish]")) throw new Error("not a page of this form");
    main.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    renew();
    tell(button, at);
  } catch {
    // The browser's own way says what is wrong.
    if (button?.name) from.append(hidden(button));
    from.submit();
  } finally {
    main.removeAttribute("data-wish-waiting");
    main.removeAttribute("aria-busy");
  }
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
  const target = document.getElementById("understood") ?? document.querySelector(".found__title");
  target?.focus();
}

function hidden(button) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = button.name;
  field.value = button.value;
  return field;
}
