// axe, the checker of accessibility, looks at every kind of page in light and dark, and finds nothing serious: those
// of a family at home, those before one is inside, and those that say what went wrong.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { openBrowser, path, personOf, resident, visitor } from "./support/browser.mjs";
import { bundle } from "./support/files.mjs";
import { keep, openDemo, openHouse, openLockedHouse, owner, passphrase } from "./support/house.mjs";

const schemes = ["light", "dark"];

let browser, house, axe;
before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  [browser, house] = await Promise.all([openBrowser(), openDemo()]);
});
after(async () => {
  await browser.close();
  await house.stop();
});

/** The policy of the pages forbids code from elsewhere; axe is let in past it. */
const letIn = { bypassCSP: true, expected: () => true };

/** Lets axe look at the page as it stands, and notes in `wrong` what is serious. */
async function look(page, name, wrong) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  for (const { id, impact, nodes } of violations) {
    if (impact === "serious" || impact === "critical") wrong.push(`${name}: ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`);
  }
}

/** As `look`, in light and in dark. */
async function lookTwice(page, name, wrong) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    // Colours that are still on their way from one scheme to the other are nobody's to read.
    await page.evaluate(async () => {
      await new Promise(requestAnimationFrame);
      await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
    });
    await look(page, `${name} in the ${colorScheme}`, wrong);
  }
}

/** The pages axe looks at: one of every kind. */
async function kinds(page) {
  const person = `/p/${personOf(page)}`;
  await page.goto(`${person}/lab-results`);
  const result = (await page.locator("#results .row-title").first().getAttribute("href")).split("?")[0];
  const under = ["", "/timeline", "/records", "/add", "/profile", "/lab-results", "/lab-results/new?of=hba1c", "/medications/new"];
  const more = ["/vital-signs", "/documents", "/documents/new", "/import", "/who-looked", "/access", "/plugins", "/restrictions", "/data", "/retention", "/family", "/proposals"];
  const record = ["", "/edit", "/history"].map((part) => result + part);
  const house = ["", "/permissions", "/plugins", "/reminders", "/alerts", "/incident", "/retention", "/invitations", "/accounts/new"].map((part) => `/admin${part}`);
  return [...[...under, ...more].map((part) => person + part), ...record, "/people", "/people/new", "/settings", "/settings/reminders", "/notifications", "/tokens", ...house];
}

for (const colorScheme of schemes) {
  test(`axe finds nothing serious on any kind of page in the ${colorScheme}`, { timeout: 120_000 }, async () => {
    const wrong = [];
    const guest = await resident(browser, house, { colorScheme, ...letIn });
    for (const place of await kinds(guest.page)) {
      await guest.page.goto(place);
      await look(guest.page, path(place), wrong);
    }
    await guest.close();
    assert.deepEqual(wrong, []);
  });
}

test("axe finds nothing serious on an import as it goes on", { timeout: 60_000 }, async () => {
  const wrong = [];
  const guest = await resident(browser, house, letIn);
  const { page } = guest;
  const broken = bundle({ family: "Rao" }).replaceAll("5b7a1c52", "4b7a1c52").replace("2026-03-02T09:15:00+05:30", "the day before");
  const files = [["mixed.json", bundle({ family: "Gill" }), "this"], ["broken.json", broken, "new"], ["new.json", bundle(), "new"]];
  for (const [name, content, target] of files) {
    await page.goto(`/p/${personOf(page)}/import`);
    await page.locator(`[name=target][value=${target}]`).check();
    await page.locator("#import-file").setInputFiles(await keep(house, name, content));
    await page.locator("form.drop button[type=submit]").click();
    await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
    await page.locator("#import:not([data-state=checking])").waitFor();
    await lookTwice(page, `the preview of ${name}`, wrong);
  }
  await page.locator("[data-test=import-confirm]").click();
  await page.locator("#import[data-state=done]").waitFor();
  await page.locator("details.confirm summary").click();
  await lookTwice(page, "an import that is done", wrong);
  await guest.close();
  assert.deepEqual(wrong, []);
});

test("axe finds nothing serious on pages that say what went wrong", { timeout: 60_000 }, async () => {
  const wrong = [];
  const stranger = await visitor(browser, house, letIn);
  await stranger.page.goto("/nowhere");
  await lookTwice(stranger.page, "a page that is not there", wrong);
  await stranger.page.goto("/sign-in");
  await lookTwice(stranger.page, "sign-in", wrong);
  await stranger.page.locator("[name=email]").fill(house.sign.email);
  await stranger.page.locator("[name=password]").fill("not the password");
  await stranger.page.locator("form[action='/sign-in'] button").click();
  await stranger.page.locator("[role=alert]").waitFor();
  await lookTwice(stranger.page, "a sign-in that failed", wrong);
  await stranger.close();

  const guest = await resident(browser, house, letIn);
  const { page } = guest;
  await page.goto(`/p/${personOf(page)}/lab-results/new`);
  await page.locator(".form-actions button[type=submit]").click();
  await page.locator("[aria-invalid=true]").first().waitFor();
  await lookTwice(page, "a form that is not right", wrong);
  // A form sent from a page that stood open since before another sign-in.
  await page.goto("/settings");
  await page.locator("main [name=csrf]").first().evaluate((field) => (field.value = "of another session"));
  await page.locator(".form-actions button[type=submit]").click();
  await page.locator("body.gate").waitFor();
  await lookTwice(page, "a form out of date", wrong);
  // Whoever's session has ended is led to the door and back.
  await guest.context.clearCookies({ name: "phm_session" });
  await page.goto("/settings");
  assert.match(page.url(), /\/sign-in\?next=%2Fsettings/);
  await lookTwice(page, "sign-in after a session has ended", wrong);
  await guest.close();
  assert.deepEqual(wrong, []);
});

test("axe finds nothing serious on set-up, the recovery code and the locked house", { timeout: 60_000 }, async () => {
  const wrong = [];
  const [fresh, locked] = await Promise.all([openHouse({ secret: false }), openLockedHouse()]);
  const first = await visitor(browser, fresh, letIn);
  const { page } = first;
  await page.goto(fresh.ready.setup_url);
  await lookTwice(page, "set-up", wrong);
  for (const [name, value] of Object.entries({ passphrase, ...owner })) await page.locator(`[name=${name}]`).fill(value);
  await page.locator("form[action='/setup'] button[type=submit]").click();
  await page.locator("[data-test=recovery-code]").waitFor();
  await lookTwice(page, "the recovery code", wrong);
  await first.close();

  const other = await visitor(browser, locked, letIn);
  await other.page.goto("/");
  await other.page.locator("details summary").click();
  await lookTwice(other.page, "the locked house", wrong);
  await other.page.locator("[name=passphrase]").fill("a wrong one");
  await other.page.locator("form[action='/unlock'] button[type=submit]").click();
  await other.page.locator("[role=alert]").waitFor();
  await lookTwice(other.page, "the locked house with a wrong passphrase", wrong);
  await other.close();
  await Promise.all([fresh.stop(), locked.stop()]);
  assert.deepEqual(wrong, []);
});
