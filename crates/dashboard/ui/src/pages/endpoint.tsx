// One endpoint: how long it takes, for whom, and which queries make it so.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { EndpointPage as Data, FindingRow, HistogramBar, QueryRow, RequestList, Series } from "../api";
import { keyOf, url, useResource } from "../client";
import { words } from "../edge";
import { compact, count, duration, percent, plural } from "../format";
import { Bar, Card, Empty, Failed, Loading, Stat, Unit } from "../parts/bits";
import { Chart } from "../parts/chart";
import { FindingRows } from "../parts/findings";
import { RangeBar } from "../parts/rangebar";
import { Requests } from "../parts/requests";
import { Endpoint, PlaceText, SqlBlock, SqlBrief } from "../parts/text";
import { zoom } from "../range";
import { href } from "../router";
import { useSite } from "../site";

export function EndpointPage(key: { kind: string; method: string; route: string }) {
  const site = useSite();
  const { fromUs, toUs } = site.range;
  const which = { run: site.run, from_us: fromUs, to_us: toUs, ...key };
  const subject = `endpoint ${site.run} ${key.kind} ${key.method} ${key.route}`;
  const { data, failure } = useResource<Data>(url("endpoint", which), site.version, subject);
  const home = key.kind === "http" ? { label: "Overview", path: [] } : { label: "Tests & tasks", path: ["tests"] };
  return (
    <>
      <div class="toolbar">
        <div class="heading">
          <nav class="crumbs" aria-label="where you are">
            <a href={href(home.path)}>{home.label}</a>
          </nav>
          <h1>
            <Endpoint of={key} />
          </h1>
          {data?.endpoint.view && <code class="muted">{data.endpoint.view}</code>}
        </div>
        <div class="push">
          <RangeBar />
        </div>
      </div>
      {!data ? failure ? <Failed failure={failure} /> : <Loading /> : <Body data={data} />}
    </>
  );
}

function Body({ data }: { data: Data }) {
  const { endpoint } = data;
  const http = endpoint.kind === "http";
  return (
    <>
      <div class="stats">
        <Stat lead label="Queries per request" value={count(endpoint.queries.p50)} note={`median; at most ${count(endpoint.queries.max)}`} />
        <Stat label="Median" value={<Unit>{duration(endpoint.wall_ms.p50)}</Unit>} note={`${percent(endpoint.db_share)} in the database`} />
        <Stat label="95th percentile" value={<Unit>{duration(endpoint.wall_ms.p95)}</Unit>} note={`p99 ${duration(endpoint.wall_ms.p99)}`} />
        <Stat label="Share of the site's time" value={<Unit>{percent(endpoint.share)}</Unit>} note={`${duration(endpoint.total_ms)} in all`} />
        <Stat label={http ? "Requests" : "Runs"} value={compact(endpoint.requests)} note={<Statuses of={data.statuses} />} tone={undefined} />
      </div>
      {data.edge && <p class="muted">At the edge, in the whole run: {words(data.edge)}.</p>}
      <Findings findings={data.findings} run={data.run} />
      <div class="split">
        <Card title="How long it takes" aside={<span>requests by wall time</span>}>
          <Histogram bars={data.histogram} p50={endpoint.wall_ms.p50} p95={endpoint.wall_ms.p95} />
        </Card>
        <Trend series={data.trend} data={data} />
      </div>
      <Queries rows={data.queries} requests={data.queries_from_requests} />
      <Chosen data={data} />
    </>
  );
}

function Statuses({ of }: { of: Record<string, number> }) {
  const entries = Object.entries(of);
  return <>{entries.map(([status, requests]) => `${status}: ${compact(requests)}`).join("  ")}</>;
}

function Findings({ findings, run }: { findings: FindingRow[] | null; run: number }) {
  if (findings === null) {
    return (
      <Card title="Findings">
        <Loading rows={2} />
      </Card>
    );
  }
  if (findings.length === 0) return null;
  return (
    <Card title={plural(findings.length, "finding")}>
      <FindingRows findings={findings} run={run} />
    </Card>
  );
}

const WIDTH = 600;
const HEIGHT = 150;

/** Bars on a logarithmic axis: a page that is fast for most and slow for some has two humps. */
function Histogram({ bars, p50, p95 }: { bars: HistogramBar[]; p50: number; p95: number }) {
  const first = bars[0];
  const last = bars[bars.length - 1];
  if (!first || !last) return <Empty title="No request in this time" />;
  const low = Math.log(Math.max(first.from_ms, 0.01) / 1.15);
  const high = Math.log(last.to_ms * 1.15);
  const x = (ms: number): number => ((Math.log(Math.max(ms, 0.01)) - low) / (high - low)) * WIDTH;
  const most = Math.max(...bars.map(({ requests }) => requests));
  return (
    <div class="histogram">
      <div class="plot">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label="latency histogram">
          {bars.map((bar) => {
            const height = Math.max(2, (bar.requests / most) * (HEIGHT - 22));
            const width = Math.max(1.5, x(bar.to_ms) - x(bar.from_ms) - 1);
            return (
              <rect x={x(bar.from_ms)} y={HEIGHT - height} width={width} height={height} key={bar.from_ms}>
                <title>{`${duration(bar.from_ms)} – ${duration(bar.to_ms)}: ${plural(bar.requests, "request")}`}</title>
              </rect>
            );
          })}
          <line class="p50" x1={x(p50)} x2={x(p50)} y1={0} y2={HEIGHT} />
          <line class="p95" x1={x(p95)} x2={x(p95)} y1={0} y2={HEIGHT} />
        </svg>
        <Mark at={x(p50) / WIDTH} before>
          p50 {duration(p50)}
        </Mark>
        <Mark at={x(p95) / WIDTH}>p95 {duration(p95)}</Mark>
      </div>
      <div class="ends">
        <span>{duration(first.from_ms)}</span>
        <span class="muted">most: {plural(most, "request")}</span>
        <span>{duration(last.to_ms)}</span>
      </div>
    </div>
  );
}

