// Every page of the demo household: each link and form leads somewhere, nothing complains, nothing is wider than a
// telephone, and pages stay light to send.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, path, personOf, resident, visitor } from "./support/browser.mjs";
import { openDemo } from "./support/house.mjs";

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** More pages than there are shapes of address, so that a walk without end is noticed. */
const MOST_PAGES = 200;

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openDemo()])));
after(async () => {
  await browser.close();
  await house.stop();
});

/** The shape of an address: ids are alike, and so are the values of a query. */
function shape(address) {
  const { pathname, searchParams } = new URL(address, house.url);
  return pathname.replace(uuid, "*") + [...searchParams.keys()].map((key) => `?${key}`).join("");
}

/** Where the forms of a page lead, how, and whether anything on it can be pressed without a name or a purpose. */
const survey = () => {
  const named = (element) =>
    (element.getAttribute("aria-label") ?? element.textContent ?? "").trim() || element.getAttribute("aria-hidden") === "true";
  return {
    links: [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
    frames: [...document.querySelectorAll("img[src]")].map((image) => image.getAttribute("src")),
    actions: [...document.forms].map((form) => [form.method, form.getAttribute("action") ?? location.pathname, !!form.elements.csrf]),
    nameless: [...document.querySelectorAll("a[href], button, summary")].filter((element) => !named(element)).map((e) => e.outerHTML),
    idle: [...document.querySelectorAll("button")]
      .filter((button) => button.type === "submit" && !button.form)
      .map((button) => button.outerHTML),
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    widest: [...document.querySelectorAll("main *")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest(".visually-hidden, .scroll"))
      .map((element) => element.outerHTML.slice(0, 90))
      .slice(-2),
  };
};

/** Follows links from the start, one page of each shape of address, and hands each page to `look`. */
async function walk(guest, look) {
  const { page } = guest;
  const waiting = [path(page.url()), "/people", "/settings", "/admin"];
  const known = new Set(waiting);
  const shapes = new Set();
  const files = new Set();
  let seen = 0;
  while (waiting.length && seen < MOST_PAGES) {
    const address = waiting.shift();
    if (shapes.has(shape(address))) continue;
    shapes.add(shape(address));
    if (/\/(content|original)(\?|$)/.test(address)) {
      files.add(address);
      continue;
    }
    const answer = await page.goto(address);
    assert.equal(answer.status(), 200, address);
    seen += 1;
    const map = await page.evaluate(survey);
    for (const link of [...map.links, ...map.frames]) {
      if (link.startsWith("#") || link.startsWith("data:")) continue;
      const target = new URL(link, page.url());
      assert.equal(target.origin, new URL(house.url).origin, `${address} leads away to ${link}`);
      const next = target.pathname + target.search;
      if (!known.has(next) && !next.startsWith("/assets/")) known.add(next) && waiting.push(next);
    }
    await look(address, map);
  }
  for (const file of files) assert.ok((await page.request.get(file)).ok(), file);
  return seen;
}

for (const width of [1280, 360]) {
  test(`every link and button of every page answers and nothing complains at ${width} pixels`, { timeout: 120_000 }, async () => {
    const guest = await resident(browser, house, { viewport: { width, height: 800 } });
    const wrong = [];
    const actions = new Map();
    const seen = await walk(guest, (address, map) => {
      if (map.over > 0) wrong.push(`${address} is ${map.over} pixels too wide: ${map.widest.join(" | ")}`);
      if (map.nameless.length) wrong.push(`${address} has something without a name: ${map.nameless[0]}`);
      if (map.idle.length) wrong.push(`${address} has a button that does nothing: ${map.idle[0]}`);
      for (const [method, action, guarded] of map.actions) {
        if (method === "post" && !guarded) wrong.push(`${address} has a form without csrf: ${action}`);
        actions.set(shape(action), [method, action]);
      }
      for (const trouble of guest.troubles.splice(0)) wrong.push(`${address}: ${trouble}`);
    });
    // Every form's address is one the house knows: a GET shows, a POST without csrf is refused as a form, not as a place.
    for (const [method, action] of actions.values()) {
      const answer = method === "get" ? await guest.page.request.get(action) : await guest.page.request.post(action, { form: { csrf: "" } });
      const well = method === "get" ? answer.ok() : answer.status() === 403;
      if (!well) wrong.push(`${method} ${action} answered ${answer.status()}`);
    }
    await guest.close();
    assert.deepEqual(wrong, []);
    assert.ok(seen > 60 && seen < MOST_PAGES, `${seen} pages were found`);
  });
}
