//! The user's source: Python syntax with ranges, edits as text ranges, unified diffs, safe writing.
//!
//! Receives anchors and relations from findings; gives text edits to `verify`, which proves them, and to the binary,
//! which shows and writes them.
//!
//! Invariants: nothing here imports or runs user code; nothing is read or written outside the project root; no edit
//! changes a byte beside its ranges; no plan is given out whose result does not parse or that would be edited again;
//! no type of the parser is in the public interface. Only `root` and `write` touch the disk.
//!
//! Start reading at [`plan`], which turns an [`Anchor`] and [`EagerLoad`]s into [`TextEdit`]s.

#[cfg(not(unix))]
compile_error!("files are replaced with their owner and permissions kept, which needs Unix");

pub mod limits;

mod root;
mod source;

mod position;
mod syntax;

mod at_point;
mod chain;
mod scope;

mod lookup;
mod suppression;

mod eager_load;
mod unsupported;

mod plan;

mod edit;

mod diff;
mod write;

pub use diff::unified_diff;
pub use eager_load::{Anchor, EagerLoad, FilteredForm, RelatedModel};
pub use edit::{InvalidEdits, TextEdit, apply};
pub use lookup::{class_line, class_member_line, enclosing_function, line_text, relation_methods};
pub use plan::{plan, plan_file};
pub use position::{SourcePoint, SourceSpan};
pub use root::{PathError, ReadError, RelativePath, Root};
pub use source::Source;
pub use suppression::{Ignored, MalformedSuppression, Suppression, suppressions};
pub use unsupported::Unsupported;
pub use write::{FileChange, WriteError, write};
