import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { EdgeOutcomes, EdgeSums } from "../api";
import { detail, PARTS, requestsOf, waited, words } from "../edge";

const NONE: EdgeOutcomes = {
  hit: 0,
  stale: 0,
  collapsed: 0,
  miss: 0,
  pass: 0,
  static: 0,
  shed: 0,
  throttled: 0,
  refused: 0,
  failed: 0,
};

const sums = (outcomes: Partial<EdgeOutcomes>, change: Partial<EdgeSums> = {}): EdgeSums => ({
  requests: 0,
  bytes_sent: 0,
  hit_rate: null,
  wait_mean_ms: null,
  wait_max_ms: 0,
  outcomes: { ...NONE, ...outcomes },
  ...change,
});

test("each outcome is in one part", () => {
  deepEqual(PARTS.flatMap(({ outcomes }) => outcomes).sort(), Object.keys(NONE).sort());
});

test("parts are sums, and name what is in them", () => {
  const { outcomes } = sums({ hit: 1200, stale: 3, static: 7, shed: 2 });
  deepEqual(PARTS.map((part) => requestsOf(part, outcomes)), [1203, 7, 0, 2]);
  deepEqual(PARTS.map((part) => detail(part, outcomes)), ["hit 1,200, stale 3", "", "", "shed 2"]);
});

test("what did not occur is not spoken of", () => {
  equal(words(sums({ static: 2 }, { requests: 2 })), "2 requests");
  equal(waited(sums({}, { wait_mean_ms: 0 })), "");
  const busy = sums({ hit: 90, miss: 9, shed: 1 }, { requests: 100, hit_rate: 0.909, wait_mean_ms: 2, wait_max_ms: 30 });
  equal(words(busy), "100 requests; hit rate 91 %; hit 90; miss 9; shed 1; waited 2 ms for a turn, at most 30 ms");
});
