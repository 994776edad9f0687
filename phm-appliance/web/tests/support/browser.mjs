// The browser of the journeys, and the ear that hears what goes wrong in it.
//
// A visitor is one browser context that only reaches the loopback. Whatever its pages complain of (an error on the
// console, a broken rule of the content security policy, an exception, an answer of 400 and above) is kept in
// `troubles`, and `quiet()` fails the test with it.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const quietly = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const still = ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

/** Starts Debian's chromium, or the one CHROMIUM names, with further `flags`. */
export function openBrowser(flags = []) {
  const args = [...quietly, ...still, ...flags];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}

/** A visitor of a house. `expected` tells apart troubles a journey provokes on purpose. */
export async function visitor(browser, house, options = {}) {
  const { expected = () => false, ...rest } = options;
  const context = await browser.newContext({
    baseURL: house.url,
    locale: "en-GB",
    timezoneId: "Asia/Kolkata",
    viewport: { width: 1280, height: 900 },
    ...rest,
  });
  context.setDefaultTimeout(10_000);
  const troubles = [];
  const note = (trouble) => expected(trouble) || troubles.push(trouble);
  await context.route((url) => url.hostname !== "localhost" && url.hostname !== "127.0.0.1", (route) => {
    note(`reaches out to ${route.request().url()}`);
    return route.abort();
  });
  context.on("console", (message) => {
    if (message.type() === "error") note(`console at ${path(message.page()?.url() ?? "")}: ${message.text()}`);
  });
  context.on("weberror", (error) => note(`exception: ${error.error().message}`));
  context.on("response", (answer) => {
    if (answer.status() >= 400) note(`${answer.status()} for ${answer.request().method()} ${path(answer.url())}`);
  });
  const page = await context.newPage();
  const quiet = () => assert.deepEqual(troubles.splice(0), [], "the pages complain of nothing");
  return { context, page, troubles, quiet, close: () => context.close() };
}

/** Signs in on the sign-in page and waits for where it leads. */
export async function signIn(page, house) {
  await page.goto("/sign-in");
  await page.locator("[name=email]").fill(house.sign.email);
  await page.locator("[name=password]").fill(house.sign.password);
  await page.locator("form[action='/sign-in'] button").click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** A visitor who has signed in, standing on the dashboard. */
export async function resident(browser, house, options) {
  const guest = await visitor(browser, house, options);
  await signIn(guest.page, house);
  return guest;
}

/** The person a page is about: the `{p}` of `/p/{p}/…`. */
export const personOf = (page) => new URL(page.url()).pathname.split("/")[2];

/** An address without its host. */
export function path(url) {
  if (!url.startsWith("http")) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
