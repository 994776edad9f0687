// The same house in English, Hindi and Punjabi: texts, the language's mark on the page, its digits and its letters.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, visitor } from "./support/browser.mjs";
import { openDemo } from "./support/house.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openDemo()])));
after(async () => {
  await browser.close();
  await house.stop();
});

const languages = [
  { tag: "en", locale: "en-GB", heading: "Welcome back", wrong: "E-mail or password is not right.", allergies: "Allergies" },
  { tag: "hi", locale: "hi-IN", heading: "फिर से स्वागत है", wrong: "ई-मेल या पासवर्ड सही नहीं है।", allergies: "एलर्जी", digits: /[०-९]/, script: /[\u0900-\u097f]/ },
  { tag: "pa", locale: "pa-IN", heading: "ਜੀ ਆਇਆਂ ਨੂੰ", wrong: "ਈ-ਮੇਲ ਜਾਂ ਪਾਸਵਰਡ ਸਹੀ ਨਹੀਂ ਹੈ।", allergies: "ਐਲਰਜੀਆਂ", digits: /[੦-੯]/, script: /[\u0a00-\u0a7f]/ },
];

for (const { tag, locale, heading, wrong, allergies, digits, script } of languages) {
  test(`sign-in and dashboard speak ${tag}`, async () => {
    const guest = await visitor(browser, house, { locale, expected: (trouble) => /401/.test(trouble) });
    const { page } = guest;
    await page.goto("/sign-in");
    assert.equal(await page.locator("html").getAttribute("lang"), tag, "the browser's language is heard");
    assert.equal(await page.locator("h1").innerText(), heading);

    await page.locator("[name=email]").fill(house.sign.email);
    await page.locator("[name=password]").fill("not the password");
    await page.locator("form[action='/sign-in'] button").click();
    assert.equal((await page.locator("[role=alert]").innerText()).trim(), wrong);
    assert.equal(await page.locator("[name=email]").inputValue(), house.sign.email, "the address stays");

    await page.locator("[name=password]").fill(house.sign.password);
    await page.locator("form[action='/sign-in'] button").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    assert.equal(await page.locator("html").getAttribute("lang"), tag);
    assert.match(await page.locator("#allergies-title").innerText(), new RegExp(allergies));

    if (digits) {
      await page.goto("/settings");
      await page.locator("[name=digits][value=native]").check();
      await page.locator("form[action='/settings'] button[type=submit]").click();
      await page.goto("/");
      assert.match(await page.locator(".vitals").innerText(), digits, "figures are written in the script's own digits");
      assert.doesNotMatch(await page.locator(".vitals .num").first().innerText(), /[0-9]/);
      const label = (await page.locator(".nav-link").allInnerTexts()).join(" ");
      assert.match(label, script);
      assert.doesNotMatch(label, /[a-z]{4,}/i, "no link of the frame fell back to English");
      await page.goto("/settings");
      await page.locator("[name=digits][value=latin]").check();
      await page.locator("form[action='/settings'] button[type=submit]").click();
    }
    guest.quiet();
    await guest.close();
  });
}

test("the language chosen on the sign-in page stays for whoever signs in", async () => {
  const guest = await visitor(browser, house);
  const { page } = guest;
  await page.goto("/sign-in");
  await page.locator(".languages a[hreflang=pa]").click();
  assert.equal(await page.locator("html").getAttribute("lang"), "pa");
  await page.locator("[name=email]").fill(house.sign.email);
  await page.locator("[name=password]").fill(house.sign.password);
  await page.locator("form[action='/sign-in'] button").click();
  await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
  assert.equal(await page.locator("html").getAttribute("lang"), "pa");
  guest.quiet();
  await guest.close();
});

test("no page in Hindi or Punjabi shows the name of a text instead of the text", async () => {
  for (const locale of ["hi-IN", "pa-IN"]) {
    const guest = await visitor(browser, house, { locale });
    const { page } = guest;
    await page.goto("/sign-in");
    await page.locator("[name=email]").fill(house.sign.email);
    await page.locator("[name=password]").fill(house.sign.password);
    await page.locator("form[action='/sign-in'] button").click();
    await page.waitForURL(/\/p\/[0-9a-f-]{36}$/);
    const person = new URL(page.url()).pathname;
    for (const place of ["", "/timeline", "/lab-results", "/lab-results/new", "/medications/new", "/documents", "/import", "/who-looked", "/proposals"]) {
      await page.goto(person + place);
      const text = await page.locator("main").innerText();
      assert.doesNotMatch(text, /\b(field|choice|kind|kinds|nav|audit|import|dashboard|unit|code)-[a-z]+(-[a-z]+)*\b/, `${locale} ${place}`);
    }
    guest.quiet();
    await guest.close();
  }
});
