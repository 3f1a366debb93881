//! The dashboard: what a store knows, as JSON and live events over HTTP, and the pages that show it.

pub mod api;
