// One request: its queries on its own time axis.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { RequestHead, RequestPage as Data, Row } from "../api";
import { url, useResource } from "../client";
import { bytes, duration, fullTime, percent, plural, time } from "../format";
import { Card, Empty, Failed, Loading, Status } from "../parts/bits";
import { Detail } from "../parts/detail";
import { endpointHref } from "../parts/endpoints";
import { Requests } from "../parts/requests";
import { Endpoint } from "../parts/text";
import { Axis, LaneView } from "../parts/waterfall";
import { Windowed } from "../parts/windowed";
import { amend, href } from "../router";
import { useSite } from "../site";
import { composition, lanes } from "../waterfall";

const ROW_HEIGHT = 28;

/** Two lines where the screen is narrow. */
const NARROW_ROW_HEIGHT = 44;

/** Width of the window from which on a query is shown beside the others, as in the stylesheet. */
const ROOM_FOR_DETAIL = 1000;

export function RequestPage({ ordinal }: { ordinal: string }) {
  const site = useSite();
  // The version is that of the findings alone: a request that is over does not change.
  const version = site.live.latest?.findings_version;
  const { data, failure } = useResource<Data>(url("request", { run: site.run, ordinal }), version);
  if (!data) return failure ? <Failed failure={failure} /> : <Loading rows={12} />;
  return <Body data={data} />;
}

function Body({ data }: { data: Data }) {
  const { query } = useSite().route;
  const { head } = data;
  const [open, setOpen] = useState(() => numbers(query.get("open")));
  const narrow = useNarrow();
  const all = useMemo(() => lanes(data, open), [data, open]);
  const selected = query.get("row") === null ? null : Number(query.get("row"));
  const select = (row: number | null): void => amend({ row });
  const at = selected === null ? -1 : all.findIndex((lane) => lane.kind === "row" && lane.row === selected);
  useEscape(selected !== null, () => select(null));
  useEffect(() => {
    // What costs the most is what one came for; a narrow screen has no room beside the waterfall.
    if (selected === null && innerWidth > ROOM_FOR_DETAIL) select(costliest(data));
  }, []);
  const toggle = (row: number): void => {
    const next = new Set(open);
    if (!next.delete(row)) next.add(row);
    setOpen(next);
    amend({ open: [...next].join(",") });
  };
  const walk = (index: number): void => {
    // Gaps and members have no details of their own: the walk goes on to the next row.
    const step = index >= at ? 1 : -1;
    for (let lane = index; lane >= 0 && lane < all.length; lane += step) {
      const one = all[lane];
      if (one?.kind === "row") return select(one.row);
    }
  };
  return (
    <>
      <Head head={head} data={data} />
      <div class={selected === null ? "request alone" : "request"}>
        <Card class="waterfall" title="Waterfall" aside={<Keys />}>
          {data.rows.length === 0 ? (
            <Empty title="No query">This request asked the database nothing.</Empty>
          ) : (
            <>
              <Axis wallMs={head.wall_ms} />
              <Windowed
                items={all}
                rowHeight={narrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT}
                selected={at < 0 ? null : at}
                onSelect={walk}
                onOpen={(lane) => {
                  const one = all[lane];
                  if (one?.kind === "row" && data.rows[one.row]?.kind === "run") toggle(one.row);
                }}
                label="queries"
                render={(lane) => (
                  <LaneView
                    lane={lane}
                    data={data}
                    open={open}
                    selected={lane.kind === "row" && lane.row === selected}
                    onSelect={select}
                    onToggle={toggle}
                  />
                )}
              />
            </>
          )}
          {data.rows_omitted_queries > 0 && (
            <p class="pad muted">{plural(data.rows_omitted_queries, "further query", "further queries")}: too many to show one by one.</p>
          )}
        </Card>
        {selected !== null && data.rows[selected] && (
          <Detail data={data} index={selected} onClose={() => select(null)} key={selected} />
        )}
      </div>
      {head.children.length > 0 && (
        <Card title={`Requests in this ${head.kind}`}>
          <Requests requests={head.children} run={data.run} named />
        </Card>
      )}
    </>
  );
}

