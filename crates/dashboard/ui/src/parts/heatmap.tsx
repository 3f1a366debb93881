// Latency over time: a cell per stretch of time and band of latency, the darker the more requests.

import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import type { HeatMap as Cells } from "../api";
import { count, duration } from "../format";
import { zoom } from "../range";
import { color } from "../theme";
import { Chart, type Range } from "./chart";

interface Props {
  cells: Cells;
  /** Start of each bucket, seconds. */
  at: number[];
  bucketS: number;
  range: Range;
  height: number;
  sync: string;
}

const SHADES = 24;

export function HeatMap({ cells, at, bucketS, range, height, sync }: Props) {
  const bands = useMemo(() => used(cells), [cells]);
  const edges = cells.edges_ms;
  const low = Math.max(edges[bands.first] ?? 0.1, (edges[bands.first + 1] ?? 0.2) / 2);
  const high = edges[bands.last + 1] ?? 1000;
  const draw = (plot: uPlot): void => paint(plot, cells, at, bucketS, low);
  const tip = (plot: uPlot, index: number): string[] => {
    const ms = plot.posToVal(plot.cursor.top ?? 0, "y");
    const band = edges.findIndex((edge, position) => ms >= edge && ms < (edges[position + 1] ?? Infinity));
    const requests = cells.requests[index]?.[band] ?? 0;
    return [`${duration(edges[band])} – ${duration(edges[band + 1])}`, `${count(requests)} requests`];
  };
  // The series is empty: uPlot gives axes, cursor and selection, the cells are painted below them.
  const data = useMemo((): uPlot.AlignedData => [at, at.map(() => null)], [at]);
  return (
    <Chart
      label="latency heat map"
      data={data}
      series={[{ label: "latency", color: "accent" }]}
      height={height}
      value={duration}
      sync={sync}
      log
      yRange={[low, high]}
      range={range}
      onSelect={zoom}
      draw={draw}
      tip={tip}
    />
  );
}

/** The bands that hold anything, with one to spare on each side. */
function used(cells: Cells): { first: number; last: number } {
  const bands = cells.edges_ms.length - 1;
  let first = bands;
  let last = 0;
  for (const column of cells.requests) {
    for (let band = 0; band < bands; band++) {
      if ((column[band] ?? 0) > 0) {
        first = Math.min(first, band);
        last = Math.max(last, band);
      }
    }
  }
  return first > last ? { first: 0, last: bands - 1 } : { first: Math.max(0, first - 1), last: Math.min(bands - 1, last + 1) };
}

function paint(plot: uPlot, cells: Cells, at: number[], bucketS: number, low: number): void {
  const most = Math.max(1, ...cells.requests.map((column) => Math.max(0, ...column)));
  const shades = palette();
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  cells.requests.forEach((column, index) => {
    const start = at[index];
    if (start === undefined) return;
    const x = Math.round(plot.valToPos(start, "x", true));
    const right = Math.round(plot.valToPos(start + bucketS, "x", true));
    column.forEach((requests, band) => {
      if (requests === 0) return;
      const from = Math.max(cells.edges_ms[band] ?? 0, low);
      const bottom = Math.round(plot.valToPos(from, "y", true));
      const upper = Math.round(plot.valToPos(cells.edges_ms[band + 1] ?? from * 2, "y", true));
      // By the logarithm: one slow request among thousands is what one looks for.
      const shade = most === 1 ? 0.5 : Math.log(requests) / Math.log(most);
      ctx.fillStyle = shades[Math.round(shade * (SHADES - 1))] ?? "";
      ctx.fillRect(x, upper, Math.max(2, right - x - 1), Math.max(2, bottom - upper - 1));
    });
  });
  ctx.restore();
}

/** From the palest to the strongest of the stylesheet's three colours. */
function palette(): string[] {
  const stops = ["heat-low", "heat-mid", "heat-high"].map((name) => channels(color(name)));
  return Array.from({ length: SHADES }, (_, index) => {
    const position = (index / (SHADES - 1)) * 2;
    const from = stops[Math.floor(position)] ?? [0, 0, 0];
    const to = stops[Math.ceil(position)] ?? from;
    const mixed = from.map((value, channel) => Math.round(value + ((to[channel] ?? value) - value) * (position % 1)));
    return `rgb(${mixed.join(" ")})`;
  });
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
