// What a page costs a telephone that has never been here: everything the wire carries, head lines included.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, path, personOf, resident, visitor } from "./support/browser.mjs";
import { openDemo } from "./support/house.mjs";

const KILOBYTE = 1024;

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openDemo()])));
after(async () => {
  await browser.close();
  await house.stop();
});

/** Opens a page with an empty cache and gives what each answer weighed, by address. */
async function weigh(state, place) {
  const cold = await visitor(browser, house, { storageState: state });
  const wire = await cold.context.newCDPSession(cold.page);
  await wire.send("Network.enable");
  await wire.send("Network.setCacheDisabled", { cacheDisabled: false });
  const asked = new Map();
  const sent = [];
  wire.on("Network.requestWillBeSent", ({ requestId, request }) => asked.set(requestId, path(request.url)));
  wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => sent.push([asked.get(requestId) ?? "?", encodedDataLength]));
  await cold.page.goto(place);
  await cold.page.waitForLoadState("networkidle");
  await cold.page.evaluate(() => document.fonts.ready.then(() => true));
  cold.quiet();
  await cold.close();
  return sent;
}

test("a list costs at most 50 KB and the overview at most 80 KB, and nothing is fetched twice", async (run) => {
  const guest = await resident(browser, house);
  const state = await guest.context.storageState();
  const person = `/p/${personOf(guest.page)}`;
  await guest.close();
  for (const [name, place, most] of [["list", `${person}/lab-results`, 50], ["overview", person, 80]]) {
    const sent = await weigh(state, place);
    const total = sent.reduce((sum, [, bytes]) => sum + bytes, 0);
    const parts = sent.map(([address, bytes]) => `${address.replace(/.*\//, "").replace(/-[0-9a-f]{10}/, "")} ${bytes}`).join(", ");
    run.diagnostic(`${name}: ${(total / KILOBYTE).toFixed(1)} KB in ${sent.length} answers (${parts})`);
    assert.ok(sent.length > 3 && total <= most * KILOBYTE, `${name} costs ${total} bytes, at most ${most} KB are wanted: ${parts}`);
    assert.equal(new Set(sent.map(([address]) => address)).size, sent.length, `something is fetched twice: ${parts}`);
  }
});
