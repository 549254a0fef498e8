//! Months that states closed or owe, and what follows for the rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Span, civil::Date};
use rmd_proto::v1::ReportingPeriod;
use rmd_standard::Entity;

use super::Region;
use crate::{
    Context, Coverage, Fact,
    rules::deadline,
    view::{PeriodView, day},
};

/// A closed month, and its first day.
type Closed<'a> = BTreeMap<(String, String), BTreeMap<Date, &'a Arc<Fact<ReportingPeriod>>>>;

impl Region {
    /// Every month that a state reports or owes: of each feed from the first month that
    /// it ever closed to the month before the day of evaluation.
    pub(crate) fn period_views(&self, context: &Context) -> Vec<PeriodView> {
        let (_, last) = context.year_before();
        let mut views = Vec::new();
        for ((country, feed), closed) in self.closed() {
            let Some(first) = closed.keys().next().copied() else { continue };
            let months = std::iter::successors(Some(first), |month| {
                month.checked_add(Span::new().months(1)).ok()
            });
            let view = |month: Date| PeriodView {
                country: country.clone(),
                month: format!("{:04}-{:02}", month.year(), month.month()),
                feed: feed.clone(),
                closed: closed.get(&month).map(|closed| Arc::clone(closed)),
                rewritten: None,
            };
            views.extend(months.take_while(|month| *month <= last).map(view));
        }
        views
    }

    /// Which states report what: a type counts where a record of it is there, or where
    /// the state has closed a month of its feed: then there being none is a statement. A
    /// feed is overdue from its first month that is past its deadline and not closed.
    pub fn coverage(&self, context: &Context) -> Coverage {
        let mut coverage = self.overdue(context);
        for (country, entity) in self.reported() {
            coverage.set_live(&country, entity);
        }
        for (country, feed) in self.stated() {
            for entity in Entity::ALL.into_iter().filter(|entity| entity.feed() == feed) {
                coverage.set_live(&country, entity);
            }
        }
        coverage
    }

    /// States (alpha-2) and the feeds of which they closed a month, by a count or as zero.
    pub fn stated(&self) -> BTreeSet<(String, String)> {
        let closed = self.closed().into_iter();
        let counted = closed.filter(|(_, months)| {
            months.values().any(|period| period.record.record_count.is_some())
        });
        counted.map(|(feed, _)| feed).collect()
    }

    /// Where a feed is overdue, and nothing of what counts.
    pub fn overdue(&self, context: &Context) -> Coverage {
        let mut coverage = Coverage::default();
        let owed = self.period_views(context).into_iter().filter(|view| {
            let first = view.first_day();
            let is_due = first
                .is_some_and(|first| context.has_passed(deadline(first, &view.country, context)));
            view.closed.is_none() && is_due
        });
        let mut first_owed = BTreeMap::<(String, String), Date>::new();
        for view in owed {
            let Some(first) = view.first_day() else { continue };
            first_owed.entry((view.country, view.feed)).or_insert(first);
        }
        for ((country, feed), first) in first_owed {
            let known = Entity::ALL.into_iter().map(Entity::feed).find(|known| *known == feed);
            if let Some(feed) = known {
                coverage.set_overdue(&country, feed, first);
            }
        }
        coverage
    }

    fn closed(&self) -> Closed<'_> {
        let mut closed = Closed::new();
        for period in self.periods.values().filter(|one| !one.is_void) {
            let record = &period.record;
            if let Some(first) = day(&format!("{}-01", record.period)) {
                let feed = (period.country().to_owned(), record.feed.clone());
                closed.entry(feed).or_default().insert(first, period);
            }
        }
        closed
    }

    /// States and record types of which there is a record.
    fn reported(&self) -> Vec<(String, Entity)> {
        fn of<M>(records: &super::ByKey<M>, entity: Entity) -> Vec<(String, Entity)> {
            let countries: BTreeSet<&str> =
                records.values().map(|record| record.country()).collect();
            countries.into_iter().map(|country| (country.to_owned(), entity)).collect()
        }
        [
            of(&self.sites, Entity::MineSite),
            of(&self.lots, Entity::Lot),
            of(&self.certificates, Entity::ExportCertificate),
            of(&self.exports, Entity::ExportDeclaration),
            of(&self.imports, Entity::ImportDeclaration),
            of(&self.productions, Entity::ProductionDeclaration),
            of(&self.stocks, Entity::StockDeclaration),
            of(&self.periods, Entity::ReportingPeriod),
            of(&self.exporters, Entity::ExporterStatus),
            of(&self.audits, Entity::Audit),
        ]
        .concat()
    }
}
