//! Which rows of its answer a statement asks for.

use crate::lexer::{Token, TokenKind, tokens};
use crate::statement::at_top;

/// The end of `… LIMIT 20 OFFSET 4000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Most rows that are wanted.
    pub limit: u64,
    /// Rows before them, which are looked for and thrown away.
    pub offset: u64,
}

/// The page that the outermost query asks for. None without both of its numbers: all rows but the first are no page.
pub fn page(sql: &str) -> Option<Page> {
    // Most statements have none, and are not to be cut into tokens for that.
    if !sql.as_bytes().windows(OFFSET.len()).any(|word| word.eq_ignore_ascii_case(OFFSET.as_bytes())) {
        return None;
    }
    let all: Vec<Token<'_>> = tokens(sql).filter(|token| token.kind != TokenKind::Comment).collect();
    let top: Vec<_> = at_top(&all).collect();
    let number = |keyword: &str| {
        let at = top.iter().rposition(|token| token.is(keyword))?;
        let number = top.get(at + 1).filter(|token| token.kind == TokenKind::Number)?;
        number.text.parse().ok()
    };
    Some(Page { limit: number("LIMIT")?, offset: number(OFFSET)? })
}

const OFFSET: &str = "OFFSET";

#[cfg(test)]
mod tests;
