// Every page without script.
import assert from "node:assert/strict";
import { everyPage, open, someVenue, visit } from "./browser.mjs";

const without = { script: false };

visit("every page says what it is", without, async (page) => {
  for (const path of await everyPage()) {
    await open(page, path);
    assert.equal(await page.locator("h1").count(), 1, path);
    assert.ok((await page.textContent("main")).trim().length > 80, path);
  }
});

visit("a question is asked, narrowed, sorted, paged and a choice taken away", without, async (page) => {
  await page.goto("/venues");
  await page.fill("#q", "music");
  await page.fill("#near", "SE29");
  await page.click("text=Find places");
  assert.match(page.url(), /q=music&near=SE29/);
  await page.click(".filters__open");
  await page.selectOption("#within_km", "3");
  await page.check("#domain-1");
  await page.click(".filters__go");
  assert.match(page.url(), /within_km=3/);
  await page.click("text=Nearest");
  assert.match(page.url(), /sort=nearest/);
  assert.equal(await page.locator(".chip").count(), 3);
  await page.click(".chip >> nth=2");
  assert.equal(await page.locator(".chip").count(), 2);
  await page.goto("/venues");
  await page.click(".govuk-pagination__next a");
  assert.match(await page.textContent(".found__total"), /These are 21 to 40/);
});

visit("the map is a drawing with links", without, async (page) => {
  await page.goto("/venues?q=rehearsal&near=SE29&within_km=3&view=map");
  const pins = page.locator(".plain-map__pin");
  assert.ok((await pins.count()) > 1);
  assert.match(await pins.first().getAttribute("href"), /^\/venues\//);
  assert.match(await page.textContent(".plain-map__scale"), /m$/);
});

visit("a shortlist is made by its address", without, async (page) => {
  await page.goto("/venues?q=rehearsal");
  await page.click(".keep >> nth=0");
  assert.match(page.url(), /\/shortlist\?v=/);
  assert.equal(await page.locator("main .place").count(), 1);
  const other = await page.request.get("/api/v1/venues?q=library&per_page=1");
  const { items } = await other.json();
  await page.fill("#add", `http://127.0.0.1/venues/${items[0].id}?near=SE29`);
  await page.click("text=Add this place");
  assert.equal(await page.locator("main .place").count(), 2);
  assert.match(await page.getAttribute("a[href^='mailto:']", "href"), /body=/);
  await page.click("text=Take off the list >> nth=0");
  assert.equal(await page.locator("main .place").count(), 1);
});

visit("a place knows the list it was reached from", without, async (page) => {
  await page.goto("/venues?q=rehearsal&near=SE29");
  await page.click(".place__name a >> nth=0");
  assert.match(await page.textContent(".venue__side"), /walk|km/);
  await page.click("text=Back to the list");
  assert.match(page.url(), /\/venues\?q=rehearsal&near=SE29$/);
  await page.goto(await someVenue());
  assert.equal(await page.locator("text=Find more places").count(), 1);
});
