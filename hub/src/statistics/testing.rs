//! Figures for tests.

use super::{Figure, Flow};

/// A figure behind which stand `names`; metal is half of the mass.
pub(crate) fn figure(country: &str, month: &str, mass_mg: i64, names: &[&str]) -> Figure {
    let contributors = names.len() as u64;
    let few = names.iter().filter(|_| contributors < super::figure::LEAST);
    Figure {
        country: country.to_owned(),
        flow: Flow::Export,
        mineral: "260900".to_owned(),
        month: month.to_owned(),
        mass_mg,
        metal_mg: Some(mass_mg / 2),
        records: contributors,
        contributors,
        few: few.map(|&name| name.to_owned()).collect(),
    }
}
