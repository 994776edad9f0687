// The key journeys with JavaScript switched off: the pages work as plain forms and links.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, personOf, resident } from "./support/browser.mjs";
import { bundle } from "./support/files.mjs";
import { keep, openOwnHouse } from "./support/house.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openOwnHouse()])));
after(async () => {
  await browser.close();
  await house.stop();
});

test("signing in, adding a lab result and finding it again work without script", async () => {
  const guest = await resident(browser, house, { javaScriptEnabled: false });
  const { page } = guest;
  const person = personOf(page);
  await page.goto(`/p/${person}/lab-results/new?of=tsh`);
  await page.locator("[name='quantity.value']").fill("2.31");
  await page.locator("form.record-form .form-actions button[type=submit]").click();
  await page.waitForURL(/lab-results\/[0-9a-f-]{36}/);
  assert.equal(await page.locator(".result .num").innerText(), "2.31");
  await page.goto(`/p/${person}/lab-results`);
  await page.locator("[name=q]").fill("TSH");
  await page.locator("form.filter button[type=submit]").click();
  await page.waitForURL(/q=TSH/);
  assert.equal(await page.locator("#results [data-record]").count(), 1);
  guest.quiet();
  await guest.close();
});

test("importing a file works without script, from preview to undo", async () => {
  const guest = await resident(browser, house, { javaScriptEnabled: false });
  const { page } = guest;
  const person = personOf(page);
  const settled = async (state) => {
    for (let waited = 0; waited < 40; waited += 1) {
      if ((await page.locator("#import").getAttribute("data-state")) === state) return;
      await page.waitForTimeout(250);
      await page.reload();
    }
    assert.fail(`the import is not ${state}`);
  };
  await page.goto(`/p/${person}/import`);
  await page.locator("[name=target][value=new]").check();
  await page.locator("#import-file").setInputFiles(await keep(house, "jasleen.json", bundle()));
  await page.locator("form.drop button[type=submit]").click();
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await settled("preview");
  await page.locator("[data-test=import-confirm]").click();
  await settled("done");
  await page.locator("details.confirm summary").click();
  await page.locator("[data-test=import-undo]").click();
  await settled("undone");
  guest.quiet();
  await guest.close();
});
