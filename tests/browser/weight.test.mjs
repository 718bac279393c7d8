// How much goes over the wire.
import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";
import { base } from "./browser.mjs";

/** Bytes of an answer's body as sent. */
function weigh(path) {
  return new Promise((resolve, reject) => {
    get(new URL(path, base), { headers: { "accept-encoding": "br, gzip" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (part) => (bytes += part.length));
      answer.on("end", () => resolve(bytes));
    }).on("error", reject);
  });
}

test("a list of results is light, with all it needs", async () => {
  const page = "/venues?q=music&near=SE29";
  const html = await (await fetch(new URL(page, base))).text();
  assert.ok((await weigh(page)) < 40_000, "the page alone");
  const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map(([, path]) => path);
  assert.ok(!files.some((path) => path.includes("/map-")), "no map where none is shown");
  const weights = await Promise.all([...new Set(files)].map(weigh));
  const all = weights.reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(all < 90_000, `style, script, font and icons weigh ${all}`);
});
