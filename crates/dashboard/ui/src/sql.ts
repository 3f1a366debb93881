// SQL for reading: tokens with a class each. Any text is taken.

export type SqlClass = "keyword" | "name" | "string" | "number" | "placeholder" | "comment" | "plain";

export interface SqlToken {
  text: string;
  kind: SqlClass;
}

const TOKEN =
  /(?<space>\s+)|(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<name>"(?:[^"]|"")*"?|`[^`]*`?)|(?<string>'(?:[^']|'')*'?)|(?<placeholder>%s|%\(\w+\)s|\?|\$\d+|:\w+)|(?<number>\d+(?:\.\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<other>[<>=!|]{1,2}|::|[\s\S])/gu;

const KEYWORDS = new Set(
  ("select distinct from where and or not in is null as on using join inner left right full outer cross lateral group order by " +
    "having limit offset union all except intersect insert into values update set delete returning case when then else end " +
    "exists between like ilike escape asc desc nulls first last with recursive over partition window filter for share nowait " +
    "skip locked savepoint release rollback to begin commit cast true false count sum avg min max coalesce conflict do nothing " +
    "pragma create table index drop alter default").split(" "),
);

export function tokens(sql: string): SqlToken[] {
  const found: SqlToken[] = [];
  for (const match of sql.matchAll(TOKEN)) {
    const groups = match.groups ?? {};
    const text = match[0];
    if (groups["space"] !== undefined) found.push({ text, kind: "plain" });
    else if (groups["comment"] !== undefined) found.push({ text, kind: "comment" });
    else if (groups["name"] !== undefined) found.push({ text, kind: "name" });
    else if (groups["string"] !== undefined) found.push({ text, kind: "string" });
    else if (groups["placeholder"] !== undefined) found.push({ text, kind: "placeholder" });
    else if (groups["number"] !== undefined) found.push({ text, kind: "number" });
    else if (groups["word"] !== undefined) found.push({ text, kind: KEYWORDS.has(text.toLowerCase()) ? "keyword" : "name" });
    else found.push({ text, kind: "plain" });
  }
  return found;
}

/** One line of the statement for a table: `SELECT … FROM books WHERE …` says more than forty columns. */
export function brief(sql: string): SqlToken[] {
  const all = tokens(sql.trim());
  const from = topLevel(all, "from");
  if (all[0]?.text.toLowerCase() !== "select" || from < 0) return all;
  const selected = all.slice(1, from).filter((token) => token.text.trim());
  if (selected.map((token) => token.text).join("").length <= 28) return all;
  return [all[0], { text: " … ", kind: "plain" }, ...all.slice(from)];
}

function topLevel(all: SqlToken[], keyword: string): number {
  let depth = 0;
  return all.findIndex((token) => {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    return depth === 0 && token.kind === "keyword" && token.text.toLowerCase() === keyword;
  });
}
