//! What a rule may know beside its subject.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rmd_standard::effective::Policy;

use crate::{Coverage, Parameter, Parameters};

/// The day of evaluation, and what is in force on it.
#[derive(Debug, Clone)]
pub struct Context {
    /// The day of evaluation; nothing later is known.
    pub day: Date,
    /// Limits of the rules.
    pub parameters: Parameters,
    /// Which states report what, and until when.
    pub coverage: Coverage,
    /// Clocks of the states that have their own, by alpha-2 code.
    pub policies: BTreeMap<String, Policy>,
}

impl Context {
    /// The limit for a state (alpha-2) and a mineral (HS6).
    pub fn limit(&self, parameter: Parameter, country: &str, mineral: &str) -> i64 {
        self.parameters.get(parameter, country, mineral)
    }

    /// The clock of a state's statuses.
    pub fn policy(&self, country: &str) -> Policy {
        self.policies.get(country).cloned().unwrap_or_default()
    }
}
