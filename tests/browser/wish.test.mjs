// A wish in one's own words: posted, understood, corrected.
import assert from "node:assert/strict";
import { back, visit, widths, wish } from "./browser.mjs";

const guitar = { text: "play guitar with others, not a pub", near: "SE29" };
const without = { script: false };
const needs = "summary:has-text('Say what you need')";

visit("a wish is typed, sent and answered by keyboard alone", {}, async (page) => {
  await page.goto("/", { waitUntil: "networkidle" });
  await tabTo(page, "#text");
  await page.keyboard.type(guitar.text);
  await tabTo(page, "#near");
  await page.keyboard.type(guitar.near);
  await tabTo(page, ".ask__go");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/match");
  assert.deepEqual(await chips(page, "What you’d like"), ["Playing the guitar"]);
  assert.deepEqual(await chips(page, "Not wanted"), ["Pub"]);
  assert.equal(await page.textContent("h1"), "Places for you near SE29");
  assert.ok((await names(page)).length > 3);
  assert.ok((await page.locator(".cards > li:first-child .why__line").count()) > 0, "the first place has a reason");
  const before = await page.locator(".chip").count();
  await tabTo(page, ".chip");
  await corrected(page, () => page.keyboard.press("Enter"));
  assert.ok((await page.locator(".chip").count()) < before);
});

visit("a chip is taken away and the page stays", {}, async (page) => {
  await wish(page, guitar);
  const before = await names(page);
  await stay(page);
  await corrected(page, () => page.click(chip("not:kind:pub")));
  assert.equal(await page.locator(chip("not:kind:pub")).count(), 0);
  await corrected(page, () => page.click(chip("activity:guitar")));
  assert.equal(await page.locator(chip("activity:guitar")).count(), 0);
  assert.notDeepEqual(await names(page), before);
  assert.equal(await page.inputValue("#text"), guitar.text);
  assert.equal(await focus(page), "understood");
  await page.waitForFunction(() => document.querySelector("[data-say]").textContent === document.querySelector(".found__total").textContent);
  assert.equal(await page.textContent("[data-say]"), await page.textContent(".found__total"));
  assert.match(await page.textContent("[data-say]"), /We found \d+ places/);
  assert.ok(await stayed(page), "the page was left");
});

visit("a word is added", {}, async (page) => {
  await wish(page, guitar);
  await stay(page);
  await page.fill("#add", "chess");
  await corrected(page, () => page.press("#add", "Enter"));
  assert.deepEqual((await chips(page, "What you’d like")).sort(), ["Chess", "Playing the guitar"]);
  assert.equal(await page.inputValue("#add"), "");
  assert.equal(await focus(page), "understood");
  assert.ok(await stayed(page), "the page was left");
});

visit("a word we don't know is said so and kept", {}, async (page) => {
  await wish(page, guitar);
  await stay(page);
  const before = await page.locator(".chip").count();
  await page.fill("#add", "zzqq");
  await corrected(page, () => page.press("#add", "Enter"));
  assert.match(await page.textContent("#add-error"), /We don’t know that yet/);
  assert.equal(await page.inputValue("#add"), "zzqq");
  assert.equal(await page.locator(".chip").count(), before);
  assert.ok(await page.evaluate(() => document.activeElement.closest(".govuk-error-summary") !== null), "the error is read first");
  await page.keyboard.press("Enter");
  assert.equal(await focus(page), "add");
  assert.ok(await stayed(page), "the page was left");
});

visit("who comes back from a place finds the wish as it was corrected", {}, async (page) => {
  await wish(page, guitar);
  await corrected(page, () => page.click(chip("activity:guitar")));
  const before = await names(page);
  await page.click(".place__name a >> nth=0");
  await back(page, "**/venues/**");
  await page.waitForFunction(() => !document.querySelector("button.chip[value='activity:guitar']"));
  assert.deepEqual(await names(page), before);
  assert.equal(await page.inputValue("#text"), guitar.text);
});

visit("two chips pressed at once are both taken away", {}, async (page) => {
  await wish(page, guitar);
  await page.evaluate(() => {
    for (const value of ["not:kind:pub", "activity:guitar"]) document.querySelector(`button.chip[value='${value}']`).click();
  });
  await page.waitForFunction(() => !document.querySelector("button.chip[value='activity:guitar'], button.chip[value='not:kind:pub']"));
});

visit("what is not for me stays away", {}, async (page) => {
  await wish(page, guitar);
  await stay(page);
  const [first, second] = await names(page);
  await corrected(page, () => page.click("button[name=hide] >> nth=0"));
  assert.ok(!(await names(page)).includes(first), `${first} is put aside`);
  assert.match(await page.textContent(".found"), /One place is put aside for this visit/);
  await corrected(page, () => page.click(chip("not:kind:pub")));
  const now = await names(page);
  assert.ok(now.includes(second) && !now.includes(first), now.join());
  assert.ok(await stayed(page), "the page was left");
});

