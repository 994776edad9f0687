// A record's life as a family member lives it: written down, corrected, seen again as it was, removed, brought back;
// a paper attached to it; and two people who correct the same line at the same time.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, personOf, resident } from "./support/browser.mjs";
import { bundle, pdf, png } from "./support/files.mjs";
import { bytesOf, caller, keep, openOwnHouse } from "./support/house.mjs";

let browser, house, ask;
before(async () => {
  [browser, house] = await Promise.all([openBrowser(), openOwnHouse()]);
  ask = await caller(house);
});
after(async () => {
  await browser.close();
  await house.stop();
});

const detail = /\/(lab-results|documents)\/[0-9a-f-]{36}(\?|$)/;
const saveForm = (page) => page.locator("form.record-form .form-actions button[type=submit]").click();

/** Writes down one HbA1c on its form and waits for its page. */
async function addHba1c(page, value) {
  const person = personOf(page);
  await page.goto(`/p/${person}/lab-results/new?of=hba1c`);
  await page.locator("[name='quantity.value']").fill(value);
  await saveForm(page);
  await page.waitForURL(detail);
  return page.url().split("?")[0];
}

test("a lab result is added, amended, seen in its history and taken back to its first version", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const address = await addHba1c(page, "7.40");
  assert.equal(await page.locator(".result .num").innerText(), "7.40", "a figure stays as written");

  await page.locator(".record-actions a.primary").click();
  await page.locator("[name='quantity.value']").fill("6.9");
  await saveForm(page);
  await page.waitForURL(detail);
  assert.equal(await page.locator(".result .num").innerText(), "6.9");

  await page.goto(`${address}/history`);
  assert.equal(await page.locator("[data-version]").count(), 2);
  const changes = await page.locator("[data-version='2'] .changes").innerText();
  assert.match(changes, /7\.40/);
  assert.match(changes, /6\.9/);
  await page.locator("[data-version='1'] button").click();
  await page.waitForURL(detail);
  assert.equal(await page.locator(".result .num").innerText(), "7.40");
  await page.goto(`${address}/history`);
  assert.equal(await page.locator("[data-version]").count(), 3, "nothing of the history is lost");
  guest.quiet();
  await guest.close();
});

test("a removed lab result leaves its list and comes back", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const person = personOf(page);
  const address = await addHba1c(page, "8.1");
  const id = address.split("/").at(-1);
  await page.locator("details.confirm summary").click();
  await page.locator("details.confirm button").click();
  await page.waitForLoadState();
  await page.goto(`/p/${person}/lab-results`);
  assert.equal(await page.locator(`[data-record="${id}"]`).count(), 0);

  await page.goto(`${address}/history`);
  await page.locator("form[action$='/restore'] button").first().click();
  await page.waitForURL(detail);
  await page.goto(`/p/${person}/lab-results`);
  assert.equal(await page.locator(`[data-record="${id}"]`).count(), 1);

  // The removal stays in the history, and holds nothing to go back to.
  await page.goto(`${address}/history`);
  assert.equal(await page.locator("[data-version='2']").count(), 1);
  assert.equal(await page.locator("[data-version='2'] form").count(), 0);
  assert.equal(await page.locator("[data-version='1'] form[action$='/restore']").count(), 1);
  guest.quiet();
  await guest.close();
});

test("whoever saves second is told what changed meanwhile, and loses nothing typed", async () => {
  const guest = await resident(browser, house, { expected: (trouble) => /409/.test(trouble) });
  const { page, context } = guest;
  const address = await addHba1c(page, "7.0");
  await page.goto(`${address}/edit`);
  const other = await context.newPage();
  await other.goto(`${address}/edit`);
  await other.locator("[name='quantity.value']").fill("7.1");
  await saveForm(other);
  await other.waitForURL(detail);

  await page.locator("[name='quantity.value']").fill("7.2");
  await saveForm(page);
  await page.locator("[role=alert]").waitFor();
  assert.equal(await page.locator("[name='quantity.value']").inputValue(), "7.2", "what was typed stays");
  await saveForm(page);
  await page.waitForURL(detail);
  assert.equal(await page.locator(".result .num").innerText(), "7.2", "having seen it, one may save");
  guest.quiet();
  await guest.close();
});

test("a form that is not right says so at the field and keeps what was typed", async () => {
  const guest = await resident(browser, house, { expected: (trouble) => /422/.test(trouble) });
  const { page } = guest;
  await page.goto(`/p/${personOf(page)}/lab-results/new?of=hba1c`);
  await page.locator("[name='quantity.value']").fill("seven");
  await saveForm(page);
  const field = page.locator("[name='quantity.value']");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.equal(await field.inputValue(), "seven");
  const help = await field.getAttribute("aria-describedby");
  assert.ok((await page.locator(`#${help}`).innerText()).length > 5);
  guest.quiet();
  await guest.close();
});

