// Passkeys in a real browser over https: the house's own authority signs the certificate, the browser trusts it by the
// key's hash, and Chromium's virtual authenticator stands for a finger on a sensor.

import assert from "node:assert/strict";
import { createHash, createHmac, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, visitor } from "./support/browser.mjs";
import { call, openHouse, owner } from "./support/house.mjs";

let house;
let browser;
before(async () => {
  house = await openHouse({ settings: { PHM__SERVER__TLS: "local", PHM__SERVER__HTTP_LISTEN: "127.0.0.1:0" } });
  const authority = new X509Certificate(await readFile(join(house.folder, "data/tls/authority.crt")));
  assert.equal(house.ready.trust.fingerprint, authority.fingerprint256);
  const spki = createHash("sha256").update(authority.publicKey.export({ type: "spki", format: "der" })).digest("base64");
  browser = await openBrowser([`--ignore-certificate-errors-spki-list=${spki}`]);
  const token = new URL(house.ready.setup_url).hash.slice("#token=".length);
  await call(house, "POST", "/setup", { token, ...owner });
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** A visitor with a virtual authenticator that knows its holder, unless told otherwise. */
async function withAuthenticator(options = {}) {
  const guest = await visitor(browser, house, { expected: (trouble) => /^40[13] /.test(trouble) || /status of 40[13]/.test(trouble), ...options });
  const tools = await guest.context.newCDPSession(guest.page);
  await tools.send("WebAuthn.enable");
  const { authenticatorId } = await tools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { ...guest, tools, authenticatorId };
}

async function typeIn(page) {
  await page.goto("/sign-in");
  await page.locator("[name=email]").fill(owner.email);
  await page.locator("[name=password]").fill(owner.password);
  await page.locator("form[action='/sign-in'] button").click();
}

test("a passkey is made over https, then serves as second factor and alone, and not once it is removed", async () => {
  const guest = await withAuthenticator();
  const { page, tools, authenticatorId } = guest;
  try {
    await typeIn(page);
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    const answer = await page.goto("/settings");
    assert.equal(answer.headers()["strict-transport-security"], "max-age=31536000");
    await page.locator("summary", { hasText: "Passkeys" }).click();
    await page.locator("[data-make] [name=name]").fill("My phone");
    await page.locator("[data-make] button").click();
    const codes = page.locator("[data-test=shown-once] li");
    await codes.first().waitFor();
    assert.equal(await codes.count(), 10, "recovery codes are shown with the first factor");
    const { credentials } = await tools.send("WebAuthn.getCredentials", { authenticatorId });
    assert.equal(credentials.length, 1);
    assert.equal(credentials[0].rpId, "localhost");
    await page.locator("a.primary").click();
    await page.locator("summary", { hasText: "Passkeys" }).click();
    await page.getByText("My phone", { exact: true }).waitFor();

    // As second factor, after the password.
    await page.locator("form[action='/sign-out'] button").first().click();
    await page.waitForURL(/\/sign-in/);
    await typeIn(page);
    await page.locator("[data-island=passkey] button").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);

    // Alone: no address, no password.
    await page.locator("form[action='/sign-out'] button").first().click();
    await page.waitForURL(/\/sign-in/);
    await page.locator("[data-begin] button").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);

    // A finger that is not the holder's opens nothing.
    await page.locator("form[action='/sign-out'] button").first().click();
    await page.waitForURL(/\/sign-in/);
    await tools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await page.locator("[data-begin] button").click();
    await page.locator("[data-said]:not(:empty)").waitFor();
    await tools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    await page.locator("[data-begin] button").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);

    // Removed, it is no key any more.
    await page.goto("/settings");
    await page.locator("summary", { hasText: "Passkeys" }).click();
    await page.locator("details.confirm summary", { hasText: "Remove" }).click();
    await page.locator("[data-test=passkey-remove] button").click();
    await page.waitForURL(/done=saved/);
    await page.locator("form[action='/sign-out'] button").first().click();
    await page.waitForURL(/\/sign-in/);
    await page.locator("[data-begin] button").click();
    await page.waitForURL(/passkey=failed/);
    assert.ok(await page.locator("[role=alert]").isVisible());
    guest.quiet();
  } finally {
    await guest.close();
  }
});

/** The code an authenticator app shows (RFC 6238), computed without any of our own code. */
function appCode(secret, at) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("an authenticator app is set up from the page and asked for from then on, also without script", async () => {
  const guest = await visitor(browser, house, { javaScriptEnabled: false, expected: (trouble) => /^401 |status of 401/.test(trouble) });
  const { page } = guest;
  try {
    await typeIn(page);
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    await page.goto("/settings");
    await page.locator("summary", { hasText: "Authenticator app" }).click();
    await page.locator("form[action='/settings/app'] button").click();
    assert.ok(await page.locator("svg.qr").isVisible());
    const secret = (await page.locator("[data-test=app-secret]").innerText()).replace(/\s/g, "");
    const first = appCode(secret, Date.now());
    await page.locator("[name=code]").fill(first);
    await page.locator("form[action='/settings/app/confirm'] button").click();
    const codes = await page.locator("[data-test=shown-once] li").allInnerTexts();
    assert.equal(codes.length, 10);
    await page.locator("a.primary").click();

    await page.locator("form[action='/sign-out'] button").first().click();
    await typeIn(page);
    await page.locator("[name=code]").fill(first);
    await page.locator("form[action='/sign-in/second'] button").first().click();
    assert.ok(await page.locator("[role=alert]").isVisible(), "a code serves once");
    await page.locator("[name=code]").fill(codes[0]);
    await page.locator("form[action='/sign-in/second'] button").first().click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    guest.quiet();
  } finally {
    await guest.close();
  }
});

test("plain http leads to https, and the page about trust stands on both", async () => {
  const plain = await fetch(`${house.ready.plain_url}/people`, { redirect: "manual" });
  assert.equal(plain.status, 307);
  assert.equal(plain.headers.get("location"), `${house.url}/people`);
  const guest = await visitor(browser, house);
  const { page } = guest;
  try {
    for (const base of [house.ready.plain_url, house.url]) {
      await page.goto(`${base}/trust`);
      assert.equal(await page.locator("[data-test=fingerprint]").innerText(), house.ready.trust.fingerprint);
      assert.ok(await page.locator("svg.qr").isVisible());
    }
    guest.quiet();
  } finally {
    await guest.close();
  }
});