visit("more of the same kind come", {}, async (page) => {
  await wish(page, guitar);
  await stay(page);
  const before = await names(page);
  const [at, kind] = await anotherKind(page);
  await corrected(page, () => page.click(`button[name=more] >> nth=${at}`));
  assert.ok((await chips(page, "Where")).includes(kind), `${kind} is understood`);
  assert.notDeepEqual(await names(page), before);
  assert.ok(await stayed(page), "the page was left");
});

visit("more places come, and the focus is on the first of them", {}, async (page) => {
  await wish(page, guitar);
  await stay(page);
  const before = await names(page);
  assert.equal(before.length, 10);
  await corrected(page, () => page.click("text=Show more places"));
  const now = await names(page);
  assert.deepEqual(now.slice(0, 10), before);
  assert.equal(now.length, 20);
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), now[10]);
  assert.ok(await stayed(page), "the page was left");
});

visit("a need that was ticked is unticked, and one is ticked", {}, async (page) => {
  await wish(page, { text: "sing with other people, no steps", near: "SE29" });
  await stay(page);
  assert.equal(await page.locator(chip("need:access:step_free")).count(), 1);
  await page.click(needs);
  assert.ok(await page.isChecked("[name=need][value='access:step_free']"));
  await page.uncheck("[name=need][value='access:step_free']");
  await corrected(page, () => page.click("text=Show these places"));
  assert.deepEqual(await chips(page, "What you need"), []);
  await page.click(needs);
  assert.ok(!(await page.isChecked("[name=need][value='access:step_free']")));
  await page.check("[name=need][value='access:hearing_loop']");
  await corrected(page, () => page.click("text=Show these places"));
  assert.deepEqual(await chips(page, "What you need"), ["Hearing loop"]);
  assert.ok(await stayed(page), "the page was left");
});

visit("a place we don't know is said beside its field, and the words are kept", {}, async (page) => {
  await wish(page, { ...guitar, near: "Nowhereville" });
  await page.waitForFunction(() => document.activeElement.classList.contains("govuk-error-summary"));
  assert.match(await page.textContent("#near-error"), /We don’t know that place/);
  assert.match(await page.getAttribute("#near", "aria-describedby"), /near-error/);
  assert.equal(await page.inputValue("#text"), guitar.text);
  assert.equal(await page.inputValue("#near"), "Nowhereville");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await focus(page), "near");
  await page.fill("#near", "SE29");
  await stay(page);
  await corrected(page, () => page.press("#near", "Enter"));
  assert.equal(await page.locator(".govuk-error-summary, #near-error").count(), 0);
  assert.equal(await page.textContent("h1"), "Places for you near SE29");
  assert.ok(await stayed(page), "the page was left");
});

for (const script of [true, false]) {
  visit(`no address holds the words, ${script ? "with" : "without"} script`, { script }, async (page) => {
    const asked = [];
    const sent = [];
    page.on("request", (request) => {
      asked.push(request.url(), request.headers().referer ?? "");
      if (request.method() === "POST") sent.push(request.postData());
    });
    await wish(page, guitar);
    asked.push(page.url());
    await page.fill("#add", "chess");
    await (script ? corrected : posted)(page, () => page.press("#add", "Enter"));
    asked.push(page.url());
    assert.equal(sent.length, 2);
    assert.ok(sent.every((body) => /guitar/.test(body) && /SE29/.test(body)), "the words are in what is posted");
    assert.match(sent[1], /chess/);
    const telling = asked.filter((url) => /guitar|others|chess|SE29/i.test(url));
    assert.deepEqual(telling, []);
  });

  visit(`an idea is a wish, ${script ? "with" : "without"} script`, { script }, async (page) => {
    await page.goto("/");
    const idea = await page.textContent(".idea >> nth=0");
    await page.click(".idea >> nth=0");
    await page.waitForURL("**/match");
    assert.equal(await page.inputValue("#text"), idea);
    assert.ok((await page.locator(".chip").count()) > 0, idea);
    assert.ok((await names(page)).length > 0, idea);
  });
}

visit("places are kept and printed after a correction too", {}, async (page) => {
  await wish(page, guitar);
  await stay(page);
  await page.click("button[data-keep] >> nth=0");
  const [first] = await names(page);
  await corrected(page, () => page.click(chip("not:kind:pub")));
  const one = page.locator(".cards > li", { hasText: first }).locator("button[data-keep]");
  assert.match(await one.textContent(), /Take off shortlist/);
  await page.click("button[data-keep]:has-text('Add to shortlist') >> nth=0");
  assert.equal(await page.textContent("[data-keep-count]"), " (2)");
  await page.evaluate(() => {
    window.print = () => (window.printed = true);
  });
  await page.click("text=Print it");
  assert.ok(await page.evaluate(() => window.printed));
  assert.ok(await stayed(page), "the page was left");
});

