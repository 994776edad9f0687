// Who may see: a doctor for a day, an invitation into the family, a token for a program, a glass that is broken.

import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { after, before, test } from "node:test";
import { openBrowser, resident, signIn, visitor } from "./support/browser.mjs";
import { call, caller, openOwnHouse, owner } from "./support/house.mjs";

const doctor = { name: "Dr. Meera Iyer", email: "meera@phm.example", password: owner.password };
const ravi = { name: "Ravi Verma", email: "ravi@phm.example", password: owner.password };
const heart = { concept: "HbA1c", quantity: { value: "7.1", unit: "%" }, collected_at: "2026-01-10" };

let browser, house, ask, person;
before(async () => {
  [browser, house] = await Promise.all([openBrowser(), openOwnHouse()]);
  ask = await caller(house);
  person = (await ask("GET", "/me")).profile;
  await ask("POST", "/accounts", { ...doctor, roles: ["provider"] });
  await ask("POST", "/accounts", { ...ravi, roles: ["patient"] });
  await ask("POST", `/profiles/${person}/lab-results`, heart);
  await ask("POST", `/profiles/${person}/notes`, { text: "for nobody", private: true });
  await ask("POST", `/profiles/${person}/notes`, { text: "prefers mornings" });
});
after(async () => {
  await browser.close();
  await house.stop();
});

/** Somebody else who has signed in. */
async function other(sign, options) {
  const guest = await visitor(browser, house, options);
  await signIn(guest.page, { sign });
  return guest;
}

/** Gives the doctor access by a template, as the person does it on their page. */
async function give(page, template) {
  await page.goto(`/p/${person}/access`);
  await page.locator("[name=to]").selectOption({ label: "Dr. Meera Iyer (Provider)" });
  await page.locator(`[name=template][value=${template}]`).check();
  await page.locator("[data-test=give] button[type=submit]").click();
  await page.waitForURL(/access\?done=given/);
}

test("a doctor for a day sees results and no private note, and the open page ends when it is taken back", async () => {
  const asha = await resident(browser, house);
  await give(asha.page, "labs-and-medicines");
  assert.match(await asha.page.locator("[data-test=grants]").innerText(), /Dr\. Meera Iyer[\s\S]*Lab results[\s\S]*until/);
  asha.quiet();

  const meera = await other(doctor, { expected: (trouble) => /40[34]/.test(trouble) });
  await meera.page.goto("/patients");
  await meera.page.locator("[data-test=patients] a", { hasText: owner.name }).click();
  await meera.page.waitForURL(new RegExp(`/p/${person}$`));
  assert.match(await meera.page.locator("[data-test=not-shared]").innerText(), /Conditions/, "what is not shared is said");
  await meera.page.goto(`/p/${person}/lab-results`);
  assert.equal(await meera.page.locator("#results [data-record]").count(), 1);
  assert.equal((await meera.page.goto(`/p/${person}/notes`)).status(), 403);

  // Everything for a visit: the plain note shows, the private one does not.
  await give(asha.page, "visit");
  await meera.page.goto(`/p/${person}/notes`);
  assert.equal(await meera.page.locator("#results [data-record]").count(), 1);
  assert.match(await meera.page.locator("#results").innerText(), /prefers mornings/);

  await meera.page.goto(`/p/${person}/lab-results`);
  await asha.page.goto(`/p/${person}/access`);
  for (const left of [1, 0]) {
    await asha.page.locator("[data-test=grants] [data-test=revoke]").first().click();
    await asha.page.waitForURL(/done=taken/);
    assert.equal(await asha.page.locator("[data-test=grants] [data-test=revoke]").count(), left);
  }
  await meera.page.locator("main[data-ended]").waitFor();
  assert.equal(await meera.page.locator("h1").innerText(), "Access has ended");
  assert.doesNotMatch(await meera.page.locator("body").innerText(), /HbA1c/);
  assert.equal((await meera.page.goto(`/p/${person}/lab-results`)).status(), 404);
  await asha.close();
  await meera.close();
});

test("without script, access is given by template and taken back in one press", async () => {
  const asha = await resident(browser, house, { javaScriptEnabled: false });
  await give(asha.page, "pharmacy");
  await asha.page.locator("[data-test=revoke]").click();
  await asha.page.waitForURL(/done=taken/);
  assert.equal(await asha.page.locator("[data-test=revoke]").count(), 0);
  asha.quiet();
  await asha.close();
});

test("a link brings somebody into the family, once", async () => {
  const asha = await resident(browser, house);
  await asha.page.goto(`/p/${person}/family`);
  await asha.page.locator("[data-test=invite] button[type=submit]").click();
  const link = await asha.page.locator("[data-test=link] code").innerText();
  const { pathname, hash } = new URL(link);

  const guest = await other(ravi, { expected: (trouble) => /422/.test(trouble) });
  await guest.page.goto(pathname + hash);
  await guest.page.locator("form[action='/join/accept'] button").click();
  await guest.page.waitForURL(new RegExp(`/p/${person}$`));
  await guest.page.goto(`/p/${person}/family`);
  assert.match(await guest.page.locator(".members").innerText(), /Ravi Verma[\s\S]*That is you/);
  await guest.page.goto(pathname + hash);
  await guest.page.locator("[role=alert]").waitFor();

  await asha.page.goto(`/p/${person}/family`);
  const carer = asha.page.locator("[data-relation]", { hasText: "Ravi Verma" });
  await carer.locator("details.confirm summary").click();
  await carer.locator("details.confirm button").click();
  await asha.page.waitForURL(/done=ended/);
  asha.quiet();
  assert.equal((await guest.page.request.get(`/p/${person}/family`)).status(), 404);
  await asha.close();
  await guest.close();
});

