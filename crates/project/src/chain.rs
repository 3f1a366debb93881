//! Method chains on querysets: `Book.objects` (the base), `.filter(…)`, `.order_by(…)` (the links).

use ruff_python_ast::{AnyNodeRef, Expr, ExprAttribute, ExprCall};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::syntax::{NodeId, Syntax};

/// The names under which Django keeps a model's managers.
pub(crate) const MANAGERS: [&str; 3] = ["objects", "_default_manager", "_base_manager"];

/// What a method of a queryset or manager gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Another queryset of the same model.
    Chainable,
    /// Dictionaries, tuples or dates instead of instances.
    Rows,
    /// A combined query, which takes no further joins.
    Combining,
    /// A query in hand-written SQL.
    Raw,
    /// Instances: the end of the chain.
    Instances,
    /// Neither a queryset nor instances: the end of the chain.
    Scalar,
    /// Unknown: defined by the project or a library.
    Custom,
}

impl Method {
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "all" | "filter" | "exclude" | "complex_filter" | "annotate" | "alias" | "order_by"
            | "reverse" | "distinct" | "select_related" | "prefetch_related" | "extra" | "defer" | "only"
            | "using" | "select_for_update" | "none" | "fetch_mode" => Self::Chainable,
            "values" | "values_list" | "dates" | "datetimes" => Self::Rows,
            "union" | "intersection" | "difference" => Self::Combining,
            "raw" => Self::Raw,
            "get" | "first" | "last" | "latest" | "earliest" | "iterator" | "in_bulk" | "get_or_create"
            | "aget" | "afirst" | "alast" | "alatest" | "aearliest" | "aiterator" | "ain_bulk"
            | "aget_or_create" => Self::Instances,
            "count" | "exists" | "contains" | "aggregate" | "explain" | "create" | "bulk_create"
            | "bulk_update" | "update" | "update_or_create" | "delete" | "acount" | "aexists"
            | "acontains" | "aaggregate" | "aexplain" | "acreate" | "abulk_create" | "abulk_update"
            | "aupdate" | "aupdate_or_create" | "adelete" => Self::Scalar,
            _ => Self::Custom,
        }
    }

    fn ends_chain(self) -> bool {
        matches!(self, Self::Instances | Self::Scalar)
    }
}

/// One `.name(…)` of a chain.
#[derive(Clone, Copy)]
pub(crate) struct Link<'a> {
    pub(crate) id: NodeId,
    pub(crate) call: &'a ExprCall,
    pub(crate) attribute: &'a ExprAttribute,
}

impl<'a> Link<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.attribute.attr.as_str()
    }

    pub(crate) fn method(&self) -> Method {
        Method::of(self.name())
    }

    /// From the method's name to its closing parenthesis.
    pub(crate) fn range(&self) -> TextRange {
        TextRange::new(self.attribute.attr.start(), self.call.end())
    }

    /// Where the dot before the name stands, and whether it is the first thing on its line.
    pub(crate) fn dot(&self, syntax: &Syntax<'_>) -> Option<Dot> {
        let dot = syntax.token_before(self.attribute.attr.start())?;
        let previous_end = syntax.token_before(dot.start())?.end();
        let own_line = syntax.breaks_between(previous_end, dot.start());
        let continued =
            !own_line && syntax.slice(TextRange::new(previous_end, dot.start())).contains(['\n', '\r']);
        Some(Dot { start: dot.start(), previous_end, own_line, continued })
    }
}

/// The place of a link's dot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dot {
    pub(crate) start: TextSize,
    pub(crate) previous_end: TextSize,
    /// First on its line, inside brackets.
    pub(crate) own_line: bool,
    /// First on its line, behind a backslash.
    pub(crate) continued: bool,
}

/// A run of method calls on one queryset. It ends where an instance or a scalar comes out.
pub(crate) struct Chain<'a> {
    pub(crate) base: NodeId,
    pub(crate) links: Vec<Link<'a>>,
}

impl<'a> Chain<'a> {
    /// The chain that starts at the expression `base`.
    pub(crate) fn from_base(syntax: &Syntax<'a>, base: NodeId) -> Self {
        let mut links: Vec<Link<'a>> = Vec::new();
        let mut end = base;
        while let Some(link) = link_on(syntax, end) {
            end = link.id;
            links.push(link);
            if link.method().ends_chain() {
                break;
            }
        }
        Self { base, links }
    }

    /// The chain that the method call `call` belongs to; for another kind of call, the chain that starts with it.
    pub(crate) fn through(syntax: &Syntax<'a>, call: NodeId) -> Self {
        let mut base = call;
        while let Some(link) = link_at(syntax, base)
            && (base == call || !link.method().ends_chain())
        {
            base = receiver(link.id);
        }
        Self::from_base(syntax, base)
    }

    /// From the start of the base to the end of the last call.
    pub(crate) fn range(&self, syntax: &Syntax<'_>) -> TextRange {
        syntax.range(self.base).cover(syntax.range(self.outermost()))
    }

    /// The expression the whole chain makes.
    pub(crate) fn outermost(&self) -> NodeId {
        self.links.last().map_or(self.base, |link| link.id)
    }
}

/// The expression a method call is made on: a call's first child is its function, whose first child is the value.
fn receiver(method_call: NodeId) -> NodeId {
    method_call + 2
}

/// `id` as a method call.
pub(crate) fn link_at<'a>(syntax: &Syntax<'a>, id: NodeId) -> Option<Link<'a>> {
    let call = syntax.call(id)?;
    let Expr::Attribute(attribute) = &*call.func else { return None };
    Some(Link { id, call, attribute })
}

/// The method call made on the expression `receiver`, if there is one.
fn link_on<'a>(syntax: &Syntax<'a>, receiver: NodeId) -> Option<Link<'a>> {
    let attribute = attribute_of(syntax, receiver)?;
    let call = syntax.parent(attribute)?;
    link_at(syntax, call).filter(|_| call + 1 == attribute)
}

/// The `.name` read from the expression `value`.
pub(crate) fn attribute_of(syntax: &Syntax<'_>, value: NodeId) -> Option<NodeId> {
    let parent = syntax.parent(value)?;
    syntax.attribute(parent).filter(|_| parent + 1 == value).map(|_| parent)
}

/// The last name of a dotted expression: `Book` of `models.Book`.
pub(crate) fn last_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// Whether a node is `….objects` or another of Django's managers.
pub(crate) fn is_manager(node: AnyNodeRef<'_>) -> bool {
    matches!(node, AnyNodeRef::ExprAttribute(attribute) if MANAGERS.contains(&attribute.attr.as_str()))
}