for (const width of widths) {
  visit(`nothing scrolls sideways while a wish is corrected, at ${width} pixels`, { width }, async (page) => {
    await wish(page, guitar);
    await page.click(needs);
    await fits(page);
    await page.fill("#add", "chess");
    await corrected(page, () => page.press("#add", "Enter"));
    await fits(page);
    await page.fill("#add", "zzqq");
    await corrected(page, () => page.press("#add", "Enter"));
    await page.click(needs);
    await fits(page);
    await wish(page, { text: `chess ${"z".repeat(90)}`, near: "n".repeat(90) });
    await fits(page);
  });
}

visit("a wish is asked and corrected", without, async (page) => {
  await wish(page, guitar);
  assert.deepEqual(await chips(page, "What you’d like"), ["Playing the guitar"]);
  assert.deepEqual(await chips(page, "Not wanted"), ["Pub"]);
  const [first, second] = await names(page);

  await posted(page, () => page.click(chip("not:kind:pub")));
  assert.deepEqual(await chips(page, "Not wanted"), []);
  assert.equal(await page.inputValue("#text"), guitar.text);

  await page.fill("#add", "chess");
  await posted(page, () => page.click("text='Add'"));
  assert.deepEqual((await chips(page, "What you’d like")).sort(), ["Chess", "Playing the guitar"]);
  await posted(page, () => page.click(chip("activity:chess")));
  assert.deepEqual(await chips(page, "What you’d like"), ["Playing the guitar"]);

  assert.equal((await names(page))[0], first);
  await posted(page, () => page.click("button[name=hide] >> nth=0"));
  assert.ok(!(await names(page)).includes(first));
  await page.fill("#add", "chess");
  await posted(page, () => page.click("text='Add'"));
  await posted(page, () => page.click(chip("activity:chess")));
  const now = await names(page);
  assert.ok(now.includes(second) && !now.includes(first), now.join());
});

visit("more places come, and more like one", without, async (page) => {
  await wish(page, guitar);
  const before = await names(page);
  await posted(page, () => page.click("text=Show more places"));
  const now = await names(page);
  assert.deepEqual(now.slice(0, 10), before);
  assert.equal(now.length, 20);
  const [at, kind] = await anotherKind(page);
  await posted(page, () => page.click(`button[name=more] >> nth=${at}`));
  assert.ok((await chips(page, "Where")).includes(kind), `${kind} is understood`);
});

visit("needs are ticked and unticked", without, async (page) => {
  await wish(page, { text: "sing with other people, no steps", near: "SE29" });
  await page.click(needs);
  await page.uncheck("[name=need][value='access:step_free']");
  await page.check("[name=need][value='access:hearing_loop']");
  await posted(page, () => page.click("text=Show these places"));
  assert.deepEqual(await chips(page, "What you need"), ["Hearing loop"]);
});

visit("a wish from a place we don't know keeps its words", without, async (page) => {
  await wish(page, { ...guitar, near: "Nowhereville" });
  assert.match(await page.textContent(".govuk-error-summary"), /We don’t know that place/);
  assert.match(await page.textContent("#near-error"), /We don’t know that place/);
  assert.equal(await page.inputValue("#text"), guitar.text);
  assert.equal(await page.inputValue("#near"), "Nowhereville");
});

function chip(code) {
  return `.chip[value="${code}"]`;
}

/** What is understood under a heading. */
async function chips(page, heading) {
  return page.locator(".taken-as__rows > div", { has: page.locator(`dt:text-is("${heading}")`) }).locator(".chip [data-theirs]").allTextContents();
}

async function names(page) {
  return (await page.locator(".cards .place__name").allTextContents()).map((name) => name.trim());
}

/** The first place of a kind that isn't understood yet, and its kind. */
async function anotherKind(page) {
  const understood = await chips(page, "Where");
  const kinds = (await page.locator(".cards .place__kind > span").allTextContents()).map((text) => text.split(",")[0]);
  const at = kinds.findIndex((kind) => !understood.includes(kind));
  return [at, kinds[at]];
}

async function focus(page) {
  return page.evaluate(() => document.activeElement.id);
}

async function tabTo(page, selector) {
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`Tab doesn't lead to ${selector}`);
}

async function stay(page) {
  await page.evaluate(() => (window.here = true));
}

async function stayed(page) {
  return page.evaluate(() => window.here === true);
}

/** Does something that corrects the wish in place. */
async function corrected(page, act) {
  const answered = page.waitForResponse("**/match");
  await act();
  await answered;
  await page.waitForFunction(() => !document.querySelector("[aria-busy]"));
}

/** Does something that posts the form and brings a new page. */
async function posted(page, act) {
  await Promise.all([page.waitForEvent("load"), act()]);
}

async function fits(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${over} pixels too wide`);
}
