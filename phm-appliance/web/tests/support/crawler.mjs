// Walks a house as somebody would who tries everything: every page, every link, every button, every fold.
//
// A page stands for all of its shape: ids are alike, and so are the values of a query. Links are all asked for; on one
// page of each shape every fold is moved and every button pressed, with its form emptied and, where something is
// edited, as it stands. What takes something away is pressed last.

import assert from "node:assert/strict";
import { path } from "./browser.mjs";

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** More pages than there are shapes of address, so that a walk without end is noticed. */
export const MOST_PAGES = 200;
/** Addresses of files, which a browser saves or shows without a page. */
const isFile = (address) => /\/(content|original|export)(\?|$)|\.(csv|json|html)(\?|$)/.test(address);
/** What a form takes away: a record, an import, a session. */
const isLast = (action) => /\/(remove|undo|end|end-others|sign-out)(\?|$)/.test(action);
/** How long a press may take to bring something, in milliseconds. */
const PATIENCE = 4_000;
/** An answer with which a form says what is missing. */
const SAYS_WHAT = new Set([400, 401, 409, 415, 422]);

/** The shape of an address. */
export function shape(address) {
  const { pathname, searchParams } = new URL(address, "http://localhost");
  return pathname.replace(uuid, "*") + [...searchParams.keys()].map((key) => `?${key}`).join("");
}

