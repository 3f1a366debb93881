// Small parts that every page uses.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../client";

export function Card({ title, aside, class: more, children }: {
  title?: ComponentChildren;
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}) {
  return (
    <section class={`card ${more ?? ""}`}>
      {title && (
        <header>
          <h2>{title}</h2>
          {aside && <div class="aside">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function Stat({ label, value, note, lead, tone, children }: {
  label: string;
  value: ComponentChildren;
  note?: ComponentChildren;
  lead?: boolean;
  tone?: "bad" | "good" | undefined;
  children?: ComponentChildren;
}) {
  return (
    <div class={`stat ${lead ? "lead" : ""} ${tone ?? ""}`}>
      <div class="label">{label}</div>
      <div class="value">{value}</div>
      {note && <div class="note">{note}</div>}
      {children}
    </div>
  );
}

/** A value with its units set back: `12.3 ms`, `2 min 20 s`. */
export function Unit({ children }: { children: string }) {
  const words = children.split(" ");
  return (
    <>
      {words.map((word, index) => (index % 2 ? <span class="unit">&nbsp;{word} </span> : word))}
    </>
  );
}

/** A share of the width, with its number beside it. */
export function Bar({ share, tone = "" }: { share: number; tone?: string }) {
  const width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return (
    <span class={`bar ${tone}`} aria-hidden="true">
      <span style={{ width }} />
    </span>
  );
}

/** A trend without axes. Where there is no value, the line goes on to the next one. */
export function Spark({ values, tone = "", title }: { values: (number | null)[]; tone?: string; title?: string }) {
  const points = values.flatMap((value, index) => (value === null ? [] : [[index, value] as const]));
  const top = Math.max(...points.map(([, value]) => value), 0);
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last || first === last || top === 0) return <span class="spark none" aria-hidden="true" />;
  const x = (index: number): string => ((index / (values.length - 1)) * 100).toFixed(1);
  const y = (value: number): string => (23 - (value / top) * 21).toFixed(1);
  const line = points.map(([index, value], at) => `${at ? "L" : "M"}${x(index)} ${y(value)}`).join("");
  return (
    <svg class={`spark ${tone}`} viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={title ?? "trend"}>
      <path class="area" d={`${line}L${x(last[0])} 24L${x(first[0])} 24Z`} />
      <path class="line" d={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

export function Status({ status, kind }: { status: number; kind: string }) {
  if (kind === "http") {
    const tone = status >= 500 ? "bad" : status >= 400 ? "warn" : "quiet";
    return <span class={`pill ${tone}`}>{status || "none"}</span>;
  }
  return status ? <span class="pill bad">failed</span> : <span class="pill quiet">ok</span>;
}

/** How long a button says that it has copied. */
const COPIED_MS = 1600;

export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, set] = useState<"" | "Copied" | "Select and copy by hand">("");
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (): Promise<void> => {
    // There is no clipboard outside of a secure context: loopback is one, another address without TLS is not.
    set(await navigator.clipboard.writeText(text).then(() => "Copied" as const, () => "Select and copy by hand" as const));
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => set(""), COPIED_MS);
  };
  return (
    <button type="button" class="button" onClick={() => void copy()}>
      <span aria-live="polite">{done || label}</span>
    </button>
  );
}

export function Download({ text, name }: { text: string; name: string }) {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/x-diff" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button type="button" class="button" onClick={save}>
      Download
    </button>
  );
}

/** A command to type, with a button that copies it. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <Copy text={text} />
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Ladder />
      <h2>{title}</h2>
      {children && <div>{children}</div>}
    </div>
  );
}

export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div class="loading" role="status" aria-label="loading">
      {Array.from({ length: rows }, (_, index) => (
        <div class="bone" key={index} />
      ))}
    </div>
  );
}

export function Failed({ failure }: { failure: Failure }) {
  if (failure.kind === "gone") {
    return (
      <Empty title="The recorder is gone">
        <p>Nothing answers at this address any more: <code>escala run</code> has ended. What it recorded is kept.</p>
        <Command text="escala dashboard" />
      </Empty>
    );
  }
  if (failure.kind === "forbidden") {
    return (
      <Empty title="This address wants a token">
        <p>Open the link that Escala printed when it started: it carries the token.</p>
      </Empty>
    );
  }
  return (
    <Empty title={failure.kind === "missing" ? "Not in the store" : "That did not work"}>
      <p>{failure.message}</p>
      {failure.kind === "missing" && <p class="muted">The oldest requests go when the store is full; totals stay.</p>}
    </Empty>
  );
}

/** The mark: a ladder. */
export function Ladder() {
  return (
    <svg class="ladder" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M6 2v16M14 2v16M6 5.5h8M6 10h8M6 14.5h8" />
    </svg>
  );
}
