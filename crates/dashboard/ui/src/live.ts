// What the recorder tells once a second.

import { useEffect, useState } from "preact/hooks";
import type { Live, RequestRow } from "./api";

export interface LiveState {
  /** `gone`: nothing answers any more. */
  connection: "connecting" | "open" | "gone";
  latest: Live | null;
  /** Requests per second, the newest last. */
  rates: number[];
  /** The newest requests, the newest first. */
  feed: RequestRow[];
  /** Grows when the figures should be asked for again. */
  tick: number;
  /** What the recorder said when they were last asked for. */
  ticked: Live | null;
}

/** Seconds of the live chart. */
const RATES_MAX = 60;

/** Requests that the live list holds. */
const FEED_MAX = 40;

/** Seconds between two refreshes of the figures while requests come in. */
const REFRESH_S = 3;

/** Until the next attempt, when the stream has ended for good: too many are open, or nothing answers. */
const RETRY_MS = 3000;

export const START: LiveState = { connection: "connecting", latest: null, rates: [], feed: [], tick: 0, ticked: null };

/**
 * Keeps the connection while the page can be seen. For the root of the page alone. A browser grants one host six
 * connections: dashboards in tabs that nobody looks at must not take them all.
 */
export function useConnection(): LiveState {
  const [state, set] = useState(START);
  useEffect(() => {
    let stop = (): void => {};
    const turn = (): void => {
      stop();
      stop = document.hidden ? () => {} : connect(set);
    };
    turn();
    document.addEventListener("visibilitychange", turn);
    return () => {
      document.removeEventListener("visibilitychange", turn);
      stop();
    };
  }, []);
  return state;
}

/** Listens, and begins again when the stream breaks; gives what ends it. */
function connect(set: (change: (before: LiveState) => LiveState) => void): () => void {
  let source: EventSource;
  let timer = 0;
  const open = (): void => {
    source = new EventSource("/api/events");
    source.addEventListener("live", (event) => {
      const live = JSON.parse((event as MessageEvent<string>).data) as Live;
      set((before) => next(before, live));
    });
    source.addEventListener("error", () => {
      source.close();
      timer = window.setTimeout(open, RETRY_MS);
      // A stream can be refused by a recorder that is well.
      fetch("/api/health").catch(() => set((before) => ({ ...before, connection: "gone" })));
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

export function next(before: LiveState, live: Live): LiveState {
  const { latest, ticked } = before;
  const sameRun = latest?.run === live.run;
  const changed =
    !sameRun || latest.recording !== live.recording || latest.findings_version !== live.findings_version;
  const grown =
    ticked !== null && (ticked.transactions !== live.transactions || ticked.edge_requests !== live.edge_requests);
  const due = changed || (grown && live.now_us - ticked.now_us >= REFRESH_S * 1e6);
  return {
    connection: "open",
    latest: live,
    rates: [...(sameRun ? before.rates : []), live.figures?.requests_per_s ?? 0].slice(-RATES_MAX),
    feed: [...live.newest, ...(sameRun ? before.feed : [])].slice(0, FEED_MAX),
    tick: before.tick + (due ? 1 : 0),
    ticked: due ? live : ticked,
  };
}