test("a provider breaks the glass with a reason, and the person is told on the overview", async () => {
  const { version } = await ask("GET", `/profiles/${person}`);
  await ask("PATCH", `/profiles/${person}`, { birth_date: "1990-05-17" }, { "if-match": `"${version}"` });
  const meera = await other(doctor, { expected: (trouble) => /422/.test(trouble) });
  const fill = async (born) => {
    await meera.page.goto("/patients");
    await meera.page.locator(".glass summary").click();
    const fields = { name: owner.name, birth_date: born, reason: "unconscious after a fall" };
    for (const [name, value] of Object.entries(fields)) await meera.page.locator(`[data-test=glass] [name=${name}]`).fill(value);
    await meera.page.locator("[data-test=glass] button").click();
  };
  await fill("1990-05-18");
  await meera.page.locator(".glass [role=alert]").waitFor();
  await fill("1990-05-17");
  await meera.page.waitForURL(new RegExp(`/p/${person}$`));
  await meera.page.goto(`/p/${person}/lab-results`);
  assert.equal(await meera.page.locator("#results [data-record]").count(), 1);

  const asha = await resident(browser, house);
  // At night there is a second notice: that somebody looked at an unusual hour.
  const told = asha.page.locator("[data-test=told]", { hasText: "unconscious after a fall" });
  assert.match(await told.innerText(), /Dr\. Meera Iyer[\s\S]*unconscious after a fall/);
  await asha.page.goto(`/p/${person}/who-looked`);
  assert.match(await asha.page.locator(".audit .broken").first().innerText(), /unconscious after a fall/);
  await asha.page.goto(`/p/${person}/access`);
  await told.locator("button").click();
  await told.waitFor({ state: "detached" });
  asha.quiet();
  await asha.close();
  await meera.close();
});

test("a token is shown once, reads what it was made for, and is revoked", async () => {
  const asha = await resident(browser, house);
  const { page } = asha;
  await page.goto("/tokens");
  await page.locator("[name=name]").fill("Notebook");
  await page.locator(`[name=profiles][value="${person}"]`).check();
  await page.locator("[name=kinds][value=lab-result]").check();
  await page.locator("[data-test=make] button[type=submit]").click();
  const secret = await page.locator("[data-test=secret] code").innerText();
  assert.match(secret, /^phm_/);
  const bearer = { authorization: `Bearer ${secret}` };
  assert.equal((await call(house, "GET", `/profiles/${person}/lab-results`, undefined, bearer)).length, 1);
  await page.goto("/tokens");
  assert.equal(await page.locator("[data-test=secret]").count(), 0);
  await page.locator("[data-token] button").click();
  await page.waitForURL(/\/tokens$/);
  await assert.rejects(call(house, "GET", `/profiles/${person}/lab-results`, undefined, bearer), /401/);
  asha.quiet();
  await asha.close();
});

test("a link opens chosen records for somebody without an account, and the server knows none of them", async () => {
  const asha = await resident(browser, house);
  const { page } = asha;
  await page.goto(`/p/${person}/links`);
  await page.locator("[name=passcode]").fill("4711");
  await page.locator("[name=single_use]").check();
  await page.locator("[data-test=make] button[type=submit]").click();
  const link = new URL(await page.locator("[data-test=link] code").innerText());
  asha.quiet();
  await asha.close();

  const stranger = await visitor(browser, house, { expected: (trouble) => /40[14]/.test(trouble) });
  await stranger.page.goto(link.pathname + link.hash);
  const open = async (passcode) => {
    await stranger.page.locator("[name=passcode]").fill(passcode);
    await stranger.page.locator("form[data-opens] button").click();
  };
  await open("0000");
  await stranger.page.locator("[role=alert]:not([hidden])").waitFor();
  const [answer] = await Promise.all([stranger.page.waitForResponse((one) => one.request().method() === "POST" && one.ok()), open("4711")]);
  const sealed = await answer.text();
  await stranger.page.locator("body[data-opened]").waitFor();
  assert.match(await stranger.page.locator("main").innerText(), /HbA1c[\s\S]*7\.1/);
  assert.doesNotMatch(sealed, /"HbA1c|Observation/, "what the server hands out is sealed");

  // The same from link and server's bytes alone, by code that is not ours: RFC 7516 by node's own cipher.
  const [header, , nonce, text, tag] = JSON.parse(sealed).jwe.split(".");
  const part = (one) => Buffer.from(one, "base64url");
  assert.deepEqual(JSON.parse(part(header)), { alg: "dir", enc: "A256GCM", cty: "application/fhir+json" });
  const cipher = createDecipheriv("aes-256-gcm", part(link.hash.slice(1)), part(nonce));
  cipher.setAAD(Buffer.from(header, "ascii")).setAuthTag(part(tag));
  const bundle = JSON.parse(Buffer.concat([cipher.update(part(text)), cipher.final()]));
  assert.equal(bundle.resourceType, "Bundle");
  assert.doesNotMatch(JSON.stringify(bundle), /for nobody/, "what is private stays out");

  // On paper stand the records, and nothing to press.
  await stranger.page.emulateMedia({ media: "print" });
  assert.match(await stranger.page.locator("main").innerText(), /HbA1c[\s\S]*7\.1/);
  assert.equal(await stranger.page.locator("button:visible, nav:visible, form:visible").count(), 0);

  // It was good once.
  assert.equal((await stranger.page.goto(link.pathname)).status(), 404);
  await stranger.close();
});
