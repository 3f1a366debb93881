//! Python syntax with ranges: the one place that knows the parser's types and how a file is laid out in tokens.
//!
//! The tree is kept as a flat list in source order, so that looking outward (parents) and inward (descendants)
//! needs neither recursion nor a second walk.

use std::ops::Range;

use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal, walk_body};
use ruff_python_ast::{AnyNodeRef, ExprAttribute, ExprCall, ModModule, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseError, ParseOptions, Parsed, parse};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::limits::SYNTAX_DEPTH_LIMIT;
use crate::position::LineIndex;

#[cfg(test)]
mod tests;

/// The oldest Python whose projects are edited. Newer syntax is read as well, but never written.
const OLDEST_PYTHON: PythonVersion = PythonVersion::PY310;

/// Text that is not usable Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SyntaxProblem {
    Invalid { line: u32, message: String },
    TooDeep,
}

/// Parses a file and hands its tree to `read`.
pub(crate) fn with_syntax<T>(text: &str, read: impl FnOnce(&Syntax<'_>) -> T) -> Result<T, SyntaxProblem> {
    let lines = LineIndex::new(text);
    let invalid = |error: ParseError| SyntaxProblem::Invalid {
        line: lines.line(error.location.start()),
        message: error.error.to_string(),
    };
    let options = ParseOptions::from(Mode::Module).with_target_version(OLDEST_PYTHON);
    let parsed = parse(text, options).map_err(invalid)?.try_into_module().expect("a module was asked for");
    if let Some(nodes) = flatten(&parsed) {
        return Ok(read(&Syntax { text, lines, parsed: &parsed, nodes }));
    }
    // Dropping the tree would recurse as deep as walking it; one leaked tree is better than an exhausted stack.
    std::mem::forget(parsed);
    Err(SyntaxProblem::TooDeep)
}

/// The index of a node in source order.
pub(crate) type NodeId = usize;

struct Node<'a> {
    syntax: AnyNodeRef<'a>,
    parent: Option<NodeId>,
    /// One past the last descendant.
    end: NodeId,
}

/// A parsed file.
pub(crate) struct Syntax<'a> {
    pub(crate) text: &'a str,
    pub(crate) lines: LineIndex,
    parsed: &'a Parsed<ModModule>,
    nodes: Vec<Node<'a>>,
}

impl<'a> Syntax<'a> {
    pub(crate) fn body(&self) -> &'a [Stmt] {
        self.parsed.suite()
    }

    /// How many constructs of the file the oldest supported Python does not know.
    pub(crate) fn newer_constructs(&self) -> usize {
        self.parsed.unsupported_syntax_errors().len()
    }

    pub(crate) fn ids(&self) -> Range<NodeId> {
        0..self.nodes.len()
    }

    pub(crate) fn node(&self, id: NodeId) -> AnyNodeRef<'a> {
        self.nodes[id].syntax
    }

    pub(crate) fn range(&self, id: NodeId) -> TextRange {
        self.node(id).range()
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.nodes[id].parent
    }

    /// The nodes around `id`, innermost first.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    /// The nodes inside `id`, in source order.
    pub(crate) fn descendants(&self, id: NodeId) -> Range<NodeId> {
        id + 1..self.nodes[id].end
    }

    /// The outermost expression that spans exactly `range`.
    pub(crate) fn expression(&self, range: TextRange) -> Option<NodeId> {
        self.ids().find(|id| self.range(*id) == range && self.node(*id).is_expression())
    }

    /// The id of a node that came out of this tree.
    pub(crate) fn id_of(&self, node: AnyNodeRef<'a>) -> Option<NodeId> {
        self.ids().find(|id| self.node(*id).kind() == node.kind() && self.range(*id) == node.range())
    }

    pub(crate) fn call(&self, id: NodeId) -> Option<&'a ExprCall> {
        match self.node(id) {
            AnyNodeRef::ExprCall(call) => Some(call),
            _ => None,
        }
    }

    pub(crate) fn attribute(&self, id: NodeId) -> Option<&'a ExprAttribute> {
        match self.node(id) {
            AnyNodeRef::ExprAttribute(attribute) => Some(attribute),
            _ => None,
        }
    }

    pub(crate) fn slice(&self, range: TextRange) -> &'a str {
        &self.text[range.to_std_range()]
    }

    pub(crate) fn tokens(&self) -> &'a [Token] {
        self.parsed.tokens()
    }

    /// The tokens that lie inside `range`.
    pub(crate) fn tokens_in(&self, range: TextRange) -> &'a [Token] {
        let tokens = self.tokens();
        let first = tokens.partition_point(|token| token.start() < range.start());
        let last = tokens.partition_point(|token| token.end() <= range.end());
        tokens.get(first..last).unwrap_or_default()
    }

    /// The last token before `offset` that is neither a comment nor a line break.
    pub(crate) fn token_before(&self, offset: TextSize) -> Option<Token> {
        let tokens = self.tokens();
        let end = tokens.partition_point(|token| token.start() < offset);
        tokens[..end].iter().rev().find(|token| !token.kind().is_trivia()).copied()
    }

    /// Whether a line break inside brackets lies between two places.
    pub(crate) fn breaks_between(&self, start: TextSize, end: TextSize) -> bool {
        start <= end
            && self
                .tokens_in(TextRange::new(start, end))
                .iter()
                .any(|token| token.kind() == TokenKind::NonLogicalNewline)
    }

    /// The end of the line that holds `offset`, before its line ending.
    pub(crate) fn line_end(&self, offset: TextSize) -> TextSize {
        let rest = &self.text[offset.to_usize()..];
        let len = rest.find(['\n', '\r']).unwrap_or(rest.len());
        offset + TextSize::new(len as u32)
    }

    /// The white space a line starts with.
    pub(crate) fn indentation(&self, offset: TextSize) -> &'a str {
        let line = self.lines.text(self.text, self.lines.line(offset)).unwrap_or_default();
        &line[..line.len() - line.trim_start_matches([' ', '\t', '\u{c}']).len()]
    }

    /// The line ending in use around `offset`.
    pub(crate) fn newline(&self, offset: TextSize) -> &'static str {
        let at = self.line_end(offset).to_usize();
        let rest = if at < self.text.len() { &self.text[at..] } else { self.text };
        match rest.find(['\n', '\r']).map(|at| &rest[at..]) {
            Some(rest) if rest.starts_with("\r\n") => "\r\n",
            Some(rest) if rest.starts_with('\r') => "\r",
            _ => "\n",
        }
    }
}

/// The nodes in source order, or `None` when the tree is too deep to walk.
fn flatten(parsed: &Parsed<ModModule>) -> Option<Vec<Node<'_>>> {
    let mut flattener = Flattener::default();
    walk_body(&mut flattener, parsed.suite());
    (!flattener.too_deep).then_some(flattener.nodes)
}

#[derive(Default)]
struct Flattener<'a> {
    nodes: Vec<Node<'a>>,
    open: Vec<NodeId>,
    too_deep: bool,
}

impl<'a> SourceOrderVisitor<'a> for Flattener<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        let id = self.nodes.len();
        self.nodes.push(Node { syntax: node, parent: self.open.last().copied(), end: id + 1 });
        self.open.push(id);
        if self.open.len() < SYNTAX_DEPTH_LIMIT {
            return TraversalSignal::Traverse;
        }
        self.too_deep = true;
        TraversalSignal::Skip
    }

    fn leave_node(&mut self, _: AnyNodeRef<'a>) {
        if let Some(id) = self.open.pop() {
            self.nodes[id].end = self.nodes.len();
        }
    }
}
