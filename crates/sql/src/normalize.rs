//! Statements that differ only in values, made equal.

use crate::lexer::{Token, TokenKind, tokens};

/// The statement without its values, comments and line breaks: two that differ in nothing else become the same text.
///
/// Values become `?`, a list of them `(?)` whatever its length, and so do the rows of `VALUES`. Unquoted words are
/// put into lower case.
pub fn normalize(sql: &str) -> String {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for token in tokens(sql).filter(|token| token.kind != TokenKind::Comment) {
        pieces.push(Piece::of(token));
        while fold(&mut pieces) {}
    }
    let mut text = String::with_capacity(sql.len());
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 && piece.is_apart_from(pieces[index - 1]) {
            text.push(' ');
        }
        match piece {
            Piece::Value => text.push('?'),
            Piece::Values => text.push_str("(?)"),
            Piece::Token(token) if token.kind == TokenKind::Word => {
                text.extend(token.text.chars().map(|character| character.to_ascii_lowercase()));
            }
            Piece::Token(token) => text.push_str(token.text),
        }
    }
    text
}

#[derive(Clone, Copy)]
enum Piece<'sql> {
    Value,
    /// A list of values in parentheses, or several such lists.
    Values,
    Token(Token<'sql>),
}

impl<'sql> Piece<'sql> {
    fn of(token: Token<'sql>) -> Self {
        match token.kind {
            TokenKind::Literal | TokenKind::Number | TokenKind::Placeholder => Self::Value,
            _ => Self::Token(token),
        }
    }

    fn is_symbol(self, symbol: char) -> bool {
        matches!(self, Self::Token(token) if token.is_symbol(symbol))
    }

    fn is_apart_from(self, previous: Self) -> bool {
        let joins_left = [',', ')', '.'].iter().any(|symbol| self.is_symbol(*symbol));
        let joins_right = ['(', '.'].iter().any(|symbol| previous.is_symbol(*symbol));
        !joins_left && !joins_right
    }
}

/// Shortens the end of the pieces by one rule; false when none applies.
fn fold(pieces: &mut Vec<Piece<'_>>) -> bool {
    let shorter = match pieces.as_slice() {
        // `(?, ?` becomes `(?`, …
        [.., open, Piece::Value, comma, Piece::Value] if open.is_symbol('(') && comma.is_symbol(',') => 2,
        // … `(?)` one piece, …
        [.., open, Piece::Value, close] if open.is_symbol('(') && close.is_symbol(')') => {
            pieces.truncate(pieces.len() - 3);
            pieces.push(Piece::Values);
            return true;
        }
        // … and `(?), (?)` one, too.
        [.., Piece::Values, comma, Piece::Values] if comma.is_symbol(',') => 2,
        _ => return false,
    };
    pieces.truncate(pieces.len() - shorter);
    true
}

#[cfg(test)]
mod tests;
