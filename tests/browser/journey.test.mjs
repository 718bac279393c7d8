// The whole way in a real browser, from a clean demo: a note without script on a phone, someone who goes along, and a record that is theirs.
import assert from "node:assert/strict";
import { dayToCome, letter, signIn, visit } from "./browser.mjs";

const name = "Wren Halloway";
const address = "wren.halloway@example.org";
const words = "I’d like to play the guitar with others again, not a pub";
const answer = "Hello Wren. Shall we meet for tea on Tuesday?";

/** A picture of a page, where someone wants to look at them: `JOURNEY_PICTURES` names the folder. */
async function picture(page, title) {
  const folder = process.env.JOURNEY_PICTURES;
  if (!folder) return;
  const { width } = page.viewportSize();
  await page.screenshot({ path: `${folder}/${title}-${width}.png`, fullPage: true });
}

/** A page in a browser of someone's own, who works here. */
async function desk(page, role) {
  const context = await page.context().browser().newContext({ baseURL: new URL(page.url()).origin, viewport: { width: 1280, height: 900 } });
  await signIn(context, role);
  const own = await context.newPage();
  own.setDefaultTimeout(10_000);
  return own;
}

/** One of the nine pages: its question, what is answered there, and on. */
async function answered(page, heading, fill) {
  assert.equal(await page.textContent("h1"), heading);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${heading} is too wide`);
  await fill();
  await picture(page, `note-${heading.slice(0, 12).replace(/\W/g, "-")}`);
  await page.click(".sheet__buttons button >> nth=0");
}

async function writes(page) {
  await page.goto("/");
  await picture(page, "home");
  await page.click("main a:has-text(\"Tell us what you’d like to do\")");
  await answered(page, "Tell us what you’d like to do", () => page.fill("#words", words));
  await answered(page, "What do you like, or what are you good at?", () => page.fill("#good_at", "Rhythm guitar, listening"));
  await answered(page, "What shall we call you?", () => page.fill("#name", name));
  await answered(page, "How can we reach you?", async () => {
    await page.check("input[name=reach][value=email]");
    await page.fill("#reach_at", address);
  });
  await answered(page, "When can we get in touch?", () => page.fill("#when", "weekdays after 2"));
  await answered(page, "Where do you spend your days?", () => page.fill("#area", "SE29"));
  await answered(page, "What would make it easier for you?", () => page.fill("#access", "A seat near the door"));
  await answered(page, "Is someone helping you with this?", () => page.fill("#helper", "Jo, my sister"));
  assert.equal(await page.textContent("h1"), "Check what you wrote");
  for (const said of [words, name, address, "A seat near the door"]) assert.ok(await page.isVisible(`text=${said}`), said);
  await page.check("#agree-1");
  await picture(page, "check");
  await page.click("text=Send my note");
  assert.equal(await page.textContent("h1"), "Thank you. We have your note");
  await picture(page, "thanks");
}

async function sharesOut(cora) {
  await cora.goto("/intake");
  await picture(cora, "intake");
  await cora.click(`text=${name}`);
  assert.ok(await cora.isVisible(`text=${words}`));
  await picture(cora, "intake-one");
  await cora.click("text=Take it on");
  await cora.click("text=Choose who goes along");
  await picture(cora, "allocate");
  await cora.click("label:has-text('Rowan Ashby')");
  await cora.click("text=They go along");
  assert.match(await cora.textContent(".notice"), /Their bridge builder has it now/);
}

async function answersThem(rowan) {
  await rowan.goto("/desk");
  await picture(rowan, "desk");
  await rowan.click(`.case strong a:has-text("${name}")`);
  assert.ok(await rowan.isVisible(`text=${words}`));
  await picture(rowan, "record");
  await rowan.click("label:text-is('A message to them')");
  await rowan.fill("#body", answer);
  await rowan.click("button:text-is('Keep it')");
  assert.ok(await rowan.isVisible("text=Your message is on its way."));
  await rowan.click("text=We have begun");
  assert.ok(await rowan.isVisible("text=It is moved on."));
}

/** By the letter about the message to the page to sign in, and by the link that is mailed then. */
async function comesIn(page) {
  const notice = await letter(page, address, "A new message is waiting for you");
  assert.doesNotMatch(notice.text, /tea|Tuesday|Rowan|Wren/);
  await page.goto(notice.links.find((link) => link.endsWith("/my-path")));
  assert.equal(await page.textContent("h1"), "Sign in", "the letter itself lets nobody in");
  await picture(page, "sign-in");
  await byMailedLink(page);
  assert.equal(await page.textContent("h1"), "My path");
}

async function byMailedLink(page) {
  await page.fill("#email", address);
  await page.click("main button");
  const link = await letter(page, address, "Your link to sign in");
  await page.goto(link.links.find((link) => link.startsWith("/sign-in/link/")));
  await page.click("main button");
}

async function chooses(page) {
  assert.ok(await page.isVisible(`text=${answer}`));
  await picture(page, "my-path");
  await page.click(".case a");
  const marks = [["I like it", /You: I like it/], ["Maybe", /You: Maybe/], ["Not for me", /You: Not for me/]];
  for (const [mark, said] of marks) {
    // Those that are marked stand above, so the last is one that isn't yet.
    await page.locator(`.pick button:has-text("${mark}")`).last().click();
    assert.match(await page.textContent("main"), said);
  }
  assert.equal(await page.locator("h2:has-text('Places that one of us marked') + ul .case").count(), 3);
  await picture(page, "places");
}

async function pausesAndComesBack(page) {
  await page.goto("/my-path");
  await page.click("summary:has-text('I need a pause')");
  const until = dayToCome();
  await page.fill("#until", until.value);
  await page.click("button:text-is('Pause')");
  assert.match(await page.textContent(".path__next h2"), new RegExp(`You paused until ${until.said}`));
  await picture(page, "paused");
  await page.click("text=Go on now");
  assert.match(await page.textContent(".path__next h2"), /Rowan Ashby is beside you/);
}

async function takesItAway(page) {
  await page.click("text=See and download all of it");
  await picture(page, "download");
  const main = await page.textContent("main");
  for (const said of [words, answer, "A seat near the door"]) assert.ok(main.includes(said), said);
  const file = await page.request.get("/my-path/download.json");
  assert.match(file.headers()["content-type"], /json/, "who they are was proved by the link just now");
  const all = await file.text();
  assert.ok(JSON.parse(all) && all.includes(words) && all.includes("not-for-me"), all.slice(0, 300));
}

if (process.env.FOOTBRIDGE_LOG) {
  visit("a note on a phone without script becomes a path of one’s own", { width: 360, script: false }, async (page) => {
    page.setDefaultTimeout(10_000);
    await writes(page);
    const receipt = await letter(page, address, "We have your note");
    assert.doesNotMatch(receipt.text, /Wren|guitar|pub/);
    const [cora, rowan] = [await desk(page, "Coordinator"), await desk(page, "Bridge builder")];
    await sharesOut(cora);
    await answersThem(rowan);
    await comesIn(page);
    await chooses(page);
    await pausesAndComesBack(page);
    await takesItAway(page);
    for (const own of [cora, rowan]) await own.context().close();
  });
}
