// What people do with PHM in a browser, from the first start on.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { open, serious, signIn, start } from "./house.mjs";

const PDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
  + "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

const bundle = JSON.stringify({
  resourceType: "Bundle",
  type: "collection",
  entry: [
    { resource: { resourceType: "Patient", id: "p1", name: [{ text: "Neeru Bala" }], birthDate: "1971-05-02" } },
    {
      resource: {
        resourceType: "Observation", id: "o1", status: "final", subject: { reference: "Patient/p1" },
        category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
        code: { coding: [{ system: "http://loinc.org", code: "718-7", display: "Haemoglobin" }] },
        effectiveDateTime: "2026-03-01", valueQuantity: { value: 12.5, unit: "g/dL", system: "http://unitsofmeasure.org", code: "g/dL" },
      },
    },
  ],
});

test("the first start: set-up makes the vault and the account, and shows the recovery code once", async () => {
  const house = await start();
  const { browser, page, complaints } = await open();
  try {
    assert.ok(house.setup_url.includes("/setup#token="));
    await page.goto(house.setup_url);
    assert.notEqual(await page.inputValue("[name=token]"), "", "the link fills the token in");
    await page.fill("[name=passphrase]", "otter lamp seventeen quiet");
    await page.fill("[name=name]", "Arjun Sharma");
    await page.fill("[name=email]", "arjun@example.org");
    await page.fill("[name=password]", "short");
    await page.evaluate(() => document.querySelector("form").setAttribute("novalidate", ""));
    await page.click("main button[type=submit]");
    await page.waitForSelector("[name=password][aria-invalid=true]");
    await page.fill("[name=passphrase]", "otter lamp seventeen quiet");
    await page.fill("[name=password]", "correct horse battery");
    await page.click("main button[type=submit]");
    await page.waitForSelector("[data-test=recovery-code]");
    await page.click("main a.button");
    await page.waitForURL(/\/p\//);
    assert.match(await page.textContent("h1"), /Arjun Sharma/);
    assert.deepEqual(complaints.filter((line) => !line.includes("422")), []);
  } finally {
    await browser.close();
    await house.stop();
  }
});

describe("the demo household", () => {
  let house, browser, context, page, complaints;

  before(async () => {
    house = await start({ demo: true });
    ({ browser, context, page, complaints } = await open());
  });

  after(async () => {
    await browser?.close();
    await house?.stop();
  });

  test("sign-in speaks three languages, and a wrong password is said in each", async () => {
    const words = { en: "Welcome back", hi: "फिर से स्वागत है", pa: "ਜੀ ਆਇਆਂ ਨੂੰ" };
    for (const [language, heading] of Object.entries(words)) {
      await page.goto(`${house.url}/sign-in`);
      await page.click(`.languages a[lang=${language}]`);
      assert.equal(await page.getAttribute("html", "lang"), language);
      assert.equal((await page.textContent("h1")).trim(), heading);
      await page.fill("[name=email]", house.sign_in.email);
      await page.fill("[name=password]", "not the password");
      await page.click("main button[type=submit]");
      await page.waitForSelector("[role=alert]");
      assert.deepEqual(await serious(context, page), []);
    }
    complaints.length = 0;
    await page.goto(`${house.url}/sign-in?lang=en`);
    await signIn(page, house);
  });

  test("the dashboard stands in three languages, with digits as chosen", async () => {
    for (const [language, digits, sample] of [["hi", "native", /[०-९]/], ["pa", "native", /[੦-੯]/], ["en", "latin", /[0-9]/]]) {
      await page.goto(`${house.url}/settings`);
      await page.check(`[name=lang][value=${language}]`);
      await page.check(`[name=digits][value=${digits}]`);
      await page.click("main form.record-form button[type=submit]");
      await page.waitForURL(/done=saved/);
      await page.goto(`${house.url}/`);
      assert.equal(await page.getAttribute("html", "lang"), language);
      assert.match(await page.textContent(".vitals"), sample);
      assert.deepEqual(await serious(context, page), []);
    }
  });

  test("the family switcher opens another person", async () => {
    await page.goto(`${house.url}/`);
    const people = page.locator("[data-test=switcher] a[href^='/p/']");
    assert.equal(await people.count(), 4);
    for (let n = 0; n < 4; n += 1) {
      const name = (await people.nth(n).textContent()).trim();
      await people.nth(n).click();
      await page.waitForURL(/\/p\//);
      assert.ok(name.endsWith((await page.textContent("h1")).trim()));
    }
  });

  test("the HbA1c trend shows six months and a year, with its target", async () => {
    await page.goto(`${house.url}/people`);
    const homes = await page.$$eval("a.person-card", (cards) => cards.map((card) => card.href));
    let found = 0;
    for (const home of homes) {
      await page.goto(home);
      if (!(await page.locator("#trend .segments").count())) continue;
      found += 1;
      await page.click("#trend .segments a >> nth=0");
      await page.waitForSelector("#trend .segments a:nth-child(1)[aria-current]");
      const half = await page.locator("#trend .wide .point").count();
      await page.click("#trend .segments a >> nth=1");
      await page.waitForSelector("#trend .segments a:nth-child(2)[aria-current]");
      assert.ok((await page.locator("#trend .wide .point").count()) >= half);
      assert.equal(await page.locator("#trend .wide .target").count(), 1);
    }
    assert.ok(found > 0, "somebody has diabetes");
  });

  test("a chronic condition is edited in place", async () => {
    await page.goto(`${house.url}/people`);
    const homes = await page.$$eval("a.person-card", (cards) => cards.map((card) => card.href));
    for (const home of homes) {
      await page.goto(home);
      if (await page.locator(".condition").count()) break;
    }
    const condition = page.locator(".condition").first();
    await condition.locator("summary").click();
    await condition.locator("textarea").fill("Watched closely.");
    await condition.locator("button[type=submit]").click();
    await page.waitForSelector(".condition-note:has-text('Watched closely.')");
  });

  test("a lab result is added, amended, looked up in its history, restored, removed and brought back", async () => {
    await page.goto(`${house.url}/`);
    const home = page.url();
    await page.goto(`${home}/lab-results/new`);
    await page.fill("[name='concept.text']", "Ferritin");
    await page.fill("[name='quantity.value']", "41.50");
    await page.fill("[name='quantity.unit']", "nonsense");
    await page.click("main form.record-form button.primary");
    await page.waitForSelector(".field.wrong");
    await page.fill("[name='quantity.unit']", "ng/mL");
    await page.fill("[name='collected_at']", "2026-11");
    await page.click("main form.record-form button.primary");
    await page.waitForURL(/done=saved/);
    assert.match(await page.textContent(".figure.huge"), /41\.50/);
    const record = page.url().replace(/\?.*/, "");
    await page.click("a:has-text('Edit'):not(:has-text('profile'))");
    await page.fill("[name='quantity.value']", "४२");
    await page.click("main form.record-form button.primary");
    await page.waitForURL(/done=saved/);
    assert.match(await page.textContent(".figure.huge"), /42/);
    await page.goto(`${record}/history`);
    assert.equal(await page.locator("[data-version]").count(), 2);
    await page.click("[data-version='1'] button");
    await page.waitForURL(/done=restored/);
    assert.match(await page.textContent(".figure.huge"), /41\.50/);
    await page.click(".confirm summary");
    await page.click(".confirm button");
    await page.waitForURL(/done=removed/);
    await page.goto(`${home}/lab-results`);
    assert.equal(await page.locator(`[data-record='${record.split("/").pop()}']`).count(), 0);
    await page.goto(record);
    await page.click("form[action$='/restore'] button");
    await page.waitForURL(/done=restored/);
    await page.goto(`${home}/lab-results?q=Ferritin`);
    assert.equal(await page.locator(`[data-record='${record.split("/").pop()}']`).count(), 1);
    complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes("422")));
  });

  test("a PDF is attached, described, viewed and downloaded", async () => {
    await page.goto(`${house.url}/`);
    const home = page.url();
    await page.goto(`${home}/documents`);
    await page.setInputFiles("#drop-file", { name: "report.pdf", mimeType: "application/pdf", buffer: Buffer.from(PDF) });
    await page.click(".drop button[type=submit]");
    await page.waitForURL(/\/edit$/);
    await page.fill("[name=title]", "Report of April");
    await page.selectOption("[name=category]", "lab-report");
    await page.click("main form.record-form button.primary");
    await page.waitForURL(/done=saved/);
    const view = await page.getAttribute("[data-test=view]", "href");
    const shown = await context.request.get(house.url + view);
    assert.equal(shown.headers()["content-type"], "application/pdf");
    assert.match(shown.headers()["content-disposition"], /^inline/);
    assert.equal(await shown.text(), PDF);
    const saved = page.waitForEvent("download");
    await page.click("[data-test=download]");
    assert.equal((await saved).suggestedFilename(), "Report of April.pdf");
  });

  test("a file is previewed, imported and taken back", async () => {
    const file = join(house.folder, "hospital.json");
    await writeFile(file, bundle);
    await page.goto(`${house.url}/people/new`);
    await page.fill("[name='name.text']", "Neeru Bala");
    await page.click("main form.record-form button.primary");
    await page.waitForURL(/\/p\//);
    const home = page.url();
    await page.goto(`${home}/import`);
    await page.setInputFiles("#import-file", file);
    await page.click("main .drop button[type=submit]");
    await page.waitForSelector("#import[data-state=preview], #import[data-state=failed]");
    assert.equal(await page.getAttribute("#import", "data-state"), "preview");
    assert.deepEqual(await serious(context, page), []);
    await page.goto(`${home}/lab-results`);
    assert.equal(await page.locator("[data-record]").count(), 0, "a preview writes nothing");
    await page.goBack();
    await page.click("[data-test=import-confirm]");
    await page.waitForSelector("#import[data-state=done]");
    await page.goto(`${home}/lab-results`);
    assert.equal(await page.locator("[data-record]").count(), 1);
    await page.goto(`${home}/import`);
    await page.click("[data-import] a");
    await page.click(".confirm summary");
    await page.click("[data-test=import-undo]");
    await page.waitForSelector("#import[data-state=undone]");
    await page.goto(`${home}/lab-results`);
    assert.equal(await page.locator("[data-record]").count(), 0);
  });

  test("every link leads somewhere, and axe finds nothing serious on any page", async () => {
    await page.goto(`${house.url}/`);
    const queue = [page.url()], seen = new Set(), kinds = new Map(), faults = [];
    while (queue.length) {
      const address = queue.shift().replace(/[?#].*/, "");
      if (seen.has(address)) continue;
      seen.add(address);
      const kind = address.replace(house.url, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*");
      const times = (kinds.get(kind) ?? 0) + 1;
      kinds.set(kind, times);
      if (times > 2) continue;
      if (/\/(content|original)$/.test(kind) || /^\/(docs|api)/.test(kind)) {
        const answer = await context.request.get(address);
        if (answer.status() >= 400) faults.push(`${kind}: ${answer.status()}`);
        continue;
      }
      const answer = await page.goto(address);
      if (!answer || answer.status() >= 400) faults.push(`${kind}: ${answer?.status()}`);
      if (times === 1) for (const fault of await serious(context, page)) faults.push(`${kind}: ${fault}`);
      const links = await page.$$eval("a[href]", (all) =>
        all.map((a) => (typeof a.href === "string" ? a.href : location.origin + a.href.baseVal)));
      queue.push(...links.filter((link) => link.startsWith(house.url)));
    }
    assert.deepEqual(faults, []);
    assert.ok(kinds.size > 60, `${kinds.size} kinds of pages were visited`);
    assert.deepEqual(complaints, []);
  });

  test("lists weigh at most 50 KB and the dashboard 80 KB when nothing is cached", async () => {
    await page.goto(`${house.url}/`);
    const home = page.url();
    const cookies = await context.cookies();
    for (const [path, most] of [["", 80], ["/lab-results", 50], ["/vital-signs", 50], ["/timeline", 50]]) {
      const fresh = await browser.newContext();
      await fresh.addCookies(cookies);
      const window = await fresh.newPage();
      const session = await fresh.newCDPSession(window);
      await session.send("Network.enable");
      let bytes = 0;
      session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
      await window.goto(home + path, { waitUntil: "networkidle" });
      await fresh.close();
      assert.ok(bytes <= most * 1000, `${path || "the dashboard"} weighs ${bytes} bytes`);
    }
  });

  test("without script one signs in, reads, adds and signs out", async () => {
    const bare = await browser.newContext({ javaScriptEnabled: false });
    const window = await bare.newPage();
    await window.goto(`${house.url}/sign-in`);
    await window.fill("[name=email]", house.sign_in.email);
    await window.fill("[name=password]", house.sign_in.password);
    await window.click("main button[type=submit]");
    const home = window.url();
    assert.match(home, /\/p\//);
    await window.goto(`${home}/vital-signs/new?of=weight`);
    await window.fill("[name='quantity.value']", "63.4");
    await window.click("main form.record-form button.primary");
    assert.match(await window.textContent(".figure.huge"), /63\.4/);
    await window.click(".side form[action='/sign-out'] button");
    assert.match(window.url(), /\/sign-in$/);
    await window.goto(home);
    assert.match(window.url(), /\/sign-in/);
    await bare.close();
  });

  test("on a small screen nothing runs over the edge", async () => {
    const { browser: other, page: window } = await open({ viewport: { width: 360, height: 740 }, hasTouch: true });
    try {
      await signIn(window, house);
      const home = window.url();
      for (const path of ["", "/timeline", "/lab-results", "/lab-results/new", "/medications/new", "/documents", "/import", "/who-looked", "/records", "/add"]) {
        await window.goto(home + path);
        const over = await window.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(over <= 0, `${path} is ${over} px too wide`);
      }
    } finally {
      await other.close();
    }
  });
});
