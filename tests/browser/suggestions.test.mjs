// Suggestions while someone types.
import assert from "node:assert/strict";
import { visit } from "./browser.mjs";

visit("ideas come while one types and are chosen with the arrows", {}, async (page) => {
  await page.goto("/venues", { waitUntil: "networkidle" });
  await page.click("#q");
  await page.keyboard.type("guit", { delay: 30 });
  await page.waitForSelector("[role=option]");
  const first = (await page.textContent("[role=option] span >> nth=0")).trim();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("#q"), first);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/venues\?q=/);
  assert.match(await page.textContent("h1"), new RegExp(first.slice(0, 6)));
});

visit("Enter asks what was typed, whatever is suggested", {}, async (page) => {
  await page.goto("/venues", { waitUntil: "networkidle" });
  await page.click("#q");
  await page.keyboard.type("guit", { delay: 30 });
  await page.waitForSelector("[role=option]");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/venues\?q=guit$/);
});

visit("a place leads to its page", {}, async (page) => {
  const { items } = await (await page.request.get("/api/v1/venues?q=rehearsal&per_page=1")).json();
  await page.goto("/venues", { waitUntil: "networkidle" });
  await page.click("#q");
  await page.keyboard.type(items[0].name, { delay: 10 });
  await page.click(`[role=option]:has-text("${items[0].name}")`);
  await page.waitForURL(/\/venues\/[0-9a-f-]{36}$/);
  assert.equal((await page.textContent("h1")).trim(), items[0].name);
});

visit("the field keeps its label, its limit and what was typed", {}, async (page) => {
  await page.goto("/venues?q=tea", { waitUntil: "networkidle" });
  assert.equal(await page.inputValue("#q"), "tea");
  assert.equal(await page.getAttribute("#q", "maxlength"), "200");
  assert.equal(await page.locator("label[for=q]").count(), 1);
});

visit("the search goes on when ideas can't be had", {}, async (page) => {
  await page.route("**/venues/suggest*", (route) => route.fulfill({ status: 200, contentType: "application/json", body: "[]" }));
  await page.goto("/venues", { waitUntil: "networkidle" });
  await page.fill("#q", "tea");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/venues\?q=tea$/);
});
