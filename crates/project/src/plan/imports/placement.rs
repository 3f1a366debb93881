//! Where a new import goes: into an existing statement, or where isort would put a new one.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Stmt, StmtImportFrom};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::edit::TextEdit;
use crate::plan::items::{self, Items};
use crate::plan::layout::Layout;
use crate::plan::room::Line;
use crate::syntax::Syntax;

use super::ModulePath;

/// Standard-library packages that Django code imports; anything else absolute counts as installed or the project's.
const STANDARD_LIBRARY: &[&str] = &[
    "__future__",
    "abc",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "base64",
    "bisect",
    "calendar",
    "collections",
    "concurrent",
    "contextlib",
    "contextvars",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "email",
    "enum",
    "fractions",
    "functools",
    "gc",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "locale",
    "logging",
    "math",
    "mimetypes",
    "multiprocessing",
    "numbers",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "pprint",
    "queue",
    "random",
    "re",
    "secrets",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "statistics",
    "string",
    "subprocess",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zipfile",
    "zoneinfo",
];

/// isort's sections, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Future,
    Standard,
    ThirdParty,
    FirstParty,
    Local,
}

pub(super) fn edits(
    syntax: &Syntax<'_>,
    file: &ModulePath,
    wanted: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let mut new: Vec<Statement> = Vec::new();
    for (module, names) in wanted {
        match extensible(syntax, file, module) {
            Some(import) => edits.extend(names.iter().flat_map(|name| extend(syntax, import, name))),
            None => new.push(Statement::new(syntax, file, module, names)),
        }
    }
    new.sort_by_key(Statement::key);
    let block = block(syntax);
    if block.is_empty() {
        edits.extend(without_imports(syntax, &new));
    } else {
        edits.extend(new.iter().map(|statement| insert(syntax, file, &block, statement)));
    }
    edits
}

/// The last import from `module` that names can be added to.
fn extensible<'a>(syntax: &Syntax<'a>, file: &ModulePath, module: &str) -> Option<&'a StmtImportFrom> {
    syntax.body().iter().rev().find_map(|statement| match statement {
        Stmt::ImportFrom(import) => {
            let star = import.names.iter().any(|alias| alias.name.as_str() == "*");
            let same = file.resolve(import).is_some_and(|from| from.is(module));
            (same && !star).then_some(import)
        }
        _ => None,
    })
}

/// Adds a name to an import: at its sorted place when the names are sorted, at the end otherwise.
fn extend(syntax: &Syntax<'_>, import: &StmtImportFrom, name: &str) -> Vec<TextEdit> {
    let names: Vec<&str> = import.names.iter().map(|alias| alias.name.as_str()).collect();
    let later = [isort_key, case_insensitive_key].into_iter().find_map(|key| {
        let sorted = names.is_sorted_by_key(|name| key(name));
        sorted.then(|| names.iter().position(|other| key(other) > key(name)))
    });
    if let Some(Some(position)) = later {
        let next = import.names[position].range;
        let own_line = syntax
            .token_before(next.start())
            .is_some_and(|token| syntax.breaks_between(token.end(), next.start()));
        let separator = if own_line {
            format!("{}{}", syntax.newline(next.start()), syntax.indentation(next.start()))
        } else {
            " ".to_owned()
        };
        let replacement = format!("{name},{separator}");
        return vec![TextEdit { range: TextRange::empty(next.start()).to_std_range(), replacement }];
    }
    let all: Vec<_> = import.names.iter().map(|alias| alias.range).collect();
    let last = syntax.tokens_in(import.range).last();
    let close = last.filter(|token| token.kind() == TokenKind::Rpar).map(Ranged::start);
    let items = Items { ranges: &all, open: None, close, lone_comma: false };
    // An import that gets too long is left to the project's formatter.
    items::append(
        syntax,
        &Layout::unlimited(),
        &Line::of(syntax, import.start()),
        &items,
        &[name.to_owned().into()],
    )
}

/// isort's default: constants, classes, then the rest.
fn isort_key(name: &str) -> (u8, String) {
    let rank = if name.len() > 1 && !name.contains(char::is_lowercase) {
        0
    } else if name.starts_with(char::is_uppercase) {
        1
    } else {
        2
    };
    (rank, name.to_owned())
}

fn case_insensitive_key(name: &str) -> (u8, String) {
    (0, name.to_lowercase())
}

/// An import to be written on a line of its own.
struct Statement {
    section: Section,
    module: String,
    text: String,
}

impl Statement {
    fn new(syntax: &Syntax<'_>, file: &ModulePath, module: &str, names: &BTreeSet<String>) -> Self {
        let uses_relative = syntax.body().iter().any(|statement| match statement {
            Stmt::ImportFrom(import) => import.level == 1,
            _ => false,
        });
        let relative = if uses_relative { file.relative(module) } else { None };
        let section = match (&relative, module.split('.').next()) {
            (Some(_), _) => Section::Local,
            (None, Some("django")) => Section::ThirdParty,
            _ => Section::FirstParty,
        };
        let module = relative.unwrap_or_else(|| module.to_owned());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = format!("from {module} import {}", names.join(", "));
        Self { section, module, text }
    }

