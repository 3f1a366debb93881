//! Reads SQL: what kind of statement it is, which tables it touches, and which statements are the same but for values.
//!
//! Receives the text of a statement as Django gives it to a driver, placeholders included, in the dialect of any
//! database. Gives a [`Statement`], its text without values ([`normalize()`]) or on several lines ([`layout()`]), and the [`Page`] of its answer that
//! it asks for.
//!
//! Invariants: never connects to a database; never fails, since any text at all can be cut into tokens; takes time in
//! proportion to the text. What cannot be told (a table behind a view or a function) is left out, never guessed.
//!
//! Start reading at [`Statement`]. `lexer` is what everything else stands on.

mod lexer;
mod statement;

mod layout;
mod normalize;
mod page;

pub use layout::layout;
pub use normalize::normalize;
pub use page::{Page, page};
pub use statement::{Statement, Verb};
