//! All records at once, in memory, and every rule on them.
//!
//! The plain form of the engine: it looks at everything, every time. What keeps
//! findings up to date over a database, record by record, must come to the same, and
//! is tested against this. Sets of some hundred thousand records are judged with it
//! directly.
//!
//! Invariant: records go into maps by their keys, so the order in which they came is
//! gone before the first rule sees one.

mod certificates;
mod coverage;
mod crowd;
mod custody;
mod flows;
mod index;
mod judging;
mod lineage;
mod lots;
mod mirror;
mod months;
mod resolve;
mod sites;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use rmd_proto::v1;
use rmd_standard::{Record, effective::DecisionEvent};

pub use flows::{Balances, Line};
pub(crate) use index::{applied_tags, or};
pub use lineage::Covered;
pub use mirror::{MirrorRow, Mirrors};
pub use sites::{cell, cells_for};
pub(crate) use sites::{place, province};

use sites::SiteFact;

use crate::{
    Context, Fact, Named, Outcome, Rule, Subject,
    part::{Judgement, Known, Wanted},
    view::FeedView,
};

/// Records of one type by their keys.
pub type ByKey<M> = BTreeMap<Arc<str>, Arc<Fact<M>>>;

/// Everything that the rules read.
#[derive(Debug, Clone, Default)]
pub struct Region {
    /// Mine sites.
    pub sites: ByKey<v1::MineSite>,
    /// Lots.
    pub lots: ByKey<v1::Lot>,
    /// Certificates.
    pub certificates: ByKey<v1::ExportCertificate>,
    /// Lines of export declarations.
    pub exports: ByKey<v1::ExportDeclaration>,
    /// Lines of import declarations.
    pub imports: ByKey<v1::ImportDeclaration>,
    /// Production of sites by month.
    pub productions: ByKey<v1::ProductionDeclaration>,
    /// Stocks of parties by month.
    pub stocks: ByKey<v1::StockDeclaration>,
    /// Months that were closed.
    pub periods: ByKey<v1::ReportingPeriod>,
    /// Standings of exporters.
    pub exporters: ByKey<v1::ExporterStatus>,
    /// Audits.
    pub audits: ByKey<v1::Audit>,
    /// Decisions of the Secretariat by the key of the site.
    pub decisions: BTreeMap<Arc<str>, Vec<DecisionEvent>>,
    /// What partners outside the region report.
    pub mirror: Vec<MirrorRow>,
    /// Feeds of nodes.
    pub feeds: Vec<FeedView>,
}

/// What one rule says about one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The rule.
    pub rule: Rule,
    /// The subject.
    pub subject: Subject,
    /// What it says.
    pub outcome: Outcome,
}

impl Region {
    /// Takes a record, in place of one of the same key.
    pub fn take(&mut self, named: Named, is_void: bool, record: Record) {
        fn put<M>(records: &mut ByKey<M>, named: Named, is_void: bool, record: M) {
            let key = Arc::clone(&named.key);
            records.insert(key, Arc::new(Fact { named, is_void, record }));
        }
        match record {
            Record::MineSite(one) => put(&mut self.sites, named, is_void, *one),
            Record::Lot(one) => put(&mut self.lots, named, is_void, *one),
            Record::ExportCertificate(one) => put(&mut self.certificates, named, is_void, *one),
            Record::ExportDeclaration(one) => put(&mut self.exports, named, is_void, *one),
            Record::ImportDeclaration(one) => put(&mut self.imports, named, is_void, *one),
            Record::ProductionDeclaration(one) => put(&mut self.productions, named, is_void, *one),
            Record::StockDeclaration(one) => put(&mut self.stocks, named, is_void, *one),
            Record::ReportingPeriod(one) => put(&mut self.periods, named, is_void, *one),
            Record::ExporterStatus(one) => put(&mut self.exporters, named, is_void, *one),
            Record::Audit(one) => put(&mut self.audits, named, is_void, *one),
            // No rule reads what was reported by people.
            Record::Incident(_) => {}
        }
    }

    /// Every rule on every subject, in the order of rules and subjects. Outcomes that
    /// passed are left out.
    pub fn judge(&self, context: &Context) -> Vec<Judged> {
        let known = Known::of(self, context);
        self.judge_part(&Wanted::all(self, &known), &known, context).judged
    }

    /// Every rule on the subjects that are wanted, as if the whole region were here: see
    /// [`part`](crate::part) for what that takes.
    pub fn judge_part(&self, wanted: &Wanted, known: &Known, context: &Context) -> Judgement {
        // A clock of its own, whoever else asks the other one.
        let context = context.clone();
        judging::Judging::of(self, wanted, known, &context).judge()
    }
}
