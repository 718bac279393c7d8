// The shortlist: kept on this device, sent nowhere.

const STORE = "footbridge.shortlist";
const MOST = 50;

/** What is kept: id, name, kind, place, phone, href. Nothing where the device keeps nothing. */
function kept() {
  try {
    const list = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => /^[0-9a-f-]{36}$/.test(one?.id)).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Keeps this list; false where the device refuses. */
function keep(list) {
  try {
    localStorage.setItem(STORE, JSON.stringify(list));
    return true;
  } catch {
    return false;
  }
}

/** Turns the links that add a place into buttons that keep it here. */
export function offerToKeep() {
  for (const link of document.querySelectorAll("a[data-keep]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "keep";
    button.append(...link.childNodes);
    Object.assign(button.dataset, link.dataset);
    button.addEventListener("click", () => toggle(button));
    link.replaceWith(button);
  }
  show();
}

/** Follows what other windows do to the list. */
export function followOthers() {
  window.addEventListener("storage", (event) => {
    if (event.key === STORE || event.key === null) {
      show();
      showKept();
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) show();
  });
}

function toggle(button) {
  const { keep: id, name, kind, place, phone, href } = button.dataset;
  const list = kept();
  const without = list.filter((one) => one.id !== id);
  if (without.length === list.length && list.length >= MOST) {
    say(`Your shortlist is full. It holds ${MOST} places.`, button);
    return;
  }
  const added = without.length === list.length;
  if (added) without.push({ id, name, kind, place, phone, href });
  if (!keep(without)) {
    say("Your browser won’t let us keep a list on this device.", button);
    return;
  }
  show();
  say(`${added ? "Added." : "Taken off."} ${counted(without.length)} on your shortlist.`);
}

function counted(number) {
  return number === 1 ? "1 place is" : `${number} places are`;
}

/** Brings buttons and the count in the menu up to date. */
function show() {
  const ids = new Set(kept().map((one) => one.id));
  for (const button of document.querySelectorAll("button[data-keep]")) {
    const on = ids.has(button.dataset.keep);
    button.classList.toggle("keep--on", on);
    button.querySelector(".keep__words").textContent = on ? "Take off shortlist" : "Add to shortlist";
  }
  const count = document.querySelector("[data-keep-count]");
  if (count) count.textContent = ids.size ? ` (${ids.size})` : "";
}

/** Tells everyone; what went wrong is also written beside the button. */
function say(words, beside) {
  const line = document.querySelector("[data-say]");
  if (line) line.textContent = words;
  if (!beside) return;
  document.querySelector(".keep-note")?.remove();
  const note = element("p", { className: "keep-note", textContent: words });
  beside.after(note);
}

/** The shortlist's own page: drawn from the device, without asking the server. */
export function showKept() {
  for (const holder of document.querySelectorAll("[data-print]")) {
    holder.hidden = false;
    holder.querySelector("button").onclick = () => window.print();
  }
  const place = document.querySelector("[data-kept]");
  if (!place) return;
  const form = document.querySelector("[data-no-script]");
  if (form) form.hidden = true;
  const list = kept();
  place.hidden = list.length === 0;
  document.querySelector("[data-kept-none]").hidden = list.length > 0;
  place.replaceChildren(...(list.length ? [actions(list), cards(list)] : []));
}

function actions(list) {
  const full = `/shortlist?${list.map((one) => `v=${one.id}`).join("&")}`;
  const clear = element("button", { type: "button", className: "keep", textContent: "Clear the list" });
  clear.addEventListener("click", () => clearAll(list));
  const print = element("button", { type: "button", className: "keep", textContent: "Print it" });
  print.addEventListener("click", () => window.print());
  const items = [
    element("a", { href: mail(list), textContent: "Mail it to yourself" }),
    print,
    element("a", { href: full, textContent: "Show it with more facts, to print or share" }),
    clear,
  ];
  const holder = element("ul", { className: "links no-print" });
  holder.append(...items.map((item) => wrap("li", item)));
  return holder;
}

function clearAll(list) {
  keep([]);
  show();
  showKept();
  const back = element("button", { type: "button", className: "govuk-button govuk-button--secondary", textContent: "Put them back" });
  back.addEventListener("click", () => {
    keep(list);
    show();
    showKept();
    document.querySelector("h1").focus();
    back.remove();
  });
  document.querySelector("[data-kept-none]").append(back);
  back.focus();
  say("Your shortlist is empty now.");
}

function cards(list) {
  const holder = element("ol", { className: "cards" });
  holder.append(...list.map((one) => wrap("li", card(one))));
  return holder;
}

function card(one) {
  const name = element("h2", { className: "place__name" });
  name.append(element("a", { href: `/venues/${one.id}`, textContent: one.name }));
  const facts = element("ul", { className: "facts" });
  if (one.place) facts.append(element("li", { textContent: one.place }));
  if (one.phone) {
    const phone = element("a", { href: `tel:${one.phone.replace(/[^\d+]/g, "")}`, textContent: one.phone });
    facts.append(wrap("li", phone));
  }
  const off = element("button", { type: "button", className: "keep no-print", textContent: "Take off the list" });
  off.append(element("span", { className: "govuk-visually-hidden", textContent: `: ${one.name}` }));
  off.addEventListener("click", () => {
    keep(kept().filter((other) => other.id !== one.id));
    show();
    showKept();
    const heading = document.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
    say(`Taken off: ${one.name}.`);
  });
  const place = element("article", { className: "place" });
  place.append(name, element("p", { className: "place__kind", textContent: one.kind || "Kind of place not known" }), facts, off);
  return place;
}

/** An e-mail that the device writes; it passes by no server of ours. */
function mail(list) {
  const lines = (one) => [one.name, one.place, one.phone, `${window.location.origin}/venues/${one.id}`];
  const body = list.map((one) => lines(one).filter(Boolean).join("\r\n")).join("\r\n\r\n");
  return `mailto:?subject=${encodeURIComponent("Places")}&body=${encodeURIComponent(body)}`;
}

function element(tag, values) {
  return Object.assign(document.createElement(tag), values);
}

function wrap(tag, inner) {
  const outer = document.createElement(tag);
  outer.append(inner);
  return outer;
}
