// From an empty folder to a family's first page, with nothing but a browser and the link the program printed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, visitor } from "./support/browser.mjs";
import { openHouse, owner, passphrase } from "./support/house.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

async function fillAccount(page) {
  await page.locator("[name=passphrase]").fill(passphrase);
  await page.locator("[name=name]").fill(owner.name);
  await page.locator("[name=email]").fill(owner.email);
  await page.locator("[name=password]").fill(owner.password);
  await page.locator("form[action='/setup'] button[type=submit]").click();
}

test("set-up through the printed link makes the vault and the first account, and shows the recovery code once", async () => {
  const house = await openHouse({ secret: false });
  const guest = await visitor(browser, house);
  const { page } = guest;
  try {
    assert.equal(house.ready.sign_in, null, "there is no default password");
    await page.goto("/");
    assert.equal(new URL(page.url()).pathname, "/setup", "everything leads to set-up");
    await page.goto("about:blank");
    await page.goto(house.ready.setup_url);
    const token = new URL(house.ready.setup_url).hash.slice("#token=".length);
    assert.equal(await page.locator("[name=token]").inputValue(), token);
    assert.equal(new URL(page.url()).hash, "", "the token leaves the address");
    await fillAccount(page);
    const code = await page.locator("[data-test=recovery-code]").innerText();
    assert.match(code.replace(/\s/g, ""), /^[0-9A-Z]{4}(-[0-9A-Z]{4}){4,}$/);
    await page.locator("a.primary").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    assert.match(await page.locator("h1").innerText(), /Asha Verma/);

    await page.locator("form[action='/sign-out'] button").first().click();
    await page.waitForURL(/\/sign-in/);
    await page.locator("[name=email]").fill(owner.email);
    await page.locator("[name=password]").fill(owner.password);
    await page.locator("form[action='/sign-in'] button").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    guest.quiet();

    await page.goto("/setup");
    assert.notEqual(new URL(page.url()).pathname, "/setup", "set-up happens once");
  } finally {
    await guest.close();
    await house.stop();
  }
});

test("without script the token is typed, a wrong one is refused in words and what was typed stays", async () => {
  const house = await openHouse({ secret: false });
  const guest = await visitor(browser, house, { javaScriptEnabled: false });
  const { page } = guest;
  try {
    await page.goto("/setup");
    await page.locator("[name=token]").fill("not-the-token");
    await fillAccount(page);
    assert.match(await page.locator("main").innerText(), /This token is not valid/);
    assert.equal(await page.locator("[name=email]").inputValue(), owner.email);
    guest.troubles.length = 0;

    await page.locator("[name=token]").fill(new URL(house.ready.setup_url).hash.slice("#token=".length));
    await fillAccount(page);
    assert.ok(await page.locator("[data-test=recovery-code]").isVisible());
    await page.locator("a.primary").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    guest.quiet();
  } finally {
    await guest.close();
    await house.stop();
  }
});
