// What every page knows: which run and which time it shows, and when to ask again.

import { createContext } from "preact";
import { useContext, useMemo } from "preact/hooks";
import type { Health } from "./api";
import type { Failure } from "./client";
import type { LiveState } from "./live";
import { type TimeRange, timeRange } from "./range";
import type { Route } from "./router";

export interface Site {
  health: Health | undefined;
  failure: Failure | undefined;
  route: Route;
  /** The run that the address names; null for the latest. */
  run: string | null;
  range: TimeRange;
  /** Changes when the figures should be asked for again. */
  version: number;
  live: LiveState;
  /** Whether the run that is shown is the one being recorded. */
  recording: boolean;
}

export const SiteContext = createContext<Site | null>(null);

export function useSite(): Site {
  const site = useContext(SiteContext);
  if (!site) throw new Error("a page outside of the shell");
  return site;
}

export function useMakeSite(health: Health | undefined, failure: Failure | undefined, route: Route, live: LiveState): Site {
  const run = route.query.get("run");
  const ofLatest = run === null || run === String(live.latest?.run);
  const version = ofLatest ? live.tick : 0;
  const search = route.query.toString();
  const range = useMemo(
    () => timeRange(route, health, live.latest?.now_us ?? Date.now() * 1000),
    [search, health?.run?.ended_at_us, version],
  );
  const recording = ofLatest && live.connection === "open" && (live.latest?.recording ?? false);
  return { health, failure, route, run, range, version, live, recording };
}
