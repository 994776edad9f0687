// The overview of a person: the family switcher, a chronic condition edited where it stands, HbA1c over two spans.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, personOf, resident } from "./support/browser.mjs";
import { openDemo } from "./support/house.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openDemo()])));
after(async () => {
  await browser.close();
  await house.stop();
});

/** Goes to the family member with a line of HbA1c results, not a single one. */
async function toWhoHasTrend(page) {
  const doors = await page.locator("[data-test=switcher] a[href^='/p/']").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  for (const door of doors) {
    await page.goto(`${door}?trend=1y`);
    if ((await page.locator("#trend table tbody tr").count()) > 2) return page.goto(door);
  }
  assert.fail("the demo household has somebody with HbA1c results");
}

test("the family switcher leads from each person to each other", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const switcher = page.locator("[data-test=switcher]");
  const names = await switcher.locator("a[href^='/p/'] .person-name").allInnerTexts();
  assert.equal(names.length, 4, "four people live in the demo household");
  for (const name of names) {
    await switcher.locator("a", { hasText: name }).click();
    await page.waitForFunction((wanted) => document.querySelector("h1")?.textContent.trim() === wanted, name);
    assert.equal((await switcher.locator("[aria-current=true] .person-name").innerText()).trim(), name);
  }
  guest.quiet();
  await guest.close();
});

test("HbA1c is shown over six months and over a year, with a target and as a table", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  await toWhoHasTrend(page);
  const rows = () => page.locator("#trend table tbody tr").count();
  await page.locator("#trend .segments a[href*='6m']").click();
  await page.locator("#trend .segments a[href*='6m'][aria-current=true]").waitFor();
  const half = await rows();
  await page.locator("#trend .segments a[href*='1y']").click();
  await page.locator("#trend .segments a[href*='1y'][aria-current=true]").waitFor();
  const year = await rows();
  assert.ok(half >= 1 && year > half, `${half} results in six months, ${year} in a year`);
  assert.match(await page.locator("#trend svg:visible").first().innerHTML(), /target/);
  guest.quiet();
  await guest.close();
});

test("HbA1c is shown in the unit one chooses, and stays in it", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  await toWhoHasTrend(page);
  const unit = () => page.locator("#trend .trend-now .unit").innerText();
  const first = await page.locator("#trend .trend-now .num").innerText();
  assert.equal(await unit(), "%");
  await page.locator("#trend button[value='mmol/mol']").click();
  await page.locator("#trend button[value='mmol/mol'][aria-pressed=true]").waitFor();
  assert.equal(await unit(), "mmol/mol");
  await page.reload();
  assert.equal(await unit(), "mmol/mol");
  assert.match(await page.locator("#trend svg:visible").first().innerHTML(), /53/);
  await page.locator("#trend button[value='%']").click();
  await page.locator("#trend button[value='%'][aria-pressed=true]").waitFor();
  assert.equal(await page.locator("#trend .trend-now .num").innerText(), first);
  guest.quiet();
  await guest.close();
});

test("a chronic condition is edited where it stands and the change is kept", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  await toWhoHasTrend(page);
  const person = personOf(page);
  const line = page.locator(".condition").first();
  const id = await line.getAttribute("data-record");
  await line.locator("summary").click();
  await line.locator("textarea[name=notes]").fill("Walks half an hour every evening.");
  await line.locator("button[type=submit]").click();
  await page.locator(`#condition-${id} .condition-note`, { hasText: "every evening" }).waitFor();
  assert.equal(new URL(page.url()).pathname, `/p/${person}`, "the page stays");
  await page.reload();
  assert.match(await page.locator(`#condition-${id}`).innerText(), /every evening/);
  await page.goto(`/p/${person}/conditions/${id}/history`);
  assert.equal(await page.locator("[data-version]").count(), 2);
  guest.quiet();
  await guest.close();
});

test("what needs attention leads to what it is about", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  await toWhoHasTrend(page);
  const ways = await page.locator("[data-test=attention] a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.equal(ways.length, await page.locator("[data-test=attention] li").count(), "each line is a way on");
  for (const way of ways) {
    await page.goto(way);
    const place = page.locator("[data-record], form.record-form");
    assert.ok((await place.count()) > 0, `${way} shows what it is about`);
  }
  guest.quiet();
  await guest.close();
});

test("on a telephone reminders and the bar at the foot are in sight, also on pages about nobody", async () => {
  const guest = await resident(browser, house, { viewport: { width: 360, height: 740 } });
  const { page } = guest;
  for (const address of ["/", "/people", "/notifications", "/settings/reminders", "/admin/plugins"]) {
    await page.goto(address);
    assert.ok(await page.locator(".top-links a[href='/notifications']").isVisible(), address);
    assert.equal(await page.locator(".tabs a:visible").count(), 5, address);
  }
  await page.goto("/admin");
  const name = await page.locator("a[href^='/admin/accounts/']:not([href$='/new'])").first().boundingBox();
  assert.ok(name.height < 80, `a name has room for whole words: ${name.height} pixels high`);
  guest.quiet();
  await guest.close();
});
