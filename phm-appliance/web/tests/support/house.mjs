// A house of its own for a test: `phm serve` with a data folder, a key file and a port nobody else uses.
//
// Everything lies below one temporary folder, which goes when the house stops. Only the loopback is used.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.env.PHM_BIN;
/** How long a house may take to say that it is ready; a debug build seals the demo's 1500 records in this time. */
const READY_WITHIN = 60_000;

/** The account a test makes for itself. */
export const owner = { name: "Asha Verma", email: "asha@phm.example", password: "correct horse battery" };

/**
 * Starts the program. `secret: false` gives it no key file, so that set-up makes the vault; `demo: true` fills it
 * with the demo household; `folder` is that of a house that was left; `settings` are variables of its own. The answer holds the ready line, the base
 * address, `leave()`, which ends the program, and `stop()`, which also takes its folder away.
 */
export async function openHouse({ secret = true, demo = false, folder, settings = {} } = {}) {
  if (!program) throw new Error("PHM_BIN names the program to test");
  folder ??= await mkdtemp(join(tmpdir(), "phm-journey-"));
  const environment = { ...process.env, ...settings, PHM_DATA_DIR: join(folder, "data") };
  for (const name of ["PHM_KEY_FILE", "PHM_PASSPHRASE_FILE"]) delete environment[name];
  if (secret) {
    environment.PHM_KEY_FILE = join(folder, "key");
    await writeFile(environment.PHM_KEY_FILE, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  }
  const words = ["--json", "serve", "--listen", "127.0.0.1:0", ...(demo ? ["--demo"] : [])];
  const child = spawn(program, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (chunk) => (complaints += chunk));
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const leave = async () => {
    child.kill("SIGTERM");
    const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await gone;
    clearTimeout(patience);
  };
  const stop = async () => {
    await leave();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ready = JSON.parse(await firstLine(child, () => complaints));
    return { folder, ready, url: ready.url, leave, stop, complaints: () => complaints };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A house with one account, made through the interface; its own person has no records yet. */
export async function openOwnHouse() {
  const house = await openHouse();
  const token = new URL(house.ready.setup_url).hash.slice("#token=".length);
  const account = await call(house, "POST", "/setup", { token, ...owner });
  return { ...house, account, sign: { email: owner.email, password: owner.password } };
}

/** The passphrase of a locked house. */
export const passphrase = "four words nobody else joins";

/** A house that set-up made with a passphrase, left and started again: it is locked. */
export async function openLockedHouse() {
  const first = await openHouse({ secret: false });
  const token = new URL(first.ready.setup_url).hash.slice("#token=".length);
  const made = await call(first, "POST", "/setup", { token, passphrase, ...owner });
  await first.leave();
  const house = await openHouse({ secret: false, folder: first.folder });
  return { ...house, recovery: made.recovery_code, sign: { email: owner.email, password: owner.password } };
}

/** The demo household and its sign-in. */
export async function openDemo() {
  const house = await openHouse({ demo: true });
  return { ...house, sign: house.ready.sign_in };
}

/** Asks the interface and hands out the answer's `data`. */
export async function call(house, method, path, body, headers = {}) {
  const address = `${house.url}/api/v1${path}`;
  const options = { method, headers: { "content-type": "application/json", ...headers } };
  const { status, text } = address.startsWith("https:")
    ? await callTrusting(house, address, options, body)
    : await fetch(address, { ...options, body: body && JSON.stringify(body) }).then(async (answer) => ({ status: answer.status, text: await answer.text() }));
  if (status < 200 || status > 299) throw new Error(`${method} ${path} answered ${status}: ${text}`);
  return text ? JSON.parse(text).data : null;
}

/** The same by https, trusting the house's own authority and nobody else. */
async function callTrusting(house, address, options, body) {
  const ca = await readFile(join(house.folder, "data/tls/authority.crt"));
  return new Promise((resolve, reject) => {
    const sent = request(address, { ...options, ca }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

/** A caller with a bearer token of the house's own account. */
export async function caller(house) {
  const { access_token: token } = await call(house, "POST", "/auth/login", house.sign);
  return (method, path, body, headers) => call(house, method, path, body, { authorization: `Bearer ${token}`, ...headers });
}

/** A file of the tests' own in the house's temporary folder. */
export async function keep(house, name, content) {
  const path = join(house.folder, name);
  await writeFile(path, content);
  return path;
}

export const bytesOf = (path) => readFile(path);

async function firstLine(child, complaints) {
  let text = "";
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready in time: ${complaints()}`)), READY_WITHIN);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the program ended with ${code}: ${complaints()}`)));
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (!text.includes("\n")) return;
      clearTimeout(late);
      resolve(text.slice(0, text.indexOf("\n")));
    });
  });
}
