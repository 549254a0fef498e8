//! The journal on a real file.

mod brake;
mod clashes;
mod counts;
mod crashes;
mod entitlements;
mod erasing;
mod modes;
mod proofs;
mod properties;
mod revisions;
mod versions;
