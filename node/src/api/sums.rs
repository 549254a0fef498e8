//! Counts and sums over the records, for the summaries of the query language.

use std::collections::BTreeMap;

use rmd_api::{LotFilter, LotSums, MineralSum, OperationSum, StatusCount, TaxSum};
use rmd_proto::v1::{CertificationStatus, Lot};
use rmd_standard::{Entity, Record};

use super::{Error, list, store::Store, terms};

/// How many mine sites have each declared status.
pub(super) async fn by_status(store: &Store) -> Result<Vec<StatusCount>, Error> {
    let base = Entity::MineSite.name();
    let mut status_of = BTreeMap::new();
    // The enumeration has no holes; 0 is the absence of a status.
    for status in (1..).take_while(|number| CertificationStatus::try_from(*number).is_ok()) {
        status_of.insert(terms::word(base, "status", &status.to_string()), status);
    }
    let asked: Vec<String> = status_of.keys().cloned().collect();
    let counts = list::counts(store, &asked).await?;
    let mut counts: Vec<StatusCount> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .filter_map(|(term, count)| Some(StatusCount { status: *status_of.get(&term)?, count }))
        .collect();
    counts.sort_by_key(|count| count.status);
    Ok(counts)
}

/// Sums over the lots that the filter names.
pub(super) async fn of_lots(store: &Store, filter: &LotFilter) -> Result<LotSums, Error> {
    let mut summing = Summing::default();
    list::each(store, &terms::asked_lots(filter), |record| {
        if let Record::Lot(lot) = record {
            summing.add(&lot);
        }
    })
    .await?;
    Ok(summing.into_sums())
}

/// Amounts by currency.
type Taxes = BTreeMap<String, i64>;

#[derive(Debug, Default)]
struct Summing {
    count: u64,
    mass_mg: i64,
    tax: Taxes,
    by_mineral: BTreeMap<String, (i64, Taxes)>,
    by_operation: BTreeMap<i32, (u64, i64)>,
}

impl Summing {
    fn add(&mut self, lot: &Lot) {
        self.count += 1;
        self.mass_mg = self.mass_mg.saturating_add(lot.mass_mg);
        let (mass_mg, taxes) = self.by_mineral.entry(lot.mineral.clone()).or_default();
        *mass_mg = mass_mg.saturating_add(lot.mass_mg);
        for tax in &lot.tax_paid {
            let Some(amount) = tax.tax_amount_minor else { continue };
            for sums in [&mut self.tax, taxes] {
                let sum = sums.entry(tax.currency.clone()).or_default();
                *sum = sum.saturating_add(amount);
            }
        }
        for operation in &lot.originating_operation {
            let (count, mass_mg) = self.by_operation.entry(*operation).or_default();
            *count += 1;
            *mass_mg = mass_mg.saturating_add(lot.mass_mg);
        }
    }

    fn into_sums(self) -> LotSums {
        let by_mineral = self
            .by_mineral
            .into_iter()
            .map(|(mineral, (mass_mg, taxes))| MineralSum { mineral, mass_mg, tax: sums(taxes) });
        let by_operation = self
            .by_operation
            .into_iter()
            .map(|(operation, (count, mass_mg))| OperationSum { operation, count, mass_mg });
        LotSums {
            count: self.count,
            mass_mg: self.mass_mg,
            tax: sums(self.tax),
            by_mineral: by_mineral.collect(),
            by_operation: by_operation.collect(),
        }
    }
}

fn sums(taxes: Taxes) -> Vec<TaxSum> {
    let sum = |(currency, amount_minor)| TaxSum { currency, amount_minor };
    taxes.into_iter().map(sum).collect()
}
