//! Comments that keep a finding quiet: `# escala: ignore[n-plus-one] one page a day`.
//!
//! Behind code the comment is about its statement, alone on a line about the next one. In a template,
//! `{# escala: ignore[n-plus-one] reason #}` is about its own line, alone on a line about the next.

use ruff_python_ast::token::TokenKind;
use ruff_text_size::Ranged;

use crate::position::LineIndex;
use crate::source::Source;
use crate::syntax::with_syntax;

#[cfg(test)]
mod tests;

/// What the comment begins with.
const MARK: &str = "escala: ignore";

/// A comment that says which findings are known and accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The line of the comment, from 1.
    pub line: u32,
    /// First and last line of the code that it is about.
    pub about: (u32, u32),
    /// Names of rules, or why the comment says none.
    pub said: Result<Ignored, MalformedSuppression>,
}

/// What is ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Names of rules.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
}

/// A comment that begins like a suppression and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedSuppression {
    /// `# escala: ignore`.
    #[error("it names no rule; write `escala: ignore[rule] reason`")]
    NoRule,
    /// `# escala: ignore[n-plus-one]`.
    #[error("it gives no reason; write `escala: ignore[rule] reason`")]
    NoReason,
}

impl Suppression {
    /// Whether it is about a finding of this rule at this line.
    pub fn covers(&self, rule: &str, line: u32) -> bool {
        let (first, last) = self.about;
        let names_it = self.said.as_ref().is_ok_and(|said| said.rules.iter().any(|known| known == rule));
        names_it && (first..=last).contains(&line)
    }
}

/// The suppressions of a file, in order. A Python file that does not parse has none.
pub fn suppressions(source: &Source) -> Vec<Suppression> {
    if !source.text().contains(MARK) {
        return Vec::new();
    }
    let is_python = source.path().as_str().strip_suffix(".py").is_some();
    if is_python { in_python(source.text()) } else { in_template(source.text()) }
}

fn in_python(text: &str) -> Vec<Suppression> {
    let found = with_syntax(text, |syntax| {
        let mut found = Vec::new();
        let mut waiting: Vec<(u32, &str)> = Vec::new();
        let mut first = None;
        for token in syntax.tokens() {
            let line = syntax.lines.line(token.start());
            match token.kind() {
                TokenKind::Comment => waiting.extend(said(&text[token.range()]).map(|said| (line, said))),
                TokenKind::NonLogicalNewline | TokenKind::Indent | TokenKind::Dedent => {}
                TokenKind::Newline => {
                    let about = (first.take().unwrap_or(line), line);
                    found.extend(waiting.drain(..).map(|(line, said)| suppression(line, about, said)));
                }
                _ => first = first.or(Some(line)),
            }
        }
        found
    });
    found.unwrap_or_default()
}

fn in_template(text: &str) -> Vec<Suppression> {
    let lines = LineIndex::new(text);
    let mut found = Vec::new();
    for line in 1.. {
        let Some(code) = lines.text(text, line) else { break };
        let mut rest = code;
        while let Some((before, after)) = rest.split_once("{#") {
            let Some((comment, behind)) = after.split_once("#}") else { break };
            if let Some(said) = said(comment) {
                let alone = before.trim().is_empty() && behind.trim().is_empty();
                let about = line + u32::from(alone);
                found.push(suppression(line, (about, about), said));
            }
            rest = behind;
        }
    }
    found
}

/// What stands behind the mark.
fn said(comment: &str) -> Option<&str> {
    comment.trim_start_matches('#').trim_start().strip_prefix(MARK)
}

fn suppression(line: u32, about: (u32, u32), said: &str) -> Suppression {
    Suppression { line, about, said: read(said) }
}

fn read(said: &str) -> Result<Ignored, MalformedSuppression> {
    let (names, reason) =
        said.strip_prefix('[').and_then(|inner| inner.split_once(']')).ok_or(MalformedSuppression::NoRule)?;
    let rules: Vec<_> =
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let reason = reason.trim();
    match (rules.is_empty(), reason.is_empty()) {
        (true, _) => Err(MalformedSuppression::NoRule),
        (_, true) => Err(MalformedSuppression::NoReason),
        _ => Ok(Ignored { rules, reason: reason.to_owned() }),
    }
}
