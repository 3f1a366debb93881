// The time that a page is about, as the address holds it.

import type { Health } from "./api";
import { amend, type Route } from "./router";

export const CHOICES = [
  { name: "5m", label: "5 min", ms: 5 * 60_000 },
  { name: "15m", label: "15 min", ms: 15 * 60_000 },
  { name: "1h", label: "1 h", ms: 3_600_000 },
  { name: "6h", label: "6 h", ms: 6 * 3_600_000 },
] as const;

export interface TimeRange {
  /** Null is the begin of the run. */
  fromUs: number | null;
  /** Null is the end of what was recorded. */
  toUs: number | null;
}

const ALL: TimeRange = { fromUs: null, toUs: null };

/** The run's end, or now, as the moment that `15 min` counts back from. */
function endUs(health: Health | undefined, nowUs: number): number {
  return health?.run?.ended_at_us ?? nowUs;
}

export function timeRange({ query }: Route, health: Health | undefined, nowUs: number): TimeRange {
  const from = Number(query.get("from"));
  const to = Number(query.get("to"));
  if (from > 0 && to > from) return { fromUs: from * 1000, toUs: to * 1000 };
  const choice = CHOICES.find(({ name }) => name === query.get("range"));
  return choice ? { fromUs: Math.round(endUs(health, nowUs) - choice.ms * 1000), toUs: null } : ALL;
}

/** Shows a stretch that was selected in a chart. */
export function zoom({ fromMs, toMs }: { fromMs: number; toMs: number }): void {
  amend({ from: Math.floor(fromMs), to: Math.ceil(toMs), range: null });
}

export function choose(name: string | null): void {
  amend({ range: name, from: null, to: null });
}
