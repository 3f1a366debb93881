//! What a statement does, and to which tables.

use std::iter::Peekable;

use crate::lexer::{Token, TokenKind, tokens};

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// `SELECT`, `VALUES`, `TABLE`.
    Select,
    /// `INSERT`, `REPLACE`.
    Insert,
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
    /// `BEGIN`, `START TRANSACTION`, `COMMIT`, `ROLLBACK`, `END`, `ABORT`.
    Transaction,
    /// `SAVEPOINT`, `RELEASE`, `ROLLBACK TO`.
    Savepoint,
    /// Everything else: definitions, settings, procedures.
    Other,
}

/// A statement, as far as it can be read without knowing the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<'sql> {
    /// What it does. A statement with `WITH` does what stands behind it.
    pub verb: Verb,
    /// The tables named, without quotes and schema, each once, in the order of the text: what is written comes first.
    pub tables: Vec<&'sql str>,
    /// Whether it only counts rows: `SELECT COUNT(…) FROM …` and no other column.
    pub counts: bool,
}

impl<'sql> Statement<'sql> {
    /// Reads a statement. Of several in one text only the first counts.
    pub fn read(sql: &'sql str) -> Self {
        let all: Vec<Token<'sql>> = tokens(sql).filter(|token| token.kind != TokenKind::Comment).collect();
        let end = all.iter().position(|token| token.is_symbol(';')).unwrap_or(all.len());
        let all = &all[..end];
        let (prefix, body) = split_with(all);
        let verb = verb(body);
        let names = common_names(prefix);
        let mut tables = tables(body);
        for table in tables_of_parts(prefix) {
            if !tables.contains(&table) {
                tables.push(table);
            }
        }
        tables.retain(|table| !names.contains(table));
        Self { verb, tables, counts: counts(body) }
    }
}

/// The tokens outside parentheses.
pub(crate) fn at_top<'sql>(tokens: &[Token<'sql>]) -> impl Iterator<Item = Token<'sql>> {
    let mut depth = 0_usize;
    tokens.iter().copied().filter(move |token| {
        if token.is_symbol(')') {
            depth = depth.saturating_sub(1);
        }
        let is_top = depth == 0;
        if token.is_symbol('(') {
            depth += 1;
        }
        is_top
    })
}

/// `WITH …`, and the statement behind it.
fn split_with<'tokens, 'sql>(
    all: &'tokens [Token<'sql>],
) -> (&'tokens [Token<'sql>], &'tokens [Token<'sql>]) {
    if !all.first().is_some_and(|token| token.is("WITH")) {
        return (&[], all);
    }
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth == 0 && verb(&all[at..]) != Verb::Other => return all.split_at(at),
            _ => {}
        }
    }
    (all, &[])
}

/// The queries in parentheses of a `WITH`.
fn parts<'tokens, 'sql>(prefix: &'tokens [Token<'sql>]) -> Vec<&'tokens [Token<'sql>]> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, token) in prefix.iter().enumerate() {
        if token.is_symbol('(') {
            if depth == 0 {
                start = at + 1;
            }
            depth += 1;
        } else if token.is_symbol(')') {
            depth = depth.saturating_sub(1);
            // Also the columns behind a name stand in parentheses, but they begin no statement.
            if depth == 0 && start <= at && verb(&prefix[start..at]) != Verb::Other {
                parts.push(&prefix[start..at]);
            }
        }
    }
    parts
}

fn tables_of_parts<'sql>(prefix: &[Token<'sql>]) -> Vec<&'sql str> {
    parts(prefix).into_iter().flat_map(tables).collect()
}

/// The names that a `WITH` gives.
fn common_names<'sql>(prefix: &[Token<'sql>]) -> Vec<&'sql str> {
    let top: Vec<_> = at_top(prefix).collect();
    let mut names = Vec::new();
    for (at, token) in top.iter().enumerate() {
        let begins_name = at > 0 && {
            let before = top[at - 1];
            before.is("WITH") && !token.is("RECURSIVE") || before.is("RECURSIVE") || before.is_symbol(',')
        };
        if let (true, Some(name)) = (begins_name, token.identifier()) {
            names.push(name);
        }
    }
    names
}

