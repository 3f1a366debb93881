// The site at a glance: how much it asks of the database, how long it takes, and what makes it so.

import { useMemo } from "preact/hooks";
import type { FindingList, Overview, RequestRow } from "../api";
import { url, useResource } from "../client";
import { compact, count, duration, percent, plural, rate, time } from "../format";
import { Card, Empty, Failed, Loading, Spark, Stat, Status, Unit } from "../parts/bits";
import { Chart, type Range } from "../parts/chart";
import { EdgeCard } from "../parts/edge";
import { Endpoints } from "../parts/endpoints";
import { FindingRows } from "../parts/findings";
import { HeatMap } from "../parts/heatmap";
import { RangeBar } from "../parts/rangebar";
import { Endpoint } from "../parts/text";
import { zoom } from "../range";
import { href } from "../router";
import { useSite } from "../site";

/** Findings beside the charts, with the live list below them and without; the rest is on its own page. */
const FIRST_FINDINGS = { recording: 4, ended: 6 };

/** Rows of the live list. */
const FIRST_REQUESTS = 6;

export function OverviewPage() {
  const site = useSite();
  const { fromUs, toUs } = site.range;
  const address = url("overview", { run: site.run, from_us: fromUs, to_us: toUs });
  const { data, failure } = useResource<Overview>(address, site.version, `overview ${site.run}`);
  const findings = useResource<FindingList>(url("findings", { run: site.run }), site.version);
  return (
    <>
      {site.health?.problems.map(({ message }) => (
        <div class="banner" key={message}>
          {message}
        </div>
      ))}
      <div class="toolbar">
        <h1>{site.health?.project}</h1>
        <code class="muted command-line">{site.health?.run?.command}</code>
        <div class="push">
          <RangeBar />
        </div>
      </div>
      {!data ? failure ? <Failed failure={failure} /> : <Loading /> : <Glance data={data} />}
      {data && (
        <div class="overview">
          <Charts data={data} />
          <div class="column">
            <Card
              title="What costs the most"
              aside={findings.data && <a href={href(["findings"])}>all {count(findings.data.findings.length)}</a>}
            >
              <Costliest list={findings.data} recording={site.recording} />
            </Card>
            {site.recording && (
              <Card title="Latest requests" aside={<span>live</span>}>
                <Latest requests={site.live.feed.filter(({ kind }) => kind === "http")} run={data.run} />
              </Card>
            )}
          </div>
        </div>
      )}
      {data && <AtEdge data={data} />}
      <Endpoints tab="requests" title="Endpoints" />
    </>
  );
}

function Glance({ data }: { data: Overview }) {
  const site = useSite();
  const { totals, series } = data;
  const failed = totals.requests ? totals.errors / totals.requests : 0;
  const figures = site.live.latest?.figures;
  return (
    <div class="stats">
      <Stat lead label="Queries per request" value={count(Math.round(totals.queries_per_request * 10) / 10)} note="mean">
        <Spark values={series.queries_per_request} tone="queries" title="queries per request over time" />
      </Stat>
      <Stat
        label={site.recording ? "Requests now" : "Requests"}
        value={site.recording ? <Unit>{`${rate(figures?.requests_per_s ?? 0)} /s`}</Unit> : compact(totals.requests)}
        note={site.recording ? plural(totals.requests, "request") : `${rate(totals.requests_per_s)} /s`}
      >
        <Spark values={site.recording ? site.live.rates : series.requests} title="requests per second" />
      </Stat>
      <Stat label="Median" value={<Unit>{duration(totals.wall_ms.p50)}</Unit>} note={`p99 ${duration(totals.wall_ms.p99)}`} />
      <Stat label="95th percentile" value={<Unit>{duration(totals.wall_ms.p95)}</Unit>} note={`max ${duration(totals.wall_ms.max)}`}>
        <Spark values={series.p95_ms} title="95th percentile over time" />
      </Stat>
      <Stat
        label="Errors"
        tone={totals.errors ? "bad" : undefined}
        value={totals.errors ? percent(failed) : "0"}
        note={`${count(totals.errors)} of 5xx, ${count(totals.client_errors)} of 4xx`}
      >
        <Spark values={series.errors} tone="bad" title="errors over time" />
      </Stat>
      <Stat label="Time in database" value={<Unit>{percent(totals.db_share)}</Unit>} note="of the wall time" />
    </div>
  );
}

function useAxis({ series, range }: Overview): { at: number[]; range: Range } {
  const at = useMemo(() => series.at_us.map((us) => us / 1e6), [series]);
  return { at, range: { fromMs: range.from_us / 1000, toMs: range.to_us / 1000 } };
}

function AtEdge({ data }: { data: Overview }) {
  const axis = useAxis(data);
  return data.edge && <EdgeCard edge={data.edge} {...axis} />;
}

function Charts({ data }: { data: Overview }) {
  const { series, range: whole } = data;
  const { at, range } = useAxis(data);
  const common = { sync: "overview", range, onSelect: zoom };
  return (
    <Card
      title="Latency"
      class="chart-column"
      aside={
        <>
          <span>drag to zoom</span>
          <span class="heat-scale">
            few <i /> many requests
          </span>
        </>
      }
    >
      <div class="charts">
        <HeatMap cells={data.heat_map} at={at} bucketS={whole.bucket_s} range={range} height={248} sync="overview" />
        <h3>Queries per request</h3>
        <Chart
          {...common}
          label="queries per request over time"
          data={[at, series.queries_per_request]}
          series={[{ label: "queries per request", color: "queries", fill: true }]}
          height={104}
          value={count}
        />
        <h3>
          Requests <span class="key requests">requests</span> <span class="key bad">errors</span>
        </h3>
        <Chart
          {...common}
          label="requests and errors over time"
          data={[at, series.requests, series.errors]}
          series={[
            { label: "requests", color: "control", bars: true },
            { label: "errors", color: "bad", bars: true },
          ]}
          height={104}
          value={compact}
        />
      </div>
    </Card>
  );
}

function Costliest({ list, recording }: { list: FindingList | undefined; recording: boolean }) {
  if (!list?.ready) return <Loading rows={4} />;
  if (list.findings.length === 0) {
    return <Empty title="Nothing found">No query was asked more often than it needed to be.</Empty>;
  }
  return <FindingRows findings={list.findings} run={list.run} first={FIRST_FINDINGS[recording ? "recording" : "ended"]} />;
}

function Latest({ requests, run }: { requests: RequestRow[]; run: number }) {
  if (requests.length === 0) return <p class="pad muted">Open a page of your site: it shows up here.</p>;
  return (
    <ul class="latest">
      {requests.slice(0, FIRST_REQUESTS).map((request) => (
        <li key={request.ordinal}>
          <a href={href(["request", String(request.ordinal)], { run })} data-row>
            <span class="muted">{time(request.started_at_us / 1000)}</span>
            <span class="what">
              <Endpoint of={request} />
            </span>
            {request.status !== null && request.status >= 400 && <Status status={request.status} kind={request.kind} />}
            <b>{plural(request.queries, "query", "queries")}</b>
            <span>{duration(request.wall_ms)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
