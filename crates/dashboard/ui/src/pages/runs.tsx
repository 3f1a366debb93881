// What is in the store: one row per `escala run`.

import type { RunList } from "../api";
import { url, useResource } from "../client";
import { ago, count, duration, fullTime, time } from "../format";
import { Card, Command, Empty, Failed, Loading } from "../parts/bits";
import { go, href } from "../router";
import { useSite } from "../site";

export function RunsPage() {
  const site = useSite();
  const { data, failure } = useResource<RunList>(url("runs", {}), site.version);
  if (!data) return failure ? <Failed failure={failure} /> : <Loading />;
  if (data.runs.length === 0) {
    return (
      <Empty title="No run is in the store">
        <Command text="escala run -- python manage.py runserver" />
      </Empty>
    );
  }
  const shown = site.run ?? String(site.health?.run?.run);
  return (
    <Card title="Runs" aside={<span>choose one to look at it</span>}>
      <div class="table-scroll">
        <table class="cards">
          <thead>
            <tr>
              <th>Run</th>
              <th>Command</th>
              <th>Started</th>
              <th class="n">Lasted</th>
              <th class="n">Units of work</th>
              <th class="n">Lost</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {data.runs.map((run) => {
              const to = href([], { run: run.run, from: null, to: null, range: null });
              const startedMs = run.started_at_us / 1000;
              return (
                <tr
                  key={run.run}
                  data-row
                  tabIndex={0}
                  onClick={() => go(to)}
                  onKeyDown={(event) => event.key === "Enter" && go(to)}
                >
                  <td class="strong">
                    <a href={to} tabIndex={-1} onClick={(event) => event.stopPropagation()}>
                      {run.run}
                    </a>
                    {shown === String(run.run) && <span class="muted"> shown</span>}
                  </td>
                  <td class="full">
                    <code>{run.command}</code>
                  </td>
                  <td title={fullTime(startedMs)}>
                    {time(startedMs)} <span class="muted">{ago(startedMs)}</span>
                  </td>
                  <td class="n" data-label="Lasted">
                    {run.ended_at_us === null ? "–" : duration((run.ended_at_us - run.started_at_us) / 1000)}
                  </td>
                  <td class="n strong" data-label="Units of work">{count(run.transactions)}</td>
                  <td class={run.dropped ? "n bad" : "n muted"} data-label="Lost">{count(run.dropped)}</td>
                  <td>
                    {run.recording ? (
                      <span class="pill good">recording</span>
                    ) : run.ended_at_us === null ? (
                      <span class="pill warn" title="The recorder was killed">ended without notice</span>
                    ) : (
                      <span class="pill quiet">ended</span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
