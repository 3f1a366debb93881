//! The agent: runs inside the app's process, sees its units of work, changes nothing.
//!
//! Receives calls from the hooks in `python/escala_agent`. Gives [`observation`] frames to the recorder's socket.
//!
//! Invariants: never blocks, never raises into the app, never aborts it; what cannot be sent is dropped and counted;
//! nothing is written onto the user's objects but one integer on a `Query`; no thread is started; no instance of the
//! user's is kept alive; everything that grows has a limit.
//!
//! Start reading at `hooks`, which stand around Django's functions, and `active`, whose methods they call; `frames` finds
//! the user's code on the stack, `lineage` finds where an instance came from, `transport` sends.

mod active;
mod assemble;
mod captures;
mod clock;
mod code;
mod connections;
mod current;
mod describe;
mod ending;
mod evaluation;
mod frames;
mod glances;
mod guard;
mod hasher;
mod hooks;
mod interpreter;
mod journal;
mod lineage;
mod loading;
mod lock;
mod mark;
mod module;
mod open_units;
mod parameters;
mod places;
mod registry;
mod request;
mod shape;
mod sql;
mod stand_in;
mod templates;
mod texts;
mod transport;
