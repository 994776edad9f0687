// axe, the checker of accessibility, looks at every kind of page in light and dark, and finds nothing serious.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { openBrowser, path, personOf, resident, visitor } from "./support/browser.mjs";
import { openDemo } from "./support/house.mjs";

let browser, house, axe;
before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  [browser, house] = await Promise.all([openBrowser(), openDemo()]);
});
after(async () => {
  await browser.close();
  await house.stop();
});

/** The pages axe looks at: one of every kind. */
async function kinds(page) {
  const person = `/p/${personOf(page)}`;
  await page.goto(`${person}/lab-results`);
  const result = (await page.locator("#results .row-title").first().getAttribute("href")).split("?")[0];
  const under = ["", "/timeline", "/records", "/add", "/profile", "/lab-results", "/lab-results/new?of=hba1c", "/medications/new"];
  const more = ["/vital-signs", "/documents", "/documents/new", "/import", "/who-looked"];
  const record = ["", "/edit", "/history"].map((part) => result + part);
  return [...[...under, ...more].map((part) => person + part), ...record, "/people", "/people/new", "/settings", "/admin"];
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing serious on any kind of page in the ${colorScheme}`, { timeout: 120_000 }, async () => {
    const wrong = [];
    const check = async (page, address) => {
      await page.goto(address);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
      for (const { id, impact, nodes } of violations) {
        if (impact === "serious" || impact === "critical") wrong.push(`${path(address)}: ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`);
      }
    };
    // The policy of the pages forbids code from elsewhere; axe is let in past it.
    const stranger = await visitor(browser, house, { colorScheme, bypassCSP: true, expected: () => true });
    for (const place of ["/sign-in", "/nowhere"]) await check(stranger.page, place);
    await stranger.close();
    const guest = await resident(browser, house, { colorScheme, bypassCSP: true });
    for (const place of await kinds(guest.page)) await check(guest.page, place);
    await guest.close();
    assert.deepEqual(wrong, []);
  });
}
