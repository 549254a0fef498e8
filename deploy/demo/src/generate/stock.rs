//! What companies hold at the end of each month.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rmd_proto::v1::StockDeclaration;

use super::{
    calendar::{Calendar, month_of},
    mineral::Mineral,
};

/// Milligrams, and milligrams times parts per million.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    mass: i128,
    metal: i128,
}

/// State, company, mineral.
type Holder = (&'static str, String, Mineral);

/// What came and went, by month.
#[derive(Debug, Default)]
pub(crate) struct Stocks {
    changes: BTreeMap<Holder, BTreeMap<Date, Held>>,
}

impl Stocks {
    /// A company of a state takes in or, if below zero, gives away on a day.
    pub(crate) fn change(
        &mut self,
        (country, party): (&'static str, &str),
        mineral: Mineral,
        day: Date,
        (mass, ppm): (i64, u32),
    ) {
        let holder = (country, party.to_owned(), mineral);
        let months = self.changes.entry(holder).or_default();
        let held = months.entry(day.first_of_month()).or_default();
        held.mass += i128::from(mass);
        held.metal += i128::from(mass) * i128::from(ppm);
    }

    /// Declarations of every company that ever held something, for every whole month.
    pub(crate) fn declarations(
        &self,
        calendar: Calendar,
    ) -> impl Iterator<Item = StockDeclaration> + '_ {
        self.changes.iter().flat_map(move |((country, party, mineral), changes)| {
            calendar.months().map(move |month| {
                let until = changes.range(..=month).map(|(_, held)| *held);
                let held = until.fold(Held::default(), |sum, held| Held {
                    mass: sum.mass + held.mass,
                    metal: sum.metal + held.metal,
                });
                let (mass, metal) = (held.mass.max(0), held.metal.max(0));
                let ppm = metal.checked_div(mass).unwrap_or_default();
                StockDeclaration {
                    country: (*country).to_owned(),
                    party_identifier: party.clone(),
                    mineral: mineral.code().to_owned(),
                    period: month_of(month),
                    closing_mass_mg: Some(i64::try_from(mass).unwrap_or(i64::MAX)),
                    concentration_ppm: Some(u32::try_from(ppm).unwrap_or_default().min(1_000_000)),
                    analyte: mineral.analyte().into(),
                    ..StockDeclaration::default()
                }
            })
        })
    }
}
