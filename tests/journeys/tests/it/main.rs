//! The journeys. Each one starts from a fresh copy of a site.

mod behaviour;
mod bookstore;
mod bounds;
mod concurrency;
mod contexts;
mod django_suite;
mod faults;
mod orm;
mod public;
mod secrets;
mod servers;
