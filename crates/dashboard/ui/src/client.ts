// Addresses of the API, and how what they answer is kept: a page that is opened again shows what it had, then what is
// new.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, EndpointKey } from "./api";

type Value = string | number | null | undefined;

/** The address of `path` with those parameters that have a value. */
export function url(path: string, parameters: Record<string, Value>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined) query.set(name, String(value));
  }
  const search = query.toString();
  return `/api/${path}${search && `?${search}`}`;
}

/** What identifies an endpoint, without what else a row says. */
export function keyOf({ kind, method, route }: EndpointKey): { kind: string; method: string; route: string } {
  return { kind, method, route };
}

/** Why there is no answer. */
export type Failure =
  | { kind: "gone" }
  | { kind: "forbidden" }
  | { kind: "missing"; message: string }
  | { kind: "failed"; message: string };

export interface Resource<T> {
  data: T | undefined;
  failure: Failure | undefined;
  /** True while what is shown may be replaced. */
  loading: boolean;
}

const KEPT_MAX = 60;
const kept = new Map<string, unknown>();

function keep(address: string, value: unknown): void {
  kept.delete(address);
  kept.set(address, value);
  const oldest = kept.keys().next();
  if (kept.size > KEPT_MAX && !oldest.done) kept.delete(oldest.value);
}

class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

async function get(address: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(address, { signal }).catch((error: unknown) => {
    throw signal.aborted ? error : new Refused({ kind: "gone" });
  });
  if (response.ok) return response.json();
  if (response.status === 401 || response.status === 403) throw new Refused({ kind: "forbidden" });
  const said = (await response.json().catch(() => null)) as ApiError | null;
  const message = said?.error ?? `The server answered ${response.status}.`;
  throw new Refused({ kind: response.status === 404 ? "missing" : "failed", message });
}

/**
 * The answer to `address`, asked again whenever `version` changes; null asks nothing. While `subject` stays the same, a
 * changed address keeps the old answer in place until the new one is here.
 */
export function useResource<T>(address: string | null, version: unknown = 0, subject = address): Resource<T> {
  const [, render] = useState(0);
  const state = useRef<Resource<T> & { address: string | null; subject: string | null }>({
    address: null,
    subject: null,
    data: undefined,
    failure: undefined,
    loading: false,
  });
  if (state.current.address !== address) {
    const old = state.current.subject === subject ? state.current.data : undefined;
    const data = address === null ? undefined : ((kept.get(address) as T | undefined) ?? old);
    state.current = { address, subject, data, failure: undefined, loading: address !== null };
  }
  useEffect(() => {
    if (address === null) return undefined;
    const controller = new AbortController();
    const settle = (change: Partial<Resource<T>>): void => {
      if (controller.signal.aborted || state.current.address !== address) return;
      state.current = { ...state.current, loading: false, ...change };
      render((n) => n + 1);
    };
    get(address, controller.signal).then(
      (data) => {
        keep(address, data);
        settle({ data: data as T, failure: undefined });
      },
      (error: unknown) => {
        settle({ failure: error instanceof Refused ? error.failure : { kind: "failed", message: String(error) } });
      },
    );
    return () => controller.abort();
  }, [address, version]);
  return state.current;
}
