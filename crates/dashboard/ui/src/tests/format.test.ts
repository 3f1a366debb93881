import { equal } from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, compact, count, duration, percent, plural, rate } from "../format";

test("a duration has a unit and three digits", () => {
  const cases: [number | null, string][] = [
    [null, "–"],
    [0, "0 ms"],
    [0.042, "42 µs"],
    [0.5462, "0.55 ms"],
    [9.994, "9.99 ms"],
    [44.83, "44.8 ms"],
    [999, "999 ms"],
    [1240, "1.24 s"],
    [61_000, "1 min 1 s"],
    [119_600, "2 min 0 s"],
    [3_599_700, "1 h 0 min"],
    [7_380_000, "2 h 3 min"],
  ];
  for (const [ms, text] of cases) equal(duration(ms), text);
});

test("counts are whole, and short only where asked", () => {
  equal(count(1292), "1,292");
  equal(count(2.5), "2.5");
  equal(count(100), "100");
  equal(compact(1292), "1,292");
  equal(compact(48_211), "48.2k");
  equal(compact(100_000), "100k");
  equal(compact(2_500_000), "2.5M");
  equal(plural(1, "query", "queries"), "1 query");
  equal(plural(0, "query", "queries"), "0 queries");
});

test("a share is never rounded to nothing or to all", () => {
  equal(percent(0), "0 %");
  equal(percent(0.0001), "<0.1 %");
  equal(percent(0.0412), "4.1 %");
  equal(percent(0.635), "64 %");
  equal(percent(0.9996), ">99.9 %");
  equal(percent(1), "100 %");
  equal(percent(Number.NaN), "–");
});

test("rates, sizes and distances in time", () => {
  equal(rate(0), "0");
  equal(rate(0.004), "<0.01");
  equal(rate(12.34), "12.3");
  equal(bytes(999), "999 B");
  equal(bytes(51_230), "51.2 kB");
  equal(ago(1000, 3000), "just now");
  equal(ago(0, 61_000), "61 s ago");
  equal(ago(0, 7_200_000), "2 h ago");
});
