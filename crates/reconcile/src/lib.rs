//! What the records of several states say about each other.
//!
//! Owns the rules R01 to R28, their parameters and their sentences. A rule gets
//! a [`view`]: one subject with the records around it; and a [`Context`]: the day
//! of evaluation, the parameters in force, and which states report what. It gives
//! an [`Outcome`]. A finding is a lead with its evidence, never an accusation.
//!
//! Pure: no database, no network, no clock. Whoever calls finds the records.
//!
//! Invariant: the outcome depends on the view and the context alone. The order in
//! which records came, or stand in a view, has no influence, and all amounts are
//! integers, so that every machine comes to the same result.

pub mod amount;
pub mod geography;
pub mod names;
pub mod pairing;
pub mod parameter;
pub mod part;
pub mod region;
pub mod rules;
pub mod view;

mod context;
mod coverage;
mod fact;
mod outcome;
mod rule;
mod sentence;
mod subject;
#[cfg(test)]
mod testing;

pub use context::Context;
pub use coverage::Coverage;
pub use fact::{Fact, Named};
pub use outcome::{Lack, Missing, Outcome, Raised, Severity};
pub use parameter::{Parameter, Parameters};
pub use rule::{Rule, RuleInfo};
pub use sentence::{Measure, Sentence, Unit};
pub use subject::{Subject, SubjectKind};