/** What stands on a page, as the page itself tells it. */
const survey = () => {
  const named = (element) =>
    (element.getAttribute("aria-label") ?? element.textContent ?? "").trim() || element.getAttribute("aria-hidden") === "true";
  return {
    links: [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
    frames: [...document.querySelectorAll("img[src], object[data], iframe[src]")].map((frame) => frame.getAttribute("src") ?? frame.getAttribute("data")),
    lost: [...document.querySelectorAll("a[href^='#']")].map((link) => link.getAttribute("href")).filter((href) => !document.querySelector(href)),
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

/** What is wrong with a page at first sight. */
function faults(map) {
  const wrong = [];
  if (map.over > 0) wrong.push(`is ${map.over} pixels too wide: ${map.widest.join(" | ")}`);
  if (map.nameless.length) wrong.push(`has something without a name: ${map.nameless[0]}`);
  if (map.idle.length) wrong.push(`has a button that does nothing: ${map.idle[0]}`);
  if (map.lost.length) wrong.push(`leads to a place it does not have: ${map.lost[0]}`);
  for (const [method, action, guarded] of map.actions) if (method === "post" && !guarded) wrong.push(`has a form without csrf: ${action}`);
  return wrong;
}

/**
 * Walks from `starts`, one page of each shape, and hands each page to `look`. Every other link is asked for without
 * being shown. The answer counts pages and links, and lists what was wrong.
 */
export async function walk(guest, starts, look = async () => {}) {
  const { page } = guest;
  const origin = new URL(page.url()).origin;
  const waiting = [...starts];
  const known = new Set(waiting);
  const shapes = new Set();
  const shown = new Set();
  const wrong = [];
  let links = 0;
  while (waiting.length && shown.size < MOST_PAGES) {
    const address = waiting.shift();
    if (isFile(address) || shapes.has(shape(address))) continue;
    shapes.add(shape(address));
    shown.add(address);
    const answer = await page.goto(address);
    if (answer.status() !== 200) wrong.push(`${address} answered ${answer.status()}`);
    const map = await page.evaluate(survey);
    links += map.links.length;
    for (const link of [...map.links, ...map.frames]) {
      if (/^(#|data:|blob:)/.test(link)) continue;
      const target = new URL(link, page.url());
      assert.equal(target.origin, origin, `${address} leads away to ${link}`);
      const next = target.pathname + target.search;
      if (!known.has(next) && !next.startsWith("/assets/")) known.add(next) && waiting.push(next);
    }
    wrong.push(...faults(map).map((fault) => `${address} ${fault}`));
    wrong.push(...guest.troubles.splice(0).map((trouble) => `${address}: ${trouble}`));
    await look(address, map);
  }
  const rest = [...known].filter((address) => !shown.has(address));
  for (let from = 0; from < rest.length; from += 8) {
    const some = rest.slice(from, from + 8);
    const answers = await Promise.all(some.map((address) => page.request.get(address).then((answer) => answer.status())));
    answers.forEach((status, at) => status === 200 || wrong.push(`the link ${some[at]} answered ${status}`));
  }
  guest.troubles.splice(0);
  return { pages: [...shown], links, addresses: known.size, wrong };
}

/** Moves every fold by its own handle, those of the frame once, and tells how many there were. */
async function unfold(page, done) {
  const folds = page.locator(done.has("frame") ? "main summary" : "summary");
  done.add("frame");
  const count = await folds.count();
  for (let at = 0; at < count; at += 1) {
    const fold = folds.nth(at);
    const isOpen = () => fold.evaluate((summary) => summary.parentElement.open);
    const before = await isOpen();
    await fold.press("Enter");
    assert.equal(await isOpen(), !before, `${page.url()}: a fold does not move: ${await fold.innerText()}`);
    if (before) await fold.press("Enter");
  }
  return count;
}

/** The buttons of a page, one of each kind: what they are called, what form they send, and which they are. */
const buttons = () => {
  const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
  return [...document.querySelectorAll("button")].map((button, at) => {
    const action = button.form?.getAttribute("action") ?? location.pathname;
    const kind = button.type === "submit" ? `${action.replace(id, "*")} ${button.name}=${button.value.replace(id, "*")}` : `picker ${button.className}`;
    return { at, kind, action, sends: button.type === "submit", method: button.form?.method, asks: !!button.form?.querySelector("[required]"), isFrame: !!button.closest("header.side"), isUnseen: button.getAttribute("aria-hidden") === "true" };
  });
};

/** Empties a form, except for what it carries unseen, and takes the browser's own checks off it. */
const emptied = (button) => {
  const form = button.form;
  form.noValidate = true;
  for (const field of form.elements) {
    if (field.type === "hidden" || field.type === "submit") continue;
    if (field.type === "checkbox") field.checked = false;
    else if (field.tagName === "SELECT") field.selectedIndex = 0;
    else if (field.type !== "radio") field.value = "";
  }
};

/** Presses one button, and gives the status of the page or part it brings, with whether that says what is wrong. */
async function press(page, { at, sends }, empty) {
  const button = page.locator("button").nth(at);
  if (!sends) {
    await button.click();
    return { status: 200, says: true };
  }
  await button.evaluate((element) => {
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  });
  if (empty) await button.evaluate(emptied);
  // A passkey's form asks the API for the question to the authenticator, which this browser has not.
  const begins = await button.evaluate((element) => element.form?.dataset.begin);
  const brings = (answer) => {
    const request = answer.request();
    if (begins) return new URL(request.url()).pathname === begins;
    const isPage = request.isNavigationRequest() || request.headers()["hx-request"] === "true";
    return isPage && (answer.status() < 300 || answer.status() >= 400);
  };
  // A filter's button is there only without script; its form sends itself.
  const isShown = await button.isVisible();
  const [answer] = await Promise.all([
    page.waitForResponse(brings, { timeout: PATIENCE }),
    isShown ? button.click({ timeout: PATIENCE }) : button.evaluate((element) => element.form.requestSubmit(element)),
  ]);
  await answer.finished();
  await page.waitForLoadState();
  if (begins) return { status: answer.status() < 500 ? 200 : answer.status(), says: true };
  const says = page.locator("[role=alert], [aria-invalid=true], .error").first();
  return { status: answer.status(), says: answer.status() < 400 || ((await says.count()) > 0 && (await says.textContent()) !== null) };
}

/**
 * Presses every button of a page. `done` remembers what was pressed: the frame is the same everywhere, and a page with
 * another query has the buttons of the page without. Gives how many buttons and folds there were, and puts what takes
 * something away on the list `later`.
 */
export async function pressAll(guest, address, { done, later, wrong }) {
  const { page } = guest;
  // A ready-made start of a form has fields of its own; a page of a list or a span of a chart has not.
  if (done.has(shape(address).split("?")[0]) && !address.includes("of=")) return 0;
  await page.goto(address);
  const place = shape(page.url()).split("?")[0];
  let pressed = 0;
  let isFresh = true;
  if (!done.has(place)) {
    done.add(place);
    wrong.push(...faults(await page.evaluate(survey)).map((fault) => `${address} ${fault}`));
    pressed += await unfold(page, done);
  }
  for (const button of await page.evaluate(buttons)) {
    const kind = `${button.isFrame ? "" : place} ${button.kind}`;
    if (button.isUnseen || done.has(kind)) continue;
    done.add(kind);
    pressed += 1;
    if (isLast(button.action)) {
      later.push({ address, button });
      continue;
    }
    for (const empty of button.sends && button.method === "post" ? [true, false] : [false]) {
      // As it stands, a form that asks for something is sent where it holds what is asked: where something is edited.
      if (!empty && button.asks && /\/(new|import|sign-in|setup|unlock|password|recovery-codes|app|access|tokens|join|break-glass|email|elsewhere|take-over|erase|retention|plugin-uploads)$|\/documents$/.test(button.action)) continue;
      if (!isFresh) {
        await page.goto(address, { waitUntil: "domcontentloaded" });
        // What an earlier press took away takes its buttons along.
        const still = (await page.evaluate(buttons)).find(({ kind, isUnseen }) => kind === button.kind && !isUnseen);
        if (!still) continue;
        if (button.sends) button.at = still.at;
      }
      isFresh = !button.sends;
      await pressOne(guest, address, button, empty, wrong);
    }
  }
  return pressed;
}

/** Presses one button and notes what should not have come of it. */
async function pressOne(guest, address, button, empty, wrong) {
  const { page } = guest;
  const name = `${address}: the button ${button.kind}${empty ? ", emptied," : ""}`;
  try {
    const { status, says } = await press(page, button, empty);
    if (status >= 400 && !SAYS_WHAT.has(status)) wrong.push(`${name} answered ${status}`);
    else if (!says) wrong.push(`${name} answered ${status} without saying why`);
    const isRefusal = (trouble) => SAYS_WHAT.has(status) && trouble.includes(`${status}`);
    wrong.push(...guest.troubles.splice(0).filter((trouble) => !isRefusal(trouble)).map((trouble) => `${name}: ${trouble}`));
  } catch (error) {
      wrong.push(`${name}: ${error.message.split("\n")[0]} at ${path(page.url())}`);
  }
}

/** Presses what was put off: the least far-reaching first, signing out at the very end. */
export async function pressLater(guest, later, wrong) {
  const weight = ({ button }) => ["/remove", "/undo", "/end", "/end-others", "/sign-out"].findIndex((end) => button.action.endsWith(end));
  for (const { address, button } of later.sort((one, other) => weight(one) - weight(other))) {
    await guest.page.goto(address);
    // What an earlier press took away takes its buttons along.
    const still = (await guest.page.evaluate(buttons)).find(({ kind, isUnseen }) => kind === button.kind && !isUnseen);
    if (still) await pressOne(guest, address, still, false, wrong);
    guest.troubles.splice(0);
  }
  return later.length;
}
