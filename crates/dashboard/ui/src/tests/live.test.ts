import { equal } from "node:assert/strict";
import { test } from "node:test";
import type { Live } from "../api";
import { next, START } from "../live";

const said = (second: number, transactions: number, change: Partial<Live> = {}): Live => ({
  run: 1,
  recording: true,
  now_us: second * 1e6,
  transactions,
  dropped: 0,
  edge_requests: 0,
  figures: null,
  newest: [],
  findings_version: 0,
  ...change,
});

const tick = (...events: Live[]): number => events.reduce(next, START).tick;

test("figures are asked for again when there is something new, and not each second", () => {
  equal(tick(said(0, 0)), 1);
  equal(tick(said(0, 0), said(1, 0), said(9, 0)), 1);
  equal(tick(said(0, 0), said(1, 5), said(2, 9)), 1);
  equal(tick(said(0, 0), said(1, 5), said(2, 9), said(3, 9)), 2);
  equal(tick(said(0, 0), said(60, 1), said(61, 1), said(64, 1)), 2);
  // The edge answers while nobody asks the app.
  equal(tick(said(0, 5), said(4, 5, { edge_requests: 1 })), 2);
});

test("what else changes is shown at once", () => {
  equal(tick(said(0, 0), said(1, 0, { findings_version: 1 })), 2);
  equal(tick(said(0, 0), said(1, 0, { recording: false })), 2);
  equal(tick(said(0, 0), said(1, 0, { run: 2 })), 2);
});

test("the live list begins anew with a run", () => {
  const newest = [{ ordinal: 1 }] as Live["newest"];
  const first = [said(0, 1, { newest }), said(1, 2, { newest })].reduce(next, START);
  equal(first.feed.length, 2);
  equal(next(first, said(2, 1, { run: 2, newest })).feed.length, 1);
  equal(first.rates.length, 2);
});
