// A house with a passphrase after its machine was started again: it serves one page until somebody opens it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, signIn, visitor } from "./support/browser.mjs";
import { openLockedHouse, passphrase } from "./support/house.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** A locked house with a visitor before its door; a wrong secret is refused on purpose. */
async function atTheDoor(work) {
  const house = await openLockedHouse();
  const guest = await visitor(browser, house, { expected: (trouble) => /401/.test(trouble) });
  try {
    await work(house, guest);
    guest.quiet();
  } finally {
    await guest.close();
    await house.stop();
  }
}

const open = (page) => page.locator("form[action='/unlock'] button[type=submit]").click();

test("a locked house shows one page, refuses a wrong passphrase in words, and opens with the right one", async () => {
  await atTheDoor(async (house, { page }) => {
    for (const place of ["/", "/people", "/sign-in", "/p/me/timeline"]) {
      await page.goto(place);
      assert.equal(new URL(page.url()).pathname, "/unlock", `${place} leads to the one page`);
    }
    const ready = await page.request.get("/readyz");
    assert.equal(ready.status(), 503);
    assert.equal((await ready.json()).status, "locked");

    await page.locator("[name=passphrase]").fill("four words somebody else joins");
    await open(page);
    assert.ok((await page.locator("[role=alert]").innerText()).length > 10, "the page says what is wrong");
    assert.equal(await page.locator("[name=passphrase]").inputValue(), "", "a secret is never sent back");

    await page.locator("[name=passphrase]").fill(passphrase);
    await open(page);
    await page.waitForURL(/\/sign-in/);
    await signIn(page, house);
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    await page.goto("/unlock");
    assert.notEqual(new URL(page.url()).pathname, "/unlock", "an open house has nothing to unlock");
  });
});

test("the recovery code opens the house as the passphrase does", async () => {
  await atTheDoor(async (house, { page }) => {
    await page.goto("/");
    await page.locator("details summary").click();
    await page.locator("[name=recovery_code]").fill("AAAA-BBBB-CCCC");
    await open(page);
    await page.locator("[role=alert]").waitFor();
    await page.locator("details:not([open]) summary").click();
    await page.locator("[name=recovery_code]").fill(house.recovery.toLowerCase());
    await open(page);
    await page.waitForURL(/\/sign-in/);
  });
});
