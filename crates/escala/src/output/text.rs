//! Pages for people: ranked, short, and with their own code at the lines that matter. Readable without colour.

pub(crate) mod check;
mod edge;
pub(crate) mod edge_config;
pub(crate) mod endpoint;
pub(crate) mod fix;
pub(crate) mod report;
mod table;
