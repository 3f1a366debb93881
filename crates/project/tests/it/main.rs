//! Edits on real files, with the interpreter as the judge.

mod standard_library;
mod sweep;
