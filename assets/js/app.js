// What every page runs. Pages are complete without it.
import { createAll, ErrorSummary, ExitThisPage } from "govuk-frontend";
import { followOthers, offerToKeep, showKept } from "./shortlist.js";
import { offerPasskeys } from "./passkey.js";
import { correctInPlace } from "./wish.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(ErrorSummary);
createAll(ExitThisPage);
openFilters();
leaveBlanksOut();
offerToKeep();
followOthers();
showKept();
offerPasskeys();
suggest();
correctInPlace(() => {
  createAll(ErrorSummary);
  offerToKeep();
  showKept();
});

/** Filters stand open where there is room beside the list. */
function openFilters() {
  const filters = document.querySelector("[data-filters]");
  if (filters && window.matchMedia("(min-width: 960px)").matches) filters.open = true;
}

/** Keeps blank fields out of addresses, so that they can be read and shared. */
function leaveBlanksOut() {
  for (const form of document.querySelectorAll("form[method=get]")) {
    form.addEventListener("submit", () => {
      const blank = [...form.elements].filter((field) => field.name && field.value === "" && !field.disabled);
      for (const field of blank) field.disabled = true;
      setTimeout(() => {
        for (const field of blank) field.disabled = false;
      });
    });
  }
}

async function suggest() {
  const box = document.querySelector("[data-suggest]");
  if (!box) return;
  const { suggestIn } = await import("./suggest.js");
  suggestIn(box);
}
