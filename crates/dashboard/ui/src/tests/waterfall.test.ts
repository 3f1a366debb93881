import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { RequestPage, Row } from "../api";
import { composition, lanes, merged } from "../waterfall";

const row = (kind: Row["kind"], offset_ms: number, end_ms: number, spans_ms: [number, number][] = []): Row => ({
  kind,
  offset_ms,
  end_ms,
  duration_ms: end_ms - offset_ms,
  spans_ms,
  queries: Math.max(1, spans_ms.length),
  sql: 0,
  chain: 0,
  load: null,
  rows: null,
  database: "default",
});

const page = (rows: Row[], gaps: [number, number][]): RequestPage =>
  ({
    rows,
    gaps: gaps.map(([offset_ms, duration_ms]) => ({ offset_ms, duration_ms })),
    head: { wall_ms: 100 },
  }) as RequestPage;

const shown = (data: RequestPage, open: number[] = []): string[] =>
  lanes(data, new Set(open)).map((lane) =>
    lane.kind === "gap" ? `gap ${lane.gap.offset_ms}${lane.mixed ? " mixed" : ""}` : lane.kind === "row" ? `row ${lane.row}` : `member ${lane.row}.${lane.member}`,
  );

test("times without a query stand where they were", () => {
  const data = page([row("query", 10, 12), row("query", 40, 60), row("summed_up", 60, 60)], [[0, 10], [12, 28], [60, 40]]);
  deepEqual(shown(data), ["gap 0", "row 0", "gap 12", "row 1", "row 2", "gap 60 mixed"]);
});

test("a repetition hides the short times inside of it, and opens", () => {
  const data = page([row("run", 10, 60, [[10, 1], [14, 1], [59, 1]])], [[11, 3], [15, 44], [60, 40]]);
  deepEqual(shown(data), ["row 0", "gap 15", "gap 60"]);
  deepEqual(shown(data, [0]), ["row 0", "member 0.0", "member 0.1", "member 0.2", "gap 15", "gap 60"]);
});

test("spans closer than a screen shows are drawn as one", () => {
  const many = Array.from({ length: 10_000 }, (_, index): [number, number] => [index / 128, 0.001]);
  deepEqual(merged(many, 100).length, 1);
  deepEqual(merged([[0, 1], [50, 1]], 100), [[0, 1], [50, 51]]);
});

test("what lies between repeated queries is told from other Python", () => {
  const first = row("run", 10, 50, [[10, 5], [45, 5]]);
  first.duration_ms = 10;
  const second = row("run", 20, 60, [[20, 2], [58, 2]]);
  second.duration_ms = 4;
  const data = page([row("query", 5, 6), first, second, row("query", 30, 31)], []);
  data.head.db_ms = 16;
  deepEqual(composition(data), { repeatedMs: 14, betweenMs: 35, otherQueriesMs: 2, otherPythonMs: 49 });
});
