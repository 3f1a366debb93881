//! A statement on several lines, for people: only white space changes.

use crate::lexer::{Token, TokenKind, tokens};

/// Where a list is broken once a line is this long.
const LINE_CHARACTERS: usize = 100;

/// Spaces that a list goes on after, and a subquery begins with.
const INDENT: usize = 4;

/// Words that begin a line.
const CLAUSES: [&str; 22] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "VALUES",
    "SET",
    "RETURNING",
    "WINDOW",
    "FETCH",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "JOIN",
];

/// Words that begin an indented line.
const CONDITIONS: [&str; 2] = ["AND", "OR"];

/// Words before which the second word of a clause does not begin a line: `DELETE FROM`, `LEFT OUTER JOIN`.
const JOINED: [&str; 8] = ["DELETE", "DISTINCT", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER"];

/// The statement with its clauses on lines of their own.
pub fn layout(sql: &str) -> String {
    let mut page =
        Page { text: String::with_capacity(sql.len() + 64), column: 0, indents: vec![0], between: false };
    let mut before: Option<Token<'_>> = None;
    let mut all = tokens(sql).peekable();
    while let Some(token) = all.next() {
        page.separate(sql, before, token);
        page.write(token.text);
        if token.is_symbol('(') {
            let subquery = all.peek().is_some_and(|next| next.is("SELECT") || next.is("WITH"));
            page.open(subquery);
        }
        before = Some(token);
    }
    page.text
}

struct Page {
    text: String,
    column: usize,
    /// How far the lines of each open parenthesis are indented; none where lines are not broken.
    indents: Vec<usize>,
    /// Whether the next `AND` belongs to a `BETWEEN`.
    between: bool,
}

/// Marks a parenthesis in which no line is broken.
const UNBROKEN: usize = usize::MAX;

impl Page {
    /// Puts what stands between two tokens.
    fn separate(&mut self, sql: &str, before: Option<Token<'_>>, token: Token<'_>) {
        let Some(before) = before else { return };
        let indent = self.indents.last().copied().unwrap_or(0);
        if token.is_symbol(')') && self.indents.len() > 1 {
            self.indents.pop();
        }
        if before.kind == TokenKind::Comment && before.text.starts_with("--") {
            return self.break_line(if indent == UNBROKEN { 0 } else { indent });
        }
        let and_of_between = self.between && token.is("AND");
        if token.is("BETWEEN") || and_of_between {
            self.between = !and_of_between;
        }
        if indent != UNBROKEN && !before.is_symbol('(') {
            let is_any = |words: &[&str]| words.iter().any(|word| token.is(word));
            let is_joined = JOINED.iter().any(|word| before.is(word));
            if is_any(&CLAUSES) && !is_joined {
                return self.break_line(indent);
            }
            if is_any(&CONDITIONS) && !and_of_between {
                return self.break_line(indent + INDENT / 2);
            }
            if before.is_symbol(',') && self.column >= LINE_CHARACTERS {
                return self.break_line(indent + INDENT);
            }
        }
        // A subquery has begun its own line.
        if end(sql, before) < start(sql, token) && !self.text.ends_with(char::is_whitespace) {
            self.write(" ");
        }
    }

    fn open(&mut self, subquery: bool) {
        let around = self.indents.iter().rev().find(|indent| **indent != UNBROKEN).copied().unwrap_or(0);
        self.indents.push(if subquery { around + INDENT } else { UNBROKEN });
        if subquery {
            self.break_line(around + INDENT);
        }
    }

    fn break_line(&mut self, indent: usize) {
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    fn write(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }
}

fn start(sql: &str, token: Token<'_>) -> usize {
    token.text.as_ptr().addr() - sql.as_ptr().addr()
}

fn end(sql: &str, token: Token<'_>) -> usize {
    start(sql, token) + token.text.len()
}

#[cfg(test)]
mod tests;
