// The ranking of endpoints: by share of time unless told otherwise.

import { useEffect, useState } from "preact/hooks";
import type { EndpointKey, EndpointList, EndpointRow, Sort, Tab } from "../api";
import { url, useResource } from "../client";
import { compact, count, duration, percent, plural } from "../format";
import { amend, go, href } from "../router";
import { useSite } from "../site";
import { Bar, Card, Empty, Failed, Loading, Spark } from "./bits";
import { Endpoint } from "./text";

/** Rows that are asked for at once. */
const PAGE = 100;

/** The server's limit. */
const ROWS_MAX = 500;

/** How long typing rests before the server is asked. */
const TYPING_MS = 150;

const COLUMNS: { sort: Sort; label: string; title: string; wide?: boolean; left?: boolean }[] = [
  { sort: "total_ms", label: "Time", title: "Share of the time of all endpoints", left: true },
  { sort: "route", label: "Endpoint", title: "Method and URL pattern", left: true },
  { sort: "requests", label: "Requests", title: "Requests" },
  { sort: "errors", label: "Errors", title: "Answers of 500 or more" },
  { sort: "queries", label: "Queries", title: "Queries per request, median" },
  { sort: "queries_max", label: "max", title: "Queries of the request with the most" },
  { sort: "p50", label: "p50", title: "Median wall time" },
  { sort: "p95", label: "p95", title: "95th percentile of the wall time" },
  { sort: "p99", label: "p99", title: "99th percentile of the wall time", wide: true },
  { sort: "db_share", label: "Database", title: "Share of the wall time that was spent in the database", wide: true },
];

/** From this many queries on, a request asks more of the database than a page needs. */
const MANY_QUERIES = 30;

export function endpointHref({ kind, method, route }: EndpointKey, run?: number): string {
  return href(["endpoint", kind, method || "-", route || "-"], run === undefined ? {} : { run });
}

export function Endpoints({ tab, title }: { tab: Tab; title: string }) {
  const site = useSite();
  const { query } = site.route;
  const [typed, setTyped] = useState(query.get("q") ?? "");
  const [limit, setLimit] = useState(PAGE);
  const sort = (query.get("sort") ?? "total_ms") as Sort;
  const filter = query.get("q");
  useEffect(() => {
    const timer = setTimeout(() => {
      if (typed !== (filter ?? "")) amend({ q: typed });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { fromUs, toUs } = site.range;
  const address = url("endpoints", { run: site.run, from_us: fromUs, to_us: toUs, tab, filter, sort, limit });
  const { data, failure } = useResource<EndpointList>(address, site.version, `endpoints ${tab} ${site.run}`);
  const noun = tab === "requests" ? "endpoint" : "unit of work";
  const aside = (
    <>
      {data && <span>{plural(data.total, noun, tab === "requests" ? "endpoints" : "units of work")}</span>}
      <input
        type="search"
        data-filter
        placeholder="Filter  /"
        aria-label="Filter by method, route or view"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
    </>
  );
  return (
    <Card title={title} aside={aside}>
      {!data ? (
        failure ? <Failed failure={failure} /> : <Loading />
      ) : data.endpoints.length === 0 ? (
        <Nothing filtered={Boolean(filter)} tab={tab} />
      ) : (
        <Table data={data} sort={sort} tab={tab} />
      )}
      {data && data.total > data.endpoints.length && limit < ROWS_MAX && (
        <div class="more">
          <button type="button" class="button" onClick={() => setLimit(Math.min(ROWS_MAX, limit + 2 * PAGE))}>
            Show more of {count(data.total)}
          </button>
        </div>
      )}
    </Card>
  );
}

function Nothing({ filtered, tab }: { filtered: boolean; tab: Tab }) {
  if (filtered) return <Empty title="No endpoint matches the filter" />;
  if (tab === "requests") return <Empty title="No request in this time" />;
  return (
    <Empty title="No tests, commands or tasks in this run">
      <p>
        They are recorded as requests are: <code>escala run -- python manage.py test</code>
      </p>
    </Empty>
  );
}

function Table({ data, sort, tab }: { data: EndpointList; sort: Sort; tab: Tab }) {
  return (
    <div class="table-scroll">
      <table class="cards endpoints">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th
                key={column.sort}
                class={`${column.left ? "" : "n"} ${column.wide ? "wide" : ""}`}
                aria-sort={sort === column.sort ? (sort === "route" ? "ascending" : "descending") : undefined}
                title={column.title}
              >
                <button type="button" onClick={() => amend({ sort: column.sort === "total_ms" ? null : column.sort })}>
                  {column.label}
                  {sort === column.sort && (sort === "route" ? " ↑" : " ↓")}
                </button>
              </th>
            ))}
            <th class="wide">Trend</th>
            <th>Findings</th>
          </tr>
        </thead>
        <tbody>
          {data.endpoints.map((row) => (
            <Row row={row} key={`${row.kind} ${row.method} ${row.route}`} tab={tab} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, tab }: { row: EndpointRow; tab: Tab }) {
  const to = endpointHref(row);
  const many = row.queries.p50 >= MANY_QUERIES;
  const open = (): void => go(to);
  return (
    <tr data-row tabIndex={0} onClick={open} onKeyDown={(event) => event.key === "Enter" && open()}>
      <td class="share" data-label="Time">
        <span class="with-bar">
          <Bar share={row.share} tone="time" />
          {percent(row.share)}
        </span>
      </td>
      <td class="full name" title={row.view}>
        <a href={to} tabIndex={-1} onClick={(event) => event.stopPropagation()}>
          <Endpoint of={row} />
        </a>
      </td>
      <td class="n" data-label={tab === "requests" ? "Requests" : "Runs"}>{compact(row.requests)}</td>
      <td class={row.errors ? "n bad minor" : "n muted none"} data-label="Errors">
        {row.errors ? compact(row.errors) : "·"}
      </td>
      <td class={many ? "n strong many" : "n strong"} data-label="Queries">{count(row.queries.p50)}</td>
      <td class="n muted minor">{count(row.queries.max)}</td>
      <td class="n minor">{duration(row.wall_ms.p50)}</td>
      <td class="n strong" data-label="p95">{duration(row.wall_ms.p95)}</td>
      <td class="n wide">{duration(row.wall_ms.p99)}</td>
      <td class="n wide">
        {row.db_share === null ? (
          <span class="muted">–</span>
        ) : (
          <span class="with-bar">
            <Bar share={row.db_share} tone="db" />
            <span class="fixed-number">{percent(row.db_share)}</span>
          </span>
        )}
      </td>
      <td class="wide">{row.sparkline && <Spark values={row.sparkline.mean_ms} title="mean wall time" />}</td>
      <td class="found">{row.findings ? <span class="pill bad" title="findings">{row.findings}</span> : <span class="muted none">·</span>}</td>
    </tr>
  );
}
