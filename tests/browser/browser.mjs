// A real browser for the tests, and the service they visit.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

const require = createRequire(new URL("../../assets/package.json", import.meta.url));
const { chromium } = require("playwright-core");

/** Where the service is. */
export const base = process.env.BASE_URL ?? "http://127.0.0.1:8080";
/** A wide screen and a phone. */
export const widths = [1280, 360];

const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];
const program = process.env.CHROMIUM || known.find((path) => existsSync(path));
if (!program && process.env.CI) throw new Error("Chromium is not installed. Run `make setup-test`.");

let browser;
before(async () => {
  if (program) browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-background-networking"] });
});
after(() => browser?.close());

/** A day to come, as a field holds it and as a page says it. */
export function dayToCome() {
  const value = new Date(Date.now() + 60 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  const said = new Date(`${value}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  return { value, said };
}

/** A test with a page of its own. What the browser complains about fails it. */
export function visit(name, options, body) {
  const skip = program ? false : "Chromium is not installed";
  test(name, { skip }, async (t) => {
    const { width = 1280, script = true } = options;
    const context = await browser.newContext({
      baseURL: base,
      viewport: { width, height: width > 600 ? 900 : 740 },
      javaScriptEnabled: script,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // A page that says "not found" is answered so; its files must still be there.
      const expected = /status of (404|422)/.test(message.text()) && message.location().url === page.url();
      if (["error", "warning"].includes(message.type()) && !expected) complaints.push(message.text());
    });
    try {
      await body(page, t);
      if (complaints.length) throw new Error(`the browser complains: ${complaints.join("; ")}`);
    } finally {
      await context.close();
    }
  });
}

/** Back in the history, once the page one leaves is there: in the middle of a change of page the browser has none to go back from. */
export async function back(page, from) {
  await page.waitForURL(from);
  await page.goBack();
}

/** The address of a place that the demo knows well. */
export async function someVenue() {
  const answer = await fetch(`${base}/api/v1/venues?q=rehearsal&per_page=1`);
  const { items } = await answer.json();
  return `/venues/${items[0].id}`;
}

/** Every page, each in its telling states. */
export async function everyPage() {
  const venue = await someVenue();
  return [
    "/",
    "/venues",
    "/venues?q=gutar+rehearsal&near=SE29&within_km=5&domain=arts&access=step_free",
    "/venues?q=music&near=SE29&view=map",
    "/venues?q=zzzzqqqq&near=SE29&within_km=1&max_cost=0",
    "/venues?near=Nowhereville&time=99",
    venue,
    `${venue}?near=SE29`,
    "/shortlist",
    `/shortlist?v=${venue.split("/").pop()}`,
    "/shortlist?add=nonsense",
    "/about",
    "/accessibility",
    "/privacy",
    "/cookies",
    "/api",
    "/demo/post",
    "/no-such-page",
    "/match",
    ...wishes.keys(),
    "/refer",
    "/refer/myself",
    `/refer/myself?venue=${venue.split("/").pop()}`,
    "/refer/someone",
    "/refer/friend",
    "/refer/back",
    "/refer/thanks",
    "/note/nothing",
    ...notes.keys(),
    "/sign-in",
    "/sign-in/sent",
    "/sign-in/card",
    "/sign-in/password",
    "/sign-in/link/nothing",
    "/sign-in/not-me",
    "/invitation/nothing",
    ...signedIn,
  ];
}

/** Wishes whose answers differ. They are posted, so they have names and no address. */
const wishes = new Map([
  ["a wish", { text: "play guitar with others, not a pub", near: "SE29" }],
  ["a wish with needs", { text: "free chess for women in the evening with a hearing loop, quiet, no steps, in a small group", near: "SE29" }],
  ["a wish near nowhere", { text: "play guitar with others", near: "Nowhereville" }],
  ["a wish nobody knows", { text: "zzzz qqqq", near: "SE29" }],
  ["a wish without words", { text: "", near: "SE29" }],
]);

/** Notes that someone writes, up to where. */
const notes = new Map([
  ["a note without a way to reach them", async (page) => note(page, { reach: "" })],
  ["a note to check", async (page) => note(page, {})],
  ["a note kept for later", async (page) => {
    await note(page, {});
    await page.goto("/refer/myself/later");
  }],
]);

/** Pages for those who signed in: as whom, and where. The service's log says how in the demo. */
const signedIn = process.env.FOOTBRIDGE_LOG
  ? [
      "as Client /account",
      "as Client /account/mail",
      "as Client /account/address",
      "as Client /my-path",
      "as Client /my-path => .case a",
      "as Client /my-path/about",
      "as Client /my-path/looked",
      "as Client /my-path/written",
      "as Client /my-path/peers",
      "as Client /my-path/download",
      "as Client /my-path/erase",
      "as Bridge builder /account",
      "as Bridge builder /desk",
      "as Bridge builder /desk => .case strong a",
      "as Bridge builder /desk/calendar",
      "as Coordinator /desk => .case strong a",
      "as Coordinator /accounts/invite",
      "as Administrator /accounts",
      "as Administrator /letters/failed",
      "as Administrator /retention",
      "as Coordinator /retention/soon",
      "as Coordinator /retention/soon => .case a:has-text('Keep it')",
      "as Bridge builder /my-work",
      "as Peer /my-work",
      "as Coordinator /intake",
      "as Coordinator /intake?show=waiting",
      "as Coordinator /intake/by-phone",
    ]
  : [];

/** Goes to one of `everyPage`. */
export async function open(page, path) {
  const [, role, place] = /^as ([^/]+) (\/.*)$/.exec(path) ?? [null, null, path];
  await page.context().clearCookies();
  if (role) await signIn(page.context(), role);
  if (wishes.has(path)) return wish(page, wishes.get(path));
  if (notes.has(path)) return notes.get(path)(page);
  // A page whose address nobody knows beforehand is reached by a link on another.
  const [start, link] = place.split(" => ");
  await page.goto(start, { waitUntil: "networkidle" });
  if (!link) return;
  await page.locator(link).first().click();
  await page.waitForLoadState("networkidle");
}

/** Signs in as one of the demo's people, by role, or by role and name. A link works once, so what came of it is kept for the other test files. */
export async function signIn(context, role) {
  const log = process.env.FOOTBRIDGE_LOG;
  const kept = `${log}.${role.replace(/\W/g, "-")}.json`;
  if (existsSync(kept)) return context.addCookies(JSON.parse(readFileSync(kept, "utf8")));
  const line = readFileSync(log, "utf8").split("\n").find((text) => text.trim().startsWith(`${role} `));
  const link = new URL(line.split(" ").at(-1)).pathname;
  await context.request.post(link, { headers: { "sec-fetch-site": "same-origin" }, maxRedirects: 0 });
  writeFileSync(kept, JSON.stringify(await context.cookies()));
}

const opened = new Set();

/** The newest letter to someone with this heading that was not opened before, once it was sent: its words, and the paths of its links. */
export async function letter(page, to, heading) {
  for (let tries = 0; tries < 40; tries += 1) {
    await page.goto("/demo/post");
    const letters = page.locator(".post__letter").filter({ hasText: to }).filter({ hasText: heading });
    const sent = letters.filter({ hasNotText: "On its way" }).first().locator("a").first();
    const href = (await sent.count()) ? await sent.getAttribute("href") : "";
    if (href && !opened.has(href)) {
      opened.add(href);
      await page.goto(href);
      const links = await page.locator(".letter a").evaluateAll((all) => all.map((a) => a.href));
      // Links in letters name the service as it is known outside; here only the path matters.
      return { text: await page.textContent(".letter"), links: links.map((link) => new URL(link).pathname) };
    }
    await page.waitForTimeout(250);
  }
  throw new Error("no letter came");
}

/** Posts a wish from the front page. */
export async function wish(page, { text, near = "" }) {
  await page.goto("/");
  await page.fill("#text", text);
  await page.fill("#near", near);
  await page.click(".ask__go");
  await page.waitForURL("**/match", { waitUntil: "networkidle" });
}

/** Writes a note about oneself, up to the page where it is checked. */
export async function note(page, { words = "I’d like to drum again. I was sectioned in May.", name = "Morgan", reach = "phone", at = "07700 900123" }) {
  const on = () => page.click(".sheet__buttons button >> nth=0");
  await page.goto("/refer/myself");
  await page.fill("#words", words);
  await on();
  await on();
  await page.fill("#name", name);
  await on();
  if (reach) await page.check(`input[name=reach][value=${reach}]`);
  await page.fill("#reach_at", at);
  await on();
  if (!reach) return;
  for (const _ of ["care", "area", "needs", "helper"]) await on();
}
