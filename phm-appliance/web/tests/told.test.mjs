// What pages tell is what a family means: a dose by its medicine, a visit as one line, a time in the family's zone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, personOf, resident, signIn, visitor } from "./support/browser.mjs";
import { bundle } from "./support/files.mjs";
import { keep, openDemo } from "./support/house.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openDemo()])));
after(async () => {
  await browser.close();
  await house.stop();
});

/** Goes to the page below whoever has something on it. */
async function toWhoHas(page, place) {
  const doors = await page.locator("[data-test=switcher] a[href^='/p/']").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  for (const door of doors) {
    await page.goto(`${door}/${place}`);
    if (await page.locator("#results [data-record]").count()) return door;
  }
  return assert.fail(`somebody in the demo household has ${place}`);
}

test("a dose is called by its medicine, in words, and leaves the timeline to the rest unless it is asked for", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const person = await toWhoHas(page, "doses");
  assert.equal((await page.locator("#results .row-title").first().innerText()).trim(), "Metformin");
  assert.match(await page.locator("#results .figure").first().innerText(), /^1 tablet$/);
  await page.locator("#results .row-title").first().click();
  await page.waitForURL(/\/doses\/[0-9a-f-]{36}/);
  assert.equal(await page.locator("h1").innerText(), "Metformin");

  await page.goto(`${person}/timeline`);
  assert.equal(await page.locator(".k-dose").count(), 0);
  await page.locator(".chips label", { hasText: "Dose log" }).click();
  await page.waitForURL(/kinds=dose/);
  assert.ok((await page.locator(".k-dose").count()) > 10);
  guest.quiet();
  await guest.close();
});

test("what happened recently lies in the past", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  await page.goto(await toWhoHas(page, "appointments"));
  const days = await page.locator(".recent time").evaluateAll((times) => times.map((time) => time.getAttribute("datetime")));
  assert.ok(days.length > 3 && days.every((day) => day <= new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)), days.join());
  guest.quiet();
  await guest.close();
});

test("turning a few pages is one line in who looked", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const person = `/p/${personOf(page)}`;
  for (const place of ["", "/lab-results", "/timeline", "/documents"]) await page.goto(person + place);
  // Readings reach the trail within a second.
  await page.waitForTimeout(1_500);
  await page.goto(`${person}/who-looked`);
  // Not the operator's look while the household was made.
  const mine = page.locator(".audit .row", { hasText: "Looked at" }).filter({ hasText: "Meera" });
  assert.equal(await mine.count(), 1, await page.locator("main").innerText());
  assert.match(await mine.innerText(), /Lab results \d+/);
  assert.doesNotMatch(await page.locator("main").innerText(), /\b0 records/);
  guest.quiet();
  await guest.close();
});

test("an import for the people its file names is found again where it was uploaded", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const start = `/p/${personOf(page)}/import`;
  await page.goto(start);
  await page.locator("[name=target][value=new]").check();
  await page.locator("#import-file").setInputFiles(await keep(house, "jasleen.json", bundle()));
  await page.locator("form.drop button[type=submit]").click();
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await page.locator("[data-test=import-confirm]").waitFor();
  await page.goto(start);
  assert.match(await page.locator("[data-import]").first().innerText(), /jasleen\.json[\s\S]*Preview/, "what waits for a decision is listed");
  await page.locator("[data-import] a").first().click();
  await page.locator("[data-test=import-confirm]").click();
  await page.locator("#import[data-state=done]").waitFor();
  await page.goto(start);
  assert.match(await page.locator("[data-import]").first().innerText(), /jasleen\.json[\s\S]*about Jasleen Sandhu[\s\S]*5 records/);
  guest.quiet();
  await guest.close();
});

test("times are in the zone one chose, without script too, and English has no digits to choose", async () => {
  const guest = await visitor(browser, house, { javaScriptEnabled: false });
  const { page } = guest;
  await signIn(page, house);
  const place = `${await toWhoHas(page, "appointments")}/appointments`;
  const time = async () => {
    await page.goto(place);
    await page.goto(await page.locator("#results .row-title").first().getAttribute("href"));
    return (await page.locator("main").innerText()).match(/\d{2}:\d{2}/)[0];
  };
  const choose = async (zone) => {
    await page.goto("/settings");
    assert.equal(await page.locator("[name=digits]").count(), 0);
    await page.locator("[name=zone]").selectOption(zone);
    await page.locator(".form-actions button").click();
    await page.waitForURL(/done=saved/);
  };
  await choose("UTC");
  const there = await time();
  await choose("Asia/Kolkata");
  const here = await time();
  const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  assert.equal((minutes(here) - minutes(there) + 1440) % 1440, 330, `${there} in UTC is ${here} in India`);
  await page.goto("/settings?lang=hi");
  assert.equal(await page.locator("[name=digits]").count(), 2);
  guest.quiet();
  await guest.close();
});