/** A label on one side of its line, so that two of them do not meet; on the other where the chart ends. */
function Mark({ at, before = false, children }: { at: number; before?: boolean; children: ComponentChildren }) {
  const left = before ? at > 0.2 : at > 0.8;
  return (
    <span class={left ? "mark before" : "mark"} style={{ left: `${at * 100}%` }}>
      {children}
    </span>
  );
}

function Trend({ series, data }: { series: Series | null; data: Data }) {
  const at = useMemo(() => series?.at_us.map((us) => us / 1e6) ?? [], [series]);
  if (!series) {
    return (
      <Card title="Over time">
        <Empty title="Not kept over time">For tests, and endpoints beyond the limit, only totals are kept.</Empty>
      </Card>
    );
  }
  const range = { fromMs: data.range.from_us / 1000, toMs: data.range.to_us / 1000 };
  const common = { sync: "endpoint", range, onSelect: zoom };
  return (
    <Card
      title="Over time"
      aside={
        <>
          <span class="key p50">p50</span> <span class="key p95">p95</span> <span class="key queries">queries</span>
        </>
      }
    >
      <div class="charts">
        <Chart
          {...common}
          label="latency over time"
          data={[at, series.p50_ms, series.p95_ms]}
          series={[
            { label: "p50", color: "accent" },
            { label: "p95", color: "python" },
          ]}
          height={118}
          value={duration}
        />
        <Chart
          {...common}
          label="queries per request over time"
          data={[at, series.queries_per_request]}
          series={[{ label: "queries per request", color: "queries", fill: true }]}
          height={84}
          value={count}
        />
      </div>
    </Card>
  );
}

function Queries({ rows, requests }: { rows: QueryRow[]; requests: number }) {
  const [open, setOpen] = useState<number | null>(null);
  if (rows.length === 0) return null;
  return (
    <Card title="What its time in the database is made of" aside={<span>from its newest {plural(requests, "request")}</span>}>
      <div class="table-scroll">
        <table class="cards queries">
          <thead>
            <tr>
              <th>Share</th>
              <th class="n" title="Per request that makes it, median">Count</th>
              <th class="n" title="Per request that makes it, median">Time</th>
              <th>Query</th>
              <th class="wide">Asked for in</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <QueryLine row={row} open={open === index} onToggle={() => setOpen(open === index ? null : index)} key={index} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** From this many repetitions per request on, the count is marked. */
const MANY = 4;

function QueryLine({ row, open, onToggle }: { row: QueryRow; open: boolean; onToggle: () => void }) {
  return (
    <>
      <tr data-row tabIndex={0} aria-expanded={open} onClick={onToggle} onKeyDown={(event) => event.key === "Enter" && onToggle()}>
        <td>
          <span class="with-bar">
            <Bar share={row.share} tone={row.count.p50 >= MANY ? "repeat" : "db"} />
            <span class="fixed-number">{percent(row.share)}</span>
          </span>
        </td>
        <td class="n" data-label="Count">
          {row.count.p50 >= MANY ? <span class="pill bad">× {count(row.count.p50)}</span> : count(row.count.p50)}
        </td>
        <td class="n" data-label="Time">{duration(row.ms.p50)}</td>
        <td class="sql-cell full">
          <SqlBrief sql={row.sql} />
        </td>
        <td class="wide place-cell">{row.place ? <PlaceText place={row.place} named={false} /> : <span class="muted">not in your code</span>}</td>
      </tr>
      {open && (
        <tr class="opened">
          <td colSpan={5} class="full">
            <SqlBlock sql={row.sql_formatted} />
            <p class="muted">
              {row.place && (
                <>
                  Asked for in <PlaceText place={row.place} />.{" "}
                </>
              )}
              Made by {plural(row.requests, "request")}, {count(row.count.p95)} times at the 95th percentile.
            </p>
          </td>
        </tr>
      )}
    </>
  );
}

type Order = "slowest" | "typical" | "newest";

const ORDERS: { order: Order; label: string }[] = [
  { order: "slowest", label: "Slowest" },
  { order: "typical", label: "Most typical" },
  { order: "newest", label: "Newest" },
];

function Chosen({ data }: { data: Data }) {
  const site = useSite();
  const [order, setOrder] = useState<Order>("slowest");
  const { fromUs, toUs } = site.range;
  const which = { run: data.run, from_us: fromUs, to_us: toUs, ...keyOf(data.endpoint), order: "newest", limit: 20 };
  const newest = useResource<RequestList>(order === "newest" ? url("requests", which) : null, site.version, "newest");
  const requests = order === "newest" ? newest.data?.requests : data[order];
  const choice = (
    <div class="segmented" role="group" aria-label="which requests">
      {ORDERS.map((one) => (
        <button type="button" key={one.order} aria-pressed={order === one.order} onClick={() => setOrder(one.order)}>
          {one.label}
        </button>
      ))}
    </div>
  );
  return (
    <Card title={data.endpoint.kind === "http" ? "Requests" : "Runs"} aside={choice}>
      {!requests ? <Loading rows={4} /> : requests.length === 0 ? <Empty title="None in this time" /> : <Requests requests={requests} run={data.run} />}
    </Card>
  );
}
