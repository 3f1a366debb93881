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

/// The statement without string literals, cut to `limit_bytes`.
///
/// Django writes placeholders, but raw SQL may have values pasted in: whatever stands between single quotes or
/// dollar quotes becomes `?`.
pub(crate) fn template(sql: &str, limit_bytes: usize) -> String {
    let mut template = String::with_capacity(sql.len().min(limit_bytes));
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '"', '$']) {
        template.push_str(&rest[..at]);
        let quoted = &rest[at..];
        let end = match quoted.as_bytes()[0] {
            b'\'' => {
                template.push('?');
                literal_end(quoted, '\'')
            }
            b'"' => {
                let end = literal_end(quoted, '"');
                template.push_str(&quoted[..end]);
                end
            }
            _ => {
                let end = dollar_quote_end(quoted);
                template.push(if end.is_some() { '?' } else { '$' });
                end.unwrap_or(1)
            }
        };
        rest = &quoted[end..];
    }
    template.push_str(rest);
    if template.len() > limit_bytes {
        let end = template.floor_char_boundary(limit_bytes);
        template.truncate(end);
        template.push('…');
    }
    template
}

/// Length of a quoted run, quotes included; a doubled quote does not end it, and neither does a backslash-escaped
/// one, which `MySQL` and PostgreSQL's `E''` have. An unfinished literal runs to the end.
fn literal_end(quoted: &str, quote: char) -> usize {
    let mut characters = quoted.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '\'' {
            characters.next();
        } else if character == quote {
            if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
            } else {
                return at + quote.len_utf8();
            }
        }
    }
    quoted.len()
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
