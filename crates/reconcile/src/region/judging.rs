//! Every rule on the subjects that are wanted.

use std::collections::BTreeMap;

use super::{
    Judged, Region,
    custody::{Inheritance, Views, inherit},
    index::LotFact,
    lots::Around,
    months::Alike,
};
use crate::{
    Context, Outcome, Rule, Subject, SubjectKind,
    pairing::{Direction, Lines, Paired, is_paired_export, is_paired_import},
    part::{Judgement, Known, Wanted},
    rules::{self, Judge},
    view::is_void,
};

/// One judgement in the making.
pub(super) struct Judging<'a> {
    region: &'a Region,
    wanted: &'a Wanted,
    known: &'a Known,
    context: &'a Context,
    around: Around<'a>,
    judgement: Judgement,
}

impl<'a> Judging<'a> {
    pub(super) fn of(
        region: &'a Region,
        wanted: &'a Wanted,
        known: &'a Known,
        context: &'a Context,
    ) -> Self {
        let (around, judgement) = (Around::of(region), Judgement::default());
        Self { region, wanted, known, context, around, judgement }
    }

    pub(super) fn judge(mut self) -> Judgement {
        self.lots_and_certificates();
        self.tags();
        self.trade();
        self.productions();
        self.sites();
        self.states();
        let mut judgement = self.judgement;
        let judged = &mut judgement.judged;
        judged.sort_by(|one, other| (one.rule, &one.subject).cmp(&(other.rule, &other.subject)));
        judgement
    }

    /// Every rule of a table on a view, and when the clock changes what they say. The view
    /// is made here, because it may depend on the clock.
    fn one<V>(
        &mut self,
        table: &[(Rule, Judge<V>)],
        kind: SubjectKind,
        key: &str,
        view: impl FnOnce(&Self) -> Option<V>,
    ) {
        let told = || {
            let view = view(self)?;
            let told = table.iter().map(|(rule, judge)| (*rule, judge(&view, self.context)));
            Some(told.filter(|(_, told)| !told.is_passed()).collect())
        };
        let (told, due): (Option<Vec<(Rule, Outcome)>>, _) = self.context.watched(told);
        let Some(told) = told else { return };
        let subject = Subject::new(kind, key);
        if let Some(due) = due {
            let earliest = self.judgement.due.entry(subject.clone()).or_insert(due);
            *earliest = due.min(*earliest);
        }
        let judged = told.into_iter().map(|(rule, outcome)| Judged {
            rule,
            subject: subject.clone(),
            outcome,
        });
        self.judgement.judged.extend(judged);
    }

    fn lots_and_certificates(&mut self) {
        let wanted: Vec<&LotFact> =
            self.wanted.lots.iter().filter_map(|key| self.region.lots.get(key)).collect();
        let wanted: Vec<&LotFact> = wanted.into_iter().filter(|lot| !lot.is_void).collect();
        let mut uses = self.around.uses(&wanted);
        let mut views: Views = wanted
            .iter()
            .map(|lot| (lot.named.key.clone(), self.around.lot(lot, &mut uses)))
            .collect();
        let Inheritance { custody, rings, waiting } = inherit(&mut views, self.known, self.context);
        for (key, view) in views {
            if waiting.contains(&key) {
                self.judgement.waiting.insert(Subject::new(SubjectKind::Lot, &*key));
            } else {
                self.one(rules::LOT, SubjectKind::Lot, &key, |_| Some(view));
            }
        }
        for key in &self.wanted.certificates {
            let paper = self.region.certificates.get(key);
            let Some(paper) = paper.filter(|paper| !is_void(paper)) else { continue };
            let custody_of = |lot: &str| {
                let of_others = || self.known.custody.get(lot).filter(|_| !waiting.contains(lot));
                custody.get(lot).or_else(of_others)
            };
            let (prices, context) = (&self.known.prices, self.context);
            let view = self.around.certificate(paper, custody_of, prices, context);
            if view.is_none() {
                let subject = Subject::new(SubjectKind::Certificate, &**key);
                self.judgement.waiting.insert(subject);
            }
            self.one(rules::CERTIFICATE, SubjectKind::Certificate, key, |_| view);
        }
        self.judgement.custody = custody;
        self.judgement.rings = rings;
    }

