//! The journeys. Each one starts from a fresh copy of a site.

mod bad_input;
mod behaviour;
mod bookstore;
mod bounds;
mod browser;
mod concurrency;
mod contexts;
mod database_use;
mod django_suite;
mod fallbacks;
mod faults;
mod orm;
mod packaging;
mod prove_with;
mod public;
mod secrets;
mod servers;
mod shapes;
mod stand_ins;
