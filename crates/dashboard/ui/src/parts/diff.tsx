// A unified diff, coloured, with what changed within a line marked.

import { useMemo } from "preact/hooks";
import { read, type DiffLine } from "../diff";
import { Copy, Download } from "./bits";

export function Diff({ diff, name }: { diff: string; name: string }) {
  const lines = useMemo(() => read(diff), [diff]);
  return (
    <div class="diff">
      <div class="tools">
        <Copy text={diff} label="Copy diff" />
        <Download text={diff} name={name} />
      </div>
      <pre tabIndex={0}>
        {lines.map((line, index) => (
          <Line line={line} partner={partner(lines, index)} />
        ))}
      </pre>
    </div>
  );
}

/** The line that stands for this one on the other side, when one line became one line. */
function partner(lines: DiffLine[], index: number): string | undefined {
  const kind = (offset: number): string | undefined => lines[index + offset]?.kind;
  if (kind(0) === "add" && kind(-1) === "remove" && kind(-2) !== "remove" && kind(1) !== "add") return lines[index - 1]?.text;
  if (kind(0) === "remove" && kind(1) === "add" && kind(-1) !== "remove" && kind(2) !== "add") return lines[index + 1]?.text;
  return undefined;
}

function Line({ line, partner: other }: { line: DiffLine; partner: string | undefined }) {
  if (line.kind === "file") return <div class="file">{line.text}</div>;
  if (line.kind === "hunk") return <div class="hunk">{line.text}</div>;
  const sign = line.kind === "add" ? "+" : line.kind === "remove" ? "-" : " ";
  return (
    <div class={line.kind}>
      <span class="number">{line.before ?? ""}</span>
      <span class="number">{line.after ?? ""}</span>
      <span class="sign">{sign}</span>
      <span class="code">{other === undefined ? line.text : changed(line.text, other)}</span>
    </div>
  );
}

function changed(text: string, other: string) {
  const most = Math.min(text.length, other.length);
  let start = 0;
  while (start < most && text[start] === other[start]) start += 1;
  let end = 0;
  while (end < most - start && text[text.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  return (
    <>
      {text.slice(0, start)}
      <mark>{text.slice(start, text.length - end)}</mark>
      {text.slice(text.length - end)}
    </>
  );
}
