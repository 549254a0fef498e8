//! The three collections of the standard: mine sites, export certificates, lots.
//!
//! One set of handlers serves all three; what differs is data, in the names of
//! parameters and in how a path names a record.

pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod required;
pub(crate) mod write;
