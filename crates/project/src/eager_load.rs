//! What is asked for: the place where a queryset is built, and what it should load.

use crate::position::SourcePoint;

/// The place where a queryset is built.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The expression that was executing.
    Expression {
        /// The file, relative to the project root.
        file: String,
        /// Where in it.
        point: SourcePoint,
    },
    /// A class that lets the framework build its queryset: `model = X` in a generic view, a `ModelAdmin`.
    Class {
        /// The file, relative to the project root.
        file: String,
        /// The class as `__qualname__` has it.
        qualname: String,
    },
}

impl Anchor {
    /// The file the anchor is in.
    pub fn file(&self) -> &str {
        match self {
            Self::Expression { file, .. } | Self::Class { file, .. } => file,
        }
    }
}

/// A relation, or a column, to load together with the queryset's rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EagerLoad {
    /// `select_related("path")`.
    Select {
        /// The lookup path, such as `publisher__country`.
        path: String,
    },
    /// `prefetch_related("path")`.
    Prefetch {
        /// The lookup path.
        path: String,
    },
    /// A column that `only()` or `defer()` leaves out: named in the one, taken out of the other.
    Column {
        /// The lookup path of the field.
        path: String,
    },
    /// The rows themselves, where the anchor asks for their number or for any: `len(books)` in the place of
    /// `books.count()`, `books` in that of `books.exists()`.
    Rows,
    /// `prefetch_related(Prefetch("path", queryset=…))` with the filter moved here from where the relation is read.
    FilteredPrefetch {
        /// The lookup path; its last part is the attribute that the access reads.
        path: String,
        /// The call on the relation, `store.books.filter(…)`, in the same function as the anchor.
        access: SourcePoint,
        /// The model at the far end of the relation.
        related_model: RelatedModel,
        /// Where the filtered rows go.
        form: FilteredForm,
    },
}

/// A model class by its import path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RelatedModel {
    /// `__module__`, such as `shop.models`.
    pub module: String,
    /// `__name__`, such as `Book`.
    pub name: String,
}

/// Where a filtered prefetch leaves its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilteredForm {
    /// In a list attribute of its own; every other reader of the relation is unaffected.
    ToAttr,
    /// In the relation's cache, so that `.all()` answers with the filtered rows to every reader of these instances.
    Replace,
}
