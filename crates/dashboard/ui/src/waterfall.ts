// What the lanes of a waterfall are: the server's rows, the times without a query between them, and the members of the
// rows that are open.

import type { Gap, RequestPage } from "./api";

export type Lane =
  | { kind: "row"; row: number }
  | { kind: "member"; row: number; member: number; span: [number, number] }
  /** `mixed`: queries that were not kept one by one ran in it, too. */
  | { kind: "gap"; gap: Gap; mixed: boolean };

/** A gap inside of a repetition is part of it, unless it is this share of the request. */
const GAP_SHARE = 0.08;

export function lanes({ rows, gaps, head }: RequestPage, open: ReadonlySet<number>): Lane[] {
  const repeated = rows.filter(({ kind }) => kind === "run");
  const shown = gaps.filter(({ offset_ms, duration_ms }) => {
    const inside = repeated.some((row) => row.offset_ms <= offset_ms && offset_ms + duration_ms <= row.end_ms);
    return !inside || duration_ms >= head.wall_ms * GAP_SHARE;
  });
  const summedUp = rows.find(({ kind }) => kind === "summed_up");
  const lane = (gap: Gap): Lane => ({ kind: "gap", gap, mixed: summedUp !== undefined && gap.offset_ms >= summedUp.offset_ms });
  const all: Lane[] = [];
  let next = 0;
  rows.forEach((row, index) => {
    for (let gap = shown[next]; gap && gap.offset_ms <= row.offset_ms && row.kind !== "summed_up"; gap = shown[++next]) {
      all.push(lane(gap));
    }
    all.push({ kind: "row", row: index });
    if (open.has(index)) row.spans_ms.forEach((span, member) => all.push({ kind: "member", row: index, member, span }));
  });
  all.push(...shown.slice(next).map(lane));
  return all;
}

/** Pieces that a bar is drawn in: a screen shows no more. */
const PIECES_MAX = 240;

/** Spans joined where a screen cannot tell them apart, as begin and end. */
export function merged(spans: [number, number][], wallMs: number): [number, number][] {
  const apart = wallMs / PIECES_MAX / 2;
  const found: [number, number][] = [];
  for (const [offset, duration] of spans) {
    const last = found[found.length - 1];
    if (last && offset - last[1] <= apart) last[1] = Math.max(last[1], offset + duration);
    else found.push([offset, offset + duration]);
  }
  return found;
}

/** What a request's time is made of. */
export interface Composition {
  /** Queries that were repeated. */
  repeatedMs: number;
  /** Stretches of Python between those: what making an object out of each answer takes is part of what they cost. */
  betweenMs: number;
  otherQueriesMs: number;
  otherPythonMs: number;
}

export function composition({ rows, head }: RequestPage): Composition {
  const repeated = rows.filter(({ kind }) => kind !== "query");
  const repeatedMs = repeated.reduce((sum, row) => sum + row.duration_ms, 0);
  const stretches = joined(repeated.filter(({ kind }) => kind === "run").map((row) => [row.offset_ms, row.end_ms]));
  const inStretches = (ms: number): boolean => stretches.some(([from, to]) => from <= ms && ms <= to);
  const length = stretches.reduce((sum, [from, to]) => sum + to - from, 0);
  const queriesMs = rows
    .filter((row) => row.kind === "run" || (row.kind === "query" && inStretches(row.offset_ms)))
    .reduce((sum, row) => sum + row.duration_ms, 0);
  const pythonMs = Math.max(0, head.wall_ms - head.db_ms);
  const betweenMs = Math.min(pythonMs, Math.max(0, length - queriesMs));
  return {
    repeatedMs,
    betweenMs,
    otherQueriesMs: Math.max(0, head.db_ms - repeatedMs),
    otherPythonMs: pythonMs - betweenMs,
  };
}

/** Stretches of time, those that overlap as one. */
function joined(stretches: [number, number][]): [number, number][] {
  const found: [number, number][] = [];
  for (const [from, to] of stretches.sort((a, b) => a[0] - b[0])) {
    const last = found[found.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}
