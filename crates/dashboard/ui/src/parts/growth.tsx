// Queries by rows: what was seen, where it leads, and what the fix makes of it.

import type { Growth } from "../api";
import { count } from "../format";

const WIDTH = 560;
const HEIGHT = 190;
const LEFT = 46;
const RIGHT = 60;
const TOP = 18;
const BOTTOM = 30;

/** How far beyond the largest page seen the line is drawn. */
const AHEAD = 2;

export function GrowthChart({ growth, fixed }: { growth: Growth; fixed: number | undefined }) {
  const { fewest, most, queries_per_row: perRow } = growth;
  const flat = fewest.rows === most.rows;
  const rows = most.rows * AHEAD;
  // Without a slope that was seen, a query per row is what one query for each means.
  const slope = perRow ?? (flat ? most.queries / Math.max(1, most.rows) : (most.queries - fewest.queries) / (most.rows - fewest.rows));
  const expected = most.queries + slope * (rows - most.rows);
  const top = Math.max(expected, most.queries) * 1.05 || 1;
  const x = (value: number): number => LEFT + (value / rows) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  return (
    <div class="growth">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="queries by rows">
        <path class="axis-line" fill="none" d={`M${LEFT} ${TOP - 8}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}`} />
        {flat ? (
          <line class="ahead" x1={x(0)} y1={y(Math.max(0, most.queries - slope * most.rows))} x2={x(most.rows)} y2={y(most.queries)} />
        ) : (
          <line class="seen" x1={x(fewest.rows)} y1={y(fewest.queries)} x2={x(most.rows)} y2={y(most.queries)} />
        )}
        <line class="ahead" x1={x(most.rows)} y1={y(most.queries)} x2={x(rows)} y2={y(expected)} />
        {fixed !== undefined && (
          <>
            <line class="fixed" x1={x(0)} y1={y(fixed)} x2={x(rows)} y2={y(fixed)} />
            <text class="fixed-label" x={x(rows) + 6} y={y(fixed) + 4}>
              {count(fixed)} fixed
            </text>
          </>
        )}
        {!flat && <circle cx={x(fewest.rows)} cy={y(fewest.queries)} r="4.5" />}
        <circle cx={x(most.rows)} cy={y(most.queries)} r="4.5" />
        <text class="number" x={x(most.rows) - 8} y={y(most.queries) - 9} text-anchor="end">
          {count(most.queries)} queries
        </text>
        <text x={x(rows) + 6} y={y(expected) + 4}>
          {count(Math.round(expected))}
        </text>
        {!flat && (
          <text x={x(fewest.rows)} y={HEIGHT - BOTTOM + 16} text-anchor="middle">
            {count(fewest.rows)}
          </text>
        )}
        <text x={x(most.rows)} y={HEIGHT - BOTTOM + 16} text-anchor="middle">
          {count(most.rows)}
        </text>
        <text x={x(rows)} y={HEIGHT - BOTTOM + 16} text-anchor="middle">
          {count(rows)} rows
        </text>
        <text x={LEFT - 8} y={y(0) + 4} text-anchor="end">
          0
        </text>
      </svg>
      <p class="muted">
        {perRow !== null
          ? `${count(perRow)} ${perRow === 1 ? "query" : "queries"} for each row: twice the rows, twice the queries.`
          : flat
            ? `All requests seen had ${count(most.rows)} rows.`
            : "The queries grow, but not in step with the rows."}
      </p>
    </div>
  );
}
