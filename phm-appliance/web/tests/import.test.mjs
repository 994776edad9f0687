// A file from a hospital: seen first, taken in when told to, and taken out again.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, personOf, resident } from "./support/browser.mjs";
import { bundle } from "./support/files.mjs";
import { keep, openOwnHouse } from "./support/house.mjs";

let browser, house, file;
before(async () => {
  [browser, house] = await Promise.all([openBrowser(), openOwnHouse()]);
  file = await keep(house, "jasleen.json", bundle());
});
after(async () => {
  await browser.close();
  await house.stop();
});

/** Uploads on the import page and waits until it is checked. */
async function upload(page, person, path, target) {
  await page.goto(`/p/${person}/import`);
  await page.locator(`[name=target][value=${target}]`).check();
  await page.locator("#import-file").setInputFiles(path);
  await page.locator("form.drop button[type=submit]").click();
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await page.locator("#import:not([data-state=checking])").waitFor();
  return page.locator("#import").getAttribute("data-state");
}

test("a bundle about somebody new is previewed, confirmed, seen, and undone", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const person = personOf(page);
  assert.equal(await upload(page, person, file, "new"), "preview");
  const preview = await page.locator("#import").innerText();
  assert.match(preview, /jasleen\.json/);
  assert.match(preview, /Nothing has been written yet/);
  assert.match(preview, /Lab results\s+2/);
  await page.goto("/people");
  assert.equal(await page.locator(".person-card").count(), 1, "a preview writes nothing");

  await page.goBack();
  await page.locator("[data-test=import-confirm]").click();
  await page.locator("#import[data-state=done]").waitFor();
  await page.goto("/people");
  await page.locator(".person-card", { hasText: "Jasleen" }).click();
  await page.waitForURL((url) => personOf(page) !== person && url.pathname.startsWith("/p/"));
  const jasleen = personOf(page);
  await page.goto(`/p/${jasleen}/timeline`);
  const timeline = await page.locator("main").innerText();
  for (const words of ["Thyrotropin", "Hemoglobin", "Hypothyroidism", "Influenza vaccine"]) assert.match(timeline, new RegExp(words));
  assert.equal(await page.locator("[data-record]").count(), 4);

  await page.goto(`/p/${jasleen}/lab-results?q=Thyrotropin`);
  await page.locator("#results .row-title").click();
  await page.waitForURL(/lab-results\/[0-9a-f-]{36}/);
  const original = await page.request.get(`${page.url().split("?")[0]}/original`);
  assert.equal((await original.json()).valueQuantity.value, 6.8, "the imported bytes are kept");

  await page.goto(`/p/${jasleen}/import`);
  await page.locator("[data-import] a", { hasText: "jasleen.json" }).first().click();
  await page.locator("details.confirm summary").click();
  await page.locator("[data-test=import-undo]").click();
  await page.waitForURL(/\/people$/);
  assert.equal(await page.locator(".person-card").count(), 1, "whom the import brought leaves with it");
  const gone = await page.request.get(`/p/${jasleen}/timeline`);
  assert.ok(gone.status() === 404 || !(await gone.text()).includes("data-record"), "nothing of it is left in the lists");
  guest.troubles.splice(0, guest.troubles.length, ...guest.troubles.filter((trouble) => !trouble.startsWith("404")));
  guest.quiet();
  await guest.close();
});

test("a file about somebody else is not mixed into the records of this person", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const first = await keep(house, "meher.json", bundle({ family: "Gill", given: "Meher" }).replaceAll("5b7a1c52", "8b7a1c52"));
  await upload(page, personOf(page), first, "new");
  await page.locator("[data-test=import-confirm]").click();
  await page.locator("#import[data-state=done]").waitFor();
  await page.goto("/people");
  await page.locator(".person-card", { hasText: "Meher" }).click();
  await page.locator("h1", { hasText: "Meher" }).waitFor();
  const person = personOf(page);
  const other = await keep(house, "somebody.json", bundle({ family: "Rao", given: "Kiran" }).replaceAll("5b7a1c52", "6b7a1c52"));
  await upload(page, person, other, "this");
  const words = await page.locator("#import").innerText();
  assert.match(words, /somebody else/);
  assert.equal(await page.locator("form[action$='/accept']").count(), 2, "one may choose what to do with it");
  await page.goto(`/p/${person}/timeline`);
  assert.equal(await page.locator("[data-record]").count(), 4, "only what was there before");
  guest.quiet();
  await guest.close();
});

test("a broken file is refused whole, naming the place, and nothing is written", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const person = personOf(page);
  const broken = JSON.parse(bundle({ family: "Rao", given: "Kiran" }).replaceAll("5b7a1c52", "7b7a1c52"));
  broken.entry[2].resource.effectiveDateTime = "the day before";
  const path = await keep(house, "broken.json", JSON.stringify(broken));
  await upload(page, person, path, "new");
  assert.ok(await page.locator(".refusals").isVisible(), await page.locator("#import").innerText());
  assert.equal(await page.locator("[data-test=import-confirm]").count(), 0);
  guest.quiet();
  await guest.close();
});
