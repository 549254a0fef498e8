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
mod custody;
mod flows;
mod index;
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

pub use mirror::MirrorRow;

use crate::{
    Context, Fact, Named, Outcome, Rule, Subject, SubjectKind,
    pairing::{Paired, pair},
    rules::{self, Judge},
    view::{BalanceView, FeedView, MirrorView, PeriodView, TagView},
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
        let index = index::Index::of(self);
        let facts = self.site_facts();
        let around = lots::Around { region: self, index: &index, sites: &facts };
        let views = around.views();
        let custody = custody::of(&views, context);
        let mut judged = Judging { context, judged: Vec::new() };
        judged.all(rules::LOT, SubjectKind::Lot, views.values(), |view| view.lot.key().into());
        judged.all(rules::TAG, SubjectKind::Tag, around.tags().iter(), TagView::key);
        let papers = around.certificates(&views, &custody, context);
        judged.all(rules::CERTIFICATE, SubjectKind::Certificate, papers.iter(), |view| {
            view.certificate.key().into()
        });
        let exports = around.exports();
        judged.all(rules::EXPORT, SubjectKind::Export, exports.iter(), |view| {
            view.export.key().into()
        });
        for paired in self.paired(context) {
            let (kind, key) = match &paired {
                Paired::Pair(export, _) | Paired::Export(export) => {
                    (SubjectKind::Export, export.key().to_owned())
                }
                Paired::Import(import) => (SubjectKind::Import, import.key().to_owned()),
            };
            judged.all(rules::PAIRED, kind, [&paired].into_iter(), |_| key.clone());
        }
        let months = self.months(&facts, context);
        judged.all(rules::SITE_MONTH, SubjectKind::SiteMonth, months.iter(), |view| {
            view.production.key().into()
        });
        let sites = self.site_views(&facts, &index);
        judged.all(rules::SITE, SubjectKind::MineSite, sites.iter(), |view| {
            view.facts.site.key().into()
        });
        judged.all(rules::MIRROR, SubjectKind::Mirror, self.mirrors().iter(), MirrorView::key);
        let balances = self.balances(context);
        judged.all(rules::BALANCE, SubjectKind::Balance, balances.iter(), BalanceView::key);
        let periods = self.period_views(context);
        judged.all(rules::PERIOD, SubjectKind::Period, periods.iter(), PeriodView::key);
        judged.all(rules::FEED, SubjectKind::Feed, self.feeds.iter(), FeedView::key);
        let mut judged = judged.judged;
        judged.sort_by(|one, other| (one.rule, &one.subject).cmp(&(other.rule, &other.subject)));
        judged
    }

    /// Pairs of declarations between states whose declarations count on both sides.
    fn paired(&self, context: &Context) -> Vec<Paired> {
        use rmd_standard::Entity::{ExportDeclaration, ImportDeclaration};
        let transit = v1::Procedure::Transit;
        let live = |country: &str, entity| context.coverage.is_live(country, entity);
        let exports = self.exports.values().filter(|one| {
            !one.is_void
                && one.record.procedure() != transit
                && live(one.country(), ExportDeclaration)
                && live(&one.record.destination_country, ImportDeclaration)
        });
        let imports = self.imports.values().filter(|one| {
            !one.is_void
                && one.record.procedure() != transit
                && live(one.country(), ImportDeclaration)
                && live(&one.record.consignor_country, ExportDeclaration)
        });
        let (exports, imports): (Vec<_>, Vec<_>) =
            (exports.cloned().collect(), imports.cloned().collect());
        pair(&exports, &imports, context)
    }
}

struct Judging<'a> {
    context: &'a Context,
    judged: Vec<Judged>,
}

impl Judging<'_> {
    /// Every rule of a table on every view.
    fn all<'v, V: 'v>(
        &mut self,
        table: &[(Rule, Judge<V>)],
        kind: SubjectKind,
        views: impl Iterator<Item = &'v V>,
        key: impl Fn(&V) -> String,
    ) {
        for view in views {
            let told = table.iter().map(|(rule, judge)| (*rule, judge(view, self.context)));
            let told = told.filter(|(_, outcome)| !outcome.is_passed());
            self.judged.extend(told.map(|(rule, outcome)| {
                let subject = Subject::new(kind, key(view));
                Judged { rule, subject, outcome }
            }));
        }
    }
}
