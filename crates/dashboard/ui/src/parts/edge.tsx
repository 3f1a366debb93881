// What the edge before the app answered.

import type { EdgeOverview } from "../api";
import { detail, PARTS, requestsOf, waited } from "../edge";
import { compact, count, percent, plural } from "../format";
import { zoom } from "../range";
import { Card } from "./bits";
import { Chart, type Range } from "./chart";

const HEIGHT = 132;

export function EdgeCard({ edge, at, range }: { edge: EdgeOverview; at: number[]; range: Range }) {
  const { sums, series } = edge;
  const { requests, outcomes } = sums;
  const common = { sync: "overview", range, onSelect: zoom };
  return (
    <Card title="Edge" class="edge" aside={<span>{plural(requests, "request")}</span>}>
      <div class="thirds">
        <div class="pad">
          <div class="sums">
            <span>
              <b>{percent(sums.hit_rate)}</b> hit rate
            </span>
            <span class={outcomes.shed ? "bad-text" : ""}>
              <b>{count(outcomes.shed)}</b> shed
            </span>
          </div>
          <div class="composition" aria-hidden="true">
            {PARTS.map((part) => (
              <span class={part.tone} key={part.tone} style={{ width: `${(requestsOf(part, outcomes) / (requests || 1)) * 100}%` }} />
            ))}
          </div>
          <ul>
            {PARTS.filter((part) => requestsOf(part, outcomes) > 0).map((part) => (
              <li key={part.tone}>
                <span class={`key ${part.tone}`}>{part.label}</span> <b>{compact(requestsOf(part, outcomes))}</b>{" "}
                <span class="muted">{detail(part, outcomes)}</span>
              </li>
            ))}
            <li class="muted">{waited(sums)}</li>
          </ul>
        </div>
        <div class="charts">
          <h3>Hit rate</h3>
          <Chart
            {...common}
            label="hit rate over time"
            data={[at, series.hit_rate]}
            series={[{ label: "hit rate", color: "accent", fill: true }]}
            height={HEIGHT}
            yRange={[0, 1]}
            value={percent}
          />
        </div>
        <div class="charts">
          <h3>
            Requests <span class="key requests">all</span> <span class="key queries">from the app</span>{" "}
            <span class="key bad">turned away</span>
          </h3>
          <Chart
            {...common}
            label="requests to the edge over time"
            data={[at, series.requests, series.to_app, series.turned_away]}
            series={[
              { label: "requests", color: "control", bars: true },
              { label: "from the app", color: "queries", bars: true },
              { label: "turned away", color: "bad", bars: true },
            ]}
            height={HEIGHT}
            value={compact}
          />
        </div>
      </div>
    </Card>
  );
}
