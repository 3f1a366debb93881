//! Edge Side Includes: which path of this site an include means.

mod source;

pub use source::{SourceError, resolve};
