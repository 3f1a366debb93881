// Findings in a list, and a verdict in two words.

import type { FindingRow, ProofState } from "../api";
import { duration, percent, plural } from "../format";
import { href } from "../router";
import { Endpoint, PlaceText } from "./text";

const STATES: Record<ProofState, { tone: string; word: string }> = {
  none: { tone: "quiet", word: "not proved yet" },
  proved: { tone: "good", word: "fix proved" },
  applied: { tone: "good", word: "fix applied" },
  rejected: { tone: "bad", word: "fix rejected" },
  unsupported: { tone: "quiet", word: "no automatic fix" },
  stale: { tone: "warn", word: "proof out of date" },
};

export function Verdict({ of }: { of: Pick<FindingRow, "proof_state" | "fixable"> }) {
  const { tone, word } = STATES[of.proof_state];
  if (of.proof_state === "none") {
    return of.fixable ? <span class="pill accent">fix to prove</span> : <span class="pill quiet">for you to mend</span>;
  }
  return <span class={`pill ${tone}`}>{word}</span>;
}

export function FindingRows({ findings, run, first }: { findings: FindingRow[]; run: number; first?: number }) {
  return (
    <div class="finding-list">
      {findings.slice(0, first).map((finding) => (
        <a key={finding.id} href={href(["finding", finding.id], { run })} data-row>
          <div>
            <div class="title">
              <span class="rule">{finding.rule}</span> {finding.subject}
            </div>
            <div class="where">
              {finding.endpoints[0] && <Endpoint of={finding.endpoints[0]} />}
              {finding.endpoints.length > 1 && <span>and {plural(finding.endpoints.length - 1, "more", "more")}</span>}
              {finding.origin && <PlaceText place={finding.origin} named={false} />}
            </div>
          </div>
          <div class="cost">
            <b>
              {finding.queries_per_request > 0
                ? plural(finding.queries_per_request, "query", "queries")
                : `${percent(finding.share)} of the time`}
            </b>
            <div>{duration(finding.ms_per_request)} per request</div>
            <Verdict of={finding} />
          </div>
        </a>
      ))}
    </div>
  );
}
