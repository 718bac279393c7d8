// Every page by keyboard alone.
import assert from "node:assert/strict";
import { everyPage, open, visit, widths } from "./browser.mjs";

for (const width of widths) {
  visit(`the focus is seen wherever it goes, at ${width} pixels`, { width }, async (page) => {
    for (const path of await everyPage()) {
      await open(page, path);
      await page.evaluate(() => document.activeElement.blur());
      const passed = new Set();
      for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press("Tab");
        const now = await page.evaluate(() => {
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          const part = at.matches("input[type=checkbox]") ? at.labels[0] : (at.querySelector("circle") ?? at);
          const look = () => {
            const style = getComputedStyle(part, at.matches("input[type=checkbox]") ? "::before" : null);
            return [style.outline, style.boxShadow, style.stroke, style.backgroundColor].join();
          };
          const focused = look();
          at.blur();
          const plain = look();
          at.focus();
          const box = at.getBoundingClientRect();
          return {
            name: `${at.tagName} ${at.id || at.textContent.trim().slice(0, 40)}`,
            seen: focused !== plain,
            placed: box.width > 0 && box.height > 0,
          };
        });
        if (!now) break;
        passed.add(now.name);
        assert.ok(now.seen, `${path}: the focus is not seen on ${now.name}`);
        assert.ok(now.placed, `${path}: ${now.name} takes the focus and has no place`);
      }
      assert.ok(passed.size > 5, `${path}: only ${[...passed].join(", ")}`);
    }
  });
}

visit("the first stop leads past the top of the page", {}, async (page) => {
  await page.goto("/venues");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the main part");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});

visit("a question is asked, narrowed and a choice taken away", { width: 360 }, async (page) => {
  await page.goto("/venues", { waitUntil: "networkidle" });
  await page.focus("#q");
  await page.keyboard.type("music");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/venues\?q=music$/);
  const all = await total(page);
  await page.focus(".filters__open");
  await page.keyboard.press("Enter");
  await page.focus("#access-1");
  await page.keyboard.press("Space");
  await page.focus(".filters__go");
  await page.keyboard.press("Enter");
  await page.waitForURL(/access=/);
  assert.ok((await total(page)) < all, "fewer places");
  await page.focus(".chip");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.search.includes("access="));
  assert.equal(await total(page), all);
});

visit("the map is moved, opened and closed", {}, async (page) => {
  await page.goto("/venues?q=rehearsal&near=SE29&within_km=2&view=map", { waitUntil: "networkidle" });
  await page.focus("[data-map]");
  const before = await page.locator(".leaflet-map-pane").evaluate((pane) => pane.style.transform);
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((was) => document.querySelector(".leaflet-map-pane").style.transform !== was, before);
  for (let tries = 0; tries < 8 && (await page.locator(".map__pin").count()) === 0; tries += 1) {
    await page.focus(".map__together");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(100);
  }
  await page.locator(".map__pin").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".leaflet-popup a[href^='/venues/']");
  assert.equal(await page.evaluate(() => document.activeElement.closest(".leaflet-popup") !== null), true, "the focus goes in");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".leaflet-popup", { state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.classList.contains("map__pin")), true, "the focus comes back");
});

visit("an error is read first and leads to its field", {}, async (page) => {
  await page.goto("/venues?near=Nowhereville");
  await page.waitForFunction(() => document.activeElement.classList.contains("govuk-error-summary"));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "near");
  assert.equal(await page.inputValue("#near"), "Nowhereville");
});

async function total(page) {
  return Number((await page.textContent(".found__total strong")).replace(/\D/g, ""));
}
