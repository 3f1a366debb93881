// What there is to say of one row of a waterfall: the statement, what it cost, and whose line asked for it.

import { useState } from "preact/hooks";
import type { Code, Place, RequestPage } from "../api";
import { url, useResource } from "../client";
import { count, duration, percent } from "../format";
import { href } from "../router";
import { Copy } from "./bits";
import { PlaceText, Source, SqlBlock } from "./text";

export function Detail({ data, index, onClose }: { data: RequestPage; index: number; onClose: () => void }) {
  const row = data.rows[index];
  if (!row) return null;
  const load = row.load === null ? undefined : data.loads[row.load];
  const sql = data.sql[row.sql];
  const chain = data.chains[row.chain] ?? [];
  const wall = data.head.wall_ms;
  return (
    <aside class="card detail" aria-label="the selected query">
      <header>
        <h2>{load ? load.relation : row.kind === "query" ? "Query" : "Repeated query"}</h2>
        <div class="aside">
          {sql && <Copy text={sql.text} label="Copy SQL" />}
          <button type="button" class="icon" onClick={onClose} aria-label="close" title="Close (Esc)">
            ✕
          </button>
        </div>
      </header>
      <div class="pad">
        {load?.finding && (
          <a class="to-finding" href={href(["finding", load.finding], { run: data.run })}>
            See the finding: where it was built, and the fix →
          </a>
        )}
        <dl>
          <dt>Time</dt>
          <dd>
            <b>{duration(row.duration_ms)}</b> <span class="muted">{percent(wall ? row.duration_ms / wall : 0)} of the request</span>
          </dd>
          {row.queries > 1 && (
            <>
              <dt>Repeated</dt>
              <dd>
                <b>{count(row.queries)} times</b> <span class="muted">{duration(row.duration_ms / row.queries)} each</span>
              </dd>
            </>
          )}
          {row.rows !== null && (
            <>
              <dt>Rows</dt>
              <dd>{count(row.rows)}</dd>
            </>
          )}
          <dt>Started</dt>
          <dd>{row.kind === "summed_up" ? "–" : `after ${duration(row.offset_ms)}`}</dd>
          <dt>Database</dt>
          <dd>{row.database}</dd>
        </dl>
        {sql && <SqlBlock sql={sql.formatted} />}
        <Chain title="Asked for here" places={chain} first={data.code[row.chain] ?? null} run={data.run} />
        {load && load.origin.length > 0 && <Chain title="The queryset behind it was built here" places={load.origin} first={null} run={data.run} />}
      </div>
    </aside>
  );
}

/** Places in the user's code, the innermost with its code, the others when asked. */
export function Chain({ title, places, first, run, folded = false }: {
  title: string;
  places: Place[];
  /** The code at the innermost place, where the server sent it along. */
  first: Code | null;
  run: number;
  /** Whether the innermost place, too, shows its code only when asked. */
  folded?: boolean;
}) {
  if (places.length === 0) {
    return <p class="muted">None of your code was on the stack: the framework asked for it.</p>;
  }
  return (
    <div>
      <h3>{title}</h3>
      <ol class="chain">
        {places.map((place, index) => (
          <PlaceWithCode place={place} given={index === 0 ? first : null} open={index === 0 && !folded} run={run} key={index} />
        ))}
      </ol>
    </div>
  );
}

function PlaceWithCode({ place, given, open: first, run }: { place: Place; given: Code | null; open: boolean; run: number }) {
  const [open, setOpen] = useState(first);
  const known = place.in_project && place.line !== null;
  const address = open && !given && known ? url("source", { run, file: place.file, line: place.line, context: 3 }) : null;
  const { data } = useResource<Code>(address);
  const code = given ?? data;
  return (
    <li>
      {known ? (
        <button type="button" class="place-button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "▾" : "▸"} <PlaceText place={place} />
        </button>
      ) : (
        <PlaceText place={place} />
      )}
      {open && code && <Source code={code} />}
    </li>
  );
}
