//! Classes of the Django admin: `list_select_related` for the change list, `get_queryset` for the rest.

use ruff_python_ast::{Expr, Stmt, StmtClassDef};
use ruff_text_size::{Ranged, TextRange};

use crate::chain::last_name;
use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

use super::super::chain::{self, Lookups};
use super::super::draft::{Draft, prevailing_quote, quoted};
use super::super::items::{self, Items};
use super::super::locate::Load;
use super::{Class, Paths, base_names, own_line_indentation, quoted_list};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Has a change list.
    ModelAdmin,
    /// Has none, so `list_select_related` means nothing to it.
    Inline,
}

pub(super) fn kind(class: &StmtClassDef) -> Option<Kind> {
    let registered = class.decorator_list.iter().any(|decorator| match &decorator.expression {
        Expr::Call(call) => last_name(&call.func) == Some("register"),
        _ => false,
    });
    if base_names(class).any(|name| name.ends_with("TabularInline") || name.ends_with("StackedInline")) {
        return Some(Kind::Inline);
    }
    (registered || base_names(class).any(|name| name.ends_with("ModelAdmin"))).then_some(Kind::ModelAdmin)
}

pub(super) fn load(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    kind: Kind,
    loads: &[Load],
) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let target = class.method("get_queryset").map(|method| class.returned(syntax, method)).transpose();
    // The change list leaves a queryset alone that selects relations itself.
    let selects_itself = matches!(&target, Ok(Some(target))
        if !Lookups::read(&target.chain, "select_related").calls.is_empty());
    let in_list = kind == Kind::ModelAdmin && !selects_itself;
    let (listed, built): (Vec<Load>, Vec<Load>) =
        loads.iter().cloned().partition(|load| in_list && matches!(load, Load::Select(_)));

    let mut body = NewBody::default();
    if !listed.is_empty() {
        list_select_related(draft, class, &Paths::of(&listed).selects, &mut body)?;
    }
    if !built.is_empty() {
        match target? {
            Some(target) => chain::load(draft, &target, &built)?,
            None => body.method = Some(get_queryset(syntax, class.node, &Paths::of(&built))),
        }
    }
    body.write(draft, class)
}

/// What the class body gains.
#[derive(Default)]
struct NewBody {
    attribute: Option<String>,
    method: Option<String>,
}

impl NewBody {
    fn write(self, draft: &mut Draft<'_, '_>, class: &Class<'_, '_>) -> Result<(), Unsupported> {
        if self.attribute.is_none() && self.method.is_none() {
            return Ok(());
        }
        if let [only @ Stmt::Pass(_)] = class.node.body.as_slice() {
            let text = self.attribute.into_iter().chain(self.method).collect::<Vec<_>>().join("\n\n");
            return replace_pass(draft, class, only, &text);
        }
        let (Some(last), attribute_place) = (class.node.body.last(), attribute_place(class.node)) else {
            return class.refuse("has no body");
        };
        if let Some(attribute) = self.attribute {
            match attribute_place {
                Some(statement) => class.insert_after(draft, statement, &attribute, 0)?,
                None => insert_first(draft, class, &attribute)?,
            }
        }
        if let Some(method) = self.method {
            class.insert_after(draft, last, &method, 1)?;
        }
        Ok(())
    }
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

/// Extends the attribute, or says what to add.
fn list_select_related(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    wanted: &[&str],
    body: &mut NewBody,
) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    if class.method("get_list_select_related").is_some() {
        return class.refuse("decides in `get_list_select_related`; extend that");
    }
    let quote = prevailing_quote(syntax);
    let tuple = |paths: &[&str]| {
        let comma = if paths.len() == 1 { "," } else { "" };
        format!("({}{comma})", quoted_list(paths, quote))
    };
    let (elements, lone_comma, bracketed) = match class.value("list_select_related") {
        None => {
            body.attribute = Some(format!("list_select_related = {}", tuple(wanted)));
            return Ok(());
        }
        Some(Expr::BooleanLiteral(literal)) if !literal.value => {
            draft.replace(literal.range, tuple(wanted));
            return Ok(());
        }
        Some(Expr::BooleanLiteral(_)) => {
            return class.refuse("has `list_select_related = True`, which follows every non-null foreign key; name the relations instead");
        }
        Some(Expr::Tuple(tuple)) => (&tuple.elts, true, tuple.parenthesized),
        Some(Expr::List(list)) => (&list.elts, false, true),
        Some(_) => return class.refuse("computes `list_select_related`; extend it there"),
    };
    let mut present = Vec::new();
    for element in elements {
        match element {
            Expr::StringLiteral(path) => present.push(path.value.to_str()),
            _ => return class.refuse("computes `list_select_related`; extend it there"),
        }
    }
    let missing: Vec<String> = wanted
        .iter()
        .filter(|path| !present.iter().any(|present| chain::covers(present, path)))
        .map(|path| quoted(path, quote))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let ranges: Vec<TextRange> = elements.iter().map(Ranged::range).collect();
    let close = class
        .value("list_select_related")
        .filter(|_| bracketed)
        .and_then(|value| syntax.token_before(value.end()))
        .map(|close| close.start());
    draft.extend(items::append(syntax, &Items { ranges: &ranges, close, lone_comma }, &missing));
    Ok(())
}

/// The method that makes the queryset eager, indented relative to the class body.
fn get_queryset(syntax: &Syntax<'_>, class: &StmtClassDef, paths: &Paths<'_>) -> String {
    let calls = paths.calls(prevailing_quote(syntax));
    let unit = class
        .body
        .first()
        .and_then(|first| own_line_indentation(syntax, first))
        .and_then(|body| body.strip_prefix(syntax.indentation(class.name.start())))
        .filter(|unit| !unit.is_empty())
        .unwrap_or("    ");
    format!("def get_queryset(self, request):\n{unit}return super().get_queryset(request){calls}")
}
