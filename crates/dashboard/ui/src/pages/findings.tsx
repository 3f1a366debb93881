// All findings, the costliest first.

import type { FindingList } from "../api";
import { url, useResource } from "../client";
import { count, plural } from "../format";
import { Card, Empty, Failed, Loading } from "../parts/bits";
import { FindingRows } from "../parts/findings";
import { amend } from "../router";
import { useSite } from "../site";

export function FindingsPage() {
  const site = useSite();
  const { data, failure } = useResource<FindingList>(url("findings", { run: site.run }), site.version);
  const filter = (site.route.query.get("q") ?? "").toLowerCase();
  if (!data) return failure ? <Failed failure={failure} /> : <Loading />;
  const shown = data.findings.filter((finding) => {
    const places = [finding.origin?.file, finding.access?.file, ...finding.endpoints.map(({ route }) => route)];
    return [finding.rule, finding.subject, ...places].join(" ").toLowerCase().includes(filter);
  });
  return (
    <Card title="Findings" aside={<About data={data} />}>
      {!data.ready ? (
        <Loading />
      ) : shown.length > 0 ? (
        <FindingRows findings={shown} run={data.run} />
      ) : (
        <Empty title={filter ? "No finding matches the filter" : "Nothing found"}>
          {!filter && <p>In {count(data.examined)} units of work, no query was asked more often than it needed to be.</p>}
        </Empty>
      )}
    </Card>
  );
}

function About({ data }: { data: FindingList }) {
  const site = useSite();
  return (
    <>
      <span>
        from the newest {plural(data.examined, "unit", "units")} of work
        {data.suppressed > 0 && `; ${count(data.suppressed)} kept quiet by comments`}
      </span>
      <input
        type="search"
        data-filter
        placeholder="Filter  /"
        aria-label="Filter by rule, model, endpoint or file"
        value={site.route.query.get("q") ?? ""}
        onInput={(event) => amend({ q: event.currentTarget.value })}
      />
    </>
  );
}
