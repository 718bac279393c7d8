// Suggestions while someone types a question.
import accessibleAutocomplete from "accessible-autocomplete";

const PAUSE_MS = 150;

/** Turns the question's field into one with suggestions; value, label and focus stay. */
export function suggestIn(box) {
  const plain = box.querySelector("input");
  if (!plain || plain.getAttribute("aria-invalid")) return;
  const { id, name, value, className, maxLength, form } = plain;
  const focused = document.activeElement === plain;
  const place = document.createElement("div");
  plain.replaceWith(place);
  accessibleAutocomplete({
    element: place,
    id,
    name,
    defaultValue: value,
    inputClasses: className,
    minLength: 2,
    confirmOnBlur: false,
    showNoOptionsFound: false,
    displayMenu: "overlay",
    source: asker(),
    templates: { inputValue: (chosen) => chosen?.label ?? "", suggestion },
    onConfirm: (chosen) => {
      if (chosen?.url) window.location.assign(chosen.url);
    },
    tAssistiveHint: () => "When there are ideas, use the up and down arrows to look at them and Enter to choose.",
    tStatusQueryTooShort: () => "Type two letters or more for ideas.",
    tStatusNoResults: () => "No ideas for that. You can still search.",
    tStatusResults: (length, chosen) => `${length === 1 ? "1 idea" : `${length} ideas`}. ${chosen}`,
  });
  const field = document.getElementById(id);
  Object.assign(field, { maxLength, enterKeyHint: "search" });
  field.autocapitalize = "none";
  place.addEventListener("keydown", (event) => submitUnlessChoosing(event, field, form), true);
  if (focused) field.focus();
}

/** Enter in the field itself asks; only on a suggestion does it choose. */
function submitUnlessChoosing(event, field, form) {
  if (event.key === "Enter" && event.target === field) {
    event.preventDefault();
    event.stopPropagation();
    form.requestSubmit();
  }
}

function asker() {
  let timer;
  let running;
  return (query, show) => {
    clearTimeout(timer);
    running?.abort();
    timer = setTimeout(async () => {
      running = new AbortController();
      try {
        const answer = await fetch(`/venues/suggest?q=${encodeURIComponent(query)}`, { signal: running.signal });
        show(answer.ok ? await answer.json() : []);
      } catch (cause) {
        if (cause.name !== "AbortError") show([]);
      }
    }, PAUSE_MS);
  };
}

function suggestion(chosen) {
  if (typeof chosen === "string") return safe(chosen);
  return `<span>${safe(chosen.label)}</span> <span class="suggestion__kind">${safe(chosen.kind)}</span>`;
}

function safe(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML;
}
