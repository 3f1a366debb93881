// One finding: where it was built and where it was touched, what it costs, and the change that was shown to mend it.

import type { ComponentChildren } from "preact";
import type { Code, EndpointGain, FindingDetail, Place, Proof } from "../api";
import { url, useResource } from "../client";
import { count, duration, percent, plural, time } from "../format";
import { Bar, Card, Command, Failed, Loading, Stat, Unit } from "../parts/bits";
import { Chain } from "../parts/detail";
import { Diff } from "../parts/diff";
import { endpointHref } from "../parts/endpoints";
import { Verdict } from "../parts/findings";
import { GrowthChart } from "../parts/growth";
import { Requests } from "../parts/requests";
import { Endpoint, PlaceText, Source, SqlBlock } from "../parts/text";
import { href } from "../router";
import { useSite } from "../site";

/** Endpoints named in the head of the page. */
const ENDPOINTS_SHOWN = 4;

export function FindingPage({ id }: { id: string }) {
  const site = useSite();
  const { data, failure } = useResource<FindingDetail>(url("finding", { run: site.run, id }), site.version);
  if (!data) return failure ? <Failed failure={failure} /> : <Loading rows={12} />;
  const saved = data.proof?.endpoints[0];
  return (
    <>
      <Head finding={data} />
      <div class="stats">
        {data.queries_per_request > 0 ? (
          <Stat
            lead
            label="Queries per request"
            value={saved ? <BeforeAfter before={count(saved.queries.before)} after={count(saved.queries.after)} /> : count(data.queries_per_request)}
            note={saved ? saved.request : "of this finding, median"}
          />
        ) : (
          <Stat lead label="Share of a request" value={percent(data.share)} note="of its wall time" />
        )}
        <Stat
          label={data.queries_per_request > 0 ? "Time of its queries" : "Time"}
          value={<Unit>{duration(data.ms_per_request)}</Unit>}
          note={`per request, ${percent(data.share)} of it`}
        />
        <Stat label="Cost so far" value={<Unit>{duration(data.total_ms)}</Unit>} note={`in ${plural(data.requests, "request")}`} />
        <Stat label="How sure" value={CONFIDENCE[data.confidence].word} note={CONFIDENCE[data.confidence].note} />
      </div>
      {(data.origin ?? data.access) && (
        <Card title="Where it comes from">
          <Places finding={data} />
        </Card>
      )}
      <ProofCards finding={data} />
      <div class={data.growth ? "split" : ""}>
        <Card title="Why it costs what it costs">
          <div class="pad why">
            {data.why.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            {data.statement && <SqlBlock sql={data.statement.formatted} />}
          </div>
        </Card>
        {data.growth && (
          <Card title="How it grows" aside={<span>queries by rows of {data.growth.model}</span>}>
            <div class="pad">
              <GrowthChart growth={data.growth} fixed={saved?.queries.after} />
            </div>
          </Card>
        )}
      </div>
      {data.origin_chain.length + data.access_chain.length > 0 && (
        <Card title="Call chains">
          <div class="pad split">
            <Chain title="Built" places={data.origin_chain} first={data.origin_code} run={data.run} folded />
            <Chain title={isLoad(data) ? "Touched" : "Asked for"} places={data.access_chain} first={data.access_code} run={data.run} folded />
          </div>
        </Card>
      )}
      <Card title="Requests that have it" aside={<span>the slowest</span>}>
        <Requests requests={data.examples} run={data.run} named />
      </Card>
    </>
  );
}

/** Whether it is about instances that load something when touched; the other rules are about statements. */
function isLoad({ rule }: FindingDetail): boolean {
  return rule.startsWith("n-plus-one") || rule === "deferred-field";
}

const CONFIDENCE = {
  certain: { word: "Certain", note: "every load traced to one queryset" },
  likely: { word: "Likely", note: "traced back in part" },
  possible: { word: "Possible", note: "the origin is unknown" },
} as const;

function BeforeAfter({ before, after }: { before: string; after: string }) {
  return (
    <>
      {before} <span class="muted">→</span> <span class="good-text">{after}</span>
    </>
  );
}

function Head({ finding }: { finding: FindingDetail }) {
  return (
    <div class="heading">
      <nav class="crumbs" aria-label="where you are">
        <a href={href(["findings"])}>Findings</a> / <span>{finding.id}</span>
      </nav>
      <h1>
        <span class="rule-text">{finding.rule}</span> {finding.subject}
      </h1>
      <p>{finding.summary}</p>
      <div class="meta">
        <Verdict of={finding} />
        {finding.endpoints.slice(0, ENDPOINTS_SHOWN).map((endpoint) => (
          <a href={endpointHref(endpoint, finding.run)} key={`${endpoint.method} ${endpoint.route}`}>
            <Endpoint of={endpoint} />
          </a>
        ))}
        {finding.endpoints.length > ENDPOINTS_SHOWN && <span>and {finding.endpoints.length - ENDPOINTS_SHOWN} more</span>}
      </div>
    </div>
  );
}

function Places({ finding }: { finding: FindingDetail }) {
  const { origin, access, before, origin_code, access_code, before_code, path } = finding;
  const same = origin && access && origin.file === access.file && origin.line === access.line;
  const [left, code, title] = before
    ? [before, before_code, "Asked for here before"]
    : [same ? null : origin, origin_code, "Built here"];
  if (!left) {
    return (
      <div class="pad">
        <Side title={origin ? "Built and asked for" : "Asked for"} place={origin ?? access} code={origin_code ?? access_code} />
      </div>
    );
  }
  return (
    <div class="two-places">
      <Side title={title} place={left} code={code} />
      <div class="flow">
        {finding.queries_per_request > 0 && (
          <>
            <b>{count(finding.queries_per_request)}</b>
            {finding.queries_per_request === 1 ? "query" : "queries"}
          </>
        )}
        <span class="arrow" aria-hidden="true">
          →
        </span>
        {path.map(({ field, kind }) => (
          <div key={field} title={kind}>
            <code>.{field}</code>
          </div>
        ))}
      </div>
      <Side title={isLoad(finding) ? "Loaded here, one at a time" : before ? "And again here" : "Asked for here"} place={access} code={access_code} />
    </div>
  );
}

function Side({ title, place, code }: { title: string; place: Place | null; code: Code | null }) {
  return (
    <div class="side">
      <h3>
        <b>{title}</b> {place ? <PlaceText place={place} /> : "place unknown"}
      </h3>
      {code ? <Source code={code} /> : place && <p class="muted note">Its code cannot be shown.</p>}
    </div>
  );
}

function ProofCards({ finding }: { finding: FindingDetail }) {
  const { proof } = finding;
  if (!proof) return <Unproved finding={finding} />;
  const proved = proof.status === "proved";
  return (
    <>
      <Card title={proved ? "Proof" : "What was tried"} aside={<span>made {time(proof.made_at_us / 1000)}</span>}>
        <div class="pad">
          {proved ? <Picture proof={proof} /> : <Refusal proof={proof} />}
        </div>
      </Card>
      {proof.diff && (
        <Card title={proved ? "The change" : "The change that was not accepted"}>
          <div class="pad change">
            <Diff diff={proof.diff} name={`escala-${finding.id}.diff`} />
            <Apply finding={finding} />
          </div>
        </Card>
      )}
    </>
  );
}

function Unproved({ finding }: { finding: FindingDetail }) {
  const suggestion = finding.suggestion && (
    <div class="candidates">
      <span class="muted">What would help:</span> {finding.fixable ? <code>{finding.suggestion}</code> : <span>{finding.suggestion}</span>}
    </div>
  );
  return (
    <Card title={finding.fixable ? "Fix" : "What would help"}>
      <div class="pad change">
        {suggestion}
        {finding.fixable && (
          <>
            <p>
              Escala writes the change, replays recorded requests against both versions, and shows the proof here. No file of
              yours is touched:
            </p>
            <Command text={finding.prove_command} />
          </>
        )}
      </div>
    </Card>
  );
}

function Apply({ finding }: { finding: FindingDetail }) {
  if (finding.proof_state === "applied") return <p class="good-text">This change is in your files.</p>;
  if (finding.apply_command) {
    return (
      <>
        <p>This page only reads. To apply the change:</p>
        <Command text={finding.apply_command} />
      </>
    );
  }
  if (finding.proof_state === "stale") {
    return (
      <>
        <p>The files have changed since: prove it again.</p>
        <Command text={finding.prove_command} />
      </>
    );
  }
  return null;
}

function Refusal({ proof }: { proof: Proof }) {
  return (
    <div class="why">
      <p>
        <b>{proof.status === "rejected" ? "An experiment was made, and the change was not accepted." : "No experiment could be made."}</b>
      </p>
      {proof.reason && <p class="reason">{proof.reason}</p>}
      {proof.replayed > 0 && (
        <p class="muted">
          {count(proof.identical)} of {plural(proof.replayed, "replayed request")} answered identically.
        </p>
      )}
    </div>
  );
}

/** Squares that a proof is drawn with; of more requests, each stands for several. */
const SQUARES_MAX = 60;

/** Endpoints drawn before and after. */
const GAINS_SHOWN = 4;

function Picture({ proof }: { proof: Proof }) {
  const squares = Math.min(SQUARES_MAX, proof.replayed);
  const identical = proof.replayed ? Math.round((proof.identical / proof.replayed) * squares) : 0;
  return (
    <div class="proof">
      <div class="gains">
        {proof.endpoints.slice(0, GAINS_SHOWN).map((gain) => (
          <GainRows gain={gain} key={gain.request} />
        ))}
        {proof.endpoints.length > GAINS_SHOWN && <p class="muted">and {plural(proof.endpoints.length - GAINS_SHOWN, "more endpoint")}</p>}
      </div>
      <div class="said">
        <div>
          <div class="big">
            {count(proof.identical)} of {count(proof.replayed)}
          </div>
          replayed {proof.replayed === 1 ? "request" : "requests"} answered identically: status, headers and body.
        </div>
        <div class="replays" aria-hidden="true">
          {Array.from({ length: squares }, (_, index) => (
            <i key={index} class={index < identical ? "" : "different"} />
          ))}
        </div>
        {proof.tests && (
          <p>
            {plural(proof.tests.tests, "test")} of yours compared: {count(proof.tests.identical)} of{" "}
            {plural(proof.tests.responses, "response")} identical.
          </p>
        )}
        {proof.reason && <p class="muted">{proof.reason}</p>}
        {proof.left_out.length > 0 && (
          <details>
            <summary>{plural(proof.left_out.length, "request")} not compared</summary>
            <ul>
              {proof.left_out.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </div>
  );
}

function GainRows({ gain }: { gain: EndpointGain }) {
  const { queries, wall_ms } = gain;
  return (
    <div class="pairs">
      <div class="of">
        {gain.request} <span class="muted">{percent(1 - queries.after / Math.max(1, queries.before))} fewer queries</span>
      </div>
      <Pair what="queries" before={queries.before} after={queries.after} show={count} />
      <Pair what="time" before={wall_ms.before} after={wall_ms.after} show={duration} />
    </div>
  );
}

function Pair({ what, before, after, show }: { what: string; before: number; after: number; show: (value: number) => string }) {
  const most = Math.max(before, after) || 1;
  const line = (tone: string, value: number): ComponentChildren => (
    <>
      <span class="muted">
        {what} {tone}
      </span>
      <Bar share={value / most} tone={tone} />
      <span class="amount">{show(value)}</span>
    </>
  );
  return (
    <>
      {line("before", before)}
      {line("after", after)}
    </>
  );
}
