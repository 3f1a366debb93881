//! Files that programs write: what is edited there is lost the next time they do.

use ruff_python_ast::Stmt;
use ruff_text_size::{Ranged, TextSize};

use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

/// What such files say of themselves; the second must come with the word "generated".
const MARK: &str = "@generated";
const PROHIBITIONS: [&str; 5] =
    ["do not edit", "do not modify", "do not change", "don't edit", "do not touch"];

/// Refuses a file whose comments or docstring at its head say that it is generated.
pub(super) fn check(syntax: &Syntax<'_>) -> Result<(), Unsupported> {
    let head = head(syntax).to_ascii_lowercase();
    let mark = head.find(MARK).or_else(|| {
        let prohibition = PROHIBITIONS.iter().find_map(|words| head.find(words))?;
        head.contains("generated").then_some(prohibition)
    });
    match mark {
        Some(at) => {
            // The head is lowered byte by byte, so its places are those of the text.
            Err(Unsupported::Generated { line: syntax.lines.line(TextSize::new(at as u32)) })
        }
        None => Ok(()),
    }
}

/// What stands before the first statement, and that statement when it is a docstring.
fn head<'a>(syntax: &Syntax<'a>) -> &'a str {
    let end = match syntax.body().first() {
        Some(Stmt::Expr(docstring)) if docstring.value.is_string_literal_expr() => docstring.end(),
        Some(first) => first.start(),
        None => TextSize::of(syntax.text),
    };
    &syntax.text[..end.to_usize()]
}
