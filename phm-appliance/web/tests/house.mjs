// A PHM of its own for one test, and a browser to visit it with.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts the program in an empty folder; `demo` fills it with the demo household. */
export async function start({ demo = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "phm-pages-"));
  const env = { ...process.env, PHM_DATA_DIR: join(folder, "data") };
  delete env.PHM_KEY_FILE;
  delete env.PHM_PASSPHRASE_FILE;
  const args = ["serve", "--json", "--listen", "127.0.0.1:0"];
  if (demo) {
    env.PHM_KEY_FILE = join(folder, "key");
    await writeFile(env.PHM_KEY_FILE, randomBytes(32).toString("hex"), { mode: 0o600 });
    args.push("--demo");
  }
  const run = spawn(process.env.PHM_BIN ?? "phm", args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  run.stderr.on("data", (text) => (said += text));
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: run.stdout }).once("line", resolve);
    run.once("exit", (code) => reject(new Error(`phm stopped with ${code}: ${said}`)));
  });
  const stop = async () => {
    const gone = new Promise((resolve) => run.once("exit", resolve));
    run.kill("SIGTERM");
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  return { ...JSON.parse(line), folder, stop };
}

/** A browser window; what its console complains about is gathered in `complaints`. */
export async function open(options = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  return { browser, context, page, complaints };
}

/** Signs in with the house's own sign-in. */
export async function signIn(page, house) {
  await page.goto(`${house.url}/sign-in`);
  await page.fill("[name=email]", house.sign_in.email);
  await page.fill("[name=password]", house.sign_in.password);
  await page.click("main button[type=submit]");
  await page.waitForURL(/\/p\//);
}

/** What axe finds serious or critical on the page. */
export async function serious(context, page) {
  // The policy of the pages forbids scripts from elsewhere; axe comes in through the debugger.
  const session = await context.newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const answer = await session.send("Runtime.evaluate", {
    expression: "axe.run().then((found) => JSON.stringify(found.violations))",
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  const found = JSON.parse(answer.result.value).filter((one) => ["serious", "critical"].includes(one.impact));
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}
