// The choice of a time range.

import { shortTime, time } from "../format";
import { CHOICES, choose } from "../range";
import { useSite } from "../site";

export function RangeBar() {
  const { route } = useSite();
  const named = route.query.get("range");
  const from = Number(route.query.get("from"));
  const to = Number(route.query.get("to"));
  const selected = from > 0 && to > from;
  return (
    <div class="segmented" role="group" aria-label="time range">
      {CHOICES.map(({ name, label }) => (
        <button type="button" key={name} aria-pressed={!selected && named === name} onClick={() => choose(name)}>
          {label}
        </button>
      ))}
      <button type="button" aria-pressed={!selected && named === null} onClick={() => choose(null)}>
        Whole run
      </button>
      {selected && (
        <button type="button" aria-pressed onClick={() => choose(null)} title="Show the whole run">
          {to - from < 120_000 ? `${time(from)} – ${time(to)}` : `${shortTime(from)} – ${shortTime(to)}`} ✕
        </button>
      )}
    </div>
  );
}
