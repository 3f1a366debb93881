// Charts on a time axis, drawn by uPlot. All that belong to one page share their cursor and their selection.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { shortTime, time } from "../format";
import { color, useTheme } from "../theme";

export interface Range {
  fromMs: number;
  toMs: number;
}

export interface Series {
  label: string;
  /** A token of the stylesheet. */
  color: string;
  fill?: boolean;
  bars?: boolean;
  dashed?: boolean;
}

interface Props {
  /** Seconds since the epoch, then one array per series. */
  data: uPlot.AlignedData;
  series: Series[];
  height: number;
  value: (value: number) => string;
  sync?: string;
  log?: boolean;
  range?: Range | undefined;
  onSelect?: ((range: Range) => void) | undefined;
  /** Draws below the series, in canvas pixels. */
  draw?: ((plot: uPlot) => void) | undefined;
  /** What the tooltip says at a position, instead of the series' values. */
  tip?: ((plot: uPlot, index: number) => string[]) | undefined;
  yRange?: [number, number] | undefined;
  label: string;
}

const AXIS_WIDTH = 58;
const FONT = "11px system-ui, sans-serif";

export function Chart(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useTheme();
  const shape = props.series.map((series) => series.label).join("|");

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const chart = new uPlot(options(latest, element.clientWidth), latest.current.data, element);
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: latest.current.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [theme, shape, props.height, props.log]);

  useEffect(() => {
    plot.current?.setData(props.data);
  }, [props.data, props.range?.fromMs, props.range?.toMs]);

  return <div class="chart" ref={host} role="img" aria-label={props.label} />;
}

function options(latest: { current: Props }, width: number): uPlot.Options {
  const { series, height, sync, log } = latest.current;
  const grid = { stroke: color("grid"), width: 1 };
  const axis = { stroke: color("text-muted"), font: FONT, grid, ticks: { show: false } };
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: latest.current.onSelect !== undefined, y: false, setScale: false },
      ...(sync && { sync: { key: sync, setSeries: false } }),
    },
    scales: {
      x: { time: true, range: () => xRange(latest.current) },
      y: log
        ? { distr: 3, range: (_, low, high) => latest.current.yRange ?? [low || 0.1, high || 1000] }
        : { range: (_, __, high) => latest.current.yRange ?? [0, high > 0 ? high * 1.1 : 1] },
    },
    axes: [
      { ...axis, size: 24, gap: 6, space: 76, values: clock },
      {
        ...axis,
        size: AXIS_WIDTH,
        gap: 6,
        space: log ? 18 : 26,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : latest.current.value(tick))),
        ...(log && { filter: powersOfTen, grid: { ...grid, filter: powersOfTen } }),
      },
    ],
    series: [{}, ...series.map((one) => style(one))],
    hooks: {
      drawAxes: [(plot) => latest.current.draw?.(plot)],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected < 4) return;
          const range = { fromMs: plot.posToVal(left, "x") * 1000, toMs: plot.posToVal(left + selected, "x") * 1000 };
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onSelect?.(range);
        },
      ],
    },
    plugins: [tooltip(latest)],
  };
}

function xRange({ range, data }: Props): [number, number] {
  if (range) return [range.fromMs / 1000, range.toMs / 1000];
  const times = data[0];
  return [times[0] ?? 0, times[times.length - 1] ?? 1];
}

/** Minutes, and seconds where the ticks are closer than a minute. */
function clock(_: uPlot, ticks: number[], __: number, ___: number, apartS: number): string[] {
  return ticks.map((tick) => (apartS < 60 ? time(tick * 1000) : shortTime(tick * 1000)));
}

function powersOfTen(_: uPlot, ticks: number[]): (number | null)[] {
  return ticks.map((tick) => (Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-6 ? tick : null));
}

function style(series: Series): uPlot.Series {
  const stroke = color(series.color);
  return {
    label: series.label,
    stroke,
    width: series.bars ? 0 : 1.5,
    ...((series.fill || series.bars) && { fill: series.bars ? stroke : `${stroke}22` }),
    ...(series.bars && uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.85, Infinity], align: 1, gap: 0 }) }),
    ...(series.dashed && { dash: [4, 4] }),
    // Without bars: a point that stands alone is no line. uPlot shows points where they are far apart.
    points: series.bars ? { show: false } : { size: 5, fill: stroke },
    spanGaps: false,
  };
}

/** What is under the cursor, in a box that stays inside the chart. */
function tooltip(latest: { current: Props }): uPlot.Plugin {
  const box = document.createElement("div");
  box.className = "tip";
  box.hidden = true;
  return {
    hooks: {
      init: [(plot) => void plot.over.append(box)],
      setCursor: [
        (plot) => {
          const { idx, left = -1 } = plot.cursor;
          // A synchronised chart shows its cursor, and only the one under the pointer a box.
          const hovered = plot.over.matches(":hover");
          if (idx == null || left < 0 || !hovered) {
            box.hidden = true;
            return;
          }
          const lines = latest.current.tip?.(plot, idx) ?? values(plot, idx, latest.current);
          box.replaceChildren(
            ...[time((plot.data[0][idx] ?? 0) * 1000), ...lines].map((line) => {
              const row = document.createElement("div");
              row.textContent = line;
              return row;
            }),
          );
          box.hidden = false;
          const room = plot.over.clientWidth - box.offsetWidth;
          box.style.left = `${Math.max(0, Math.min(room, left > room / 2 ? left - box.offsetWidth - 12 : left + 12))}px`;
        },
      ],
    },
  };
}

function values(plot: uPlot, index: number, { series, value }: Props): string[] {
  return series.flatMap((one, position) => {
    const at = plot.data[position + 1]?.[index];
    return at == null ? [] : [`${one.label}: ${value(at)}`];
  });
}
