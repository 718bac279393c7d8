// A person and their bridge builder, each in a browser of their own, as they would: on a phone, without script.
import assert from "node:assert/strict";
import { dayToCome, signIn, visit } from "./browser.mjs";

visit("someone writes, pauses and comes back, on a phone without script", { width: 360, script: false }, async (page) => {
  await signIn(page.context(), "Client");
  await page.goto("/my-path");
  await page.fill("#body", "I may be late");
  await page.click("text=Send it");
  assert.ok(await page.isVisible("text=I may be late"));
  await page.click("text=I need a pause");
  const until = dayToCome();
  await page.fill("#until", until.value);
  await page.click("button:text-is('Pause')");
  assert.match(await page.textContent(".path__next h2"), new RegExp(`You paused until ${until.said}`));
  await page.click("text=Go on now");
  assert.match(await page.textContent(".path__next h2"), /is beside you/);
  await page.click(".case a");
  await page.click("text=Choose it >> nth=0");
  assert.ok(await page.isVisible("text=Chosen"));
});

visit("a bridge builder finds who waits, reads, and writes it down", {}, async (page) => {
  await signIn(page.context(), "Bridge builder");
  await page.goto("/desk");
  await page.fill("#q", "jo");
  await page.click("button:text-is('Look')");
  assert.ok(!page.url().includes("jo"));
  await page.click(".case strong a");
  await page.click("label:text-is('We spoke by phone')");
  await page.fill("#body", "Said hello");
  await page.click("text=Keep it");
  assert.ok(await page.isVisible("text=It is written down."));
  assert.ok(await page.isVisible("text=We spoke by phone. Said hello"));
});
