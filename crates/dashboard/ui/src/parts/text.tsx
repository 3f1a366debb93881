// Text with marks in it: SQL, source code, routes, places.

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { highlight } from "../python";
import type { Code, CodeState, Place } from "../api";
import { brief, tokens } from "../sql";

function marked(tokens: { text: string; kind: string }[]): ComponentChildren {
  return tokens.map(({ text, kind }) => (kind === "plain" || kind === "name" ? text : <span class={`t-${kind}`}>{text}</span>));
}

/** A statement on one line, without what a table has no room for. */
export function SqlBrief({ sql }: { sql: string }) {
  const all = useMemo(() => brief(sql), [sql]);
  return <code class="sql brief">{marked(all)}</code>;
}

/** A statement as the server lays it out. */
export function SqlBlock({ sql }: { sql: string }) {
  const all = useMemo(() => tokens(sql), [sql]);
  return (
    <pre class="sql block" tabIndex={0}>
      {marked(all)}
    </pre>
  );
}

const CODE_STATES: Record<CodeState, string | null> = {
  current: null,
  changed: "The file has changed since this ran: the line may be another one now.",
  unreadable: "The file is gone, or is not text.",
  outside: "The file is not the project's.",
};

/** Source code around a line. */
export function Source({ code }: { code: Code }) {
  const note = CODE_STATES[code.state];
  return (
    <>
      {note && <p class="muted note">{note}</p>}
      {code.lines.length > 0 && (
        <pre class="source" tabIndex={0}>
          {code.lines.map(({ number, text }) => (
            <div class={number === code.line ? "line here" : "line"} key={number}>
              <span class="number">{number}</span>
              <span class="code">{marked(highlight(text, code.file))}</span>
            </div>
          ))}
        </pre>
      )}
    </>
  );
}

/** A route, with what varies in it set back. */
export function RouteText({ route }: { route: string }) {
  if (route === "") return <span class="muted">no URL pattern matched</span>;
  const parts = route.split(/(<[^>]*>|\([^)]*\))/);
  return <>{parts.map((part, index) => (index % 2 ? <span class="variable">{part}</span> : breakable(part)))}</>;
}

/** Lets a long path wrap after its separators. */
function breakable(text: string): ComponentChildren {
  return text.split(/(?<=[/._:])/).flatMap((part, index) => (index ? [<wbr />, part] : [part]));
}

export function PlaceText({ place, named = true }: { place: Place; named?: boolean }) {
  const name = place.member ? `${place.name}.${place.member}` : place.name;
  return (
    <span class="place">
      {breakable(place.file || name)}
      {place.line !== null && <span class="at">:{place.line}</span>}
      {named && place.file && place.kind !== "template" && name && <span class="muted"> in {name}</span>}
    </span>
  );
}

export function Endpoint({ of }: { of: { kind: string; method: string; route: string } }) {
  return (
    <span class="endpoint">
      <span class={`method ${of.method.toLowerCase()}`}>{of.method || of.kind}</span> <RouteText route={of.route} />
    </span>
  );
}
