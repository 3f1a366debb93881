// A unified diff as lines with numbers.

export interface DiffLine {
  kind: "file" | "hunk" | "add" | "remove" | "same";
  text: string;
  before: number | null;
  after: number | null;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

export function read(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  // What the hunk still holds of either side: a removed line may begin with `--` as a header does.
  let beforeLeft = 0;
  let afterLeft = 0;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    if (beforeLeft > 0 || afterLeft > 0) {
      const text = line.slice(1);
      if (line.startsWith("+")) {
        lines.push({ kind: "add", text, before: null, after: after++ });
        afterLeft -= 1;
      } else if (line.startsWith("-")) {
        lines.push({ kind: "remove", text, before: before++, after: null });
        beforeLeft -= 1;
      } else if (!line.startsWith("\\")) {
        lines.push({ kind: "same", text, before: before++, after: after++ });
        beforeLeft -= 1;
        afterLeft -= 1;
      }
      continue;
    }
    const hunk = HUNK.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      beforeLeft = Number(hunk[2] ?? 1);
      after = Number(hunk[3]);
      afterLeft = Number(hunk[4] ?? 1);
      lines.push({ kind: "hunk", text: line, before: null, after: null });
    } else if (line.startsWith("+++ ")) {
      lines.push({ kind: "file", text: line.slice(4).replace(/^b\//, "").replace(/\t.*/, ""), before: null, after: null });
    }
  }
  return lines;
}
