// Numbers as people read them: a unit always, three significant digits, times in the viewer's zone.

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const SHORT_CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long", hour12: false });

/** What stands where a value is not known. */
export const UNKNOWN = "–";

function digits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 100) return GROUPED.format(value);
  if (size >= 10) return trim(value.toFixed(1));
  if (size >= 1) return trim(value.toFixed(2));
  return trim(value.toFixed(size >= 0.1 ? 2 : 3));
}

function trim(text: string): string {
  return text.replace(/\.?0+$/, "");
}

/** A duration with the unit that gives it one to three digits before the point. */
export function duration(ms: number | null | undefined): string {
  if (ms == null) return UNKNOWN;
  const size = Math.abs(ms);
  if (size === 0) return "0 ms";
  if (size < 0.1) return `${digits(ms * 1000)} µs`;
  if (size < 999.5) return `${digits(ms)} ms`;
  if (size < 59_950) return `${digits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A count with thousands separated: what can be counted is not rounded. */
export function count(value: number | null | undefined): string {
  return value == null ? UNKNOWN : Number.isInteger(value) ? GROUPED.format(value) : digits(value);
}

/** A count where room is scarce: 1.2k, 3.4M. */
export function compact(value: number): string {
  if (value >= 999_500) return `${digits3(value / 1e6)}M`;
  if (value >= 10_000) return `${digits3(value / 1000)}k`;
  return count(value);
}

function digits3(value: number): string {
  return value >= 100 ? value.toFixed(0) : trim(value.toFixed(1));
}

/** `one`, or `many` with its count before it. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share, 0 to 1, in percent. */
export function percent(share: number | null | undefined): string {
  if (share == null || !Number.isFinite(share)) return UNKNOWN;
  const value = share * 100;
  if (value === 0) return "0 %";
  if (value < 0.1) return "<0.1 %";
  if (value > 99.9 && value < 100) return ">99.9 %";
  return `${value < 10 ? trim(value.toFixed(1)) : Math.round(value)} %`;
}

/** A rate per second. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? GROUPED.format(perSecond) : perSecond >= 10 ? perSecond.toFixed(1) : digits2(perSecond);
}

function digits2(value: number): string {
  return value === 0 ? "0" : value < 0.01 ? "<0.01" : trim(value.toFixed(2));
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${digits3(value / 1000)} kB`;
  return value < 1e9 ? `${digits3(value / 1e6)} MB` : `${digits3(value / 1e9)} GB`;
}

/** The time of day; the day as well when it is not today's. */
export function time(epochMs: number): string {
  const at = new Date(epochMs);
  const today = at.toDateString() === new Date().toDateString();
  return today ? CLOCK.format(at) : `${DAY.format(at)} ${CLOCK.format(at)}`;
}

/** Hours and minutes, for an axis. */
export function shortTime(epochMs: number): string {
  return SHORT_CLOCK.format(epochMs);
}

/** Date, time and zone, for a tooltip. */
export function fullTime(epochMs: number): string {
  return FULL.format(epochMs);
}

export function ago(epochMs: number, nowMs = Date.now()): string {
  const seconds = Math.max(0, Math.round((nowMs - epochMs) / 1000));
  if (seconds < 5) return "just now";
  if (seconds < 90) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}
