//! The standard's REST API over any backend.
//!
//! Owns the paths below `/v1`, their parameters, bodies, answers and errors,
//! and the documents that describe them. Where the records lie, and who may
//! see them, is the business of a [`Backend`]: a node's or the hub's.
//!
//! Invariant: an answer is made of what the backend gave for this request.
//! Nothing is kept between two requests but the counts of the rate limit.

mod backend;
mod settings;

mod answer;
mod ask;
mod collection;
mod docs;
mod edge;
mod graphql;
mod health;
mod linked;
mod openapi;
mod rate;
mod router;
mod serve;

#[cfg(test)]
mod tests;

pub use backend::{
    Backend,
    access::{Access, Collection, Credential, Denied, Scope, UnknownScope},
    fault::{Cause, Fault},
    query::{Listed, Mineral, Name, Query, Verb, Written},
    sums::{LotFilter, LotSums, MineralSum, OperationSum, StatusCount, TaxSum},
};
pub use router::router;
pub use serve::serve;
pub use settings::Settings;
