// Highlighting of the user's source: Python, and Django's templates. A line at a time, so a string over several lines
// is plain text: the excerpts are a few lines, and a wrong guess is worse than none.

export type CodeClass = "keyword" | "string" | "number" | "comment" | "tag" | "decorator" | "plain";

export interface CodeToken {
  text: string;
  kind: CodeClass;
}

const KEYWORDS = new Set(
  ("and as assert async await break class continue def del elif else except finally for from global if import in is lambda " +
    "match nonlocal not or pass raise return try while with yield None True False self cls").split(" "),
);

const PYTHON = /(#.*$)|(@[\w.]+)|([rbfuRBFU]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|(\b\d[\w.]*)|([\p{L}_][\p{L}\p{N}_]*)|(\s+|.)/gu;
const TEMPLATE = /(\{#.*?#\})|(\{%.*?%\}|\{\{.*?\}\})|([^{]+|.)/gu;

export function highlight(line: string, file: string): CodeToken[] {
  return file.endsWith(".py") ? python(line) : template(line);
}

function python(line: string): CodeToken[] {
  const found: CodeToken[] = [];
  for (const [text, comment, decorator, string, number, word] of line.matchAll(PYTHON)) {
    const kind: CodeClass = comment
      ? "comment"
      : decorator
        ? "decorator"
        : string
          ? "string"
          : number
            ? "number"
            : word && KEYWORDS.has(word)
              ? "keyword"
              : "plain";
    push(found, text, kind);
  }
  return found;
}

function template(line: string): CodeToken[] {
  const found: CodeToken[] = [];
  for (const [text, comment, tag] of line.matchAll(TEMPLATE)) {
    push(found, text, comment ? "comment" : tag ? "tag" : "plain");
  }
  return found;
}

function push(found: CodeToken[], text: string, kind: CodeClass): void {
  const last = found[found.length - 1];
  if (last?.kind === kind) last.text += text;
  else found.push({ text, kind });
}
