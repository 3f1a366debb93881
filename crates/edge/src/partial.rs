//! Partial responses: of an app's JSON only the fields that the client asks for, `?fields=next,results(id,author/name)`.
//!
//! The syntax is that of Google's APIs (<https://developers.google.com/drive/api/guides/fields-parameter>) and of the
//! `json-mask` package for Node.js:
//!
//! | text | selects |
//! |---|---|
//! | `a,b` | the members `a` and `b` |
//! | `a/b` | of `a` only `b` |
//! | `a(b,c/d)` | of `a` only `b`, and of its `c` only `d` |
//! | `*`, `*/id` | every member; of every member only `id` |
//! | `a\/b` | the member named `a/b`: a backslash before any character makes it part of a name |
//!
//! Arrays are transparent: a list applies to each element, at any depth. A page of Django REST framework,
//! `{"count": 2, "next": null, "previous": null, "results": [{…}, {…}]}`, is an object like any other: to choose fields
//! of its items the list is `results(id,title)`, or `count,next,results(id,title)` to keep the pagination.
//!
//! Asking twice adds up, in any order: `a(b),a(c)` is `a(b,c)`, `a,a(b)` is `a`, and `*(x),a(y)` selects `x` and `y` of
//! `a`, `x` of everything else.

mod filter;
mod mask;

pub use filter::{FilterError, filter};
pub use mask::{Mask, MaskError};

#[cfg(test)]
mod tests;
