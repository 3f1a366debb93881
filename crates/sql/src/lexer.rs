//! SQL text as tokens.
//!
//! One lexer for all dialects. Where they contradict each other the standard decides: a backslash in a string escapes
//! only after `E`, and `#` is an operator. `MySQL` texts with such strings may be cut elsewhere; values are placeholders
//! in almost everything that Django sends, so it hardly matters.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A keyword or an unquoted identifier.
    Word,
    /// An identifier in `"…"` or `` `…` ``.
    Quoted,
    /// A string: `'…'`, `E'…'`, `$tag$…$tag$`.
    Literal,
    /// A number.
    Number,
    /// A value that is sent apart: `%s`, `%(name)s`, `?`, `$1`, `:name`.
    Placeholder,
    /// Any other character.
    Symbol,
    /// `-- …` or `/* … */`.
    Comment,
}

/// A token and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'sql> {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Its text, quotes included.
    pub(crate) text: &'sql str,
}

impl<'sql> Token<'sql> {
    /// Whether it is this keyword, in any case.
    pub(crate) fn is(self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is this character.
    pub(crate) fn is_symbol(self, symbol: char) -> bool {
        self.kind == TokenKind::Symbol && self.text.starts_with(symbol)
    }

    /// The identifier that it is, without quotes. A doubled quote inside stays doubled.
    pub(crate) fn identifier(self) -> Option<&'sql str> {
        match self.kind {
            TokenKind::Word => Some(self.text),
            TokenKind::Quoted => {
                let inner = &self.text[1..];
                Some(inner.strip_suffix(['"', '`']).unwrap_or(inner))
            }
            _ => None,
        }
    }
}

/// The tokens of a statement. What stands between them is white space.
pub(crate) fn tokens(sql: &str) -> impl Iterator<Item = Token<'_>> + Clone {
    let mut rest = sql;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let (kind, length) = scan(rest, first);
        let (text, after) = rest.split_at(length);
        rest = after;
        Some(Token { kind, text })
    })
}

/// Kind and length in bytes of the token at the beginning of a text that is not empty.
fn scan(text: &str, first: char) -> (TokenKind, usize) {
    match first {
        '\'' => (TokenKind::Literal, string_end(text, false)),
        '"' | '`' => (TokenKind::Quoted, quoted_end(text, first)),
        '-' if text.starts_with("--") => (TokenKind::Comment, text.find('\n').unwrap_or(text.len())),
        '/' if text.starts_with("/*") => (TokenKind::Comment, block_comment_end(text)),
        '$' => dollar(text),
        '%' => percent(text),
        ':' if text[1..].starts_with(is_word_start) => (TokenKind::Placeholder, 1 + word_end(&text[1..])),
        // A cast, which the arm above must not see the second half of.
        ':' if text.starts_with("::") => (TokenKind::Symbol, 2),
        '?' => (TokenKind::Placeholder, 1),
        digit if digit.is_ascii_digit() => (TokenKind::Number, number_end(text)),
        letter if is_word_start(letter) => word(text),
        other => (TokenKind::Symbol, other.len_utf8()),
    }
}

fn is_word_start(character: char) -> bool {
    character.is_alphabetic() || character == '_' || !character.is_ascii() && !character.is_whitespace()
}

fn word_end(text: &str) -> usize {
    let ends = |character: char| {
        !(is_word_start(character) || character.is_ascii_digit() || matches!(character, '$'))
    };
    text.find(ends).unwrap_or(text.len())
}

fn word(text: &str) -> (TokenKind, usize) {
    let end = word_end(text);
    // `E'…'` has escapes; `N'…'`, `B'…'` and `X'…'` have not.
    let is_prefix = end == 1 && text[end..].starts_with('\'');
    match text.as_bytes()[0].to_ascii_uppercase() {
        b'E' if is_prefix => (TokenKind::Literal, end + string_end(&text[end..], true)),
        b'N' | b'B' | b'X' if is_prefix => (TokenKind::Literal, end + string_end(&text[end..], false)),
        _ => (TokenKind::Word, end),
    }
}

fn number_end(text: &str) -> usize {
    text.find(|character: char| !(character.is_ascii_alphanumeric() || character == '.'))
        .unwrap_or(text.len())
}

/// Length of a string in single quotes; an unfinished one runs to the end.
fn string_end(text: &str, has_escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if has_escapes => drop(characters.next()),
            '\'' if characters.peek().is_some_and(|(_, next)| *next == '\'') => drop(characters.next()),
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn quoted_end(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == quote {
            if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
            } else {
                return at + 1;
            }
        }
    }
    text.len()
}

/// Length of a block comment; they nest in the standard and in PostgreSQL.
fn block_comment_end(text: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(found) = text[at..].find(['/', '*']) {
        at += found;
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// `$1` or a string between dollar quotes.
fn dollar(text: &str) -> (TokenKind, usize) {
    let digits = text[1..].bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return (TokenKind::Placeholder, 1 + digits);
    }
    let Some(tag_length) = text[1..].find('$') else { return (TokenKind::Symbol, 1) };
    let (tag, rest) = text.split_at(tag_length + 2);
    if word_end(&tag[1..=tag_length]) != tag_length {
        return (TokenKind::Symbol, 1);
    }
    (TokenKind::Literal, rest.find(tag).map_or(text.len(), |end| 2 * tag.len() + end))
}

/// `%s`, `%(name)s`, or the operator.
fn percent(text: &str) -> (TokenKind, usize) {
    if text.starts_with("%%") {
        return (TokenKind::Symbol, 2);
    }
    let name = text[1..].strip_prefix('(').and_then(|inner| inner.find(')')).map_or(0, |end| end + 2);
    if text[1 + name..].starts_with(['s', 'b', 't']) {
        (TokenKind::Placeholder, 2 + name)
    } else {
        (TokenKind::Symbol, 1)
    }
}

#[cfg(test)]
mod tests;
