// Requests in a table.

import type { RequestRow } from "../api";
import { count, duration, fullTime, percent, time } from "../format";
import { go, href } from "../router";
import { Bar, Status } from "./bits";
import { Endpoint } from "./text";

export function Requests({ requests, run, named = false }: { requests: RequestRow[]; run: number; named?: boolean }) {
  const slowest = Math.max(...requests.map(({ wall_ms }) => wall_ms), 0);
  return (
    <div class="table-scroll">
      <table class="cards">
        <thead>
          <tr>
            {named && <th>Request</th>}
            <th>Time</th>
            <th>Status</th>
            <th class="n">Queries</th>
            <th class="n">Wall time</th>
            <th class="n wide">Database</th>
          </tr>
        </thead>
        <tbody>
          {requests.map((row) => {
            const to = href(["request", String(row.ordinal)], { run });
            return (
              <tr
                key={row.ordinal}
                data-row
                tabIndex={0}
                onClick={() => go(to)}
                onKeyDown={(event) => event.key === "Enter" && go(to)}
              >
                {named && (
                  <td class="full">
                    <Endpoint of={row} />
                  </td>
                )}
                <td title={fullTime(row.started_at_us / 1000)}>
                  <a href={to} tabIndex={-1} onClick={(event) => event.stopPropagation()}>
                    {time(row.started_at_us / 1000)}
                  </a>
                </td>
                <td>
                  <Status status={row.status ?? 0} kind={row.kind} />
                </td>
                <td class="n strong" data-label="Queries">{count(row.queries)}</td>
                <td class="n" data-label="Wall time">
                  <span class="with-bar">
                    <Bar share={slowest ? row.wall_ms / slowest : 0} tone="time" />
                    <span class="fixed-number">{duration(row.wall_ms)}</span>
                  </span>
                </td>
                <td class="n wide muted">{percent(row.wall_ms ? row.db_ms / row.wall_ms : 0)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
