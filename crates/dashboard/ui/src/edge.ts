// What the edge answered: in the few parts that a chart can tell apart, and in words.

import type { EdgeOutcomes, EdgeSums } from "./api";
import { count, duration, percent, plural } from "./format";

export interface Part {
  /** A class of the stylesheet. */
  tone: string;
  label: string;
  outcomes: (keyof EdgeOutcomes)[];
}

/** Every outcome, by who gave the answer. */
export const PARTS: Part[] = [
  { tone: "p50", label: "from the cache", outcomes: ["hit", "stale", "collapsed"] },
  { tone: "requests", label: "static files", outcomes: ["static"] },
  { tone: "queries", label: "from the app", outcomes: ["miss", "pass"] },
  { tone: "bad", label: "turned away", outcomes: ["shed", "throttled", "refused", "failed"] },
];

export function requestsOf(part: Part, outcomes: EdgeOutcomes): number {
  return part.outcomes.reduce((sum, outcome) => sum + outcomes[outcome], 0);
}

/** The outcomes of a part that occurred, where it has several: `hit 90, stale 2`. */
export function detail(part: Part, outcomes: EdgeOutcomes): string {
  const occurred = part.outcomes.filter((outcome) => outcomes[outcome] > 0);
  return part.outcomes.length > 1 ? occurred.map((outcome) => `${outcome} ${count(outcomes[outcome])}`).join(", ") : "";
}

/** How long was waited for a turn; nothing where nobody had to. */
export function waited({ wait_mean_ms: mean, wait_max_ms: max }: EdgeSums): string {
  return mean !== null && max > 0 ? `waited ${duration(mean)} for a turn, at most ${duration(max)}` : "";
}

/** All of it on one line. What did not occur is left out. */
export function words(sums: EdgeSums): string {
  const rate = sums.hit_rate === null ? "" : `hit rate ${percent(sums.hit_rate)}`;
  const details = PARTS.map((part) => detail(part, sums.outcomes));
  return [plural(sums.requests, "request"), rate, ...details, waited(sums)].filter(Boolean).join("; ");
}
