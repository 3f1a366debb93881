import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { read } from "../diff";
import { highlight } from "../python";
import { parse } from "../router";
import { brief, tokens } from "../sql";

const text = (all: { text: string }[]): string => all.map((token) => token.text).join("");

test("highlighting loses no character", () => {
  const statements = [
    'SELECT "a"."b", COUNT(*) FROM "a" WHERE "a"."c" = %s AND x IN (1, 2.5) -- why\nLIMIT 21',
    "'open string",
    "/* open comment",
    "$1 ? :name %(name)s ≠ 💥 `x`",
    "",
  ];
  for (const sql of statements) equal(text(tokens(sql)), sql);
  const lines = ["books = Book.objects.filter(name='a\\'b')  # why", '@cached("x")', "x = 'open", "💥 = 1_000"];
  for (const line of lines) equal(text(highlight(line, "views.py")), line);
  for (const line of ["<td>{{ book.name }}</td>{% open", "{# note #}"]) equal(text(highlight(line, "a.html")), line);
});

test("a statement is told by its tables, not by its columns", () => {
  equal(text(brief('SELECT "b"."id", "b"."title", "b"."isbn", "b"."price" FROM "b" WHERE "b"."id" = %s')), 'SELECT … FROM "b" WHERE "b"."id" = %s');
  equal(text(brief("SELECT COUNT(*) FROM b")), "SELECT COUNT(*) FROM b");
  const nested = 'SELECT "b"."id", (SELECT x FROM c), "b"."a rather long column" FROM "b"';
  equal(text(brief(nested)), 'SELECT … FROM "b"');
  equal(text(brief("UPDATE b SET a = %s")), "UPDATE b SET a = %s");
});

test("a diff is read by the lengths of its hunks", () => {
  const diff = "--- a/v.py\n+++ b/v.py\n@@ -2,2 +2,3 @@\n same\n--- old\n+++ new\n+more\n@@ -9 +10 @@\n-x\n+y\n\\ No newline at end of file\n";
  deepEqual(
    read(diff).map(({ kind, text: line, before, after }) => [kind, line, before, after]),
    [
      ["file", "v.py", null, null],
      ["hunk", "@@ -2,2 +2,3 @@", null, null],
      ["same", "same", 2, 2],
      ["remove", "-- old", 3, null],
      ["add", "++ new", null, 3],
      ["add", "more", null, 4],
      ["hunk", "@@ -9 +10 @@", null, null],
      ["remove", "x", 9, null],
      ["add", "y", null, 10],
    ],
  );
  deepEqual(read(""), []);
});

test("an address is read as it was written", () => {
  const route = parse("#/endpoint/http/GET/%2Fbooks%2F%3Cint%3Apk%3E%2F?range=15m&run=3");
  deepEqual(route.path, ["endpoint", "http", "GET", "/books/<int:pk>/"]);
  equal(route.query.get("range"), "15m");
  deepEqual(parse("#/endpoint/%E0%A4%A").path, ["endpoint", "%E0%A4%A"]);
  deepEqual(parse("").path, []);
});
