// A note from someone who never dared to ask, on a phone and without script, up to a bridge builder of their own.
import assert from "node:assert/strict";
import { back, note, signIn, visit, wish } from "./browser.mjs";

const staff = process.env.FOOTBRIDGE_LOG;

visit("a note is written without script on a phone, and someone goes along", { width: 360, script: false }, async (page) => {
  await page.goto("/");
  await page.click("main a:has-text(\"Tell us what you’d like to do\")");
  assert.match(await page.textContent("main"), /Your benefits don’t depend on it/);
  await note(page, { name: "Wilmot Ashdown", at: "07700 900781" });
  assert.match(await page.textContent(".gentle"), /Did you mean to/);
  await page.check("#agree-1");
  await page.click("text=Send my note");
  assert.equal(await page.textContent("h1"), "Thank you. We have your note");
  assert.doesNotMatch(await page.textContent("body"), /Wilmot|drum/);
  await back(page, "**/refer/thanks**");
  assert.equal(await page.textContent("h1"), "We have your note", "what was sent is not shown again");
  if (!staff) return;
  await signIn(page.context(), "Coordinator");
  await page.goto("/intake");
  assert.equal(await page.locator("text=Wilmot Ashdown").count(), 1, "one note");
  await page.click("text=Wilmot Ashdown");
  await page.click("text=Take it on");
  await page.click("text=Choose who goes along");
  await page.check("#worker-1");
  await page.click("text=They go along");
  assert.match(await page.textContent(".notice"), /Their bridge builder has it now/);
});

visit("a note is left and taken up again", { width: 360 }, async (page) => {
  await page.goto("/refer/myself");
  await page.fill("#words", "I’d like to sing");
  await page.click("text=Stop for now and keep this");
  assert.equal(await page.textContent("h1"), "Your answers are kept");
  await page.goto("/");
  await page.click("nav a[href='/refer/myself']");
  assert.equal(await page.inputValue("#words"), "I’d like to sing");
  await page.goto("/refer/myself/check");
  await page.click("text=Delete all my answers");
  await page.goto("/refer/myself");
  assert.equal(await page.inputValue("#words"), "");
});

for (const script of [true, false]) {
  visit(`a place and words come along from a list, ${script ? "with" : "without"} script`, { script }, async (page) => {
    await wish(page, { text: "play guitar with others", near: "SE29" });
    const name = await page.textContent(".place__name a >> nth=0");
    await page.click(".place__say button >> nth=0");
    await page.waitForURL("**/refer/myself/start");
    assert.equal(await page.inputValue("#words"), "play guitar with others");
    assert.match(await page.textContent(".notice"), new RegExp(name.trim().slice(0, 12).replace(/[.*+?^${}()|[\]\\]/g, ".")));
    await page.click(".sheet__buttons button >> nth=0");
    assert.match(page.url(), /\/refer\/myself\/good-at$/);
  });
}
