// The address holds all of a page's state, in the fragment: a link to it opens the same view, and the server needs no
// routes beside its files and its API.

import { useEffect, useState } from "preact/hooks";

export interface Route {
  /** Parts of the path, decoded. */
  path: string[];
  /** What narrows the page: run, range, sort, filter. */
  query: URLSearchParams;
}

export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The run and the time range go along from page to page; what else is in the query belongs to one page. */
const CARRIED = ["run", "from", "to", "range"];

/** The address of a page. */
export function href(path: string[], query: Record<string, string | number | null | undefined> = {}): string {
  const carried = parse(location.hash).query;
  const all = new URLSearchParams();
  for (const name of CARRIED) {
    const value = carried.get(name);
    if (value !== null && !(name in query)) all.set(name, value);
  }
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") all.set(name, String(value));
  }
  const search = all.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

export function go(to: string): void {
  location.hash = to;
}

/** Changes the query of this page without a new entry in the history: sorting is not a place. */
export function amend(change: Record<string, string | number | null | undefined>): void {
  const { path, query } = parse(location.hash);
  const all = Object.fromEntries(query);
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === undefined || value === "") delete all[name];
    else all[name] = String(value);
  }
  const carriedAway = Object.fromEntries(CARRIED.filter((name) => !(name in all)).map((name) => [name, null]));
  history.replaceState(null, "", href(path, { ...carriedAway, ...all }));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute(): Route {
  const [route, set] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = (): void => set(parse(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