/** The row to begin with: what is repeated most, since it grows with the data; else what takes longest. */
function costliest({ rows }: Data): number | null {
  const repeated = rows.some(({ kind }) => kind === "run");
  const weight = (row: Row): number => (repeated ? (row.kind === "run" ? row.queries : 0) : row.duration_ms);
  const most = Math.max(...rows.map(weight));
  const at = rows.findIndex((row) => weight(row) === most);
  return at < 0 ? null : at;
}

function numbers(list: string | null): Set<number> {
  return new Set((list ?? "").split(",").filter(Boolean).map(Number));
}

function useNarrow(): boolean {
  const query = useMemo(() => matchMedia("(max-width: 640px)"), []);
  const [narrow, set] = useState(query.matches);
  useEffect(() => {
    const changed = (): void => set(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return narrow;
}

/** Takes the Escape key before the page does. */
function useEscape(active: boolean, close: () => void): void {
  useEffect(() => {
    if (!active) return undefined;
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      close();
    };
    addEventListener("keydown", pressed, { capture: true });
    return () => removeEventListener("keydown", pressed, { capture: true });
  }, [active]);
}

function Head({ head, data }: { head: RequestHead; data: Data }) {
  const made = useMemo(() => composition(data), [data]);
  const parts: { tone: string; label: string; ms: number }[] = [
    { tone: "repeat", label: "repeated queries", ms: made.repeatedMs },
    { tone: "between", label: "Python between them", ms: made.betweenMs },
    { tone: "db", label: "other queries", ms: made.otherQueriesMs },
    { tone: "python", label: "other Python", ms: made.otherPythonMs },
  ].filter(({ ms }) => ms > 0);
  const share = (ms: number): number => (head.wall_ms ? ms / head.wall_ms : 0);
  return (
    <>
      <div class="heading">
        <nav class="crumbs" aria-label="where you are">
          <a href={head.kind === "http" ? href([]) : href(["tests"])}>{head.kind === "http" ? "Overview" : "Tests & tasks"}</a> /
          <a href={endpointHref(head)}>
            {head.method} {head.route || "no URL pattern"}
          </a>
          {head.parent && (
            <>
              / in
              <a href={href(["request", String(head.parent.ordinal)], { run: data.run })}>
                {head.parent.kind} {head.parent.route}
              </a>
            </>
          )}
        </nav>
        <h1>{head.path ? <Endpoint of={{ ...head, route: head.path }} /> : <Endpoint of={head} />}</h1>
        <div class="meta">
          <Status status={head.status ?? 0} kind={head.kind} />
          <span title={fullTime(head.started_at_us / 1000)}>{time(head.started_at_us / 1000)}</span>
          {head.view && <code>{head.view}</code>}
          {head.response_bytes > 0 && <span>{bytes(head.response_bytes)}</span>}
          <span>{duration(head.cpu_ms)} CPU</span>
        </div>
      </div>
      <Card class="sum">
        <div class="pad">
          <div class="sums">
            <span>
              <b class="lead">{plural(head.queries, "query", "queries")}</b>
            </span>
            <span>
              <b>{duration(head.wall_ms)}</b>
            </span>
            {parts.map(({ tone, label, ms }) => (
              <span class={`key ${tone}`} key={tone}>
                {label} <b>{duration(ms)}</b> {percent(share(ms))}
              </span>
            ))}
          </div>
          <div class="composition" role="img" aria-label="what the time is made of">
            {parts.map(({ tone, ms }) => (
              <span class={tone} key={tone} style={{ width: `${share(ms) * 100}%` }} />
            ))}
          </div>
        </div>
      </Card>
    </>
  );
}

function Keys() {
  return (
    <>
      <span class="key repeat">repeated</span>
      <span class="key db">query</span>
      <span class="key python">Python between queries</span>
    </>
  );
}
