//! Capture end to end inside a node: a real source, the real journal.

mod alike;
mod brake;
mod broken;
mod cursor;
mod diff;
mod faults;
mod imprints;
mod keys;
mod log;
mod model;
mod modes;
mod node;
mod rehearse;
mod shapes;
mod silent;
mod stopping;
mod triggers;

use crate::source::Kind;

/// Every dialect: what a test says of a source holds for all of them.
const KINDS: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::MySql];
