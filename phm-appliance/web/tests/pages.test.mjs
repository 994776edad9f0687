// Every page of the demo household: each link leads somewhere, each button does something or says what is missing,
// nothing complains, and nothing is wider than a telephone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, path, personOf, resident } from "./support/browser.mjs";
import { MOST_PAGES, pressAll, pressLater, shape, walk } from "./support/crawler.mjs";
import { bundle } from "./support/files.mjs";
import { keep, openDemo } from "./support/house.mjs";

/** The pages the first walk finds: one of each shape of address. */
let pages = [];
let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openDemo()])));
after(async () => {
  await browser.close();
  await house.stop();
});

/** Uploads a bundle about somebody and gives the address of its preview. */
async function preview(page, person, family, target) {
  await page.goto(`/p/${person}/import`);
  await page.locator(`[name=target][value=${target}]`).check();
  const id = { Rao: "6b7a1c52", Gill: "7b7a1c52", Bedi: "8b7a1c52" }[family];
  await page.locator("#import-file").setInputFiles(await keep(house, `${family}.json`, bundle({ family }).replaceAll("5b7a1c52", id)));
  await page.locator("form.drop button[type=submit]").click();
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await page.locator("#import:not([data-state=checking])").waitFor();
  return path(page.url());
}

test("every page fits a telephone and every link leads somewhere", { timeout: 240_000 }, async (run) => {
  const guest = await resident(browser, house, { viewport: { width: 360, height: 800 } });
  const actions = new Map();
  const found = await walk(guest, [path(guest.page.url()), "/people", "/settings", "/admin"], (_, map) => {
    for (const [method, action] of map.actions) actions.set(shape(action), [method, action]);
  });
  // Every form's address is one the house knows: a GET shows, a POST without csrf is refused as a form, not as a place.
  for (const [method, action] of actions.values()) {
    const answer = method === "get" ? await guest.page.request.get(action) : await guest.page.request.post(action, { form: { csrf: "" } });
    const well = method === "get" ? answer.ok() : answer.status() === 403;
    if (!well) found.wrong.push(`${method} ${action} answered ${answer.status()}`);
  }
  await guest.close();
  pages = found.pages;
  assert.deepEqual(found.wrong, []);
  assert.ok(found.pages.length > 60 && found.pages.length < MOST_PAGES, `${found.pages.length} pages were found`);
  run.diagnostic(`at 360 pixels: ${found.pages.length} pages, ${found.links} links to ${found.addresses} addresses`);
});

test("every button of every page does something or says what is missing", { timeout: 720_000 }, async (run) => {
  const guest = await resident(browser, house);
  const person = personOf(guest.page);
  // Imports have pages of their own as they go on: looked at, about somebody else, and done.
  const imports = [];
  for (const [family, target] of [["Rao", "new"], ["Gill", "this"], ["Bedi", "new"]]) imports.push(await preview(guest.page, person, family, target));
  await guest.page.locator("[data-test=import-confirm]").click();
  await guest.page.locator("#import[data-state=done]").waitFor();

  // Several people at once, each with pages of their own.
  const work = { done: new Set(), later: [], wrong: [] };
  const waiting = [...pages];
  let buttons = 0;
  const helper = async () => {
    const other = await resident(browser, house);
    while (waiting.length) {
      const pressed = await pressAll(other, waiting.shift(), work);
      buttons += pressed;
    }
    await other.close();
  };
  await Promise.all([helper(), helper(), helper()]);
  // Each of the three has its own buttons, though their addresses are alike.
  for (const address of imports) buttons += await pressAll(guest, address, { ...work, done: new Set(["frame"]) });
  await pressLater(guest, work.later, work.wrong);
  await guest.close();
  assert.deepEqual(work.wrong, []);
  assert.ok(buttons > 150, `${buttons} buttons were found`);
  run.diagnostic(`on ${pages.length} pages ${buttons} buttons and folds were pressed, ${work.later.length} of them last`);
});