test("a PDF and a picture are attached, described, viewed and downloaded byte for byte", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const person = personOf(page);
  const files = [
    { name: "report.pdf", type: "application/pdf", path: await keep(house, "report.pdf", pdf()) },
    { name: "x-ray.png", type: "image/png", path: await keep(house, "x-ray.png", png()) },
  ];
  for (const file of files) {
    await page.goto(`/p/${person}/documents`);
    await page.locator("#drop-file").setInputFiles(file.path);
    await page.locator("form.drop button[type=submit]").click();
    await page.waitForURL(/\/documents\/[0-9a-f-]{36}\/edit/);
    await page.locator("[name=title]").fill(`Invented ${file.name}`);
    await page.locator("[name=category]").selectOption("lab-report");
    await saveForm(page);
    await page.waitForURL(detail);
    assert.match(await page.locator("h1").innerText(), new RegExp(`Invented ${file.name}`));

    const view = await page.locator("[data-test=view]").getAttribute("href");
    const seen = await page.request.get(view);
    assert.equal(seen.headers()["content-type"], file.type);
    assert.match(seen.headers()["content-disposition"] ?? "inline", /^inline/);
    const [saved] = await Promise.all([page.waitForEvent("download"), page.locator("[data-test=download]").click()]);
    assert.deepEqual(await bytesOf(await saved.path()), await bytesOf(file.path));
    assert.match(saved.suggestedFilename(), new RegExp(`\\.${file.name.split(".").at(-1)}$`));

    const part = await page.request.get(view, { headers: { range: "bytes=0-3" } });
    assert.equal(part.status(), 206);
    assert.deepEqual(await part.body(), (await bytesOf(file.path)).subarray(0, 4));
  }
  assert.ok(await page.locator("img.preview").evaluate((picture) => picture.complete && picture.naturalWidth > 0), "the picture shows");
  await page.goto(`/p/${person}/documents`);
  assert.equal(await page.locator("#results [data-record]").count(), 2);
  guest.quiet();
  await guest.close();
});

/** Lets go of a file over the page's drop zone, as a hand with a mouse does. */
async function dropFile(page, { name, type, bytes }) {
  const hand = await page.evaluateHandle(
    ([name, type, bytes]) => {
      const held = new DataTransfer();
      held.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return held;
    },
    [name, type, [...bytes]],
  );
  const zone = page.locator("form.drop");
  for (const moment of ["dragenter", "dragover"]) await zone.dispatchEvent(moment, { dataTransfer: hand });
  assert.ok(await zone.evaluate((form) => form.classList.contains("over")), "the zone shows that it takes the file");
  await zone.dispatchEvent("drop", { dataTransfer: hand });
}

test("a picture let go over the documents is attached, and a bundle over the imports is checked", async () => {
  const guest = await resident(browser, house);
  const { page } = guest;
  const person = personOf(page);
  await page.goto(`/p/${person}/documents`);
  await dropFile(page, { name: "knee.png", type: "image/png", bytes: png(24) });
  await page.waitForURL(/\/documents\/[0-9a-f-]{36}\/edit/);
  const content = await page.request.get(page.url().split("?")[0].replace(/\/edit$/, "/content"));
  assert.deepEqual(await content.body(), png(24), "the file arrives byte for byte");

  await page.goto(`/p/${person}/import`);
  await dropFile(page, { name: "hospital.json", type: "application/json", bytes: Buffer.from(bundle({ family: "Bedi" })) });
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await page.locator("#import:not([data-state=checking])").waitFor();
  assert.match(await page.locator("h1").innerText(), /hospital\.json/);
  guest.quiet();
  await guest.close();
});

test("a file that only claims to be a picture is never run by the browser", async () => {
  const guest = await resident(browser, house, { expected: (trouble) => /415|422/.test(trouble) });
  const { page } = guest;
  const path = await keep(house, "photo.png", "<script>document.title = 'taken over'</script>");
  await page.goto(`/p/${personOf(page)}/documents`);
  await page.locator("#drop-file").setInputFiles(path);
  await page.locator("form.drop button[type=submit]").click();
  await page.waitForLoadState();
  if (/\/documents\/[0-9a-f-]{36}/.test(page.url())) {
    const content = await page.request.get(`${page.url().split("?")[0].replace(/\/edit$/, "")}/content`);
    assert.doesNotMatch(content.headers()["content-type"], /html|svg|script/);
    assert.equal(content.headers()["x-content-type-options"], "nosniff");
  }
  guest.quiet();
  await guest.close();
});

test("a record of somebody else's house answers like one that does not exist", async () => {
  const guest = await resident(browser, house, { expected: (trouble) => /404/.test(trouble) });
  const { page } = guest;
  const nobody = "00000000-0000-4000-8000-000000000000";
  for (const place of [`/p/${nobody}`, `/p/${nobody}/lab-results`, `/p/${personOf(page)}/lab-results/${nobody}`]) {
    assert.equal((await page.goto(place)).status(), 404, place);
  }
  assert.equal((await ask("GET", "/profiles")).length, 1);
  guest.quiet();
  await guest.close();
});
