// Bundles src/ into dist/, and refuses a bundle that has grown too heavy.

import { copyFileSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const SRC = new URL("../src/", import.meta.url);
const DIST = new URL("../dist/", import.meta.url);

/** Bytes of all files, compressed as a server would. */
const WEIGHT_MAX = 64_000;

/** What the bundle holds of others asks to be named in every copy. */
const licences = ["preact", "uplot"].map((name) => {
  const text = readFileSync(new URL(`../node_modules/${name}/LICENSE`, import.meta.url), "utf8");
  return `/*! ${name}\n${text.trim()}\n*/`;
});

await build({
  entryPoints: [
    { in: new URL("main.tsx", SRC).pathname, out: "app" },
    { in: new URL("style.css", SRC).pathname, out: "app" },
  ],
  outdir: DIST.pathname,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  footer: { js: licences.join("\n") },
  logLevel: "warning",
});
for (const file of ["index.html", "icon.svg"]) copyFileSync(new URL(file, SRC), new URL(file, DIST));

const files = ["index.html", "icon.svg", "app.css", "app.js"];
const weights = files.map((file) => gzipSync(readFileSync(new URL(file, DIST))).length);
files.forEach((file, index) => console.log(`${String(weights[index]).padStart(7)}  ${file}`));
const weight = weights.reduce((sum, bytes) => sum + bytes, 0);
console.log(`${String(weight).padStart(7)}  compressed`);
if (weight > WEIGHT_MAX) {
  console.error(`more than ${WEIGHT_MAX} bytes: leave something out, or raise the limit for a reason`);
  process.exitCode = 1;
}
