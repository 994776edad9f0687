// Builds web/dist: one style sheet, one script, the icon sprite and the fonts, each under a name that carries the
// hash of its content, compressed beforehand with brotli and gzip, and listed in manifest.json.
//
// The appliance embeds dist/ as it is; nothing here runs on the machine of a user.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import subsetFont from "subset-font";

const root = import.meta.dirname;
const dist = join(root, "dist");
const manifest = {};

/** Writes one asset under its hashed name and returns that name. */
async function emit(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  const hashed = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  await writeFile(join(dist, hashed), bytes);
  if (!name.endsWith(".woff2")) {
    const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
    await writeFile(join(dist, `${hashed}.br`), brotliCompressSync(bytes, best));
    await writeFile(join(dist, `${hashed}.gz`), gzipSync(bytes, { level: 9 }));
  }
  manifest[name] = hashed;
  return hashed;
}

/** The drawing of an SVG without its frame and its spaces. */
function inside(svg) {
  return svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "").replaceAll(" />", "/>");
}

/** One file of symbols, so that a page names an icon instead of carrying it. */
async function icons() {
  const symbols = [];
  for (const file of (await readdir(join(root, "icons"))).filter((file) => file.endsWith(".svg")).sort()) {
    const svg = await readFile(join(root, "icons", file), "utf8");
    symbols.push(`<symbol id="${basename(file, ".svg")}" viewBox="0 0 24 24">${inside(svg)}</symbol>`);
  }
  // The mark stands here too, so that a page shows it without fetching another file.
  const mark = await readFile(join(root, "mark.svg"), "utf8");
  symbols.push(`<symbol id="mark" viewBox="0 0 32 32">${inside(mark)}</symbol>`);
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

/** The text face of headings and figures holds Latin only; other scripts have faces of their own. */
async function fonts() {
  const source = (family, file) => readFile(join(root, "node_modules/@fontsource", family, "files", file));
  // Signs of programs and addresses are in no heading; the device's own serif has them, should one come.
  const rare = new Set("\\^`{|}~@#$*_=");
  let latin = "–’…·×≤≥±°µ²₂é";
  for (let code = 0x20; code < 0x7f; code += 1) {
    if (!rare.has(String.fromCodePoint(code))) latin += String.fromCodePoint(code);
  }
  const serif = await subsetFont(await source("source-serif-4", "source-serif-4-latin-600-normal.woff2"), latin, {
    targetFormat: "woff2",
    // Kerning and even, lining figures stay; ligatures, small capitals and the like are not used.
    keepFeatures: ["kern", "lnum", "tnum"],
    noLayoutClosure: true,
    noHinting: true,
  });
  return {
    "serif.woff2": await emit("serif.woff2", serif),
    "devanagari.woff2": await emit(
      "devanagari.woff2",
      await source("noto-sans-devanagari", "noto-sans-devanagari-devanagari-400-normal.woff2"),
    ),
    "gurmukhi.woff2": await emit(
      "gurmukhi.woff2",
      await source("noto-sans-gurmukhi", "noto-sans-gurmukhi-gurmukhi-400-normal.woff2"),
    ),
  };
}

/** Bundles one entry point into memory. */
async function bundle(entry, options = {}) {
  const result = await esbuild.build({
    entryPoints: [join(root, entry)],
    bundle: true,
    minify: true,
    write: false,
    target: ["chrome109", "firefox115", "safari15.6"],
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return result.outputFiles[0].contents;
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const faces = await fonts();
let style = Buffer.from(await bundle("styles/app.css", { external: ["*.woff2"] })).toString("utf8");
for (const [name, hashed] of Object.entries(faces)) style = style.replaceAll(`/assets/${name}`, `/assets/${hashed}`);
await emit("app.css", style);
await emit("app.js", await bundle("islands/app.ts", { format: "iife" }));
// Whoever opens a link needs nothing of the rest, and nobody else needs this.
await emit("share.js", await bundle("islands/share.ts", { format: "iife" }));
await emit("icons.svg", await icons());
await emit("mark.svg", await readFile(join(root, "mark.svg")));
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`web/dist: ${Object.keys(manifest).length} assets`);
