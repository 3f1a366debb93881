// Lanes of a waterfall: what ran on the left, when on the right.

import type { RequestPage, Row } from "../api";
import { count, duration, percent } from "../format";
import { type Lane, merged } from "../waterfall";
import { SqlBrief } from "./text";

const TICKS = [0, 0.25, 0.5, 0.75, 1];

export function Axis({ wallMs }: { wallMs: number }) {
  return (
    <div class="axis" aria-hidden="true">
      <span class="head-what">Query</span>
      <span class="head-ms">Time</span>
      <span class="ticks">
        {TICKS.map((tick) => (
          <span key={tick} style={{ left: `${tick * 100}%` }}>
            {duration(wallMs * tick)}
          </span>
        ))}
      </span>
    </div>
  );
}

interface Props {
  lane: Lane;
  data: RequestPage;
  open: ReadonlySet<number>;
  selected: boolean;
  onSelect: (row: number) => void;
  onToggle: (row: number) => void;
}

export function LaneView(props: Props) {
  const { lane, data } = props;
  const wallMs = data.head.wall_ms;
  if (lane.kind === "gap") {
    const { offset_ms, duration_ms } = lane.gap;
    return (
      <div class="lane gap">
        <span class="what">
          <span class="twist" />
          {lane.mixed ? "Python, and queries not kept one by one" : "Python"}
        </span>
        <span class="ms muted">{duration(duration_ms)}</span>
        <span class="track">
          <i class="python" style={place(offset_ms, offset_ms + duration_ms, wallMs)} title={percent(duration_ms / wallMs)} />
        </span>
      </div>
    );
  }
  const row = data.rows[lane.row];
  if (!row) return null;
  if (lane.kind === "member") {
    const [offset, length] = lane.span;
    const joined = row.spans_ms.length < row.queries;
    return (
      <div class="lane inside gap">
        <span class="what">{joined ? `part ${count(lane.member + 1)}` : `no. ${count(lane.member + 1)}`}</span>
        <span class="ms">{duration(length)}</span>
        <span class="track">
          <i class="repeat" style={place(offset, offset + length, wallMs)} />
        </span>
      </div>
    );
  }
  return <RowLane {...props} row={row} index={lane.row} />;
}

function RowLane({ row, index, data, open, selected, onSelect, onToggle }: Props & { row: Row; index: number }) {
  const load = row.load === null ? undefined : data.loads[row.load];
  const sql = data.sql[row.sql]?.text ?? "";
  const many = row.kind !== "query";
  const folds = row.kind === "run" && row.spans_ms.length > 1;
  const opened = open.has(index);
  return (
    <div class="lane-row">
      {folds && (
        <button
          type="button"
          class="twist"
          aria-expanded={opened}
          aria-label={opened ? "fold" : "unfold"}
          onClick={() => onToggle(index)}
        >
          {opened ? "▾" : "▸"}
        </button>
      )}
      <button
        type="button"
        class="lane"
        aria-pressed={selected}
        data-row-index={index}
        onClick={() => onSelect(index)}
        onDblClick={() => folds && onToggle(index)}
      >
        <span class="what">
          <span class="twist" />
          {many && <span class="times">× {count(row.queries)}</span>}
          {load && <b class="relation">{load.relation}</b>}
          <SqlBrief sql={sql} />
        </span>
        <span class="ms">{duration(row.duration_ms)}</span>
        <span class="track">
          {row.kind === "summed_up" ? (
            <span class="muted">not kept one by one</span>
          ) : (
            <Bars row={row} wallMs={data.head.wall_ms} />
          )}
        </span>
      </button>
    </div>
  );
}

function Bars({ row, wallMs }: { row: Row; wallMs: number }) {
  if (row.kind === "query") return <i style={place(row.offset_ms, row.end_ms, wallMs)} />;
  return (
    <>
      <i class="extent" style={place(row.offset_ms, row.end_ms, wallMs)} />
      {merged(row.spans_ms, wallMs).map(([from, to]) => (
        <i class="repeat" style={place(from, to, wallMs)} key={from} />
      ))}
    </>
  );
}

function place(fromMs: number, toMs: number, wallMs: number): { left: string; width: string } {
  const share = (ms: number): number => (wallMs > 0 ? Math.max(0, Math.min(100, (ms / wallMs) * 100)) : 0);
  return { left: `${share(fromMs)}%`, width: `${Math.max(0, share(toMs) - share(fromMs))}%` };
}