    fn tags(&mut self) {
        for (scheme, identifier) in &self.wanted.tags {
            let Some(view) = self.around.tag(*scheme, identifier) else { continue };
            let key = view.key();
            self.one(rules::TAG, SubjectKind::Tag, &key, |_| Some(view));
        }
    }

    fn trade(&mut self) {
        let region = self.region;
        for key in &self.wanted.exports {
            let export = region.exports.get(key).filter(|export| !export.is_void);
            let view = export.map(|export| self.around.export(export));
            self.one(rules::EXPORT, SubjectKind::Export, key, |_| view);
        }
        let exports = region.exports.values().filter(|one| is_paired_export(one, self.context));
        let imports = region.imports.values().filter(|one| is_paired_import(one, self.context));
        let lines = Lines::of(exports, imports, self.context);
        let paired = lines.pair(|direction, key| match direction {
            Direction::Export => self.wanted.exports.contains(key),
            Direction::Import => self.wanted.imports.contains(key),
        });
        for paired in paired {
            let (kind, key) = match &paired {
                Paired::Pair(export, _) | Paired::Export(export) => {
                    (SubjectKind::Export, export.named.key.clone())
                }
                Paired::Import(import) => (SubjectKind::Import, import.named.key.clone()),
            };
            // A pair is told with its export.
            if kind == SubjectKind::Import || self.wanted.exports.contains(&key) {
                self.one(rules::PAIRED, kind, &key, |_| Some(paired));
            }
        }
    }

    fn productions(&mut self) {
        let alike = Alike::of(self.region, &self.around.sites);
        for key in &self.wanted.productions {
            let one = self.region.productions.get(key).filter(|one| !one.is_void);
            self.one(rules::SITE_MONTH, SubjectKind::SiteMonth, key, |judging| {
                Some(alike.view(one?, &judging.around.sites, judging.context))
            });
        }
    }

    fn sites(&mut self) {
        for key in &self.wanted.sites {
            let applied = self.known.applied_tags.get(key).copied().unwrap_or(0);
            let view = self.around.sites.view(key, applied);
            self.one(rules::SITE, SubjectKind::MineSite, key, |_| view);
        }
    }

    /// What is about states and not about records of theirs.
    fn states(&mut self) {
        let (wanted, known) = (self.wanted, self.known);
        for view in &known.mirrors {
            if wanted.mirrors.contains(&view.name()) {
                self.one(rules::MIRROR, SubjectKind::Mirror, &view.key(), |_| Some(view.clone()));
            }
        }
        let balances: BTreeMap<_, _> = known
            .balances
            .iter()
            .map(|view| ((view.country.clone(), view.mineral.clone()), view))
            .collect();
        for name in &wanted.balances {
            let key = format!("{}/{}", name.0, name.1);
            let view = balances.get(name);
            // One that is not there today may be there when the twelve months move on.
            let (_, due) = self.context.watched(|| self.context.year_before());
            let subject = Subject::new(SubjectKind::Balance, &*key);
            self.judgement.due.extend(due.map(|due| (subject, due)));
            self.one(rules::BALANCE, SubjectKind::Balance, &key, |_| {
                view.map(|view| (**view).clone())
            });
        }
        for view in known.periods.iter().filter(|_| wanted.periods) {
            let key = view.key();
            self.one(rules::PERIOD, SubjectKind::Period, &key, |_| Some(view.clone()));
        }
        for view in self.region.feeds.iter().filter(|_| wanted.feeds) {
            let key = view.key();
            self.one(rules::FEED, SubjectKind::Feed, &key, |_| Some(view.clone()));
        }
    }
}
