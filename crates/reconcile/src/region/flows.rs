//! Sources and exports of states over the twelve months before the day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Span, civil::Date};
use rmd_standard::mineral;

use super::{
    Region,
    index::{is_normal, key_in_state, or},
};
use crate::{
    Context, Named,
    view::{Amount, BalanceView, Flows, day},
};

/// Declarations that are named as evidence; of more, the first by their keys.
const EVIDENCE_MAX: usize = 32;

/// What a declaration adds to a balance: of a line that is not void and no transit, or of
/// a declaration of production or stock that is not void.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The state that declares, alpha-2.
    pub country: &'a str,
    /// The mineral, as it is written.
    pub mineral: &'a str,
    /// Day of exit or entry, or month, as it is written.
    pub when: &'a str,
    /// Milligrams.
    pub mass_mg: i64,
    /// Parts per million: its own, or of a line of trade those of the certificate that it
    /// quotes, void or not; none if it quotes none that is there.
    pub concentration_ppm: Option<u32>,
}

/// A sum in the making.
#[derive(Debug, Default)]
struct Sum {
    flows: Flows,
    evidence: BTreeSet<Named>,
}

/// Sources and exports of states, summed up line by line in any order.
#[derive(Debug)]
pub struct Balances {
    first: Date,
    last: Date,
    sums: BTreeMap<(String, String), Sum>,
}

impl Balances {
    /// Over the twelve months before the day of evaluation. What counts is of these
    /// days, and stocks of the last month and of the one before the first.
    pub fn over(context: &Context) -> Self {
        let (first, last) = context.year_before();
        Self { first, last, sums: BTreeMap::new() }
    }

    /// Adds an export, and names it.
    pub fn exported(&mut self, line: &Line<'_>, named: &Named) {
        if !self.is_within(line.when) {
            return;
        }
        let Some(sum) = self.at(line) else { return };
        add(&mut sum.flows.exported, line);
        sum.evidence.insert(named.clone());
        while sum.evidence.len() > EVIDENCE_MAX {
            sum.evidence.pop_last();
        }
    }

    /// Adds an import.
    pub fn imported(&mut self, line: &Line<'_>) {
        let is_within = self.is_within(line.when);
        if let Some(sum) = self.at(line).filter(|_| is_within) {
            add(&mut sum.flows.imported, line);
        }
    }

    /// Adds a month of a site.
    pub fn produced(&mut self, line: &Line<'_>) {
        let is_within = self.is_within(&first_of(line.when));
        if let Some(sum) = self.at(line).filter(|_| is_within) {
            add(&mut sum.flows.produced, line);
        }
    }

    /// Adds what a party held at the end of a month.
    pub fn held(&mut self, line: &Line<'_>) {
        let opening = self.first.saturating_sub(Span::new().months(1));
        let closing = self.last.first_of_month();
        let Some(of) = day(&first_of(line.when)) else { return };
        let Some(sum) = self.at(line) else { return };
        if of == opening {
            add(sum.flows.opening.get_or_insert_default(), line);
        } else if of == closing {
            add(sum.flows.closing.get_or_insert_default(), line);
        }
    }

    /// A view of every state and mineral with an export.
    pub fn views(self) -> Vec<BalanceView> {
        let month = |day: Date| format!("{:04}-{:02}", day.year(), day.month());
        let months = (month(self.first), month(self.last));
        let traded = self.sums.into_iter().filter(|(_, sum)| sum.flows.exported.mass_mg > 0);
        let view = |((country, mineral), sum): ((String, String), Sum)| BalanceView {
            country,
            mineral,
            months: months.clone(),
            flows: sum.flows,
            evidence: sum.evidence.into_iter().collect(),
        };
        traded.map(view).collect()
    }

    fn is_within(&self, text: &str) -> bool {
        day(text).is_some_and(|day| (self.first..=self.last).contains(&day))
    }

    fn at(&mut self, line: &Line<'_>) -> Option<&mut Sum> {
        let mineral = mineral::hs6(line.mineral)?;
        Some(self.sums.entry((line.country.to_owned(), mineral)).or_default())
    }
}

fn first_of(month: &str) -> String {
    format!("{month}-01")
}

fn add(sum: &mut Amount, line: &Line<'_>) {
    let mass = i128::from(line.mass_mg);
    let metal = line.concentration_ppm.map(|ppm| mass * i128::from(ppm) / 1_000_000);
    sum.mass_mg += mass;
    sum.metal_mg = sum.metal_mg.zip(metal).map(|(sum, metal)| sum + metal);
}

impl Region {
    /// A view of every state and mineral with an export.
    pub(crate) fn balances(&self, context: &Context) -> Vec<BalanceView> {
        let mut balances = Balances::over(context);
        for one in self.exports.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let quoted = or(&record.certificate_country, one.country());
            let line = Line {
                country: one.country(),
                mineral: &record.mineral,
                when: &record.exit_date,
                mass_mg: record.net_mass_mg,
                concentration_ppm: self.concentration_of(quoted, &record.certificate_identifier),
            };
            if is_normal(record.procedure()) {
                balances.exported(&line, &one.named);
            }
        }
        for one in self.imports.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let quoted = or(&record.certificate_country, &record.consignor_country);
            let line = Line {
                country: one.country(),
                mineral: &record.mineral,
                when: &record.entry_date,
                mass_mg: record.net_mass_mg,
                concentration_ppm: self.concentration_of(quoted, &record.certificate_identifier),
            };
            if is_normal(record.procedure()) {
                balances.imported(&line);
            }
        }
        self.add_declared(&mut balances);
        balances.views()
    }

    fn add_declared(&self, balances: &mut Balances) {
        for one in self.productions.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let Some(mass_mg) = record.mass_mg else { continue };
            balances.produced(&Line {
                country: one.country(),
                mineral: &record.mineral,
                when: &record.period,
                mass_mg,
                concentration_ppm: record.concentration_ppm,
            });
        }
        for one in self.stocks.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let Some(mass_mg) = record.closing_mass_mg else { continue };
            balances.held(&Line {
                country: one.country(),
                mineral: &record.mineral,
                when: &record.period,
                mass_mg,
                concentration_ppm: record.concentration_ppm,
            });
        }
    }

    /// Concentration of a quoted certificate.
    fn concentration_of(&self, country: &str, identifier: &str) -> Option<u32> {
        self.certificates.get(&*key_in_state(country, identifier))?.record.concentration_ppm
    }
}
