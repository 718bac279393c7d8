// The shortlist, kept on the device.
import assert from "node:assert/strict";
import { someVenue, visit } from "./browser.mjs";

visit("places are kept, counted, shown, taken off and put back", {}, async (page) => {
  const asked = [];
  await page.goto("/venues?q=music");
  const names = await page.locator(".place__name a").allTextContents();
  await page.click("button.keep >> nth=0");
  await page.click("button.keep >> nth=1");
  assert.equal(await page.textContent("[data-keep-count]"), " (2)");
  assert.match(await page.textContent("[data-say]"), /2 places are on your shortlist/);
  assert.match(await page.textContent("button.keep >> nth=0"), /Take off shortlist/);
  page.on("request", (request) => asked.push(request.url()));
  await page.click("text=Shortlist (2)");
  assert.deepEqual(await page.locator("main .place h2").allTextContents(), names.slice(0, 2));
  assert.ok(!asked.some((url) => url.includes("v=")), "the list is not sent");
  const mail = decodeURIComponent(await page.getAttribute("a[href^='mailto:']", "href"));
  assert.ok(mail.includes(names[0].trim()) && mail.startsWith("mailto:?subject=Places"), mail);
  await page.reload();
  assert.equal(await page.locator("main .place").count(), 2);
  await page.click("main .place button >> nth=0");
  assert.equal(await page.locator("main .place").count(), 1);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
  await page.click("text=Clear the list");
  assert.equal(await page.locator("main .place").count(), 0);
  assert.equal(await page.textContent("[data-keep-count]"), "");
  await page.click("text=Put them back");
  assert.equal(await page.locator("main .place").count(), 1);
  await page.click("text=Show it with more facts");
  assert.match(page.url(), /\/shortlist\?v=/);
  assert.equal(await page.locator("main .place").count(), 1);
});

visit("a list holds fifty places and says so", {}, async (page) => {
  await page.goto("/about");
  await page.evaluate(() => {
    const one = (at) => ({ id: `00000000-0000-0000-0000-${String(at).padStart(12, "0")}`, name: `Place ${at}` });
    localStorage.setItem("footbridge.shortlist", JSON.stringify(Array.from({ length: 50 }, (_, at) => one(at))));
  });
  await page.goto(await someVenue());
  await page.click("button.keep");
  assert.match(await page.textContent(".keep-note"), /full/);
  assert.equal(await page.textContent("[data-keep-count]"), " (50)");
});

visit("what the device holds is never taken for markup, and rubbish is left alone", {}, async (page) => {
  await page.goto("/about");
  await page.evaluate(() => {
    const one = { id: "00000000-0000-0000-0000-000000000001", name: "<img src=x onerror=alert(1)>", kind: "<b>", place: "&amp;", phone: "javascript:1" };
    localStorage.setItem("footbridge.shortlist", JSON.stringify([one, null, 7, { id: "x" }]));
  });
  await page.goto("/shortlist");
  assert.equal(await page.locator("main .place").count(), 1);
  assert.equal(await page.locator("main img, main .place b").count(), 0);
  await page.evaluate(() => localStorage.setItem("footbridge.shortlist", "{broken"));
  await page.reload();
  assert.equal(await page.locator("main .place").count(), 0);
});
