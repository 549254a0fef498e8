//! The limits of the rules, with their defaults.
//!
//! Each is an integer in a unit of its own and may differ by state and mineral:
//! the most particular row counts, in the order state and mineral, state, mineral,
//! everywhere. Rows are changed by an approver; the version of the table goes into
//! every finding.

mod list;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use list::{BY_MINERAL, Limit, Parameter};

/// Where a row counts: a state (alpha-2) or every state, a mineral (HS6) or every mineral.
type Scope = (Option<String>, Option<String>);

/// The table of limits in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Counts up with every change; 0 is the table of defaults.
    pub version: u32,
    rows: BTreeMap<Parameter, BTreeMap<Scope, i64>>,
}

/// One row that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the limit, as [`Parameter::name`] gives it.
    pub parameter: String,
    /// The state for which it counts, alpha-2; every state if none.
    #[serde(default)]
    pub country: Option<String>,
    /// The mineral for which it counts, HS6; every mineral if none.
    #[serde(default)]
    pub mineral: Option<String>,
    /// The limit, in its unit.
    pub value: i64,
}

/// A row that names nothing known, or a value that no limit may have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The name.
    #[error(
        "{0:?} is no limit of a rule; `rmd-hub parameter list` names them\n\
         {0:?} n'est la limite d'aucune règle ; `rmd-hub parameter list` les énumère"
    )]
    Unknown(String),
    /// The name and the value.
    #[error(
        "{name}: {value} is not a limit: it must be from 0 to {most}\n\
         {name} : {value} n'est pas une limite : il faut une valeur de 0 à {most}"
    )]
    OutOfRange {
        /// Name of the limit.
        name: &'static str,
        /// What was given.
        value: i64,
        /// The most that it may be.
        most: i64,
    },
}

/// Limits are products of amounts in 128 bits: this keeps them far from overflow.
const MOST: i64 = 1_000_000_000_000_000;

impl Default for Parameters {
    fn default() -> Self {
        let mut rows = BTreeMap::<_, BTreeMap<Scope, i64>>::new();
        for (parameter, mineral, value) in list::BY_MINERAL {
            let scope = (None, Some((*mineral).to_owned()));
            rows.entry(*parameter).or_default().insert(scope, *value);
        }
        Self { version: 0, rows }
    }
}

impl Parameters {
    /// The defaults, with these rows in place of theirs.
    pub fn with(version: u32, rows: &[Row]) -> Result<Self, Error> {
        let mut parameters = Self { version, ..Self::default() };
        for row in rows {
            let unknown = || Error::Unknown(row.parameter.clone());
            let parameter = Parameter::of(&row.parameter).ok_or_else(unknown)?;
            if !(0..=MOST).contains(&row.value) {
                let name = parameter.name();
                return Err(Error::OutOfRange { name, value: row.value, most: MOST });
            }
            let scope = (row.country.clone(), row.mineral.clone());
            parameters.rows.entry(parameter).or_default().insert(scope, row.value);
        }
        Ok(parameters)
    }

    /// The limit for a state (alpha-2) and a mineral (HS6).
    pub fn get(&self, parameter: Parameter, country: &str, mineral: &str) -> i64 {
        // Most limits have no row of their own, and the others few.
        let rows = self.rows.get(&parameter).into_iter().flatten();
        let counts = |one: &Option<String>, at: &str| one.as_deref().is_none_or(|one| one == at);
        let counting =
            rows.filter(|(scope, _)| counts(&scope.0, country) && counts(&scope.1, mineral));
        let most = counting.max_by_key(|(scope, _)| (scope.0.is_some(), scope.1.is_some()));
        most.map_or_else(|| parameter.limit().default, |(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(country: Option<&str>, mineral: Option<&str>, value: i64) -> Row {
        Row {
            parameter: "combination_warning".to_owned(),
            country: country.map(str::to_owned),
            mineral: mineral.map(str::to_owned),
            value,
        }
    }

    #[test]
    fn the_most_particular_row_counts() {
        let rows = [
            row(None, Some("261590"), 2),
            row(Some("CD"), None, 3),
            row(Some("CD"), Some("261590"), 4),
        ];
        let parameters = Parameters::with(1, &rows).unwrap();
        let get =
            |country, mineral| parameters.get(Parameter::CombinationWarning, country, mineral);
        assert_eq!(get("CD", "261590"), 4);
        assert_eq!(get("CD", "260900"), 3);
        assert_eq!(get("RW", "261590"), 2);
        assert_eq!(get("RW", "260900"), 10_000);
    }

    #[test]
    fn gold_has_limits_of_its_own() {
        let parameters = Parameters::default();
        let floor = |mineral| parameters.get(Parameter::PairWeightFloor, "CD", mineral);
        assert_eq!(floor("710812"), 100_000);
        assert_eq!(floor("260900"), 50_000_000);
    }

    #[test]
    fn an_unknown_name_and_a_negative_limit_are_refused() {
        let unknown = Row { parameter: "speed".to_owned(), ..row(None, None, 1) };
        assert_eq!(Parameters::with(1, &[unknown]), Err(Error::Unknown("speed".to_owned())));
        let negative = Parameters::with(1, &[row(None, None, -1)]);
        assert!(matches!(negative, Err(Error::OutOfRange { value: -1, .. })), "{negative:?}");
    }
}
