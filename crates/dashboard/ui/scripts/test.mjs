// Runs src/**/*.test.ts with Node's own runner; esbuild takes the types away first.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

const src = new URL("../src/", import.meta.url).pathname;
const tests = readdirSync(src, { recursive: true }).filter((file) => file.endsWith(".test.ts"));
const out = mkdtempSync(join(tmpdir(), "escala-ui-"));
try {
  buildSync({
    entryPoints: tests.map((file) => join(src, file)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    loader: { ".css": "text" },
    logLevel: "warning",
  });
  const files = readdirSync(out, { recursive: true }).filter((file) => file.endsWith(".mjs"));
  const run = spawnSync(process.execPath, ["--test", ...files.map((file) => join(out, file))], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
