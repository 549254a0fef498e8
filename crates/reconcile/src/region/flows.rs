//! Sources and exports of states over the twelve months before the day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Span, civil::Date};
use rmd_standard::mineral;

use super::{
    Region,
    index::{is_normal, or},
};
use crate::{
    Context, Named,
    view::{Amount, BalanceView, Flows, day},
};

/// Declarations that are named as evidence; of more, the first by their keys.
const EVIDENCE_MAX: usize = 32;

/// A sum in the making.
#[derive(Default)]
struct Sum {
    flows: Flows,
    evidence: BTreeSet<Named>,
}

impl Sum {
    fn names(&mut self, named: &Named) {
        self.evidence.insert(named.clone());
        while self.evidence.len() > EVIDENCE_MAX {
            self.evidence.pop_last();
        }
    }
}

/// Sums by state and mineral.
type Sums = BTreeMap<(String, String), Sum>;

fn at<'a>(sums: &'a mut Sums, country: &str, code: &str) -> Option<&'a mut Sum> {
    let mineral = mineral::hs6(code)?;
    Some(sums.entry((country.to_owned(), mineral)).or_default())
}

fn add(sum: &mut Amount, mass_mg: i64, concentration_ppm: Option<u32>) {
    let mass = i128::from(mass_mg);
    let metal = concentration_ppm.map(|ppm| mass * i128::from(ppm) / 1_000_000);
    sum.mass_mg += mass;
    sum.metal_mg = sum.metal_mg.zip(metal).map(|(sum, metal)| sum + metal);
}

impl Region {
    /// A view of every state and mineral with an export.
    pub(super) fn balances(&self, context: &Context) -> Vec<BalanceView> {
        let first = context.day.first_of_month().saturating_sub(Span::new().months(12));
        let last = context.day.first_of_month().yesterday().unwrap_or(first);
        let mut sums = Sums::new();
        self.add_trade(&mut sums, first, last);
        self.add_declared(&mut sums, first, last);
        let month = |day: Date| format!("{:04}-{:02}", day.year(), day.month());
        let traded = sums.into_iter().filter(|(_, sum)| sum.flows.exported.mass_mg > 0);
        let view = |((country, mineral), sum): ((String, String), Sum)| BalanceView {
            country,
            mineral,
            months: (month(first), month(last)),
            flows: sum.flows,
            evidence: sum.evidence.into_iter().collect(),
        };
        traded.map(view).collect()
    }

    fn add_trade(&self, sums: &mut Sums, first: Date, last: Date) {
        let is_within = |text: &str| day(text).is_some_and(|day| (first..=last).contains(&day));
        for one in self.exports.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let country = or(&record.certificate_country, one.country());
            let quoted = self.concentration_of(&country, &record.certificate_identifier);
            let is_counted = is_normal(record.procedure()) && is_within(&record.exit_date);
            if let Some(sum) = at(sums, one.country(), &record.mineral).filter(|_| is_counted) {
                add(&mut sum.flows.exported, record.net_mass_mg, quoted);
                sum.names(&one.named);
            }
        }
        for one in self.imports.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let country = or(&record.certificate_country, &record.consignor_country);
            let quoted = self.concentration_of(&country, &record.certificate_identifier);
            let is_counted = is_normal(record.procedure()) && is_within(&record.entry_date);
            if let Some(sum) = at(sums, one.country(), &record.mineral).filter(|_| is_counted) {
                add(&mut sum.flows.imported, record.net_mass_mg, quoted);
            }
        }
    }

    fn add_declared(&self, sums: &mut Sums, first: Date, last: Date) {
        let month = |text: &str| day(&format!("{text}-01"));
        for one in self.productions.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let is_counted = month(&record.period).is_some_and(|day| (first..=last).contains(&day));
            let Some(mass) = record.mass_mg.filter(|_| is_counted) else { continue };
            if let Some(sum) = at(sums, one.country(), &record.mineral) {
                add(&mut sum.flows.produced, mass, record.concentration_ppm);
            }
        }
        let opening = first.saturating_sub(Span::new().months(1));
        for one in self.stocks.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let (Some(mass), Some(of)) = (record.closing_mass_mg, month(&record.period)) else {
                continue;
            };
            let Some(sum) = at(sums, one.country(), &record.mineral) else { continue };
            if of == opening {
                let stock = sum.flows.opening.get_or_insert_default();
                add(stock, mass, record.concentration_ppm);
            } else if of == last.first_of_month() {
                let stock = sum.flows.closing.get_or_insert_default();
                add(stock, mass, record.concentration_ppm);
            }
        }
    }

    /// Concentration of a quoted certificate.
    fn concentration_of(&self, country: &str, identifier: &str) -> Option<u32> {
        let part = identifier.replace('%', "%25").replace('/', "%2F");
        self.certificates.get(&*format!("{country}/{part}"))?.record.concentration_ppm
    }
}
