// Every page, at two widths: the accessibility checker finds nothing, nothing is cut off, nothing is refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { everyPage, open, visit, widths } from "./browser.mjs";

const require = createRequire(new URL("../../assets/package.json", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const width of widths) {
  visit(`axe finds nothing at ${width} pixels`, { width }, async (page, t) => {
    for (const path of await everyPage()) {
      await t.test(path, async () => {
        await open(page, path);
        await unfold(page);
        await page.evaluate(axe);
        const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: "tag", values } }), tags);
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
        assert.deepEqual(found, []);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(over <= 0, `${path} is ${over} pixels too wide`);
      });
    }
  });

  visit(`everything to press is at least 24 pixels at ${width}`, { width }, async (page) => {
    for (const path of await everyPage()) {
      await open(page, path);
      await unfold(page);
      const small = await page.evaluate(() => {
        const inText = (element) => getComputedStyle(element).display === "inline" && element.closest("p, li, dd, td, h2, h3, q");
        const seen = (box) => box.width > 1 && box.height > 1;
        return [...document.querySelectorAll("a, button, select, summary, [role=button]")]
          .filter((element) => !inText(element) && element.checkVisibility())
          .map((element) => ({ text: element.textContent.trim().slice(0, 40), box: element.getBoundingClientRect() }))
          .filter(({ box }) => seen(box) && (box.width < 24 || box.height < 24))
          .map(({ text, box }) => `${text} ${Math.round(box.width)}x${Math.round(box.height)}`);
      });
      assert.deepEqual(small, [], path);
    }
  });
}

async function unfold(page) {
  await page.evaluate(() => {
    for (const part of document.querySelectorAll("main details")) part.open = true;
  });
}
