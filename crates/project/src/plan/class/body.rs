//! Statements that a class body gains: where they go, and how they are laid out.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, Stmt, StmtClassDef};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

use super::super::draft::{Draft, prevailing_quote};
use super::{Class, Paths};

/// What a class body gains.
#[derive(Default)]
pub(super) struct NewBody {
    /// A line beside the other attributes.
    pub(super) attribute: Option<String>,
    /// A method behind all others, indented relative to the body.
    pub(super) method: Option<String>,
}

impl NewBody {
    pub(super) fn write(self, draft: &mut Draft<'_, '_>, class: &Class<'_, '_>) -> Result<(), Unsupported> {
        if self.attribute.is_none() && self.method.is_none() {
            return Ok(());
        }
        if let [only] = class.node.body.as_slice()
            && says_nothing(only)
        {
            let text = self.attribute.into_iter().chain(self.method).collect::<Vec<_>>().join("\n\n");
            return replace_pass(draft, class, only, &text);
        }
        let (Some(last), attribute_place) = (class.node.body.last(), attribute_place(class.node)) else {
            return class.refuse("has no body");
        };
        if let Some(attribute) = self.attribute {
            match attribute_place {
                Some(statement) => insert_after(draft, class, statement, &attribute, 0)?,
                None => insert_first(draft, class, &attribute)?,
            }
        }
        if let Some(method) = self.method {
            insert_after(draft, class, last, &method, 1)?;
        }
        Ok(())
    }
}

/// A method behind all that is there.
pub(super) fn add_method(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    method: &str,
) -> Result<(), Unsupported> {
    NewBody { attribute: None, method: Some(method.to_owned()) }.write(draft, class)
}

/// Next to the columns it serves, or after the last of the attributes that open the class.
fn attribute_place(class: &StmtClassDef) -> Option<&Stmt> {
    let assigns = |statement: &&Stmt| matches!(statement, Stmt::Assign(_) | Stmt::AnnAssign(_));
    let columns = class.body.iter().find(|statement| match statement {
        Stmt::Assign(assign) => {
            matches!(assign.targets.as_slice(), [Expr::Name(name)] if name.id.as_str() == "list_display")
        }
        _ => false,
    });
    let methods = class.body.iter().position(Stmt::is_function_def_stmt).unwrap_or(class.body.len());
    columns.or_else(|| class.body[..methods].iter().rev().find(assigns)).or_else(|| {
        class.body.first().filter(|first| match first {
            Stmt::Expr(expression) => expression.value.is_string_literal_expr(),
            _ => false,
        })
    })
}

fn insert_first(draft: &mut Draft<'_, '_>, class: &Class<'_, '_>, text: &str) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let Some((first, indentation)) =
        class.node.body.first().and_then(|first| Some((first, own_line_indentation(syntax, first)?)))
    else {
        return class.refuse("has its body on the line of its name");
    };
    let newline = syntax.newline(first.start());
    let blank = if first.is_function_def_stmt() { newline } else { "" };
    let line = syntax.lines.start(syntax.lines.line(first.start())).unwrap_or_default();
    draft.insert(line, format!("{indentation}{text}{newline}{blank}"));
    Ok(())
}

/// `pass` and `...` stand only where there would be no body at all.
fn says_nothing(statement: &Stmt) -> bool {
    match statement {
        Stmt::Pass(_) => true,
        Stmt::Expr(expression) => expression.value.is_ellipsis_literal_expr(),
        _ => false,
    }
}

/// A body of nothing but `pass` needs no `pass` any more.
fn replace_pass(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    pass: &Stmt,
    text: &str,
) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let newline = syntax.newline(pass.start());
    let outer = syntax.indentation(class.node.name.start());
    let (range, indentation) = match own_line_indentation(syntax, pass) {
        Some(indentation) => (pass.range(), indentation.to_owned()),
        None => match syntax.token_before(pass.start()) {
            Some(colon) => (TextRange::new(colon.end(), pass.end()), format!("{outer}    ")),
            None => return class.refuse("has no body"),
        },
    };
    let indented: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, line)| match (at, line) {
            (_, "") => String::new(),
            (0, line) if range.start() == pass.start() => line.to_owned(),
            (_, line) => format!("{indentation}{line}"),
        })
        .collect();
    let opening = if range.start() == pass.start() { "" } else { newline };
    draft.replace(range, format!("{opening}{}", indented.join(newline)));
    Ok(())
}

/// The method that makes an inherited queryset eager, indented relative to the class body. `argument` is what it takes
/// and passes on.
pub(super) fn get_queryset(
    draft: &Draft<'_, '_>,
    class: &StmtClassDef,
    argument: &str,
    paths: &Paths<'_>,
) -> String {
    let syntax = draft.syntax;
    let unit = class
        .body
        .first()
        .and_then(|first| own_line_indentation(syntax, first))
        .and_then(|body| body.strip_prefix(syntax.indentation(class.name.start())))
        .filter(|unit| !unit.is_empty())
        .unwrap_or("    ");
    let parameters = if argument.is_empty() { "self".to_owned() } else { format!("self, {argument}") };
    let calls: Vec<String> =
        paths.calls(prevailing_quote(syntax)).iter().map(|call| format!(".{}", call.inline())).collect();
    let value = format!("super().get_queryset({argument}){}", calls.concat());
    let outer = syntax.indentation(class.name.start()).len() + 2 * unit.len();
    let body = if draft.layout.has_room(outer, "return ".len() + value.len()) {
        format!("{unit}return {value}")
    } else {
        let inner = format!("\n{unit}{unit}");
        let calls = calls.join(&inner);
        format!("{unit}return ({inner}super(){inner}.get_queryset({argument}){inner}{calls}\n{unit})")
    };
    format!("def get_queryset({parameters}):\n{body}")
}

/// Inserts lines after a statement of the class body. `blank_lines` come before them.
pub(super) fn insert_after(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    statement: &Stmt,
    text: &str,
    blank_lines: usize,
) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let Some(indentation) = own_line_indentation(syntax, statement) else {
        return class.refuse("has its body on the line of its name");
    };
    let newline = syntax.newline(statement.start());
    let blank = newline.repeat(blank_lines);
    let lines: Vec<String> = text.lines().map(|line| format!("{indentation}{line}")).collect();
    let lines = lines.join(newline);
    if let Some(at) = line_after(syntax, statement.end()) {
        draft.insert(at, format!("{blank}{lines}{newline}"));
    } else {
        draft.insert(TextSize::of(syntax.text), format!("{newline}{blank}{lines}"));
    }
    Ok(())
}

/// What a statement is indented with, unless something else stands before it on its line.
pub(super) fn own_line_indentation<'a>(syntax: &Syntax<'a>, statement: &Stmt) -> Option<&'a str> {
    let line_start = syntax.lines.start(syntax.lines.line(statement.start()))?;
    let before = syntax.slice(TextRange::new(line_start, statement.start()));
    before.trim().is_empty().then_some(before)
}

/// The start of the line after the logical line that ends with `end`; `None` when the text ends there.
fn line_after(syntax: &Syntax<'_>, end: TextSize) -> Option<TextSize> {
    let tokens = syntax.tokens();
    tokens[tokens.partition_point(|token| token.start() < end)..]
        .iter()
        .find(|token| token.kind() == TokenKind::Newline)
        .filter(|token| !token.range().is_empty())
        .map(Ranged::end)
}
