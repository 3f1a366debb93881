//! The little that the agent reads of SQL: enough to classify a load and to keep values out of the store.

/// How a statement begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leading {
    /// As `QuerySet.count()` writes it.
    Count,
    /// As `QuerySet.exists()` writes it.
    Exists,
    Other,
}

pub(crate) fn leading(sql: &str) -> Leading {
    let Some(columns) = sql.strip_prefix("SELECT ") else { return Leading::Other };
    if columns.starts_with("COUNT(*)") {
        return Leading::Count;
    }
    // `SELECT 1 AS "a"`; the one is a parameter on some databases, and MySQL quotes with backticks.
    let alias = columns.strip_prefix("1 AS ").or_else(|| columns.strip_prefix("%s AS "));
    match alias {
        Some(alias) if alias.starts_with("\"a\" ") || alias.starts_with("`a` ") => Leading::Exists,
        _ => Leading::Other,
    }
}

pub(crate) fn is_select(sql: &str) -> bool {
    sql.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("SELECT"))
}

/// Bytes of a statement that are read for its template, as a multiple of the template's limit: literals take room too.
const READ_PER_LIMIT: usize = 4;

/// Longest number that stays: `LIMIT 21`, `SELECT 1`. A longer one may be a card number or a PIN.
const NUMBER_BYTES_MAX: usize = 2;

/// The part of a statement that its template depends on.
pub(crate) fn head(sql: &str, limit_bytes: usize) -> &str {
    &sql[..sql.floor_char_boundary(limit_bytes * READ_PER_LIMIT)]
}

/// The statement without values and comments, cut to `limit_bytes`.
///
/// Django writes placeholders, but raw SQL may have values pasted in: strings, dollar quotes and numbers become `?`.
/// `quotes_are_literals` says that the database takes double quotes for strings, as `MySQL` does. Wherever the text can be
/// read in two ways, the one that keeps less is taken.
pub(crate) fn template(sql: &str, limit_bytes: usize, quotes_are_literals: bool) -> String {
    let read = head(sql, limit_bytes);
    let mut scanner =
        Scanner { rest: read, template: String::with_capacity(read.len().min(limit_bytes + 8)) };
    while scanner.template.len() <= limit_bytes && !scanner.rest.is_empty() {
        scanner.step(quotes_are_literals);
    }
    let mut template = scanner.template;
    if template.len() > limit_bytes || read.len() < sql.len() {
        template.truncate(template.floor_char_boundary(limit_bytes));
        template.push('…');
    }
    template
}

struct Scanner<'sql> {
    rest: &'sql str,
    template: String,
}

impl Scanner<'_> {
    fn step(&mut self, quotes_are_literals: bool) {
        // Everything up to the next thing that may begin a value is copied at once.
        let plain = self
            .rest
            .find(|next: char| matches!(next, '\'' | '"' | '$' | '-' | '/') || next.is_ascii_digit());
        let plain = plain.unwrap_or(self.rest.len());
        self.copy(plain);
        let Some(&first) = self.rest.as_bytes().first() else { return };
        match first {
            b'\'' => self.string(),
            b'"' => {
                let end = literal_end(self.rest, '"').0;
                if quotes_are_literals || self.after_comparison(end) {
                    self.replace(end);
                } else {
                    self.copy(end);
                }
            }
            b'$' => match dollar_quote_end(self.rest) {
                Some(end) => self.replace(end),
                None => self.copy(1),
            },
            b'-' if self.rest.starts_with("--") => self.skip(self.rest.find('\n').unwrap_or(self.rest.len())),
            b'/' if self.rest.starts_with("/*") => {
                self.skip(self.rest.find("*/").map_or(self.rest.len(), |at| at + 2));
            }
            b'0'..=b'9' => self.number(),
            _ => self.copy(1),
        }
    }

    fn copy(&mut self, length: usize) {
        self.template.push_str(&self.rest[..length]);
        self.rest = &self.rest[length..];
    }

    fn replace(&mut self, length: usize) {
        self.template.push('?');
        self.rest = &self.rest[length..];
    }

    fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }

    /// A string in single quotes. Whether a backslash escapes the quote after it depends on the database and on its
    /// settings, except in PostgreSQL's `E'…'`; if the two readings differ, nothing after it can be trusted.
    fn string(&mut self) {
        let (end, has_escaped_quote) = literal_end(self.rest, '\'');
        let is_escape_string = self.template.ends_with(['E', 'e']) && !self.template_word_before_last();
        self.replace(end);
        if has_escaped_quote && !is_escape_string {
            self.template.push('…');
            self.rest = "";
        }
    }

    /// Whether the last character of the template belongs to a longer word.
    fn template_word_before_last(&self) -> bool {
        self.template.chars().rev().nth(1).is_some_and(is_word)
    }

    /// A number, unless the digits belong to a name or to a placeholder (`T3`, `$1`, `:arg0`), or say which rows of the
    /// answer are wanted: how deep a page lies is no secret, and what makes it slow.
    fn number(&mut self) {
        let is_value =
            !self.template.ends_with(|last: char| is_word(last) || matches!(last, '$' | ':' | '@' | '%'));
        let is_part = |next: char| is_word(next) || next == '.';
        let end = self.rest.find(|next| !is_part(next)).unwrap_or(self.rest.len());
        let is_page =
            ["LIMIT", "OFFSET"].iter().any(|keyword| self.last_word().eq_ignore_ascii_case(keyword));
        if is_value && !is_page && end > NUMBER_BYTES_MAX { self.replace(end) } else { self.copy(end) }
    }

    /// Whether something in double quotes is compared to: SQLite takes it for a string when no column has that name.
    /// Columns that Django writes there have their table in front.
    fn after_comparison(&self, end: usize) -> bool {
        let compares = self.template.trim_end().ends_with(['=', '<', '>'])
            || ["LIKE", "ILIKE", "GLOB", "REGEXP", "MATCH"]
                .iter()
                .any(|operator| self.last_word().eq_ignore_ascii_case(operator));
        compares && !self.rest[end..].starts_with('.')
    }

    fn last_word(&self) -> &str {
        self.template.trim_end().rsplit(|last| !is_word(last)).next().unwrap_or_default()
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Length of a quoted run, quotes included, and whether a backslash stands before a quote in it. A doubled quote does
/// not end the run, and neither does one behind a backslash. An unfinished literal runs to the end.
fn literal_end(quoted: &str, quote: char) -> (usize, bool) {
    let mut has_escaped_quote = false;
    let mut characters = quoted.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '\'' {
            has_escaped_quote |= characters.next().is_some_and(|(_, escaped)| escaped == quote);
        } else if character == quote {
            if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
            } else {
                return (at + quote.len_utf8(), has_escaped_quote);
            }
        }
    }
    (quoted.len(), has_escaped_quote)
}

/// Length of a PostgreSQL dollar-quoted string (`$$…$$`, `$tag$…$tag$`), when one begins here.
fn dollar_quote_end(quoted: &str) -> Option<usize> {
    let tag_end = quoted[1..].find('$')? + 2;
    let tag = &quoted[..tag_end];
    let is_tag = tag[1..tag_end - 1].chars().all(|character| character.is_alphanumeric() || character == '_');
    if !is_tag || tag[1..].starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    Some(quoted[tag_end..].find(tag).map_or(quoted.len(), |at| tag_end + at + tag.len()))
}

#[cfg(test)]
mod tests;