fn verb(body: &[Token<'_>]) -> Verb {
    let mut words = body.iter().skip_while(|token| token.is_symbol('('));
    let Some(first) = words.next().filter(|token| token.kind == TokenKind::Word) else { return Verb::Other };
    match first.text.to_ascii_uppercase().as_str() {
        "SELECT" | "VALUES" | "TABLE" => Verb::Select,
        "INSERT" | "REPLACE" => Verb::Insert,
        "UPDATE" => Verb::Update,
        "DELETE" => Verb::Delete,
        "SAVEPOINT" | "RELEASE" => Verb::Savepoint,
        "ROLLBACK" if body.iter().any(|token| token.is("TO")) => Verb::Savepoint,
        "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "END" | "ABORT" => Verb::Transaction,
        _ => Verb::Other,
    }
}

/// The tables behind `FROM`, `JOIN`, `INTO` and `UPDATE`, at any depth.
fn tables<'sql>(body: &[Token<'sql>]) -> Vec<&'sql str> {
    let mut found: Vec<&'sql str> = Vec::new();
    // Per open parenthesis: whether a query stands in it, and whether we are in a list of tables there.
    let mut levels = vec![Level { query: true, list: false }];
    let mut tokens = body.iter().copied().peekable();
    let mut previous: Option<Token<'sql>> = None;
    while let Some(token) = tokens.next() {
        let level = levels.last().copied().unwrap_or(Level { query: true, list: false });
        let mut expects_table = false;
        if token.is_symbol('(') {
            let opens_query = tokens.peek().is_some_and(|next| {
                ["SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE"].iter().any(|word| next.is(word))
            });
            // A parenthesis where a table is expected holds a join.
            levels.push(Level { query: opens_query || level.list, list: false });
            expects_table = !opens_query && level.list && previous.is_some_and(opens_table_list);
        } else if token.is_symbol(')') {
            if levels.len() > 1 {
                levels.pop();
            }
        } else if token.is_symbol(',') {
            expects_table = level.list;
        } else if token.kind == TokenKind::Word {
            let starts = starts_table(token, previous, level);
            if let Some(level) = levels.last_mut() {
                level.list = (level.list || starts && !token.is("INTO")) && !ends_list(token);
            }
            expects_table = starts;
        }
        if expects_table {
            let may_be_function = !token.is("INTO");
            found.extend(table(&mut tokens, may_be_function).filter(|name| !found.contains(name)));
        }
        previous = Some(token);
    }
    found
}

#[derive(Clone, Copy)]
struct Level {
    query: bool,
    list: bool,
}

fn opens_table_list(token: Token<'_>) -> bool {
    token.is("FROM") || token.is("JOIN") || token.is_symbol(',')
}

fn starts_table(token: Token<'_>, previous: Option<Token<'_>>, level: Level) -> bool {
    let after = |word: &str| previous.is_some_and(|previous| previous.is(word));
    if token.is("FROM") {
        // `EXTRACT(year FROM …)` stands in parentheses that open no query; `IS DISTINCT FROM` compares.
        level.query && !after("DISTINCT")
    } else if token.is("UPDATE") {
        // `FOR UPDATE`, `FOR NO KEY UPDATE`, `ON CONFLICT DO UPDATE`, `ON DUPLICATE KEY UPDATE`, `ON UPDATE`.
        previous.is_none_or(|previous| previous.is_symbol('('))
    } else {
        token.is("JOIN") || token.is("INTO")
    }
}

/// Whether no further table of the list follows.
fn ends_list(token: Token<'_>) -> bool {
    [
        "WHERE",
        "SET",
        "GROUP",
        "ORDER",
        "HAVING",
        "LIMIT",
        "UNION",
        "EXCEPT",
        "INTERSECT",
        "SELECT",
        "RETURNING",
    ]
    .iter()
    .any(|word| token.is(word))
}

/// The table that stands here: the last part of its name, none for a subquery or a function.
fn table<'sql>(
    tokens: &mut Peekable<impl Iterator<Item = Token<'sql>> + Clone>,
    may_be_function: bool,
) -> Option<&'sql str> {
    while tokens.next_if(|token| token.is("ONLY") || token.is("LATERAL")).is_some() {}
    let mut ahead = tokens.clone();
    let mut name = ahead.next()?.identifier()?;
    while ahead.next_if(|token| token.is_symbol('.')).is_some() {
        name = ahead.next()?.identifier()?;
    }
    let is_function = may_be_function && ahead.peek().is_some_and(|token| token.is_symbol('('));
    (!is_function && !name.eq_ignore_ascii_case("SELECT")).then_some(name)
}

/// `SELECT COUNT(…) [AS name] FROM`.
fn counts(body: &[Token<'_>]) -> bool {
    let mut columns = at_top(body).skip(1).take_while(|token| !token.is("FROM"));
    let begins = body.first().is_some_and(|token| token.is("SELECT"));
    begins
        && columns.next().is_some_and(|token| token.is("COUNT"))
        && !columns.any(|token| token.is_symbol(','))
}

#[cfg(test)]
mod tests;