    fn key(&self) -> (Section, String) {
        (self.section, self.module.to_lowercase())
    }
}

/// The module's own import statements before its first definition.
fn block<'a>(syntax: &Syntax<'a>) -> Vec<&'a Stmt> {
    syntax
        .body()
        .iter()
        .take_while(|statement| !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)))
        .filter(|statement| matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_)))
        .collect()
}

/// What an existing import sorts by; plain imports come first in their section.
fn key(file: &ModulePath, statement: &Stmt) -> (Section, bool, String) {
    match statement {
        Stmt::ImportFrom(import) => {
            let module = import.module.as_ref().map_or("", |module| module.as_str());
            let section = if import.level > 0 { Section::Local } else { section(file, module) };
            let dots = ".".repeat(import.level as usize);
            (section, true, format!("{dots}{}", module.to_lowercase()))
        }
        Stmt::Import(import) => {
            let module = import.names.first().map_or("", |alias| alias.name.as_str());
            (section(file, module), false, module.to_lowercase())
        }
        _ => (Section::Future, false, String::new()),
    }
}

fn section(file: &ModulePath, module: &str) -> Section {
    let package = module.split('.').next().unwrap_or_default();
    if package == "__future__" {
        Section::Future
    } else if STANDARD_LIBRARY.contains(&package) {
        Section::Standard
    } else if file.dotted.split('.').any(|part| part == package) {
        Section::FirstParty
    } else {
        Section::ThirdParty
    }
}

/// Among the imports of `block`, of which there is at least one.
fn insert(syntax: &Syntax<'_>, file: &ModulePath, block: &[&Stmt], new: &Statement) -> TextEdit {
    let package = |module: &str| module.split('.').next().unwrap_or_default().to_owned();
    // An import from the same package shows which section the file's authors count it to.
    let section = block
        .iter()
        .map(|statement| key(file, statement))
        .find(|(_, from, module)| {
            *from && !module.starts_with('.') && package(module) == package(&new.module)
        })
        .map_or(new.section, |(section, _, _)| section);
    let new_key = (section, true, new.module.to_lowercase());
    let position = block.iter().rposition(|statement| key(file, statement) < new_key).map_or(0, |at| at + 1);
    let in_section = |at: usize| block.get(at).is_some_and(|statement| key(file, statement).0 == section);
    let previous = position.checked_sub(1).map(|at| (block[at], in_section(at)));
    match previous {
        Some((previous, true)) => after(syntax, previous, &new.text, false),
        // A section of its own; the blank line behind it is the one between the neighbours.
        Some((previous, false)) if !in_section(position) => after(syntax, previous, &new.text, true),
        _ => ahead_of(syntax, block[position], &new.text, !in_section(position)),
    }
}

/// On the line after the logical line that holds `statement`.
fn after(syntax: &Syntax<'_>, statement: &Stmt, text: &str, blank_line: bool) -> TextEdit {
    let newline = syntax.newline(statement.start());
    let gap = if blank_line { newline } else { "" };
    let tokens = syntax.tokens();
    let end = tokens
        .iter()
        .skip(tokens.partition_point(|token| token.start() < statement.end()))
        .find(|token| token.kind() == TokenKind::Newline);
    let at = end.map_or(syntax.text.len(), |token| token.end().to_usize());
    let ends_line = end.is_some_and(|token| !token.range().is_empty());
    let replacement =
        if ends_line { format!("{gap}{text}{newline}") } else { format!("{newline}{gap}{text}") };
    TextEdit { range: at..at, replacement }
}

fn ahead_of(syntax: &Syntax<'_>, statement: &Stmt, text: &str, blank_line: bool) -> TextEdit {
    let newline = syntax.newline(statement.start());
    let gap = if blank_line { newline } else { "" };
    let at = line_start(syntax, statement.start());
    TextEdit { range: at..at, replacement: format!("{text}{newline}{gap}") }
}

/// After the module's docstring, or before its first statement.
fn without_imports(syntax: &Syntax<'_>, new: &[Statement]) -> Option<TextEdit> {
    let newline = syntax.newline(TextSize::new(0));
    // New imports come at most one to a section: Django's and the project's.
    let text =
        new.iter().map(|statement| statement.text.as_str()).collect::<Vec<_>>().join(&newline.repeat(2));
    match syntax.body() {
        _ if new.is_empty() => None,
        [docstring @ Stmt::Expr(expression), ..] if expression.value.is_string_literal_expr() => {
            Some(after(syntax, docstring, &text, true))
        }
        [first, ..] => {
            let defines = matches!(first, Stmt::FunctionDef(_) | Stmt::ClassDef(_));
            let blank = newline.repeat(if defines { 3 } else { 2 });
            let at = line_start(syntax, first.start());
            Some(TextEdit { range: at..at, replacement: format!("{text}{blank}") })
        }
        [] => None,
    }
}

fn line_start(syntax: &Syntax<'_>, offset: TextSize) -> usize {
    syntax.lines.start(syntax.lines.line(offset)).unwrap_or(offset).to_usize()
}
